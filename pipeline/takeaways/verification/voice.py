"""Prose tells what people said; it does not speak in their place.

Sees: a line of the transcript that is copied ("{S1}: …", or many words in a row), in English "I" and "we".
Cannot see: a sentence so close to the speaker's own that only a word was changed, again and again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

# More words in a row that prose shares with what was said is a quotation without its marks.
LONGEST_RUN = 24
WHOLE, SHORTEST_RUN = 0.8, 8  # and a claim that is nothing but a run: share of its words, and words at least
_LINE = re.compile(r"^\W*\{S\d+\}\s*:")
_FIRST_PERSON = re.compile(r"\b(?:I(?!\.)|I'(?:m|ve|d|ll)|me|my|we|we'(?:re|ve|d|ll)|us|our)\b(?!/)")


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Where a claim speaks as one of the speakers."""
    if _LINE.match(text):
        yield Failure("copied", "it copies a line; say in your own words who argues what")
        return
    plain = t.plain(t.unquoted(text))  # what is quoted speaks in its own marks
    if evidence.english and (found := _FIRST_PERSON.search(plain)):
        yield Failure(
            "voice", f'it says "{found[0]}"; tell of the speakers by their ids, do not speak as them'
        )
    if run := _copied(plain, evidence):
        yield Failure("copied", f'it copies "{run} …" word for word; say it in your own words')


def _copied(text: str, evidence: Evidence) -> str:
    """The beginning of a long run of words that a cited sentence has, too; "" if there is none."""
    words = _words(text)
    said = [" ".join(["", *_words(sentence), ""]) for sentence in evidence.texts]
    length = min(LONGEST_RUN + 1, max(SHORTEST_RUN, math.ceil(WHOLE * len(words))))
    for start in range(len(words) - length + 1):
        run = " ".join(["", *words[start : start + length], ""])
        if any(run in sentence for sentence in said):
            return " ".join(words[start : start + 4])
    return ""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+(?:'\w+)*", t.plain(text).lower())
