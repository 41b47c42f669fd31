"""Where the topic of a talk changes.

The segmentation minimises the scatter of sentence vectors around their stretch's mean plus a price a stretch
(kernel change points: Arlot, Celisse & Harchaoui 2019), exactly, by dynamic programming. The price is lower
where a long turn begins, and much lower where the one who leads the talk says that something new comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engines.extractive.sentences import Said

# In units of a sentence's mean scatter; measured on 20 podcasts and 35 meetings with known topics.
PRICE = 5.5  # of a stretch
TURN = 1.5  # off it, where a long turn begins
LEADER = 4.0  # off it, where the leader turns to something new
OTHERS = 0.5  # off it, where anybody else does
LONG = 25.0  # words of a long turn; in a short one nobody opens a topic
INSIDE = 3  # a cue among the first sentences of a turn counts for its start
FULL = 12.0  # words from which a sentence counts in full
LONGEST = 240  # sentences in a stretch; bounds time on long talks


def weights(said: Sequence[Said]) -> NDArray[np.float32]:
    """How much each sentence tells about the topic: short ones and junk little. Shape [sentences]."""
    heard = [0.05 if s.junk else min(1.0, s.size / FULL) for s in said]
    return np.array(heard, dtype=np.float32)


def segment(said: Sequence[Said], vectors: NDArray[np.float32], price: float = PRICE) -> list[int]:
    """First sentence of each stretch, ascending, beginning with 0. `vectors` is [sentences, 384]."""
    if not said:
        return []
    weight = weights(said)
    centred = vectors - np.average(vectors, axis=0, weights=weight + 1e-6)
    spread = float((weight * (centred**2).sum(axis=1)).sum() / max(float(weight.sum()), 1e-6))
    return _cheapest(centred.astype(np.float32), weight, spread * (price - discounts(said)))


def discounts(said: Sequence[Said]) -> NDArray[np.float64]:
    """What is taken off the price of a boundary before each sentence. Shape [sentences]."""
    leader = _leader(said)
    words: Counter[int] = Counter()
    for s in said:
        words[s.turn] += round(s.size)
    off = np.zeros(len(said))
    position = 0
    for i, s in enumerate(said):
        position = 0 if i == 0 or said[i - 1].turn != s.turn else position + 1
        if words[s.turn] < LONG:
            continue
        if position == 0:
            off[i] = TURN
        if s.turning:
            cue = LEADER if s.sentence.speaker == leader else OTHERS
            at, start = (i - position, TURN) if position < INSIDE else (i, 0.0)
            off[at] = max(off[at], start + cue)
    return off


def _leader(said: Sequence[Said]) -> str:
    """Whoever turns to new topics most often."""
    turns = Counter(s.sentence.speaker for s in said if s.turning)
    return min(turns, key=lambda speaker: (-turns[speaker], speaker), default="")


def _cheapest(
    rows: NDArray[np.float32], weight: NDArray[np.float32], costs: NDArray[np.float64]
) -> list[int]:
    """Exact segmentation: best[j] = min over i of best[i] + scatter(i, j) + costs[i]."""
    n = len(rows)
    sums = np.vstack([np.zeros(rows.shape[1]), np.cumsum(rows * weight[:, None], axis=0, dtype=np.float64)])
    mass = np.concatenate([[0.0], np.cumsum(weight, dtype=np.float64)])
    energy = np.concatenate([[0.0], np.cumsum(weight * (rows**2).sum(axis=1), dtype=np.float64)])
    best, came = np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64)
    for j in range(1, n + 1):
        first = max(0, j - LONGEST)
        inside = sums[j] - sums[first:j]
        scatter = (
            energy[j] - energy[first:j] - (inside**2).sum(axis=1) / np.maximum(mass[j] - mass[first:j], 1e-6)
        )
        total = best[first:j] + scatter + costs[first:j]
        came[j] = first + int(total.argmin())
        best[j] = total[came[j] - first]
    starts, at = [], n
    while at > 0:
        at = int(came[at])
        starts.append(at)
    return starts[::-1]
