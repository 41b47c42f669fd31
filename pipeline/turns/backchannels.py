"""Sentences to turns: what a listener throws in ("yeah") does not end the turn of whoever is speaking.

Known in the field as back-channels (V. Yngve 1970).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pipeline.records import Sentence

LONGEST, BRIEF = 3, 1.5  # words and seconds that are thrown in at most, and seconds that the speaker stops
_SOUNDS = frozenset({"ah", "aha", "oh", "ok", "okay", "uh-huh", "wow"}) | frozenset(
    {"hm", "hmm", "mhm", "mm", "mm-hm", "mm-hmm", "mmhm", "mmm"}
)
_LISTENING = {
    "en": _SOUNDS
    | {"absolutely", "cool", "exactly", "gotcha", "great", "nice", "right", "sure", "totally", "true"}
    | {"yeah", "yep", "yup"}
}


def grouped(sentences: Sequence[Sentence], language: str) -> list[tuple[tuple[Sentence, ...], bool]]:
    """Turns in the order in which they begin, and whether each is an aside, which does not end another."""
    runs = [tuple(group) for _, group in groupby(sentences, key=lambda s: s.speaker)]
    turns: list[tuple[tuple[Sentence, ...], bool]] = []
    index = 0
    while index < len(runs):
        turn, asides = runs[index], []
        while index + 2 < len(runs) and _is_thrown_in(turn, runs[index + 1], runs[index + 2], language):
            asides.append((runs[index + 1], True))
            turn += runs[index + 2]
            index += 2
        turns += [(turn, False), *asides]
        index += 1
    return turns


def _is_thrown_in(
    before: Sequence[Sentence], aside: Sequence[Sentence], after: Sequence[Sentence], language: str
) -> bool:
    """Whether somebody goes on speaking across another's "yeah", "right", which is no answer."""
    begin, end = aside[0].start, aside[-1].end
    stopped, went_on = before[-1].end, after[0].start
    if begin is None or end is None or stopped is None or went_on is None:
        return False
    said = [word.strip(".,!\u2026 ") for s in aside for word in s.text.casefold().split()]
    return (
        before[0].speaker == after[0].speaker
        and all(word in _LISTENING.get(language, _SOUNDS) for word in said)
        and len(said) <= LONGEST < _words(before)
        and max(end - begin, went_on - stopped) <= BRIEF
        and not before[-1].text.endswith(("?", "\uff1f", "\u061f"))
    )


def _words(sentences: Sequence[Sentence]) -> int:
    return sum(sentence.words[1] - sentence.words[0] for sentence in sentences)
