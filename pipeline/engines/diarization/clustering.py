"""Speaker clustering, whether or not the number of speakers is known, and assignment frame by frame.

Agglomerative clustering with average linkage, long the rule in diarization, here on cosines; what
differs is when to stop, see `_merge`. Spectral clustering by the normalised maximum eigengap (Park et
al. 2019, arXiv 2003.02405) was tried first: in short recordings it finds far too many voices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import Diarization, LocalDiarization, SpeakerCount
from pipeline.engines.average_linkage import clusters_within, cosine_distances

Floats = NDArray[np.float32]
Labels = NDArray[np.integer[Any]]

MIN_WINDOW_DISTANCE_SECONDS = 2.0  # windows whose centres are nearer than that share audio
MAX_CLUSTERED_WINDOWS = 1_200  # spread evenly over the recording; memory and time grow with their square
TIGHT_COSINE = 0.5  # mean within the groups that merging starts from: small enough to hold one voice each
SAME_SIMILARITY = 0.6  # two groups that are at least this alike are one voice (see _merge)
# From here two groups are one voice even where people say that there are more speakers. Similarity is noisy
# in groups of fewer than SMALL_GROUP_WINDOWS, hence a bound of their own.
CERTAIN_SIMILARITY = 0.8
CERTAIN_SIMILARITY_OF_SMALL = 0.7
SMALL_GROUP_WINDOWS = 16
# A group with less than this share of the windows may be noise, or windows in which one voice follows
# another: FAINT_SIMILARITY stands in for SAME_SIMILARITY.
FAINT_SHARE = 0.05
FAINT_SIMILARITY = 0.5
MIN_VOICE_WINDOWS = 3  # that make a voice, and one more for every 200 windows that are clustered
TYPICAL_COSINE = 0.5  # mean of one voice with itself, where the recording is too short to tell
OUTLIER_SHARE = 0.5  # of the usual cosine to the nearest speaker: a window below is somebody else's
MIN_OUTLIER_WINDOWS = 5  # three seconds of a voice that fits nobody else
MAX_REASSIGNMENTS = 5  # rounds of reassigning all windows to centroids


def centroids(rows: Floats, times: NDArray[np.float64], counts: SpeakerCount) -> Floats:
    """One unit row per speaker, [speakers, size], from unit rows [windows, size]; in order of appearance.

    `times` are the windows' centres in seconds, ascending. There are as many speakers as `counts` asks for,
    fewer where fewer can be told apart. Deterministic.
    """
    if not len(rows):
        return rows
    sampled = _evenly_spread(len(rows))
    sample = rows[sampled]
    centres = _reassign(rows, _unit_means(sample, _cluster(sample, times[sampled], counts)))
    centres = _reassign(rows, _add_outlying_voices(rows, times, centres, counts.exact or counts.most))
    labels = (rows @ centres.T).argmax(axis=1)
    members = [np.flatnonzero(labels == k) for k in range(len(centres))]
    return centres[np.argsort([times[at[0]] if len(at) else np.inf for at in members], kind="stable")]


def _has_duplicates(rows: Floats, labels: Labels, times: NDArray[np.float64]) -> bool:
    """Whether any two of these groups are certainly one voice. `labels` are 0, 1, …; arguments as above."""
    sampled = _evenly_spread(len(rows))
    rows, labels, times = rows[sampled], labels[sampled], times[sampled]
    member = (labels[None] == np.unique(labels)[:, None]).astype(np.float64)
    apart = np.abs(times[:, None] - times) >= MIN_WINDOW_DISTANCE_SECONDS
    similarity = _similarity(member @ np.where(apart, rows @ rows.T, 0) @ member.T, member @ apart @ member.T)
    return bool((similarity >= _certain_similarity(member.sum(axis=1))).any())


def _evenly_spread(count: int) -> NDArray[np.intp]:
    """Indices of at most MAX_CLUSTERED_WINDOWS of `count` windows."""
    return np.unique(np.linspace(0, count - 1, min(count, MAX_CLUSTERED_WINDOWS)).round().astype(np.intp))


def _certain_similarity(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """[groups, groups]: the similarity from which two groups are certainly one voice."""
    small = sizes < SMALL_GROUP_WINDOWS
    return np.where(small | small[:, None], CERTAIN_SIMILARITY_OF_SMALL, CERTAIN_SIMILARITY)


def _reassign(rows: Floats, centres: Floats) -> Floats:
    """Centroids of the rows nearest to them (k-means on the sphere)."""
    for _ in range(MAX_REASSIGNMENTS):
        labels = (rows @ centres.T).argmax(axis=1)
        if len(np.unique(labels)) < len(centres):
            break
        previous, centres = centres, _unit_means(rows, labels)
        if np.array_equal(previous, centres):
            break
    return centres


def _add_outlying_voices(rows: Floats, times: NDArray[np.float64], centres: Floats, most: int) -> Floats:
    """The centroids, and those of voices that fit none of them: of who asks one question in three hours."""
    nearest = (rows @ centres.T).max(axis=1)
    outliers = np.flatnonzero(nearest < OUTLIER_SHARE * np.median(nearest))[:MAX_CLUSTERED_WINDOWS]
    if len(outliers) < MIN_OUTLIER_WINDOWS or len(centres) >= most:
        return centres
    labels = _cluster(rows[outliers], times[outliers], SpeakerCount())
    groups, sizes = np.unique(labels[labels >= 0], return_counts=True)
    largest = groups[np.argsort(-sizes, kind="stable")][: most - len(centres)]
    kept = [group for group in largest if (labels == group).sum() >= MIN_OUTLIER_WINDOWS]
    return np.concatenate(
        [centres, *(_unit_means(rows[outliers], np.where(labels == group, 0, -1)) for group in kept)]
    )


def _cluster(rows: Floats, times: NDArray[np.float64], counts: SpeakerCount) -> Labels:
    """A label per row, -1 for rows too few and too far from the others to be a voice."""
    least, most = (counts.exact, counts.exact) if counts.exact else (counts.least, counts.most)
    least, most = max(1, min(least, len(rows))), max(1, min(most, len(rows)))
    if len(rows) == 1:
        return np.zeros(1, int)
    labels: Labels = clusters_within(cosine_distances(rows), 1 - TIGHT_COSINE)
    min_size = MIN_VOICE_WINDOWS + len(rows) // 200
    labels = _merge(
        rows, labels, np.abs(times[:, None] - times) >= MIN_WINDOW_DISTANCE_SECONDS, least, most, min_size
    )
    groups, sizes = np.unique(labels, return_counts=True)
    voices = max(1, int((sizes >= min_size).sum()))
    return np.where(np.isin(labels, groups[np.argsort(-sizes, kind="stable")[:voices]]), labels, -1)


def _merge(
    rows: Floats, labels: Labels, apart: NDArray[np.bool_], least: int, most: int, min_size: int
) -> Labels:
    """Merge the two most alike groups, again and again, while they sound like one voice.

    The similarity of two groups is the mean cosine between them over the (geometric) mean of those within
    each, pairs of windows that share audio left out: near 1 for one voice, whatever noise and windows of 2 s
    do to single cosines, which is why one bound serves studio, telephone and meeting room. Groups of at
    least `min_size` rows count as voices: no two of them are merged where that leaves fewer than `least`,
    and some are, however unlike, while there are more than `most`. What is certainly one voice is merged
    regardless.
    """
    member = (labels[None] == np.unique(labels)[:, None]).astype(np.float64)
    sums = member @ np.where(apart, rows @ rows.T, 0) @ member.T
    pairs = member @ apart @ member.T
    while len(member) > 1:
        sizes = member.sum(axis=1)
        large, faint = sizes >= min_size, sizes < FAINT_SHARE * len(rows)
        similarity = _similarity(sums, pairs)
        alike = similarity / np.where(faint | faint[:, None], FAINT_SIMILARITY, SAME_SIMILARITY)
        both_large = np.outer(large, large)
        if large.sum() <= least:
            alike[both_large & (similarity < _certain_similarity(sizes))] = -np.inf
        elif large.sum() > most:
            alike[~both_large] = -np.inf
        a, b = sorted(divmod(int(alike.argmax()), len(member)))
        if alike[a, b] < 1 and large.sum() <= most:
            break
        join = np.delete(np.eye(len(member)), b, axis=0)
        join[a, b] = 1
        member, sums, pairs = join @ member, join @ sums @ join.T, join @ pairs @ join.T
    merged: Labels = member.argmax(axis=0)
    return merged


def _similarity(sums: NDArray[np.float64], pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """[groups, groups], -inf on the diagonal; groups of which all windows share audio count as alike.

    `sums` are the cosines between two groups added up, `pairs` the number of pairs that they come from.
    """
    within, own_pairs = sums.diagonal(), pairs.diagonal()
    known = own_pairs >= 2 * MIN_VOICE_WINDOWS  # within a group each pair counts twice
    usual = float(np.mean(within[known] / own_pairs[known])) if known.any() else TYPICAL_COSINE
    within = np.where(known, within / np.maximum(own_pairs, 1), usual).clip(0.1)
    alike = np.where(pairs > 0, sums / np.maximum(pairs, 1), 1.0) / np.sqrt(np.outer(within, within))
    np.fill_diagonal(alike, -np.inf)
    return alike


def _unit_means(rows: Floats, labels: Labels) -> Floats:
    """The unit mean of each group, [groups, size]; rows labelled -1 belong to none."""
    middles = np.stack([rows[labels == group].mean(axis=0) for group in np.unique(labels[labels >= 0])])
    unit: Floats = middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), np.float32(1e-9))
    return unit


# From groups to speakers: which of the voices heard are one person's, and who fits each moment.

CLEAN_SECONDS = 1.5  # windows with less have a say in who speaks, not in how many speakers there are
# Splitting a voice: how far from a moment the nearest window may be, and of how many windows a voice is made.
MAX_SEED_SECONDS = 5.0
SEED_WINDOWS = 3
SPLIT_ROUNDS = 5
MIN_SPEECH_PROBABILITY = 0.1  # of a frame; at or below it nobody speaks
# What counts as speech where it is listed in spans.
SPEECH_PROBABILITY = 0.6
BRIDGED_PAUSE_SECONDS = 0.2
MIN_SPAN_SECONDS = 0.15
SPAN_MARGIN_SECONDS = 0.08  # added at both ends


def diarize(local: LocalDiarization, counts: SpeakerCount) -> Diarization:
    """Group what was heard into speakers. Without speech there are none: scores of shape [frames, 0]."""
    rows = local.rows.astype(np.float32)
    clear = local.clean >= min(CLEAN_SECONDS, float(local.clean.max(initial=0)))
    return score_voices(local, centroids(rows[clear], local.times[clear], counts))


def score_voices(local: LocalDiarization, voices: Floats) -> Diarization:
    """How well the given voices, unit rows [speakers, 192], fit what was heard, frame by frame."""
    size, speakers = len(local.activity), len(voices)
    weight, total = np.zeros((size, 1), np.float32), np.zeros((size, speakers), np.float32)
    activity = np.zeros((size, speakers), np.float32)
    speaks = local.activity.astype(np.float32) / 255
    cosines = local.rows.astype(np.float32) @ voices.T
    for windows, number, frames in _local_speakers(local) if speakers else ():
        share = speaks[frames, number]
        columns = [np.interp(frames, local.frame[windows], cosines[windows, s]) for s in range(speakers)]
        fit = np.stack(columns, axis=1).astype(np.float32)
        total[frames] += share[:, None] * fit
        weight[frames] += share[:, None]
        best = fit.argmax(axis=1)
        activity[frames, best] = np.maximum(activity[frames, best], share)
    total[weight[:, 0] <= MIN_SPEECH_PROBABILITY] = np.nan
    scores = total / np.maximum(weight, np.float32(MIN_SPEECH_PROBABILITY))
    overlap = np.sort(speaks, axis=1)[:, -2].astype(np.float32)
    return Diarization(local.start, local.step, scores.astype(np.float32), activity, overlap, voices)


def split_voice(
    local: LocalDiarization, moments: Sequence[float], spans: Sequence[tuple[float, float]]
) -> Diarization | None:
    """Split one voice into several: those heard nearest to each of the moments, within `spans` (seconds).

    Each moment's voice begins with the windows nearest to it; then windows and voices are matched anew, a
    few times. None if nothing is heard near a moment, if moments are too close together to tell apart, or if
    the parts sound like one voice. The scores are of the whole recording, not of `spans` alone.
    """
    rows, times = local.rows.astype(np.float32), local.times
    starts, ends = np.array(sorted(spans)).reshape(-1, 2).T
    latest = np.searchsorted(starts, times, "right") - 1  # the span that each window may be in
    inside = (latest >= 0) & (times < np.append(ends, 0)[latest])
    rows, times = rows[inside], times[inside]
    seeds = [np.argsort(np.abs(times - moment), kind="stable")[:SEED_WINDOWS] for moment in moments]
    if not all(
        len(seed) and abs(times[seed[0]] - moment) <= MAX_SEED_SECONDS
        for seed, moment in zip(seeds, moments, strict=True)
    ):
        return None
    if len(set(np.concatenate(seeds).tolist())) < SEED_WINDOWS * len(seeds):
        return None  # the moments are too near to each other, or too little is heard
    seeded = np.concatenate(seeds)
    labels = np.full(len(rows), -1)
    for _ in range(SPLIT_ROUNDS + 1):
        labels[seeded] = np.repeat(np.arange(len(seeds)), SEED_WINDOWS)
        voices = _unit_means(rows, labels)
        labels = (rows @ voices.T).argmax(axis=1)
    labels[seeded] = np.repeat(np.arange(len(seeds)), SEED_WINDOWS)
    return None if _has_duplicates(rows, labels, times) else score_voices(local, voices)


def speech_spans(voices: Diarization) -> list[tuple[float, float, int]]:
    """(start, end, speaker) spans in seconds, in order of time; where two people speak, two spans."""
    spans = []
    for speaker, active in enumerate((voices.activity > SPEECH_PROBABILITY).T):
        changes = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]])))
        bridged: list[list[float]] = []
        for start, end in (voices.start + voices.step * changes.reshape(-1, 2)).tolist():
            if bridged and start - bridged[-1][1] < BRIDGED_PAUSE_SECONDS:
                bridged[-1][1] = end
            else:
                bridged.append([start, end])
        kept = (span for span in bridged if span[1] - span[0] >= MIN_SPAN_SECONDS)
        spans += [
            (max(0.0, start - SPAN_MARGIN_SECONDS), end + SPAN_MARGIN_SECONDS, speaker) for start, end in kept
        ]
    return sorted(spans)


def _local_speakers(local: LocalDiarization) -> Iterator[tuple[NDArray[np.intp], int, NDArray[np.intp]]]:
    """Each local speaker: the indices of its windows, its number, and the frames of its chunk."""
    chunk_of = local.stretch[local.frame]
    key = chunk_of.astype(np.int64) * local.activity.shape[1] + local.local
    order = np.argsort(key, kind="stable")
    for windows in np.split(order, np.flatnonzero(np.diff(key[order])) + 1) if len(order) else ():
        chunk = chunk_of[windows[0]]
        first, stop = np.searchsorted(local.stretch, [chunk, chunk + 1])
        yield windows, int(local.local[windows[0]]), np.arange(first, stop)
