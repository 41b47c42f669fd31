"""Timed cues, as WebVTT and SRT have them: their times, their lines, and captions that roll.

Read here and not with webvtt-py, which leaves out cues with malformed times in silence and knows no SRT
without hours, milliseconds or numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pipeline.errors import InputError
from pipeline.transcripts.pieces import Piece, many, seconds

_TIMING = re.compile(r"\s*(?P<start>[-+]?\d\S*)?\s*--+>\s*(?P<end>\S*)")
_CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d+)?"
TIMED = re.compile(rf"^[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}", re.MULTILINE)
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_ROLLING = 1 / 3  # share of cues that begin with the end of the one before, from which captions roll

_Said = tuple[str | None, str]  # a label and a word


@dataclass(frozen=True)
class Cue:
    """A cue's lines, and its times in seconds where they can be read."""

    start: float | None
    end: float | None
    lines: tuple[str, ...]


def cues(text: str, path: Path, *, blocks: bool) -> tuple[list[Cue], list[str]]:
    """All cues that say something, and notes. `blocks`: there may be WebVTT's NOTE, STYLE and REGION.

    A cue without readable times keeps its words, one that ends before it starts its start. Raises
    InputError if that leaves no cue whole.
    """
    found: list[Cue] = []
    unread: list[str] = []
    turned: list[tuple[str, str]] = []
    for number, timing, lines in _split(text.splitlines(), blocks):
        start, end = seconds(timing["start"] or ""), seconds(timing["end"])
        if start is None or end is None:
            unread.append(f"line {number}")
            start = end = None
        elif end < start:
            turned.append((timing["start"], timing["end"]))
            end = None
        if any(line.strip() for line in lines):
            found.append(Cue(start, end, tuple(lines)))
    if turned and all(cue.end is None for cue in found):
        start_of, end_of = (_full(clock) for clock in turned[0])
        raise InputError(
            f"the cue at {start_of} ends before it starts, at {end_of}",
            file=path,
            remedy="Correct the times of that cue, or export the file again.",
        )
    notes = []
    if unread:
        count = many(len(unread), "cue")
        notes.append(f"the times of {count} cannot be read, first at {unread[0]}: left out")
    if turned:
        where = f"first at {_full(turned[0][0])}"
        notes.append(f"{many(len(turned), 'cue')} would end before the start, {where}: left out the end")
    return found, notes


def _full(clock: str) -> str:
    clock = clock.replace(",", ".")
    return clock if clock.count(":") == 2 else f"00:{clock}"


def _split(lines: Sequence[str], blocks: bool) -> Iterator[tuple[int, re.Match[str], list[str]]]:
    """Line number, timing and lines of each cue, without the number or name above the next one's times."""
    at = [(index, match) for index, line in enumerate(lines) if (match := _TIMING.match(line))]
    stops = [*(index for index, _ in at[1:]), len(lines)]
    for (index, timing), stop in zip(at, stops, strict=False):
        said = list(lines[index + 1 : stop])
        named = len(said) > 1 and not said[-2] and bool(said[-1].strip())
        if stop < len(lines) and said and (said[-1].strip().isdigit() or (blocks and named)):
            said.pop()
        yield index + 1, timing, _without_blocks(said) if blocks else said


def _without_blocks(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    inside = False
    for before, line in pairwise(["", *lines]):
        if not line:
            inside = False
        elif not before and kept and _BLOCK.match(line):
            inside = True
        if not inside:
            kept.append(line)
    return kept


def unrolled(spoken: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """The pieces of each cue without what a rolling caption repeats of the cue before.

    People do say a word twice, and each other's: only where much of a file repeats itself so, and only what
    the same speaker repeats, is taken out.
    """
    words = [[(piece.label, word) for piece in pieces for word in piece.text.split()] for pieces in spoken]
    repeats = [0, *(_overlap(before, after) for before, after in pairwise(words))]
    rolling = sum(map(bool, repeats)) > max(1.0, _ROLLING * (len(words) - 1))
    if not rolling:
        return [list(pieces) for pieces in spoken]
    return [list(_without(pieces, count)) for pieces, count in zip(spoken, repeats, strict=True)]


def _overlap(before: Sequence[_Said], after: Sequence[_Said]) -> int:
    """How many words of the same speakers at the end of one are at the start of the other."""
    most = min(len(before), len(after), 60)
    return next((size for size in range(most, 0, -1) if before[-size:] == after[:size]), 0)


def _without(pieces: Sequence[Piece], count: int) -> Iterator[Piece]:
    start = pieces[0].start if pieces else None
    for piece in pieces:
        words = piece.text.split()
        if count < len(words):
            rest = replace(piece, text=" ".join(words[count:]), glued=False) if count else piece
            yield rest if rest.start is not None else replace(rest, start=start)
            start = None
        count = max(0, count - len(words))
