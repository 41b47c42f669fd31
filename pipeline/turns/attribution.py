"""Who said each word: by label, or by the voice that fits best while turns change rarely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.records import Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engines import Voices

# What a change of speaker costs, in cosine x seconds: dear inside a sentence, cheap where one ends.
CHANGE_INSIDE, CHANGE_AT_END = 0.3, 0.05
ACTIVE = 0.3  # what it counts, in cosine, that a speaker is heard to speak: changes are sharper in that
# Seconds by which what is heard is moved to see if a word would still have the same speaker.
MOVED = (0.0, -0.4, 0.4)


@dataclass(frozen=True)
class Attribution:
    """The speaker of each word, as an index. `labels` are the speakers' labels, where a source gave them.

    `fit` is how well each speaker's voice fits each word (cosine, shape [words, speakers, len(MOVED)]), as
    heard and moved a little, None without voices. `overlap` is the share of each word in which two people
    speak. `settled` are the words whose speaker a person stated: their fit says nothing any more.
    """

    speakers: list[int]
    labels: list[str | None]
    fit: NDArray[np.float64] | None = None
    overlap: NDArray[np.float64] | None = None
    settled: frozenset[int] = frozenset()


def by_label(words: Sequence[Word]) -> Attribution:
    """Speakers as the transcript labels them; words before the first label go with it."""
    labels: list[str | None] = list(dict.fromkeys(word.label for word in words if word.label)) or [None]
    number = {label: index for index, label in enumerate(labels)}
    speakers, current = [], 0
    for word in words:
        current = number.get(word.label, current)
        speakers.append(current)
    return Attribution(speakers, labels)


def by_voice(words: Sequence[Word], ends: Sequence[int], voices: Voices) -> Attribution:
    """Speakers as the voices have it.

    The sequence of speakers is the one with the highest total fit less the cost of its changes (Viterbi,
    1967). Words where no voice was heard take the fit of the word before.
    """
    if not voices.scores.shape[1] or not words:
        return by_label(words)  # words without any voice: nobody is told apart
    fit, overlap = fits(words, voices), _overlap(words, voices)
    return Attribution(path(fit, words, ends, _activity(words, voices)), [None] * fit.shape[1], fit, overlap)


def path(
    fit: NDArray[np.float64],
    words: Sequence[Word],
    ends: Sequence[int],
    activity: NDArray[np.float64] | float = 0.0,
) -> list[int]:
    """The best sequence of speakers for some words, given their fit [words, speakers, moved].

    `activity`, if known, is how probably each speaker speaks in each word, [words, speakers].
    """
    seconds = np.array([_seconds(word) for word in words])
    change = np.full(len(words), CHANGE_INSIDE)
    change[[end for end in ends if end < len(words)]] = CHANGE_AT_END
    return _viterbi((fit[:, :, 0] + ACTIVE * activity) * seconds[:, None], change)


def _seconds(word: Word) -> float:
    return 0.1 if word.start is None or word.end is None else max(0.1, word.end - word.start)


def fits(words: Sequence[Word], voices: Voices) -> NDArray[np.float64]:
    """How well each speaker fits each word, [words, speakers, len(MOVED)]; one unheard is as the last."""
    heard = ~np.isnan(voices.scores).any(axis=1)
    weight = np.where(heard, voices.activity.max(axis=1), 0)[:, None].astype(np.float64)
    total = _running(np.nan_to_num(voices.scores) * weight)
    weight = _running(weight)
    fit = np.empty((len(words), voices.scores.shape[1], len(MOVED)))
    for index, moved in enumerate(MOVED):
        first, stop = _frames(words, voices, moved)
        spoken = weight[stop] - weight[first]
        mean = (total[stop] - total[first]) / np.maximum(spoken, 1e-9)
        fit[:, :, index] = np.where(spoken > 0.1, mean, np.nan if index == 0 else fit[:, :, 0])
    known = ~np.isnan(fit[:, 0, 0])
    if not known.any():
        return np.zeros_like(fit)
    last_known = np.maximum.accumulate(np.where(known, np.arange(len(words)), known.argmax()))
    return np.where(known[:, None, None], np.where(np.isnan(fit), fit[:, :, :1], fit), fit[last_known])


def _activity(words: Sequence[Word], voices: Voices) -> NDArray[np.float64]:
    return _mean(voices.activity.astype(np.float64), words, voices)


def _overlap(words: Sequence[Word], voices: Voices) -> NDArray[np.float64]:
    return _mean((voices.overlap > 0.5).astype(np.float64)[:, None], words, voices)[:, 0]


def _mean(values: NDArray[np.float64], words: Sequence[Word], voices: Voices) -> NDArray[np.float64]:
    """What [frames, columns] are on average in each word, [words, columns]."""
    total = _running(values)
    first, stop = _frames(words, voices, 0.0)
    mean: NDArray[np.float64] = (total[stop] - total[first]) / np.maximum(stop - first, 1)[:, None]
    return mean


def _running(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of the rows before each row, one more than there are rows."""
    total: NDArray[np.float64] = np.concatenate([np.zeros_like(values[:1]), values.cumsum(axis=0)])
    return total


def _frames(words: Sequence[Word], voices: Voices, moved: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The frames [first, stop) of each word, none where a word has no time."""
    nan = float("nan")
    starts = np.array([nan if word.start is None else word.start for word in words]) + moved
    ends = np.array([nan if word.end is None else word.end for word in words]) + moved
    ends = np.fmax(np.where(np.isnan(ends), starts, ends), starts + voices.step)
    edges = (np.stack([starts, ends]) - voices.start) / voices.step
    first, stop = np.nan_to_num(np.clip(np.round(edges), 0, len(voices.scores))).astype(np.intp)
    return first, np.where(np.isnan(starts), first, stop)


def _viterbi(gain: NDArray[np.float64], change: NDArray[np.float64]) -> list[int]:
    total = gain[0].copy()
    came_from = np.zeros(gain.shape, dtype=int)
    stay = np.arange(gain.shape[1])
    for index in range(1, len(gain)):
        best = int(total.argmax())
        moves = total[best] - change[index] > total
        came_from[index] = np.where(moves, best, stay)
        total = np.where(moves, total[best] - change[index], total) + gain[index]
    path = [int(total.argmax())]
    for index in range(len(gain) - 1, 0, -1):
        path.append(int(came_from[index][path[-1]]))
    return path[::-1]
