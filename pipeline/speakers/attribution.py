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
CHANGE_INSIDE, CHANGE_AT_END = 1.0, 0.15


@dataclass(frozen=True)
class Attribution:
    """The speaker of each word, as an index. `labels` are the speakers' labels, where a source gave them.

    `fit` is how well each speaker's voice fits each word (cosine, shape [words, speakers]), None without
    voices.
    """

    speakers: list[int]
    labels: list[str | None]
    fit: NDArray[np.float64] | None = None


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
    if not voices.scores.shape[1]:
        return by_label(words)  # words without any voice: nobody is told apart
    fit = _fit(words, voices)
    seconds = np.array([max(0.1, w.end - w.start) if w.start and w.end else 0.1 for w in words])
    change = np.full(len(words), CHANGE_INSIDE)
    change[[end for end in ends if end < len(words)]] = CHANGE_AT_END
    return Attribution(_viterbi(fit * seconds[:, None], change), [None] * fit.shape[1], fit)


def _fit(words: Sequence[Word], voices: Voices) -> NDArray[np.float64]:
    steps, speakers = voices.scores.shape
    fit = np.full((len(words), speakers), np.nan)
    for index, word in enumerate(words):
        if word.start is None:
            continue
        start, end = word.start, word.end or word.start
        first = min(int(start / voices.step), steps - 1)
        last = min(max(int(np.ceil(end / voices.step)), first + 1), steps)
        heard = voices.scores[first:last]
        heard = heard[~np.isnan(heard).any(axis=1)]
        if len(heard):
            fit[index] = heard.mean(axis=0)
    known = ~np.isnan(fit).any(axis=1)
    if not known.any():
        return np.zeros_like(fit)
    last_known = np.maximum.accumulate(np.where(known, np.arange(len(words)), known.argmax()))
    return fit[last_known]


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
