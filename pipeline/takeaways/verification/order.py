"""Order: what came first is not told as what came later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TypeAlias

from pipeline.takeaways.language.comparable import SPEAKER, content, unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place, Reader
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_THEN = re.compile(rf"\b{LISTS.any_of('then')}\b", re.I)  # what stands before it came first
_AFTER = re.compile(rf"\b{LISTS.any_of('after')}\b", re.I)  # what stands after it came first
MIN_WORDS = 2  # content words of each of the two
MIN_MARGIN = 0.1  # by which the other way round is likelier: a difference of two sums of two cosines
_CLAUSE_END = re.compile(r"[,;:\u2014]")

Pair: TypeAlias = tuple[str, str]


def doubt_order(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A claim that tells two things in one order, where those who said them have the other."""
    told = list(combinations(_in_order(evidence.texts), 2))
    for first, later in _pairs(unquoted(text)):
        if is_turned_round((first, later), told, evidence.reader):
            yield Failure(
                "order",
                f'it tells "{trimmed(first)}" first and "{trimmed(later)}" after it: is that the order in '
                "the cited lines?",
            )
            return


def is_turned_round(pair: Pair, told: Sequence[Pair], reader: Reader) -> bool:
    """Whether two clauses are likelier one that was told the other way round; both have to tell enough."""
    if not told or min(len(content(clause)) for clause in pair) < MIN_WORDS:
        return False
    clauses = [SPEAKER.sub(" ", clause) for clause in pair]
    rows = reader.embed([*clauses, *(piece for pieces in told for piece in pieces)])
    as_first, as_second = rows[2:] @ rows[0], rows[2:] @ rows[1]
    straight = float((as_first[::2] + as_second[1::2]).max())
    return float((as_second[::2] + as_first[1::2]).max()) - straight > MIN_MARGIN


def trimmed(clause: str) -> str:
    """A clause for quoting, without the punctuation around it."""
    return " ".join(clause.split()).strip(" ,;:.!?\u2014\u2013-")


def _pairs(text: str) -> Iterator[Pair]:
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
