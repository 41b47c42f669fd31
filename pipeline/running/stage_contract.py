"""The contract that the four stages keep: what a stage is, what it is given, what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pipeline.records import Record
from pipeline.reporting import Monitor
from pipeline.workspace.talks import Talk

AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass(frozen=True)
class Upstream:
    """The records of the stages above, by type."""

    records: tuple[Record, ...]

    def of(self, kind: type[AnyRecord]) -> AnyRecord:
        return next(record for record in self.records if isinstance(record, kind))


@dataclass(frozen=True)
class Product:
    """What a stage made: its record and, for `render`, the files beside it by name."""

    record: Record
    files: Mapping[str, bytes] = field(default_factory=dict)


def _nothing(talk: Talk) -> dict[str, Any]:
    return {}


def _never(talk: Talk) -> bool:
    return False


@dataclass(frozen=True, eq=False)
class Stage:
    """One step from artifacts to an artifact (a file name in the talk's output folder).

    `run` is pure: the same talk, upstream and settings give the same record. `reads` names every input
    besides upstream data, with a digest or a small JSON value; what is not named there must not matter.
    `version` is raised when the meaning of the stage changes. `shared`: all prompt sets of a talk have the
    same artifact. `waits` says of a talk whether running it is mostly waiting for another machine, so that
    other talks may compute meanwhile.
    """

    name: str
    artifact: str
    record: type[Record]
    run: Callable[[Talk, Upstream, Monitor], Product]
    needs: tuple[Stage, ...] = ()
    reads: Callable[[Talk], dict[str, Any]] = _nothing
    version: int = 1
    shared: bool = False
    waits: Callable[[Talk], bool] = _never

    @property
    def chain(self) -> tuple[Stage, ...]:
        """All that has to be there before it, in order, and itself."""
        above = (stage for need in self.needs for stage in need.chain)
        return (*dict.fromkeys(above), self)
