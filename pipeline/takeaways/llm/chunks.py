"""The talk cut into pieces, each about one topic and short enough for a prompt."""

from __future__ import annotations

from collections.abc import Sequence

SMALLEST = 0.25  # of the room: a piece below it is joined to the next


def pieces(starts: Sequence[int], sizes: Sequence[int], room: int) -> list[range]:
    """Ranges of sentences, in order, that cover all of them.

    `starts` are where topics begin (ascending, the first 0), `sizes` the tokens of each sentence, `room` the
    tokens of a piece. A topic that is too long is cut into equal parts; a sentence that is too long stands
    alone.
    """
    found: list[range] = []
    for topic in map(range, starts, [*starts[1:], len(sizes)]):
        for part in _parted(topic, sizes, room):
            before = found[-1] if found else None
            if before and _size(before, sizes) < SMALLEST * room and _fits(before, part, sizes, room):
                found[-1] = range(before.start, part.stop)
            else:
                found.append(part)
    if (
        len(found) > 1
        and _size(found[-1], sizes) < SMALLEST * room
        and _fits(found[-2], found[-1], sizes, room)
    ):
        found[-2:] = [range(found[-2].start, found[-1].stop)]
    return found


def _size(piece: range, sizes: Sequence[int]) -> int:
    return sum(sizes[i] for i in piece)


def _fits(one: range, other: range, sizes: Sequence[int], room: int) -> bool:
    return _size(one, sizes) + _size(other, sizes) <= room


def _parted(topic: range, sizes: Sequence[int], room: int) -> list[range]:
    """A topic in parts of about equal size, each within the room."""
    whole = _size(topic, sizes)
    share = whole / -(-whole // room) if whole else room
    parts: list[range] = []
    first, size = topic.start, 0
    for i in topic:
        if i > first and (size + sizes[i] > room or size >= share):
            parts.append(range(first, i))
            first, size = i, 0
        size += sizes[i]
    return [*parts, range(first, topic.stop)] if first < topic.stop else parts
