"""Words in quotation marks must be one cited sentence's, word for word.

Sees: straight, curly and single quotation marks, guillemets, marks that are never closed. Case,
punctuation and spaces are let go. Cannot see: borrowed words without marks, or a quotation out of its
context.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language.sentences import SPACELESS
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d'


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each quotation that no cited sentence has."""
    sources = [_spaced(source) for source in evidence.texts]
    for match in t.QUOTED.finditer(text):
        quoted = next(group for group in match.groups() if group)
        pieces = [_spaced(piece) for piece in quoted.replace("...", "\u2026").split("\u2026")]
        for piece in pieces:
            if not any(piece in source for source in sources):
                yield Failure(
                    "quotation",
                    f'"{quoted}" is in quotation marks, but no cited sentence has just these words',
                )
                break
    if any(mark in t.unquoted(text) for mark in _MARKS):
        yield Failure("quotation", "a quotation mark is left open or closed twice")


def _spaced(text: str) -> str:
    """Its words with a space on each side, so that only whole words match."""
    words = t.words_of(t.SPEAKER.sub(" ", text))
    if SPACELESS.search(text):
        return "".join(words)
    return f" {' '.join(words)} " if words else " "
