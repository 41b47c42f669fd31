"""How a run is shown: a live table with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from pipeline.reporting import Reporter


class Silent:
    """For --json: nothing but warnings, and those on standard error."""

    def planned(self, talks: Sequence[str]) -> None:
        pass

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        pass

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        pass

    def noted(self, talk: str, stage: str, message: str) -> None:
        pass

    def warned(self, talk: str, stage: str, message: str) -> None:
        click.echo(f"{talk}: {stage}: {message}", err=True)

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        pass

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        pass


class Lines(Silent):
    """One line when a stage starts, with its reason, and one when it is done.

    Of several talks also one when a talk is done, or fails; what came of a lone talk is told right after it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned = self._done = 0
        self._busy: set[str] = set()

    def planned(self, talks: Sequence[str]) -> None:
        self._planned = len(talks)

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        more = f" and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        with self._lock:
            self._busy.add(talk)
        click.echo(f"{talk}: {stage}: {reasons[0]}{more}", err=True)

    def noted(self, talk: str, stage: str, message: str) -> None:
        self.warned(talk, stage, message)

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        click.echo(f"{talk}: {stage}: done in {seconds:.1f} s", err=True)

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        with self._lock:  # held while it prints, so that the counts go up
            self._done += stage is None
            if self._planned < 2:
                return
            if stage is not None:
                click.echo(f"{talk}: {stage} failed: {reason}", err=True)
            elif talk in self._busy:
                click.echo(f"{talk}: done ({self._done} of {self._planned})", err=True)


@contextmanager
def reporter(as_json: bool) -> Iterator[Reporter]:
    """The reporter that suits where the output goes."""
    if as_json:
        yield Silent()
        return
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console

    screen = Console(stderr=True)
    if not screen.is_interactive or screen.options.ascii_only:
        yield Lines()
        return
    from rich.live import Live

    from pipeline.cli.board import PER_SECOND, Board

    board = Board(screen)
    try:
        with Live(board, console=screen, refresh_per_second=PER_SECOND, transient=True):
            yield board
    finally:
        for line in board.last():
            screen.print(line)
