"""A live table of a run: a row per talk, a column per stage, and the time left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.text import Text

from pipeline.cli.eta import Eta
from pipeline.cli.printing import styled
from pipeline.stage_names import TalkStage
from pipeline.text import clock as as_clock
from pipeline.text import plain

STAGE_NAMES = tuple(TalkStage)
DONE = "✓"
NOTHING = "\u2013"
FAILED = "✗"
_STYLES = {DONE: "green", NOTHING: "dim", FAILED: "bold red"}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
REFRESHES_PER_SECOND = 4
_NARROW_COLUMNS = 64  # on a narrower terminal, stage names are cut
_GAP_COLUMNS = 2


@dataclass(eq=False)
class Row:
    """A talk. `running` may be a stage outside STAGE_NAMES; a talk with no others is not in the table."""

    talk: str
    in_table: bool = False
    cells: dict[str, str] = field(default_factory=dict)
    running: str = ""
    fraction: float | None = None
    ended: bool = False
    failed: bool = False

    @property
    def is_active(self) -> bool:
        return not self.ended and bool(self.cells or self.running)

    def mark_skipped(self, stages: Iterable[str]) -> None:
        for stage in stages:
            self.cells.setdefault(stage, NOTHING)


class Board:
    """A Reporter that rich.live.Live can draw; its methods may be called from several threads.

    Never print while holding the lock: Live draws while holding its own, and then waits for this one.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._lock = threading.Lock()
        self._rows: dict[str, Row] = {}
        self._ended: list[Row] = []
        self._eta = Eta(STAGE_NAMES, clock)
        self._cost = 0.0
        self._started_at: float | None = None

    def planned(self, talks: Sequence[str]) -> None:
        with self._lock:
            self._rows.update({talk: Row(talk, in_table=True) for talk in talks})
            self._eta.planned(talks)

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        with self._lock:
            row = self._rows.setdefault(talk, Row(talk))
            if row.ended:
                return
            self._started_at = self._clock() if self._started_at is None else self._started_at
            row.running, row.fraction = stage, None
            if stage in STAGE_NAMES:
                row.in_table = True
                row.cells.pop(stage, None)
                row.mark_skipped(STAGE_NAMES[: STAGE_NAMES.index(stage)])
                self._eta.started(talk, stage)

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        with self._lock:
            row = self._rows.get(talk)
            if row and row.running == stage and total:
                row.fraction = min(max(reached / total, 0.0), 1.0)
                if stage in STAGE_NAMES:
                    self._eta.progress(talk, row.fraction)

    def noted(self, talk: str, stage: str, message: str) -> None:
        self._print(f"{talk}: {stage}: {message}")

    def warned(self, talk: str, stage: str, message: str) -> None:
        self._print(f"{talk}: {stage}: {message}", "yellow")

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        with self._lock:
            self._cost += cost or 0.0
            row = self._rows.setdefault(talk, Row(talk))
            row.running = "" if row.running == stage else row.running
            if stage in STAGE_NAMES:
                row.cells[stage] = f"{DONE} {_duration(seconds)}"
                self._eta.finished(talk, stage, seconds)
        if stage not in STAGE_NAMES:
            self._print(f"{talk}: {stage}: done in {seconds:.1f} s")

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        with self._lock:
            row = self._rows.setdefault(talk, Row(talk, in_table=True))
            if row.ended:
                return
            row.ended, row.running, row.failed = True, "", stage is not None
            self._ended.append(row)
            self._eta.ended(talk, row.failed)
            failed_in = STAGE_NAMES.index(stage) if stage in STAGE_NAMES else 0
            row.mark_skipped(STAGE_NAMES[:failed_in] if row.failed else STAGE_NAMES)
            if row.failed:
                row.cells[STAGE_NAMES[failed_in]] = FAILED
            is_reported_later = len(self._rows) == 1  # the run is over, and its failures are printed next
        if stage is not None and not is_reported_later:
            self._print(f"{talk}: {stage} failed: {reason}", "red")

    def _print(self, message: str, style: str = "") -> None:
        self._console.print(styled(message, style))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        with self._lock:
            lines = self._render(options.max_width, console.height)
        yield from lines

    def final_lines(self) -> list[Text]:
        """The lines that stay on the screen after the run; none if there was nothing to do."""
        with self._lock:
            rows = [row for row in self._rows.values() if row.in_table]
            if self._started_at is None or not rows:
                return []
            width, parts = self._console.width, [f"took {as_clock(self._clock() - self._started_at)}"]
            if len(rows) == 1:
                return [*_table(rows, width, self._spinner(), timed=True), *self._summary(parts, width)]
            return self._summary([_counts(rows), *parts], width)

    def _render(self, width: int, height: int) -> list[Text]:
        rows = [row for row in self._rows.values() if row.in_table]
        other_lines = [
            self._other_line(row) for row in self._rows.values() if row.running not in ("", *STAGE_NAMES)
        ]
        if not rows or (len(rows) == 1 and self._started_at is None):
            return other_lines
        seconds_left = self._eta.seconds_left() or 0.0
        parts = [f"{as_clock(seconds_left)} left"] if seconds_left >= 1 else []
        parts = [*(self._progress_bar(rows[0], width) if len(rows) == 1 else [_counts(rows)]), *parts]
        max_rows = max(height - 5 - len(other_lines), 1)  # headings, two summary lines, and two to spare
        visible = visible_rows(rows, self._ended, max_rows)
        table = _table(visible, width, self._spinner(), timed=len(rows) == 1)
        return [*table, *other_lines, *self._summary(parts, width)]

    def _summary(self, parts: list[str], width: int) -> list[Text]:
        if self._cost:
            parts = [*parts, f"${self._cost:.2f}" if self._cost >= 0.1 else f"${self._cost:.4f}"]
        summary = " · ".join(parts)
        lines = [summary] if len(summary) <= width else [parts[0], " · ".join(parts[1:])]
        return [_line(line) for line in lines if line]

    def _progress_bar(self, row: Row, width: int) -> list[str]:
        if row.running not in STAGE_NAMES:
            return []
        if row.fraction is None:
            return [f"{self._spinner()} {row.running}"]
        length = max(min(width - 40, 40), 10)
        filled = int(length * row.fraction)
        return [f"{row.running} {'━' * filled}{'─' * (length - filled)} {_percent(row.fraction)}"]

    def _other_line(self, row: Row) -> Text:
        percentage = f" {_percent(row.fraction)}" if row.fraction is not None else ""
        return _line(f"{self._spinner()} {plain(row.talk)}: {row.running}{percentage}")

    def _spinner(self) -> str:
        return _SPINNER[int(self._clock() * REFRESHES_PER_SECOND) % len(_SPINNER)]


def visible_rows(rows: Sequence[Row], ended: Sequence[Row], max_rows: int) -> list[Row]:
    """The active rows, the last that ended and the next that wait, in the order that was planned."""
    active = [row for row in rows if row.is_active][:max_rows]
    waiting = [row for row in rows if not row.ended and not row.is_active]
    free_rows = max_rows - len(active)
    recent = min(len(ended), max(free_rows // 2, free_rows - len(waiting)))
    visible = {*active, *ended[len(ended) - recent :], *waiting[: free_rows - recent]}
    return [row for row in rows if row in visible]


def shortened(name: str, width: int) -> str:
    """`name`, with its middle replaced by an ellipsis if it is wider than `width` columns."""
    head = tail = plain(name)
    if cell_len(head) <= width:
        return head
    while cell_len(tail) > (width - 1) // 2:
        tail = tail[1:]
    while head and cell_len(head) + 1 + cell_len(tail) > width:
        head = head[:-1]
    return f"{head}…{tail}"


def _table(rows: Sequence[Row], width: int, spinner: str, timed: bool) -> list[Text]:
    is_narrow = width < _NARROW_COLUMNS
    headings = [name[:4] if is_narrow else name for name in STAGE_NAMES]
    column_widths = [max(len(heading), 9 if timed and not is_narrow else 5) for heading in headings]
    max_name_width = max(width - sum(column_widths) - _GAP_COLUMNS * len(column_widths), 3)
    names = [shortened(row.talk, max_name_width) for row in rows]
    name_width = max(map(cell_len, names), default=0)
    lines = [_line(" " * name_width, "dim")]
    for heading, column_width in zip(headings, column_widths, strict=True):
        lines[0].append(f"{'':{_GAP_COLUMNS}}{heading:{column_width}}")
    for row, name in zip(rows, names, strict=True):
        line = _line(name + " " * (name_width - cell_len(name)))
        line.stylize("" if row.is_active or row.ended else "dim")
        for stage, column_width in zip(STAGE_NAMES, column_widths, strict=True):
            cell, style = _cell(row, stage, spinner)
            cell = cell if (timed and not is_narrow) or row.running == stage else cell[:1]
            line.append(f"{'':{_GAP_COLUMNS}}{cell:{column_width}}", style)
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
    return styled(text, style, no_wrap=True, overflow="ellipsis")


def _percent(fraction: float) -> str:
    return f"{int(100 * fraction)} %"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else as_clock(seconds)
