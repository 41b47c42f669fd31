"""Average linkage: against its definition, worked out pair by pair."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.engines.average_linkage import Distances, at_most_clusters, clusters_within, cosine_distances


def by_definition(distances: Distances, reach: float, most: int) -> list[set[int]]:
    """Merges the two clusters of the smallest mean distance, until none is within reach and few are left."""
    clusters = [{item} for item in range(len(distances))]

    def mean(a: int, b: int) -> float:
        return float(distances[np.ix_(sorted(clusters[a]), sorted(clusters[b]))].mean())

    while len(clusters) > 1:
        pairs = [(mean(a, b), a, b) for b in range(len(clusters)) for a in range(b)]
        nearest, a, b = min(pairs)
        if nearest > reach and len(clusters) <= most:
            break
        clusters[a] |= clusters.pop(b)
    return sorted(clusters, key=min)


@pytest.mark.parametrize("seed", range(6))
def test_clusters_are_those_of_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(4, 8))
    rows = centres[rng.integers(0, 4, 24)] + rng.normal(scale=0.7, size=(24, 8))
    distances = cosine_distances(rows)
    for reach in (0.1, 0.3, 0.5, 0.9, 2.1):
        labels = clusters_within(distances.copy(), reach)
        found = [set(np.flatnonzero(labels == label).tolist()) for label in range(labels.max() + 1)]
        assert found == by_definition(distances, reach, most=24)
    for most in (1, 2, 5, 23, 24, 90):
        labels = at_most_clusters(distances.copy(), most)
        found = [set(np.flatnonzero(labels == label).tolist()) for label in range(labels.max() + 1)]
        assert found == by_definition(distances, reach=-1.0, most=most)


def test_items_that_are_alike_or_empty_are_no_trouble() -> None:
    rows = np.array([[1, 0], [1, 0], [0, 0], [0, 1], [1, 0]], np.float32)
    assert clusters_within(cosine_distances(rows), 0.5).tolist() == [0, 0, 1, 2, 0]
    assert at_most_clusters(cosine_distances(rows), 3).tolist() == [0, 0, 1, 2, 0]
    assert clusters_within(cosine_distances(rows[:1]), 0.5).tolist() == [0]
    assert clusters_within(cosine_distances(np.ones((500, 3))), 0.5).max() == 0


def test_distances_that_are_not_quite_symmetric_come_to_an_end() -> None:
    """Rounding may make two of one distance."""
    rng = np.random.default_rng(0)
    distances = np.ones((60, 60)) + rng.normal(scale=1e-16, size=(60, 60))
    assert clusters_within(distances, 2.0).max() == 0
