"""Themes of a talk: where its topic changes, and stretches on one topic joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines.sentence_vectors import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.takeaways.language.sentences import Said


ALIKE = 0.6  # cosine of two stretches' means from which they are one theme


@dataclass(frozen=True)
class Topic:
    """Sentences of one theme by index, in order of speech, and the direction of their meaning."""

    sentences: tuple[int, ...]
    centre: NDArray[np.float32]  # [384], unit length
    directions: NDArray[np.float32]  # of all the talk's sentences, its mean taken off: [sentences, 384]


def topics(said: Sequence[Said], vectors: NDArray[np.float32]) -> list[Topic]:
    """The stretches worth a section, alike ones joined, in order of speech; the caller keeps the best."""
    weight = weights(said)
    heard = float(sum(s.size for s in said if not s.junk))
    stretches: list[list[int]] = []
    for price in (PRICE, PRICE * 0.7, PRICE * 0.5, PRICE * 0.35):
        starts = segment(said, vectors, price)
        cuts = zip(starts, [*starts[1:], len(said)], strict=True)
        stretches = [s for s in (list(range(a, b)) for a, b in cuts) if _substantial(s, said, heard)]
        if len(stretches) >= fewest(heard):
            break
    if not stretches:  # next to nothing was said: one theme
        stretches = [[i for i, s in enumerate(said) if not s.junk]]
    mean = np.average(vectors, axis=0, weights=weight + 1e-6)
    directions = unit((vectors - mean).astype(np.float32))
    return _joined([_topic(s, directions, weight) for s in stretches], directions, weight)


def fewest(words: float) -> int:
    """How few themes a talk of so many words may have."""
    return 1 if words < 60 else 2 if words < 100 else 3


def most(words: float) -> int:
    """How many themes a talk of so many words may have: 7 from about an hour on."""
    return min(3, 1 + int(words / 45)) if words < 300 else min(7, 3 + round(words / 2000))


def _substantial(stretch: Sequence[int], said: Sequence[Said], heard: float) -> bool:
    """More talk than greetings and logistics, and enough of it."""
    real = sum(said[i].size for i in stretch if not said[i].junk)
    return real >= max(12.0, min(120.0, 0.02 * heard)) and real >= 0.45 * sum(said[i].size for i in stretch)


def _topic(stretch: Sequence[int], directions: NDArray[np.float32], weight: NDArray[np.float32]) -> Topic:
    rows = list(stretch)
    return Topic(tuple(rows), unit((directions[rows] * weight[rows, None]).sum(axis=0)), directions)


def _joined(parts: list[Topic], directions: NDArray[np.float32], weight: NDArray[np.float32]) -> list[Topic]:
    """Join the two most alike until none are alike enough (centroid linkage; a handful of stretches)."""
    while len(parts) > 1:
        alike = np.array([[float(a.centre @ b.centre) for b in parts] for a in parts])
        np.fill_diagonal(alike, -1.0)
        a, b = sorted(divmod(int(alike.argmax()), len(parts)))
        if alike[a, b] < ALIKE:
            break
        parts[a] = _topic(sorted(parts[a].sentences + parts[b].sentences), directions, weight)
        del parts[b]
    return parts


# Where the topic of a talk changes.
#
# Each sentence is a point: its vector, and who says it. The segmentation minimises the scatter of the points
# around their stretch's mean plus a price a stretch (kernel change points: Arlot, Celisse & Harchaoui 2019),
# exactly, by dynamic programming. A stretch costs more the longer it is, so that stretches are of like length
# where nothing else decides. The price is lower where a long turn begins, where somebody has just closed
# ("thank you"), and much lower where the one who leads the talk says that something new comes.
#
# How much such words count, the talk itself tells: in full where its leader says them again and again, as a
# host does who goes through a list; little in a meeting in which they are said by chance.

# In units of a sentence's mean scatter; measured on 20 podcasts and 35 meetings with known topics
# (bench/takeaways). None of them is sharp: a step up or down changes Pk by 0.01 or 0.02.
PRICE = 7.0  # of a stretch
SPAN = 1.0  # of a stretch as long as LIKELY, and by the square of its length
TURN = 1.5  # off the price, where a long turn begins
CLOSED = 1.0  # off it, where a turn begins and somebody has just closed
LEADER = 6.0  # off it, where the leader turns to something new
OTHERS = 0.5  # off it, where anybody else does

SPEAKER = 0.3  # length of a speaker's own direction; that of a sentence's vector is 1
LIKELY = 0.2  # of the talk: length of a stretch
OFTEN = 30.0  # full sentences: a leader who turns to something new once in so many always means it
LONG = 25.0  # words of a long turn
INSIDE = 3  # a cue among the first sentences of a turn counts for its start
JUST = 2  # sentences before a turn in which somebody may have closed
FULL = 12.0  # words from which a sentence counts in full
LONGEST = 1500  # sentences in a stretch; bounds time on talks of many hours


def weights(said: Sequence[Said]) -> NDArray[np.float32]:
    """How much each sentence tells about the topic: short ones and junk little. Shape [sentences]."""
    heard = [0.05 if s.junk else min(1.0, s.size / FULL) for s in said]
    return np.array(heard, dtype=np.float32)


def segment(said: Sequence[Said], vectors: NDArray[np.float32], price: float = PRICE) -> list[int]:
    """First sentence of each stretch, ascending, beginning with 0. `vectors` is [sentences, 384]."""
    if not said:
        return []
    weight = weights(said).astype(np.float64)
    points = np.hstack([vectors, _speakers(said)]).astype(np.float64)
    points -= np.average(points, axis=0, weights=weight + 1e-6)
    spread = float((weight * (points**2).sum(axis=1)).sum() / max(float(weight.sum()), 1e-6))
    span = spread * SPAN / max(LIKELY * float(weight.sum()), 1e-6) ** 2
    return _cheapest(points, weight, spread * (price - discounts(said)), span)


def _speakers(said: Sequence[Said]) -> NDArray[np.float64]:
    """A direction of its own for each speaker. Shape [sentences, speakers]."""
    numbers: dict[str, int] = {}
    columns = [numbers.setdefault(s.sentence.speaker, len(numbers)) for s in said]
    return SPEAKER * np.eye(len(numbers))[columns]


def discounts(said: Sequence[Said]) -> NDArray[np.float64]:
    """What is taken off the price of a boundary before each sentence. Shape [sentences]."""
    words: Counter[int] = Counter()
    for s in said:
        words[s.turn] += round(s.size)
    long = [words[s.turn] >= LONG for s in said]
    leader = _leader(said)
    cues = sum(s.turning and at and s.sentence.speaker == leader for s, at in zip(said, long, strict=True))
    trust = min(1.0, cues * OFTEN / max(float(weights(said).sum()), 1e-6))
    off, closed = np.zeros(len(said)), np.zeros(len(said))
    position = 0
    for i, s in enumerate(said):
        position = 0 if i == 0 or said[i - 1].turn != s.turn else position + 1
        if position == 0:
            off[i] = TURN if long[i] else 0.0
            closed[i] = any(before.closing for before in said[max(0, i - JUST) : i])
        if s.turning:
            cue = trust * (LEADER if s.sentence.speaker == leader else OTHERS)
            at, start = (i - position, TURN) if position < INSIDE else (i, 0.0)
            off[at] = max(off[at], start + cue)
    return off + CLOSED * closed


def _leader(said: Sequence[Said]) -> str:
    """Whoever turns to new topics most often."""
    turns = Counter(s.sentence.speaker for s in said if s.turning)
    return min(turns, key=lambda speaker: (-turns[speaker], speaker), default="")


def _cheapest(
    points: NDArray[np.float64], weight: NDArray[np.float64], costs: NDArray[np.float64], span: float
) -> list[int]:
    """Exact: best[j] = min over i of best[i] + scatter(i, j) + span * length(i, j)**2 + costs[i]."""
    n = len(points)
    sums = np.vstack([np.zeros(points.shape[1]), np.cumsum(points * weight[:, None], axis=0)])
    mass = np.concatenate([[0.0], np.cumsum(weight)])
    energy = np.concatenate([[0.0], np.cumsum(weight * (points**2).sum(axis=1))])
    square = (sums**2).sum(axis=1)
    best, came = np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64)
    for j in range(1, n + 1):
        first = max(0, j - LONGEST)
        length = mass[j] - mass[first:j]
        inside = square[j] + square[first:j] - 2 * (sums[first:j] @ sums[j])
        scatter = energy[j] - energy[first:j] - inside / np.maximum(length, 1e-6)
        total = best[first:j] + scatter + span * length**2 + costs[first:j]
        came[j] = first + int(total.argmin())
        best[j] = total[came[j] - first]
    starts, at = [], n
    while at > 0:
        at = int(came[at])
        starts.append(at)
    return starts[::-1]
