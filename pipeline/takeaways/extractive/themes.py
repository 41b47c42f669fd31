"""Themes of a talk: stretches on one topic, alike ones joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines.sentence_vectors import unit
from pipeline.takeaways.extractive.segments import PRICE, segment, weights

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
