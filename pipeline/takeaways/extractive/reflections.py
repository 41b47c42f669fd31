"""Where the author's own reflections belong: beside the theme that they are about, or beside none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines.sentence_vectors import unit

if TYPE_CHECKING:
    from pipeline.engines.sentence_vectors import Vectors

# Cosine of a note and the mean of a theme's texts. Tried on notes to three talks and to the model post:
# those about a theme reach 0.32 to 0.50 with it, thanks and remarks on the day at most 0.25 with any.
FLOOR = 0.3

Placed = tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]


def placed(notes: Sequence[str], themes: Sequence[Sequence[str]], vectors: Vectors) -> Placed:
    """Each theme's notes, as they were written and in their order, and those that fit no theme.

    `themes` are the texts of each theme: its heading, its prose, its quotes.
    """
    if not notes or not any(themes):
        return ((),) * len(themes), tuple(notes)
    rows = vectors.of(notes)
    empty = np.zeros(rows.shape[1], dtype=np.float32)
    centres = np.stack([vectors.of(texts).mean(axis=0) if texts else empty for texts in themes])
    fit = rows @ unit(centres).T
    best = fit.argmax(axis=1)
    found: list[list[str]] = [[] for _ in themes]
    left: list[str] = []
    for note, theme, cosine in zip(notes, best, fit.max(axis=1), strict=True):
        (found[theme] if cosine >= FLOOR else left).append(note)
    return tuple(map(tuple, found)), tuple(left)
