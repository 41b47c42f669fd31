"""A run as a table that is drawn anew while it goes on: talks by stages, and what is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.text import Text

from pipeline.cli.eta import Eta
from pipeline.stages import STAGES
from pipeline.text import clock as as_clock
from pipeline.text import plain

NAMES = tuple(stage.name for stage in STAGES)
DONE, NOTHING, FAILED = "✓", "\u2013", "✗"
_STYLES = {DONE: "green", NOTHING: "dim", FAILED: "bold red"}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PER_SECOND = 4
_NARROW = 64  # below this many columns, stages' names are cut
_GAP = 2


@dataclass(eq=False)
class Row:
    """A talk. `running` may be of no stage in NAMES; a talk with nothing else has no row in the table."""

    talk: str
    tabled: bool = False
    cells: dict[str, str] = field(default_factory=dict)
    running: str = ""
    fraction: float | None = None
    ended: bool = False
    failed: bool = False

    @property
    def in_work(self) -> bool:
        return not self.ended and bool(self.cells or self.running)

    def pass_over(self, stages: Iterable[str]) -> None:
        for stage in stages:
            self.cells.setdefault(stage, NOTHING)


class Board:
    """A Reporter that rich.live.Live can draw. What it is told may come from several threads.

    Nothing is printed while the lock is held: Live holds its own when it draws, and then waits for this one.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._lock = threading.Lock()
        self._rows: dict[str, Row] = {}
        self._ended: list[Row] = []
        self._eta = Eta(NAMES, clock)
        self._cost = 0.0
        self._began: float | None = None

    def planned(self, talks: Sequence[str]) -> None:
        with self._lock:
            self._rows.update({talk: Row(talk, tabled=True) for talk in talks})
            self._eta.planned(talks)

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        with self._lock:
            row = self._rows.setdefault(talk, Row(talk))
            if row.ended:
                return
            self._began = self._clock() if self._began is None else self._began
            row.running, row.fraction = stage, None
            if stage in NAMES:
                row.tabled = True
                row.cells.pop(stage, None)
                row.pass_over(NAMES[: NAMES.index(stage)])
                self._eta.started(talk, stage)

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        with self._lock:
            row = self._rows.get(talk)
            if row and row.running == stage and total:
                row.fraction = min(max(reached / total, 0.0), 1.0)
                if stage in NAMES:
                    self._eta.progress(talk, row.fraction)

    def noted(self, talk: str, stage: str, message: str) -> None:
        self._say(f"{talk}: {stage}: {message}")

    def warned(self, talk: str, stage: str, message: str) -> None:
        self._say(f"{talk}: {stage}: {message}", "yellow")

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        with self._lock:
            self._cost += cost or 0.0
            row = self._rows.setdefault(talk, Row(talk))
            row.running = "" if row.running == stage else row.running
            if stage in NAMES:
                row.cells[stage] = f"{DONE} {_short(seconds)}"
                self._eta.finished(talk, stage, seconds)
        if stage not in NAMES:
            self._say(f"{talk}: {stage}: done in {seconds:.1f} s")

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        with self._lock:
            row = self._rows.setdefault(talk, Row(talk, tabled=True))
            if row.ended:
                return
            row.ended, row.running, row.failed = True, "", stage is not None
            self._ended.append(row)
            self._eta.ended(talk, row.failed)
            failed_in = NAMES.index(stage) if stage in NAMES else 0
            row.pass_over(NAMES[:failed_in] if row.failed else NAMES)
            if row.failed:
                row.cells[NAMES[failed_in]] = FAILED
            told_soon = len(self._rows) == 1  # when the run is over, which it is
        if stage is not None and not told_soon:
            self._say(f"{talk}: {stage} failed: {reason}", "red")

    def _say(self, message: str, style: str = "") -> None:
        self._console.print(Text(message, style))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        with self._lock:
            lines = self._drawn(options.max_width, console.height)
        yield from lines

    def last(self) -> list[Text]:
        """What stays on the screen after the run; nothing if there was nothing to do."""
        with self._lock:
            rows = [row for row in self._rows.values() if row.tabled]
            if self._began is None or not rows:
                return []
            width, parts = self._console.width, [f"took {as_clock(self._clock() - self._began)}"]
            if len(rows) == 1:
                return [*_table(rows, width, self._spinner(), timed=True), *self._summary(parts, width)]
            return self._summary([_counts(rows), *parts], width)

    def _drawn(self, width: int, height: int) -> list[Text]:
        rows = [row for row in self._rows.values() if row.tabled]
        others = [self._other(row) for row in self._rows.values() if row.running not in ("", *NAMES)]
        if not rows or (len(rows) == 1 and self._began is None):
            return others
        left = self._eta.left() or 0.0
        parts = [f"{as_clock(left)} left"] if left >= 1 else []
        parts = [*(self._bar(rows[0], width) if len(rows) == 1 else [_counts(rows)]), *parts]
        room = max(height - 5 - len(others), 1)  # heads, two lines at the foot, and two to spare
        shown = chosen(rows, self._ended, room)
        table = _table(shown, width, self._spinner(), timed=len(rows) == 1)
        return [*table, *others, *self._summary(parts, width)]

    def _summary(self, parts: list[str], width: int) -> list[Text]:
        if self._cost:
            parts = [*parts, f"${self._cost:.2f}" if self._cost >= 0.1 else f"${self._cost:.4f}"]
        whole = " · ".join(parts)
        lines = [whole] if len(whole) <= width else [parts[0], " · ".join(parts[1:])]
        return [_line(line) for line in lines if line]

    def _bar(self, row: Row, width: int) -> list[str]:
        if row.running not in NAMES:
            return []
        if row.fraction is None:
            return [f"{self._spinner()} {row.running}"]
        length = max(min(width - 40, 40), 10)
        reached = int(length * row.fraction)
        return [f"{row.running} {'━' * reached}{'─' * (length - reached)} {_percent(row.fraction)}"]

    def _other(self, row: Row) -> Text:
        share = f" {_percent(row.fraction)}" if row.fraction is not None else ""
        return _line(f"{self._spinner()} {plain(row.talk)}: {row.running}{share}")

    def _spinner(self) -> str:
        return _SPINNER[int(self._clock() * PER_SECOND) % len(_SPINNER)]


def chosen(rows: Sequence[Row], ended: Sequence[Row], room: int) -> list[Row]:
    """Those in work, the last that ended and the next that wait, in the order in which they were planned."""
    busy = [row for row in rows if row.in_work][:room]
    waiting = [row for row in rows if not row.ended and not row.in_work]
    spare = room - len(busy)
    past = min(len(ended), max(spare // 2, spare - len(waiting)))
    shown = {*busy, *ended[len(ended) - past :], *waiting[: spare - past]}
    return [row for row in rows if row in shown]


def shortened(name: str, width: int) -> str:
    """`name` without its middle, where it is wider than `width` columns."""
    head = tail = plain(name)
    if cell_len(head) <= width:
        return head
    while cell_len(tail) > (width - 1) // 2:
        tail = tail[1:]
    while head and cell_len(head) + 1 + cell_len(tail) > width:
        head = head[:-1]
    return f"{head}…{tail}"


def _table(rows: Sequence[Row], width: int, spinner: str, timed: bool) -> list[Text]:
    narrow = width < _NARROW
    heads = [name[:4] if narrow else name for name in NAMES]
    columns = [max(len(head), 9 if timed and not narrow else 5) for head in heads]
    room = max(width - sum(columns) - _GAP * len(columns), 3)
    names = [shortened(row.talk, room) for row in rows]
    wide = max(map(cell_len, names), default=0)
    lines = [_line(" " * wide, "dim")]
    for head, column in zip(heads, columns, strict=True):
        lines[0].append(f"{'':{_GAP}}{head:{column}}")
    for row, name in zip(rows, names, strict=True):
        line = _line(name + " " * (wide - cell_len(name)))
        line.stylize("" if row.in_work or row.ended else "dim")
        for stage, column in zip(NAMES, columns, strict=True):
            cell, style = _cell(row, stage, spinner)
            cell = cell if (timed and not narrow) or row.running == stage else cell[:1]
            line.append(f"{'':{_GAP}}{cell:{column}}", style)
        lines.append(line)
    for line in lines:
        line.rstrip()
    return lines


def _cell(row: Row, stage: str, spinner: str) -> tuple[str, str]:
    if row.running == stage:
        return (spinner if row.fraction is None else _percent(row.fraction)), "bold cyan"
    text = row.cells.get(stage, "")
    return text, _STYLES.get(text[:1], "")


def _counts(rows: Sequence[Row]) -> str:
    failed, ended = sum(row.failed for row in rows), sum(row.ended for row in rows)
    counts = [f"{ended - failed} of {len(rows)} done"]
    counts += [f"{failed} failed"] if failed else []
    counts += [f"{len(rows) - ended} left"] if len(rows) > ended else []
    return ", ".join(counts)


def _line(text: str, style: str = "") -> Text:
    return Text(text, style, no_wrap=True, overflow="ellipsis")


def _percent(fraction: float) -> str:
    return f"{int(100 * fraction)} %"


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else as_clock(seconds)
