"""Whose voice is whose, without knowing how many speakers there are; and who fits each moment.

Agglomerative clustering with average linkage on cosines, long the rule in diarization (G. Sell et al. 2014);
what differs is when to stop, see `_merged`. Spectral clustering by the normalised maximum eigengap (Park et
al. 2019, arXiv 2003.02405) was tried first: in short recordings it finds far too many voices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import Counts, Listening, Voices

Floats = NDArray[np.float32]
Labels = NDArray[np.integer[Any]]

ENOUGH = 1_200  # windows clustered, spread evenly over the recording; memory and time grow with their square
TIGHT = 0.5  # mean cosine within the groups that merging starts from: small enough to hold one voice each
SAME = 0.6  # likeness of two groups from which they are one voice (see _merged)
# Likeness from which they are one voice even where people say that there are more speakers; the second for a
# group of fewer windows than the third, in which likeness is noisy.
ONE, ONE_OF_FEW, FEW = 0.8, 0.7, 16
FAINT, LESS = 0.05, 0.5  # the same for a group with less than this share of the windows: these may be noise,
# or windows in which one voice follows another
FEWEST = 3  # windows that make a voice, and one more for every 200 of the recording
TYPICAL = 0.5  # mean cosine of one voice with itself, where the recording is too short to tell
STRANGE = 0.5  # share of the usual cosine to the nearest speaker under which a window is somebody else's
HEARD = 5  # windows of a voice that fits nobody else: three seconds
ROUNDS = 5  # of reassigning all windows to centroids, at most


def centroids(rows: Floats, times: NDArray[np.float64], reach: float, counts: Counts) -> Floats:
    """One unit row a speaker, [speakers, size], from unit rows [windows, size]; in order of first appearance.

    `times` are the windows' centres in seconds, ascending; windows less than `reach` apart overlap. There
    are as many speakers as `counts` asks for, fewer where fewer can be told apart. Deterministic.
    """
    if not len(rows):
        return rows
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), ENOUGH)).round().astype(int))
    sample = rows[chosen]
    centres = _settled(rows, means(sample, _groups(sample, times[chosen], reach, counts)))
    centres = _settled(rows, _with_strangers(rows, times, reach, centres, counts.exact or counts.most))
    labels = (rows @ centres.T).argmax(axis=1)
    heard = [np.flatnonzero(labels == k) for k in range(len(centres))]
    return centres[np.argsort([times[at[0]] if len(at) else np.inf for at in heard], kind="stable")]


def any_alike(rows: Floats, labels: Labels, times: NDArray[np.float64], reach: float) -> bool:
    """Whether two of these groups are one voice beyond doubt. `labels` are 0, 1, …; arguments as above."""
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), ENOUGH)).round().astype(int))
    rows, labels, times = rows[chosen], labels[chosen], times[chosen]
    member = (labels[None] == np.unique(labels)[:, None]).astype(np.float64)
    apart = np.abs(times[:, None] - times) >= reach
    likeness = _likeness(member @ np.where(apart, rows @ rows.T, 0) @ member.T, member @ apart @ member.T)
    return bool((likeness >= _one(member.sum(axis=1))).any())


def _one(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """[groups, groups]: the likeness from which two groups are one voice beyond doubt."""
    few = sizes < FEW
    return np.where(few | few[:, None], ONE_OF_FEW, ONE)


def _settled(rows: Floats, centres: Floats) -> Floats:
    """Centroids of the rows nearest to them (k-means on the sphere)."""
    for _ in range(ROUNDS):
        labels = (rows @ centres.T).argmax(axis=1)
        if len(np.unique(labels)) < len(centres):
            break
        previous, centres = centres, means(rows, labels)
        if np.array_equal(previous, centres):
            break
    return centres


def _with_strangers(
    rows: Floats, times: NDArray[np.float64], reach: float, centres: Floats, most: int
) -> Floats:
    """The centroids, and those of voices that fit none of them: who asks one question in three hours."""
    nearest = (rows @ centres.T).max(axis=1)
    strangers = np.flatnonzero(nearest < STRANGE * np.median(nearest))[:ENOUGH]
    if len(strangers) < HEARD or len(centres) >= most:
        return centres
    labels = _groups(rows[strangers], times[strangers], reach, Counts())
    names, sizes = np.unique(labels[labels >= 0], return_counts=True)
    largest = names[np.argsort(-sizes, kind="stable")][: most - len(centres)]
    kept = [name for name in largest if (labels == name).sum() >= HEARD]
    return np.concatenate(
        [centres, *(means(rows[strangers], np.where(labels == name, 0, -1)) for name in kept)]
    )


def _groups(rows: Floats, times: NDArray[np.float64], reach: float, counts: Counts) -> Labels:
    """A label a row, -1 for rows too few and too far from the others to be a voice."""
    least, most = (counts.exact, counts.exact) if counts.exact else (counts.least, counts.most)
    least, most = max(1, min(least, len(rows))), max(1, min(most, len(rows)))
    if len(rows) == 1:
        return np.zeros(1, int)
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(rows.astype(np.float64), "average", metric="cosine")
    labels: Labels = fcluster(tree, 1 - TIGHT, "distance") - 1
    fewest = FEWEST + len(rows) // 200
    labels = _merged(rows, labels, np.abs(times[:, None] - times) >= reach, least, most, fewest)
    names, sizes = np.unique(labels, return_counts=True)
    voices = max(1, int((sizes >= fewest).sum()))
    return np.where(np.isin(labels, names[np.argsort(-sizes, kind="stable")[:voices]]), labels, -1)


def _merged(
    rows: Floats, labels: Labels, apart: NDArray[np.bool_], least: int, most: int, fewest: int
) -> Labels:
    """The two likest groups made one, again and again, while they sound like one voice.

    The likeness of two groups is the mean cosine between them over the (geometric) mean of those within
    each, overlapping windows left out: near 1 for one voice, whatever noise and windows of 2 s do to single
    cosines, which is why one bound serves studio, telephone and meeting room. Groups of at least `fewest`
    rows count as voices: none of these are merged where that leaves less than `least`, and some are,
    unlike as they may be, while there are more than `most`. Beyond doubt one voice stays one all the same.
    """
    member = (labels[None] == np.unique(labels)[:, None]).astype(np.float64)
    sums = member @ np.where(apart, rows @ rows.T, 0) @ member.T
    pairs = member @ apart @ member.T
    while len(member) > 1:
        sizes = member.sum(axis=1)
        large, faint = sizes >= fewest, sizes < FAINT * len(rows)
        likeness = _likeness(sums, pairs)
        alike = likeness / np.where(faint | faint[:, None], LESS, SAME)
        both = np.outer(large, large)
        if large.sum() <= least:
            alike[both & (likeness < _one(sizes))] = -np.inf
        elif large.sum() > most:
            alike[~both] = -np.inf
        a, b = sorted(divmod(int(alike.argmax()), len(member)))
        if alike[a, b] < 1 and large.sum() <= most:
            break
        join = np.delete(np.eye(len(member)), b, axis=0)
        join[a, b] = 1
        member, sums, pairs = join @ member, join @ sums @ join.T, join @ pairs @ join.T
    merged: Labels = member.argmax(axis=0)
    return merged


def _likeness(sums: NDArray[np.float64], pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """[groups, groups], -inf on the diagonal; groups that only overlap count as alike."""
    within, own = sums.diagonal(), pairs.diagonal()
    known = own >= 2 * FEWEST  # pairs count twice
    usual = float(np.mean(within[known] / own[known])) if known.any() else TYPICAL
    within = np.where(known, within / np.maximum(own, 1), usual).clip(0.1)
    alike = np.where(pairs > 0, sums / np.maximum(pairs, 1), 1.0) / np.sqrt(np.outer(within, within))
    np.fill_diagonal(alike, -np.inf)
    return alike


def means(rows: Floats, labels: Labels) -> Floats:
    """The unit mean of each group, [groups, size]; rows labelled -1 belong to none."""
    middles = np.stack([rows[labels == name].mean(axis=0) for name in np.unique(labels[labels >= 0])])
    unit: Floats = middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), np.float32(1e-9))
    return unit


# From groups to speakers: which of the voices heard are one person's, and who fits each moment.

REACH = 2.0  # seconds; windows nearer than that share speech
CLEAR = 1.5  # seconds; windows with less have a say in who speaks, not in how many speakers there are
NEAR, SEEDS, PARTING_ROUNDS = (
    5.0,
    3,
    5,
)  # parting a voice: seconds from a moment, windows to begin with, rounds
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
    for _ in range(PARTING_ROUNDS + 1):
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
