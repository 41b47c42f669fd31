"""How long each person speaks: the time in which their words are said, without the silence between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import TypeVar

from pipeline.records import Word

MAX_WORD_SECONDS = 2.0  # a word that lasts longer has silence in it: a cue stays on the screen
BREATH_SECONDS = 0.5  # silence that counts as speech between two words of one person

SpeakerT = TypeVar("SpeakerT", bound=Hashable)


def talk_seconds(words: Sequence[Word], speakers: Sequence[SpeakerT]) -> dict[SpeakerT, float]:
    """Seconds in which each speaker's words are said; empty if no word's end is known.

    `speakers` are those of the words. Speech at the same time as another's counts for both.
    """
    own: defaultdict[SpeakerT, list[tuple[float, float]]] = defaultdict(list)
    for index, start, end in _spans(words):
        own[speakers[index]].append((start, end))
    return {speaker: _union_seconds(sorted(spans)) for speaker, spans in own.items()}


def _spans(words: Sequence[Word]) -> Iterator[tuple[int, float, float]]:
    """Index, start and end of each word that is timed, alone or in a cue, which its words share by letters.

    A cue begins at a word with a start, and ends with a word with an end or before the next start.
    """
    if all(word.end is None for word in words):
        return
    begin = 0
    for index, word in enumerate(words):
        is_last = index + 1 == len(words)
        if word.end is None and not is_last and words[index + 1].start is None:
            continue
        start = words[begin].start
        end = word.end if word.end is not None or is_last else words[index + 1].start
        if start is not None and end is not None and end > start:
            yield from _shared(words, begin, index + 1, start, end)
        begin = index + 1


def _shared(
    words: Sequence[Word], first: int, stop: int, start: float, end: float
) -> Iterator[tuple[int, float, float]]:
    seconds = min(end - start, MAX_WORD_SECONDS * (stop - first))
    letters = [len(word.text.strip()) or 1 for word in words[first:stop]]
    per_letter = seconds / sum(letters)
    for index, count in enumerate(letters, first):
        yield index, start, start + count * per_letter
        start += count * per_letter


def _union_seconds(spans: Sequence[tuple[float, float]]) -> float:
    """The seconds covered by spans, sorted by start, and by breaths between them."""
    total, reached = 0.0, float("-inf")
    for start, end in spans:
        if start - reached <= BREATH_SECONDS:
            start = reached
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
