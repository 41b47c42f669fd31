"""Spans of time, found by a moment without looking at each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class TimeIndex:
    """Spans by their number, in seconds. One without a start is never found; one without an end is a point.

    They are sorted by start under a binary tree of their latest ends, so that long spans among short ones
    cost nothing.
    """

    def __init__(self, spans: Iterable[tuple[float | None, float | None]]) -> None:
        known = sorted(
            (start, start if end is None else max(start, end), number)
            for number, (start, end) in enumerate(spans)
            if start is not None
        )
        self._starts = [start for start, _, _ in known]
        self._numbers = [number for _, _, number in known]
        self._leaves = 1 << max(0, len(known) - 1).bit_length()
        self._latest = [-1.0] * self._leaves + [end for _, end, _ in known]
        self._latest += [-1.0] * (2 * self._leaves - len(self._latest))
        for node in range(self._leaves - 1, 0, -1):
            self._latest[node] = max(self._latest[2 * node], self._latest[2 * node + 1])

    def between(self, first: float, last: float) -> list[int]:
        """The numbers of the spans of which a part is in [first, last], in ascending order."""
        stop = bisect_right(self._starts, last)
        found, waiting = [], [(1, 0, self._leaves)]  # node, and which leaves are below it: [begin, end)
        while waiting:
            node, begin, end = waiting.pop()
            if begin >= stop or self._latest[node] < first:
                continue
            if node >= self._leaves:
                found.append(self._numbers[begin])
            else:
                middle = (begin + end) // 2
                waiting += ((2 * node, begin, middle), (2 * node + 1, middle, end))
        return sorted(found)
