"""The embedded diarizer's thinking: which of the voices heard are one person's, and who fits each moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import Counts, Listening, Voices
from pipeline.engines.diarization.clustering import any_alike, centroids, means

Floats = NDArray[np.float32]

REACH = 2.0  # seconds; windows nearer than that share speech
CLEAR = 1.5  # seconds; windows with less have a say in who speaks, not in how many speakers there are
NEAR, SEEDS, ROUNDS = 5.0, 3, 5  # parting a voice: seconds from a moment, windows to begin with, rounds
CERTAIN = 0.1  # of speech in a frame, below which nobody speaks
# What counts as speech where it is listed in spans: probability, and in seconds the pauses bridged, the
# shortest span, and what is added at both ends.
SPEECH, PAUSE, SHORTEST, MARGIN = 0.6, 0.2, 0.15, 0.08


def tell_apart(listening: Listening, counts: Counts) -> Voices:
    """Group what was heard into speakers. Without speech there are none: arrays of shape [frames, 0]."""
    rows = listening.rows.astype(np.float32)
    clear = listening.clean >= min(CLEAR, float(listening.clean.max(initial=0)))
    return fitted(listening, centroids(rows[clear], listening.times[clear], REACH, counts))


def fitted(listening: Listening, voices: Floats) -> Voices:
    """How well given voices, unit rows [speakers, 192], fit what was heard, frame by frame."""
    size, speakers = len(listening.activity), len(voices)
    weight, total = np.zeros((size, 1), np.float32), np.zeros((size, speakers), np.float32)
    activity = np.zeros((size, speakers), np.float32)
    speaks = listening.activity.astype(np.float32) / 255
    cosines = listening.rows.astype(np.float32) @ voices.T
    for windows, local, frames in _local_speakers(listening) if speakers else ():
        share = speaks[frames, local]
        columns = [np.interp(frames, listening.frame[windows], cosines[windows, s]) for s in range(speakers)]
        fit = np.stack(columns, axis=1).astype(np.float32)
        total[frames] += share[:, None] * fit
        weight[frames] += share[:, None]
        best = fit.argmax(axis=1)
        activity[frames, best] = np.maximum(activity[frames, best], share)
    total[weight[:, 0] <= CERTAIN] = np.nan
    scores = total / np.maximum(weight, np.float32(CERTAIN))
    overlap = np.sort(speaks, axis=1)[:, -2].astype(np.float32)
    return Voices(listening.start, listening.step, scores.astype(np.float32), activity, overlap, voices)


def parted(
    listening: Listening, moments: Sequence[float], spans: Sequence[tuple[float, float]]
) -> Voices | None:
    """One voice as several: those heard nearest to each of the moments, within these spans (seconds).

    Each moment's voice begins with the windows nearest to it; then windows and voices are matched anew, a
    few times. None where next to nothing is heard near a moment, and where the parts sound like one voice.
    """
    rows, times = listening.rows.astype(np.float32), listening.times
    starts, ends = np.array(sorted(spans)).reshape(-1, 2).T
    latest = np.searchsorted(starts, times, "right") - 1  # the span that each window may be in
    inside = (latest >= 0) & (times < np.append(ends, 0)[latest])
    rows, times = rows[inside], times[inside]
    seeds = [np.argsort(np.abs(times - moment), kind="stable")[:SEEDS] for moment in moments]
    if not all(len(seed) and abs(times[seed[0]] - m) <= NEAR for seed, m in zip(seeds, moments, strict=True)):
        return None
    if len(set(np.concatenate(seeds).tolist())) < SEEDS * len(seeds):
        return None  # too near to each other, or too little is heard
    own = np.concatenate(seeds)
    labels = np.full(len(rows), -1)
    for _ in range(ROUNDS + 1):
        labels[own] = np.repeat(np.arange(len(seeds)), SEEDS)
        voices = means(rows, labels)
        labels = (rows @ voices.T).argmax(axis=1)
    labels[own] = np.repeat(np.arange(len(seeds)), SEEDS)
    return None if any_alike(rows, labels, times, REACH) else fitted(listening, voices)


def speech(voices: Voices) -> list[tuple[float, float, int]]:
    """(start, end, speaker) spans in seconds, in order of time; where two people speak, two spans."""
    found = []
    for speaker, active in enumerate((voices.activity > SPEECH).T):
        changes = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]])))
        spans: list[list[float]] = []
        for start, end in (voices.start + voices.step * changes.reshape(-1, 2)).tolist():
            if spans and start - spans[-1][1] < PAUSE:
                spans[-1][1] = end
            else:
                spans.append([start, end])
        kept = (span for span in spans if span[1] - span[0] >= SHORTEST)
        found += [(max(0.0, start - MARGIN), end + MARGIN, speaker) for start, end in kept]
    return sorted(found)


def _local_speakers(listening: Listening) -> Iterator[tuple[NDArray[np.intp], int, NDArray[np.intp]]]:
    """Each local speaker: the indices of its windows, its number, and the frames of its stretch."""
    stretch = listening.stretch[listening.frame]
    key = stretch.astype(np.int64) * listening.activity.shape[1] + listening.local
    order = np.argsort(key, kind="stable")
    for windows in np.split(order, np.flatnonzero(np.diff(key[order])) + 1) if len(order) else ():
        one = stretch[windows[0]]
        first, stop = np.searchsorted(listening.stretch, [one, one + 1])
        yield windows, int(listening.local[windows[0]]), np.arange(first, stop)
