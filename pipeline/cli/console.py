"""How the progress of a run is shown: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.cli.printing import echo
from pipeline.reporting import Reporter


class Silent:
    """The reporter for --json: only warnings, on standard error."""

    def planned(self, talks: Sequence[str]) -> None:
        pass

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        pass

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        pass

    def noted(self, talk: str, stage: str, message: str) -> None:
        pass

    def warned(self, talk: str, stage: str, message: str) -> None:
        echo(f"{talk}: {stage}: {message}", err=True)

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        pass

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        pass


class Lines(Silent):
    """A line when a stage starts, with its first reason, and one when it is done; also notes and warnings.

    With several talks, also a line when one fails or, unless it was up to date, is done; a single one is
    reported after the run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned = self._done = 0
        self._worked_on: set[str] = set()

    def planned(self, talks: Sequence[str]) -> None:
        self._planned = len(talks)

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        others = f" and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        with self._lock:
            self._worked_on.add(talk)
        echo(f"{talk}: {stage}: {reasons[0]}{others}", err=True)

    def noted(self, talk: str, stage: str, message: str) -> None:
        self.warned(talk, stage, message)

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        echo(f"{talk}: {stage}: done in {seconds:.1f} s", err=True)

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        with self._lock:  # held while printing, so that the counts appear in order
            self._done += stage is None
            if self._planned < 2:
                return
            if stage is not None:
                echo(f"{talk}: {stage} failed: {reason}", err=True)
            elif talk in self._worked_on:
                echo(f"{talk}: done ({self._done} of {self._planned})", err=True)


@contextmanager
def reporter(as_json: bool) -> Iterator[Reporter]:
    """The reporter that suits the output: JSON, a terminal that can show a table, or anything else."""
    if as_json:
        yield Silent()
        return
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console

    terminal = Console(stderr=True)
    if not terminal.is_interactive or terminal.options.ascii_only:
        yield Lines()
        return
    from rich.live import Live

    from pipeline.cli.board import REFRESHES_PER_SECOND, Board

    board = Board(terminal)
    try:
        with Live(board, console=terminal, refresh_per_second=REFRESHES_PER_SECOND, transient=True):
            yield board
    finally:
        for line in board.final_lines():
            terminal.print(line)
