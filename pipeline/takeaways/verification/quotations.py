"""Quotations: what stands in quotation marks was said, word for word, and what was said stands in them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pipeline.takeaways.language.comparable import QUOTED, SPEAKER, unquoted, words_of
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.text import UNSPACED_OR_HANGUL

_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d\u300e\u300f'

MAX_RUN_WORDS = 24  # that prose may share with a source; a longer run is a quotation without its marks
# A claim that is little else than a run of its source's words is a copy, from so many words on.
COPIED_SHARE = 0.8
MIN_COPIED_WORDS = 8


def check_quotations(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Each quotation that was not said there.

    Sees: straight, curly and single quotation marks, guillemets, marks that are never closed. Case,
    punctuation and spaces may differ; a quotation may run over two sentences, or be a title of the sidecar;
    a sentence that is copied without them. Cannot see: a quotation out of its context.
    """
    facts = evidence.facts
    names = filter(None, (facts.title, facts.occasion, *facts.glossary))
    said = _spaced_words(" ".join(evidence.near_texts))
    sources = [said, *map(_spaced_words, (*evidence.texts, *evidence.notes, *names))]
    for match in QUOTED.finditer(text):
        quotation = next(group for group in match.groups() if group)
        pieces = map(_spaced_words, quotation.replace("...", "\u2026").split("\u2026"))
        if not all(any(piece in source for source in sources) for piece in pieces):
            yield Failure(
                "quotation", f'"{quotation}" is in quotation marks, but nobody says just these words there'
            )
    if any(mark in unquoted(text) for mark in _MARKS):
        yield Failure("quotation", "a quotation mark is left open or closed twice")
    if place != "heading" and (run := _copied_words(unquoted(text), evidence)):
        yield Failure("copied", f'it copies "{run} …" word for word; say it in your own words')


def _copied_words(text: str, evidence: Evidence) -> str:
    """The beginning of a long run of words that a cited sentence has, too; "" if there is none."""
    words, sources = words_of(text), list(map(_spaced_words, evidence.lines))
    length = min(MAX_RUN_WORDS + 1, max(MIN_COPIED_WORDS, math.ceil(COPIED_SHARE * len(words))))
    for start in range(len(words) - length + 1):
        run = f" {' '.join(words[start : start + length])} "
        if any(run in source for source in sources):
            return " ".join(words[start : start + 4])
    return ""


def _spaced_words(text: str) -> str:
    """The words of a text with a space on each side, so that only whole words match."""
    words = words_of(SPEAKER.sub(" ", text))
    if UNSPACED_OR_HANGUL.search(text):
        return "".join(words)
    return f" {' '.join(words)} " if words else " "
