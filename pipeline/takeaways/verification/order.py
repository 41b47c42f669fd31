"""Order: what came first is not told as what came later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from pipeline.takeaways.language.comparable import SPEAKER, content, unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_THEN = re.compile(rf"\b{LISTS.any_of('then')}\b", re.I)  # what stands before it came first
_AFTER = re.compile(rf"\b{LISTS.any_of('after')}\b", re.I)  # what stands after it came first
MIN_WORDS = 2  # content words of each of the two
MIN_MARGIN = 0.1  # by which the other order is likelier: a difference of two sums of two cosines
_CLAUSE_END = re.compile(r"[,;:\u2014]")


def doubt_order(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A claim that tells two things in one order, where those who said them have the other."""
    told = _in_order(evidence.texts)
    for first, later in _pairs(SPEAKER.sub(" ", unquoted(text))):
        if len(told) > 1 and min(len(content(first)), len(content(later))) >= MIN_WORDS:
            rows = evidence.reader.embed([first, later, *told])
            as_first, as_later = rows[2:] @ rows[0], rows[2:] @ rows[1]
            pairs = list(combinations(range(len(told)), 2))
            straight = max(as_first[i] + as_later[k] for i, k in pairs)
            reversed_ = max(as_later[i] + as_first[k] for i, k in pairs)
            if reversed_ - straight > MIN_MARGIN:
                yield Failure("order", f'does "{first.strip()}" come before "{later.strip()}"?')
                return


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """What a text says came first, and what later."""
    for match in _THEN.finditer(text):
        yield text[: match.start()], text[match.end() :]
    for match in _AFTER.finditer(text):
        before, following = text[: match.start()], text[match.end() :]
        if len(content(before)) < 2:  # "After a, b"
            pieces = _CLAUSE_END.split(following, maxsplit=1)
            if len(pieces) == 2:
                yield pieces[0], pieces[1]
        else:
            yield following, before


def _in_order(texts: Sequence[str]) -> list[str]:
    """The pieces of what was told, in the order in which they came."""
    told: list[str] = []
    for text in texts:
        pairs = list(_pairs(text))
        told += pairs[0] if pairs else (text,)
    return told
