"""Quantity: "all" is not said for "some", nor "always" for "often"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.takeaways.language.comparable import unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_QUESTIONS = {
    "all": "do they say that of all, or only of some?",
    "none": "do they say that of none at all, or only of few?",
    "only": "do they say that of nothing else?",
    "most": "do they say that of more than half, or only of many?",
}
_KINDS = [(LISTS.words(kind), LISTS.words(f"{kind}_evidence"), ask) for kind, ask in _QUESTIONS.items()]


def doubt_quantity(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """At most one doubt: a claim about all, none, most, or only one, where nobody said so.

    Cannot see: of what it was said.
    """
    claim = unquoted(text)
    for claimed, said, question in _KINDS:
        for match in claimed.finditer(claim):
            if not any(map(said.search, evidence.texts)):
                yield Failure(
                    "quantity", f'it says "{match[0]}", and the cited lines have no such word: {question}'
                )
                return
