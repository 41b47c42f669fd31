"""How a run is shown: a live table with ETA on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pipeline.runner import Reporter

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Silent:
    """For --json: nothing but warnings, and those on standard error."""

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        pass

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        pass

    def noted(self, talk: str, stage: str, message: str) -> None:
        pass

    def warned(self, talk: str, stage: str, message: str) -> None:
        click.echo(f"{talk}: {stage}: {message}", err=True)

    def finished(self, talk: str, stage: str, seconds: float) -> None:
        pass


class Lines(Silent):
    """One line when a stage starts, with its reason, and one when it is done."""

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        more = f" and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        click.echo(f"{talk}: {stage}: {reasons[0]}{more}", err=True)

    def noted(self, talk: str, stage: str, message: str) -> None:
        self.warned(talk, stage, message)

    def finished(self, talk: str, stage: str, seconds: float) -> None:
        click.echo(f"{talk}: {stage}: done in {seconds:.1f} s", err=True)


class Bars:
    """A bar a stage, with the time left for those that go through the recording."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        if self._task is not None:  # of a stage that failed
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(f"{talk}: {stage}", total=None)

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=reached, total=total)

    def noted(self, talk: str, stage: str, message: str) -> None:
        self._bars.console.print(f"{talk}: {stage}: {message}", markup=False, highlight=False)

    def warned(self, talk: str, stage: str, message: str) -> None:
        self._bars.console.print(f"{talk}: {stage}: {message}", markup=False, style="yellow")

    def finished(self, talk: str, stage: str, seconds: float) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None
        self._bars.console.print(f"{talk}: {stage}: done in {seconds:.1f} s", markup=False, highlight=False)


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
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield Bars(bars)
