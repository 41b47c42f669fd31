"""Agglomerative clustering by average linkage: merges the two nearest clusters, again and again.

The nearest-neighbour chain (D. Müllner 2011, Modern hierarchical, agglomerative clustering algorithms), in
NumPy: the time grows with the square of the number of items.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.float64]  # [items, items], symmetric
Labels = NDArray[np.intp]  # [items], from 0 in the order in which clusters begin


def cosine_distances(rows: NDArray[np.floating]) -> Distances:
    """Between rows [items, dimensions]; one of zeros is at 1 from all others."""
    exact = rows.astype(np.float64)
    exact /= np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), 1e-9)
    cosines = exact @ exact.T
    return np.subtract(1, cosines, out=cosines)  # of many thousands a second copy would not fit into memory


def clusters_within(distances: Distances, reach: float) -> Labels:
    """Clusters of which no two are nearer than `reach`. The distances are overwritten."""
    return _cut(_merges(distances), len(distances), reach)


def at_most_clusters(distances: Distances, most: int) -> Labels:
    """`most` clusters, or fewer where several are at one distance. The distances are overwritten."""
    merges = _merges(distances)
    surplus = len(distances) - most
    reach = sorted(merge.distance for merge in merges)[surplus - 1] if surplus > 0 else -np.inf
    return _cut(merges, len(distances), reach)


class _Merge(NamedTuple):
    """An item of each of two clusters, and the mean distance of their items."""

    first: int
    second: int
    distance: float


def _merges(distances: Distances) -> list[_Merge]:
    """All merges up to one cluster. A cluster is known by one of its items, whose row holds its distances."""
    np.fill_diagonal(distances, np.inf)
    sizes = np.ones(len(distances))
    chain: list[int] = []  # each is the nearest to the one before, and they come nearer and nearer
    merges: list[_Merge] = []
    while len(merges) < len(distances) - 1:
        if not chain:
            chain = [int((sizes > 0).argmax())]
        last = chain[-1]
        nearest = int(distances[last].argmin())
        if len(chain) == 1 or distances[last, nearest] < distances[chain[-2], last]:
            chain.append(nearest)
            continue
        gone, kept = sorted(chain[-2:])  # each other's nearest
        del chain[-2:]
        merges.append(_Merge(gone, kept, float(distances[gone, kept])))
        _merge(distances, sizes, gone, kept)
    return merges


def _merge(distances: Distances, sizes: NDArray[np.float64], gone: int, kept: int) -> None:
    total = sizes[gone] + sizes[kept]
    mean = (sizes[gone] * distances[gone] + sizes[kept] * distances[kept]) / total
    mean[kept] = np.inf
    distances[kept] = distances[:, kept] = mean
    distances[gone] = distances[:, gone] = np.inf
    sizes[gone], sizes[kept] = 0, total


def _cut(merges: list[_Merge], count: int, reach: float) -> Labels:
    """The clusters after the merges of at most that distance."""
    leader = list(range(count))  # an earlier item of its cluster, or itself

    def first_of(item: int) -> int:
        while leader[item] != item:
            leader[item] = item = leader[leader[item]]
        return item

    for first, second, distance in merges:
        if distance <= reach:
            a, b = sorted((first_of(first), first_of(second)))
            leader[b] = a
    return np.unique([first_of(item) for item in range(count)], return_inverse=True)[1]
