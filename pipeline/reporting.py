"""Who is told how work goes: a stage tells its monitor, a run its reporter; only the command line prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Monitor(Protocol):
    """What a running stage may tell: how far it is, what a person should know, what it really used."""

    def progress(self, reached: float, total: float | None) -> None:
        """How far it is and how far it goes, in seconds of the recording or in calls; None: not known."""

    def note(self, message: str) -> None:
        """What a person may want to know: no trouble, only how it is done."""

    def warn(self, message: str) -> None:
        """Something that does not stop the stage but that a person should know."""

    def used(self, **facts: str | float) -> None:
        """What varies from run to run or machine to machine (package versions, …); never part of `data`."""


class SilentMonitor:
    """A monitor that tells nobody."""

    def progress(self, reached: float, total: float | None) -> None: ...

    def note(self, message: str) -> None: ...

    def warn(self, message: str) -> None: ...

    def used(self, **facts: str | float) -> None: ...


class Reporter(Protocol):
    """Who is told how a run goes; only the command line prints. Several talks may tell at once."""

    def planned(self, talks: Sequence[str]) -> None: ...

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None: ...

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None: ...

    def noted(self, talk: str, stage: str, message: str) -> None: ...

    def warned(self, talk: str, stage: str, message: str) -> None: ...

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        """`cost` is in US dollars, None where nothing was paid for or the price is not known."""

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        """A talk is up to date; or it failed at that stage ("start" before any), for that reason."""
