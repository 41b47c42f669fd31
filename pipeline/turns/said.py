"""What is said in a talk, by speaker and by the names in it: each is worked out once, when it is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from pipeline.records import Sentence, Turn
from pipeline.turns.person_names import PLACEHOLDERS, straighten_apostrophes

_WORD = re.compile(r"\w+")


class Said:
    """The sentences of some turns."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns

    def by(self, speaker: str) -> Sequence[Sentence]:
        """What a speaker says, in order."""
        return self._by_speaker.get(speaker, ())

    def texts_with(self, word: str) -> list[str]:
        """The sentences with a word that has a capital, in order, with straight apostrophes."""
        first_part = _WORD.search(word)
        return [self._texts[number] for number in self._places.get(first_part[0] if first_part else "", ())]

    @cached_property
    def has_placeholders(self) -> bool:
        """Whether it has several names that stand for anybody, as Alice and Bob do."""
        return len({word.casefold() for word in self._places} & PLACEHOLDERS) > 1

    @cached_property
    def _by_speaker(self) -> dict[str, list[Sentence]]:
        sentences: dict[str, list[Sentence]] = {}
        for turn in self._turns:
            sentences.setdefault(turn.speaker, []).extend(turn.sentences)
        return sentences

    @cached_property
    def _texts(self) -> list[str]:
        return [straighten_apostrophes(s.text) for turn in self._turns for s in turn.sentences]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """The numbers of the texts with each word that has a capital."""
        places: dict[str, list[int]] = {}
        for number, text in enumerate(self._texts):
            for word in dict.fromkeys(_WORD.findall(text)):
                if word[0].isupper():
                    places.setdefault(word, []).append(number)
        return places
