"""Speaker assignment: who said each word, by label, or by the voice that fits best with few changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pipeline.records import Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engines import Diarization

# What a change of speaker costs, in cosine x seconds: dear inside a sentence, cheap where one ends.
CHANGE_COST_INSIDE = 0.3
CHANGE_COST_AT_END = 0.05
ACTIVITY_WEIGHT = 0.3  # cosine that full speech activity is worth: it shows changes more sharply than voices
# The voices are shifted against the words to see if a word would still have the same speaker.
SHIFTS_SECONDS = (0.0, -0.4, 0.4)


@dataclass(frozen=True)
class Attribution:
    """The speaker of each word, as an index. `labels` are the speakers' labels, where a source gave them.

    `fit` is how well each speaker's voice fits each word: cosine similarity, [words, speakers, shifts], as
    heard and shifted by SHIFTS_SECONDS; None without voices, and without speakers whom a person added.
    `overlap` is the share of each word in which two people speak. `settled` are the words whose speaker a
    person stated: their fit no longer says anything. `aliases` are other labels of speakers, each with the
    one in `labels`.
    """

    speakers: list[int]
    labels: list[str | None]
    fit: NDArray[np.float64] | None = None
    overlap: NDArray[np.float64] | None = None
    settled: frozenset[int] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)


def by_label(words: Sequence[Word], aliases: Mapping[str, str] | None = None) -> Attribution:
    """Speakers as the transcript labels them; words before the first label get it, too.

    `aliases` are labels that stand for another one.
    """
    aliases = aliases or {}
    given = dict.fromkeys(word.label for word in words if word.label)
    labels: list[str | None] = list(dict.fromkeys(aliases.get(label, label) for label in given)) or [None]
    index_of: dict[str | None, int] = {label: index for index, label in enumerate(labels)}
    index_of |= {label: index_of[aliases[label]] for label in given if label in aliases}
    speakers, current = [], 0
    for word in words:
        current = index_of.get(word.label, current)
        speakers.append(current)
    return Attribution(speakers, labels, aliases=aliases)


def by_voice(words: Sequence[Word], ends: Sequence[int], voices: Diarization) -> Attribution:
    """Speakers by their voices.

    The sequence of speakers is the one with the highest total fit less the cost of its changes (Viterbi,
    1967). Words in which no voice was heard take the fit of the word before.
    """
    if not voices.scores.shape[1] or not words:
        return by_label(words)  # no voices or no words: there is nobody to tell apart
    fit, overlap = voice_fit(words, voices), _overlap(words, voices)
    speakers = best_path(fit, words, ends, _activity(words, voices))
    return Attribution(speakers, [None] * fit.shape[1], fit, overlap)


def best_path(
    fit: NDArray[np.float64],
    words: Sequence[Word],
    ends: Sequence[int],
    activity: NDArray[np.float64] | float = 0.0,
) -> list[int]:
    """The best sequence of speakers for some words, given their fit [words, speakers, shifts].

    `activity`, if known, is the probability that each speaker speaks in each word, [words, speakers].
    """
    seconds = np.array([_duration(word) for word in words])
    change_cost = np.full(len(words), CHANGE_COST_INSIDE)
    change_cost[[end for end in ends if end < len(words)]] = CHANGE_COST_AT_END
    return _viterbi((fit[:, :, 0] + ACTIVITY_WEIGHT * activity) * seconds[:, None], change_cost)


def _duration(word: Word) -> float:
    """In seconds, at least 0.1, which is also what a word without times counts as."""
    return 0.1 if word.start is None or word.end is None else max(0.1, word.end - word.start)


def voice_fit(words: Sequence[Word], voices: Diarization) -> NDArray[np.float64]:
    """How well each speaker's voice fits each word: cosine similarity, [words, speakers, shifts].

    A word in which no voice is heard has the fit of the word before.
    """
    is_voiced = ~np.isnan(voices.scores).any(axis=1)
    weight = np.where(is_voiced, voices.activity.max(axis=1), 0)[:, None].astype(np.float64)
    total = _prefix_sums(np.nan_to_num(voices.scores) * weight)
    weight = _prefix_sums(weight)
    fit = np.empty((len(words), voices.scores.shape[1], len(SHIFTS_SECONDS)))
    for index, shift in enumerate(SHIFTS_SECONDS):
        first, stop = _frame_bounds(words, voices, shift)
        spoken = weight[stop] - weight[first]
        mean = (total[stop] - total[first]) / np.maximum(spoken, 1e-9)
        fit[:, :, index] = np.where(spoken > 0.1, mean, np.nan if index == 0 else fit[:, :, 0])
    has_fit = ~np.isnan(fit[:, 0, 0])
    if not has_fit.any():
        return np.zeros_like(fit)
    last_with_fit = np.maximum.accumulate(np.where(has_fit, np.arange(len(words)), has_fit.argmax()))
    return np.where(has_fit[:, None, None], np.where(np.isnan(fit), fit[:, :, :1], fit), fit[last_with_fit])


def _activity(words: Sequence[Word], voices: Diarization) -> NDArray[np.float64]:
    return _mean_per_word(voices.activity.astype(np.float64), words, voices)


def _overlap(words: Sequence[Word], voices: Diarization) -> NDArray[np.float64]:
    return _mean_per_word((voices.overlap > 0.5).astype(np.float64)[:, None], words, voices)[:, 0]


def _mean_per_word(
    values: NDArray[np.float64], words: Sequence[Word], voices: Diarization
) -> NDArray[np.float64]:
    """The average over each word of values per frame: [frames, columns] to [words, columns]."""
    total = _prefix_sums(values)
    first, stop = _frame_bounds(words, voices, 0.0)
    mean: NDArray[np.float64] = (total[stop] - total[first]) / np.maximum(stop - first, 1)[:, None]
    return mean


def _prefix_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums of the first 0, 1, … rows: one row more than `values` has."""
    total: NDArray[np.float64] = np.concatenate([np.zeros_like(values[:1]), values.cumsum(axis=0)])
    return total


def _frame_bounds(
    words: Sequence[Word], voices: Diarization, shift: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The frames [first, stop) of each word, shifted by so many seconds; empty for a word without a time."""
    nan = float("nan")
    starts = np.array([nan if word.start is None else word.start for word in words]) + shift
    ends = np.array([nan if word.end is None else word.end for word in words]) + shift
    ends = np.fmax(np.where(np.isnan(ends), starts, ends), starts + voices.step)
    edges = (np.stack([starts, ends]) - voices.start) / voices.step
    first, stop = np.nan_to_num(np.clip(np.round(edges), 0, len(voices.scores))).astype(np.intp)
    return first, np.where(np.isnan(starts), first, stop)


def _viterbi(gain: NDArray[np.float64], change_cost: NDArray[np.float64]) -> list[int]:
    """The path with the highest total gain [words, speakers], less the cost of each change [words]."""
    total = gain[0].copy()
    came_from = np.zeros(gain.shape, dtype=int)
    stay = np.arange(gain.shape[1])
    for index in range(1, len(gain)):
        best = int(total.argmax())
        is_change = total[best] - change_cost[index] > total
        came_from[index] = np.where(is_change, best, stay)
        total = np.where(is_change, total[best] - change_cost[index], total) + gain[index]
    path = [int(total.argmax())]
    for index in range(len(gain) - 1, 0, -1):
        path.append(int(came_from[index][path[-1]]))
    return path[::-1]
