"""The words of several tracks in one order, in which people read a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.records import Word
from pipeline.turns import sentences

PAUSE = 1.0  # seconds, after which somebody else's words may come in between


def merged(tracks: Iterable[Sequence[Word]], language: str) -> tuple[Word, ...]:
    """Utterances (sentences, or parts that a pause ends) of all tracks, by when they begin.

    Words of two people are never mixed, so where both speak at once times go back.
    """
    utterances = [utterance for words in tracks for utterance in _utterances(words, language)]
    utterances.sort(key=lambda words: words[0].start or 0.0)
    return tuple(word for words in utterances for word in words)


def _utterances(words: Sequence[Word], language: str) -> list[Sequence[Word]]:
    stops = set(sentences.ends(words, [word.text for word in words], language))
    stops |= {index for index in range(1, len(words)) if _pause(words[index - 1], words[index]) > PAUSE}
    stops = {stop for stop in stops if stop == len(words) or words[stop].start is not None}
    found, first = [], 0
    for stop in sorted(stops):
        found.append(words[first:stop])
        first = stop
    return found


def _pause(before: Word, after: Word) -> float:
    return 0.0 if before.end is None or after.start is None else after.start - before.end
