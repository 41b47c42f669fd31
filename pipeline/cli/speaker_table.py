"""The speakers of a talk as text: a table, and a line a person of when they spoke."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from pipeline.post.timeline import Speech, speech
from pipeline.review.speakers import Speakers, Voice
from pipeline.text import clock

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_WIDTH = 100  # of the timeline where there is no terminal to fit
_LONGEST_NAME = 24
_BESIDE_NAME = 54  # columns that the rest of the table needs
_HEIGHTS = " ▁▂▃▄▅▆▇█"  # of a column, by how much of its time is speech
_STYLES = ("red", "cyan", "magenta", "green", "yellow", "blue", "bright_magenta", "bright_black")


def text(shown: Speakers, width: int | None = None) -> str:
    """Table, what is amiss, timeline, what is unmatched; coloured to fit `width` columns, else plain."""
    from rich.console import Console
    from rich.text import Text

    out = io.StringIO()
    # Without a terminal nothing is cut or wrapped: a program may read the lines.
    console = Console(file=out, force_terminal=width is not None, width=width or 10_000, highlight=False)
    console.print(_table(shown, console.width))
    notes = [f"stale: run it again: {'; '.join(shown.stale)}"] if shown.stale else []
    notes += [f"error: {shown.error}"] if shown.error else []
    if notes:
        console.print()
    for note in notes:
        console.print(Text(note, style="yellow"))
    guesses = [voice for voice in shown.voices if _is_guess(voice) and voice.evidence]
    if guesses:
        console.print()
    for voice in guesses:
        console.print(Text(f"{voice.name}? {voice.evidence}"))
    if shown.timeline:
        console.print()
        for line in _timeline(shown, width or _WIDTH):
            console.print(line, overflow="crop", no_wrap=True)
    if shown.unmatched:
        console.print()
        for unmatched in shown.unmatched:
            console.print(Text(f"unmatched: {unmatched}", style="yellow"))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _table(shown: Speakers, width: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("id", no_wrap=True)
    table.add_column("name", no_wrap=True, max_width=max(width - _BESIDE_NAME, 8))
    for heading in ("time", "share", "turns", "in doubt", "first"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("known by", overflow="fold", min_width=8)
    for voice in shown.voices:
        style = _STYLES[shown.people[voice.id].color % len(_STYLES)]
        name = f"{voice.name}{'?' if _is_guess(voice) else ''}"
        cells = (
            "-" if voice.seconds is None else _minutes(voice.seconds),
            "<1 %" if 0 < voice.share < 0.01 else f"{round(voice.share * 100)} %",
            str(voice.turns),
            f"{voice.in_doubt} of {voice.sentences}",
            "-" if voice.first is None else clock(voice.first),
        )
        table.add_row(voice.id, Text(name, style=style), *cells, Text(_known_by(voice)))
    return table


def _minutes(seconds: float) -> str:
    """mm:ss, also beyond an hour."""
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def _is_guess(voice: Voice) -> bool:
    return voice.known and not voice.confirmed


def _known_by(voice: Voice) -> str:
    """The source, and the moment or label where that says more; what a guess rests on has its own line."""
    if voice.source == "none":
        return "-"
    more = not _is_guess(voice) and voice.evidence != voice.name
    return f"{voice.source} {voice.evidence}" if more and voice.evidence else voice.source


def _timeline(shown: Speakers, width: int) -> Iterator[Text]:
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    if shown.timeline is None:
        return
    seconds, people = shown.timeline.seconds, [lane.speaker for lane in shown.timeline.lanes]
    beside = min(max(cell_len(person.name) for person in people), _LONGEST_NAME)
    columns = max(width - beside - 2, 10)
    spoken = list(speech(shown.turns, shown.transcript.duration or 0.0))
    for person in people:
        own = [one for one in spoken if shown.people[one.speaker] == person]
        style = _STYLES[person.color % len(_STYLES)]
        full = _coverage(own, seconds, columns)
        doubtful = _coverage([one for one in own if one.doubtful], seconds, columns)
        dim = [part > whole / 2 for part, whole in zip(doubtful, full, strict=True)]
        line = Text(f"{set_cell_size(person.name, beside)}  ")
        for faint, run in groupby(zip(dim, full, strict=True), key=itemgetter(0)):
            line.append("".join(_height(share) for _, share in run), style=f"dim {style}" if faint else style)
        yield line
    yield Text(" " * (beside + 2) + _scale(shown, columns), style="dim")


def _coverage(spoken: list[Speech], seconds: float, columns: int) -> list[float]:
    """How much of each column's time is speech, 0 to 1."""
    step = seconds / columns
    covered = [0.0] * columns
    for one in spoken:
        for column in range(int(one.start / step), min(int(one.end / step) + 1, columns)):
            inside = min(one.end, (column + 1) * step) - max(one.start, column * step)
            covered[column] += max(inside, 0.0) / step
    return covered


def _height(share: float) -> str:
    """Any speech at all is to be seen."""
    top = len(_HEIGHTS) - 1
    return _HEIGHTS[max(1, min(round(share * top), top)) if share else 0]


def _scale(shown: Speakers, columns: int) -> str:
    """The round times, each where it is; one that would touch the one before is left out."""
    line = ""
    for tick in shown.timeline.ticks if shown.timeline else ():
        at = round(tick.at / 1000 * columns)
        if at + len(tick.clock) <= columns and (not line or at > len(line) + 1):
            line = f"{line:{at}}{tick.clock}"
    return line
