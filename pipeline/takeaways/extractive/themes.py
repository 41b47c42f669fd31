"""Themes of a talk: topic segmentation, then clustering of segments that are about the same thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines.sentence_vectors import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.takeaways.language.sentences import SpokenSentence


MERGE_COSINE = 0.6  # from this cosine similarity of their centres on, two segments are one theme
MAX_SEGMENTS = 300  # the longest ones, of which themes are made: a post shows a dozen at most


@dataclass(frozen=True)
class Topic:
    """Sentences of one theme by index, in order of speech, and the direction of their mean vector."""

    sentences: tuple[int, ...]
    centre: NDArray[np.float32]  # [384], unit length
    directions: NDArray[np.float32]  # of all sentences, less the talk's mean, unit length: [sentences, 384]


def topics(sentences: Sequence[SpokenSentence], vectors: NDArray[np.float32]) -> list[Topic]:
    """The segments worth a section, similar ones merged; the caller keeps the best.

    `vectors` has shape [sentences, 384]. Where too few segments are substantial, it tries a lower penalty.
    """
    weight = weights(sentences)
    word_count = float(sum(spoken.size for spoken in sentences if not spoken.is_junk))
    segments: list[list[int]] = []
    for penalty in (SEGMENT_PENALTY, SEGMENT_PENALTY * 0.7, SEGMENT_PENALTY * 0.5, SEGMENT_PENALTY * 0.35):
        starts = segment(sentences, vectors, penalty)
        bounds = zip(starts, [*starts[1:], len(sentences)], strict=True)
        ranges = (list(range(start, end)) for start, end in bounds)
        segments = [indices for indices in ranges if _is_substantial(indices, sentences, word_count)]
        if len(segments) >= min_themes(word_count):
            break
    if not segments:  # hardly anything was said: one theme
        segments = [[i for i, spoken in enumerate(sentences) if not spoken.is_junk]]
    mean = np.average(vectors, axis=0, weights=weight + 1e-6)
    directions = unit((vectors - mean).astype(np.float32))
    longest = sorted(segments, key=lambda indices: -sum(sentences[i].size for i in indices))[:MAX_SEGMENTS]
    segments = sorted(longest)
    return _merge_similar([_topic(indices, directions, weight) for indices in segments], directions, weight)


def min_themes(word_count: float) -> int:
    """The fewest themes that a talk of this length should have."""
    return 1 if word_count < 60 else 2 if word_count < 100 else 3


def max_themes(word_count: float) -> int:
    """The most themes that a talk of this length may have: 7 from about an hour on."""
    return min(3, 1 + int(word_count / 45)) if word_count < 300 else min(7, 3 + round(word_count / 2000))


def _is_substantial(indices: Sequence[int], sentences: Sequence[SpokenSentence], word_count: float) -> bool:
    """Whether a segment has enough words that are not greetings or logistics, and enough in proportion."""
    real_words = sum(sentences[i].size for i in indices if not sentences[i].is_junk)
    all_words = sum(sentences[i].size for i in indices)
    return real_words >= max(12.0, min(120.0, 0.02 * word_count)) and real_words >= 0.45 * all_words


def _topic(indices: Sequence[int], directions: NDArray[np.float32], weight: NDArray[np.float32]) -> Topic:
    rows = list(indices)
    return Topic(tuple(rows), unit((directions[rows] * weight[rows, None]).sum(axis=0)), directions)


def _merge_similar(
    topics: Sequence[Topic], directions: NDArray[np.float32], weight: NDArray[np.float32]
) -> list[Topic]:
    """Agglomerative clustering with centroid linkage: merge the two most similar until none are close enough.

    Quadratic in the number of segments, which the caller bounds.
    """
    topics = list(topics)
    cosines = np.array([[float(left.centre @ right.centre) for right in topics] for left in topics])
    while len(topics) > 1:
        np.fill_diagonal(cosines, -1.0)
        left, right = sorted(divmod(int(cosines.argmax()), len(topics)))
        if cosines[left, right] < MERGE_COSINE:
            break
        topics[left] = _topic(sorted(topics[left].sentences + topics[right].sentences), directions, weight)
        del topics[right]
        cosines = np.delete(np.delete(cosines, right, 0), right, 1)
        cosines[left] = cosines[:, left] = [float(topics[left].centre @ other.centre) for other in topics]
    return topics


# Where the topic of a talk changes.
#
# Each sentence is a point: its embedding, and who says it. The segmentation minimises the scatter of the
# points around their segment's mean plus a penalty per segment (kernel change points: Arlot, Celisse &
# Harchaoui 2019), exactly, by dynamic programming. A segment also costs the square of its length, so that
# segments are of similar length where nothing else decides. The penalty is lower where a long turn begins or
# somebody has just wrapped up ("thank you"), and much lower where the talk's leader says that something new
# follows.
#
# How much such cues count depends on the talk: in full where its leader gives them again and again, like a
# host working through a list; little in a meeting in which they occur by chance.

# In units of a sentence's mean scatter; tuned on 20 podcasts and 35 meetings with known topics
# (bench/takeaways). Results are not sensitive to any of them: a step up or down changes Pk by 0.01 or 0.02.
SEGMENT_PENALTY = 7.0  # per segment
LENGTH_PENALTY = 1.0  # for a segment of typical length; grows with the square of the length
LONG_TURN_DISCOUNT = 1.5  # where a long turn begins
CLOSING_DISCOUNT = 1.0  # where a turn begins and somebody has just wrapped up
LEADER_CUE_DISCOUNT = 6.0  # where the leader turns to something new
OTHER_CUE_DISCOUNT = 0.5  # where anybody else does

SPEAKER_VECTOR_LENGTH = 0.3  # each speaker is an axis of its own; a sentence's embedding has length 1
MAX_SPEAKER_AXES = 64  # bounds time and memory for talks of thousands of people
TYPICAL_SEGMENT_SHARE = 0.2  # typical length of a segment as a share of the talk
CUE_INTERVAL_SENTENCES = 30.0  # of full weight; a leader who gives a cue this often always means it
LONG_TURN_WORDS = 25.0
CUE_WINDOW_SENTENCES = 3  # a cue among the first sentences of a turn counts for the turn's start
CLOSING_WINDOW_SENTENCES = 2  # before a turn, in which somebody may have wrapped up
FULL_WEIGHT_WORDS = 12.0  # from this length on, a sentence counts in full
MAX_SEGMENT_SENTENCES = 1500  # bounds the time for talks of many hours


def weights(sentences: Sequence[SpokenSentence]) -> NDArray[np.float32]:
    """How much each sentence says about the topic; short ones and junk say little. Shape [sentences]."""
    values = [0.05 if spoken.is_junk else min(1.0, spoken.size / FULL_WEIGHT_WORDS) for spoken in sentences]
    return np.array(values, dtype=np.float32)


def segment(
    sentences: Sequence[SpokenSentence], vectors: NDArray[np.float32], penalty: float = SEGMENT_PENALTY
) -> list[int]:
    """Index of the first sentence of each segment, ascending, from 0. `vectors` is [sentences, 384]."""
    if not sentences:
        return []
    weight = weights(sentences).astype(np.float64)
    points = np.hstack([vectors, _speaker_vectors(sentences)]).astype(np.float64)
    points -= np.average(points, axis=0, weights=weight + 1e-6)
    spread = float((weight * (points**2).sum(axis=1)).sum() / max(float(weight.sum()), 1e-6))
    length_cost = spread * LENGTH_PENALTY / max(TYPICAL_SEGMENT_SHARE * float(weight.sum()), 1e-6) ** 2
    return _optimal_starts(points, weight, spread * (penalty - discounts(sentences)), length_cost)


def _speaker_vectors(sentences: Sequence[SpokenSentence]) -> NDArray[np.float64]:
    """One-hot vectors of the speakers, scaled. Shape [sentences, speakers], at most MAX_SPEAKER_AXES.

    Of more speakers those who say most have an axis; the others are at the origin.
    """
    counts = Counter(spoken.sentence.speaker for spoken in sentences)
    heard = {speaker for speaker, _ in counts.most_common(MAX_SPEAKER_AXES)}
    column_of = {speaker: column for column, speaker in enumerate(s for s in counts if s in heard)}
    vectors = np.zeros((len(sentences), len(column_of)))
    for row, spoken in enumerate(sentences):
        if spoken.sentence.speaker in column_of:
            vectors[row, column_of[spoken.sentence.speaker]] = SPEAKER_VECTOR_LENGTH
    return vectors


def discounts(sentences: Sequence[SpokenSentence]) -> NDArray[np.float64]:
    """The discount on the penalty of a boundary before each sentence. Shape [sentences]."""
    words_by_turn: Counter[int] = Counter()
    for spoken in sentences:
        words_by_turn[spoken.turn] += round(spoken.size)
    is_long = [words_by_turn[spoken.turn] >= LONG_TURN_WORDS for spoken in sentences]
    leader = _leader(sentences)
    cue_count = sum(
        spoken.opens_topic and is_long_turn and spoken.sentence.speaker == leader
        for spoken, is_long_turn in zip(sentences, is_long, strict=True)
    )
    trust = min(1.0, cue_count * CUE_INTERVAL_SENTENCES / max(float(weights(sentences).sum()), 1e-6))
    discount, follows_closing = np.zeros(len(sentences)), np.zeros(len(sentences))
    position = 0
    for i, spoken in enumerate(sentences):
        position = 0 if i == 0 or sentences[i - 1].turn != spoken.turn else position + 1
        if position == 0:
            discount[i] = LONG_TURN_DISCOUNT if is_long[i] else 0.0
            preceding = sentences[max(0, i - CLOSING_WINDOW_SENTENCES) : i]
            follows_closing[i] = any(previous.closes_topic for previous in preceding)
        if spoken.opens_topic:
            cue = trust * (LEADER_CUE_DISCOUNT if spoken.sentence.speaker == leader else OTHER_CUE_DISCOUNT)
            starts_turn = position < CUE_WINDOW_SENTENCES
            start, base = (i - position, LONG_TURN_DISCOUNT) if starts_turn else (i, 0.0)
            discount[start] = max(discount[start], base + cue)
    return discount + CLOSING_DISCOUNT * follows_closing


def _leader(sentences: Sequence[SpokenSentence]) -> str:
    """The speaker who turns to a new topic most often; an empty string if nobody does."""
    cue_counts = Counter(spoken.sentence.speaker for spoken in sentences if spoken.opens_topic)
    return min(cue_counts, key=lambda speaker: (-cue_counts[speaker], speaker), default="")


def _optimal_starts(
    points: NDArray[np.float64], weight: NDArray[np.float64], costs: NDArray[np.float64], length_cost: float
) -> list[int]:
    """The starts of the optimal segmentation, by exact dynamic programming.

    best[j] = min over i of best[i] + scatter(i, j) + length_cost * length(i, j)**2 + costs[i].
    """
    n = len(points)
    sums = np.vstack([np.zeros(points.shape[1]), np.cumsum(points * weight[:, None], axis=0)])
    cumulative_weight = np.concatenate([[0.0], np.cumsum(weight)])
    energy = np.concatenate([[0.0], np.cumsum(weight * (points**2).sum(axis=1))])
    squared_norms = (sums**2).sum(axis=1)
    best, previous = np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64)
    for j in range(1, n + 1):
        earliest = max(0, j - MAX_SEGMENT_SENTENCES)
        length = cumulative_weight[j] - cumulative_weight[earliest:j]
        explained = squared_norms[j] + squared_norms[earliest:j] - 2 * (sums[earliest:j] @ sums[j])
        scatter = energy[j] - energy[earliest:j] - explained / np.maximum(length, 1e-6)
        total = best[earliest:j] + scatter + length_cost * length**2 + costs[earliest:j]
        previous[j] = earliest + int(total.argmin())
        best[j] = total[previous[j] - earliest]
    starts, end = [], n
    while end > 0:
        end = int(previous[end])
        starts.append(end)
    return starts[::-1]
