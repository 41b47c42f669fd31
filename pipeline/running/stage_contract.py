"""The contract that stages keep: what a stage is, what it is given, what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from pipeline.records import Record, RecordT
from pipeline.reporting import Monitor
from pipeline.stage_names import StageName
from pipeline.workspace.config import Settings, StageSettings
from pipeline.workspace.receipts import Entry
from pipeline.workspace.talks import Subject

SubjectT = TypeVar("SubjectT", bound=Subject)
RecordT_co = TypeVar("RecordT_co", bound=Record, covariant=True)


@dataclass(frozen=True)
class Upstream:
    """The records of the stages above, by type."""

    records: tuple[Record, ...]

    def of(self, kind: type[RecordT]) -> RecordT:
        """The record of that type. Raises LookupError if no stage that is needed makes one."""
        for record in self.records:
            if isinstance(record, kind):
                return record
        raise LookupError(f"{kind.__name__} is of no stage in `needs`: add the one that makes it")


@dataclass(frozen=True)
class Product(Generic[RecordT_co]):
    """What a stage made: its record and, for one that renders, the files beside it by name."""

    record: RecordT_co
    files: Mapping[str, bytes] = field(default_factory=dict)


def _nothing(subject: Subject) -> Iterable[Entry]:
    return ()


def _no_settings(settings: Settings) -> None:
    return None


def _never(subject: Subject) -> bool:
    return False


@dataclass(frozen=True, eq=False)
class Stage(Generic[SubjectT, RecordT]):
    """One step from artifacts to an artifact: of a talk, or of a cohort.

    `run` depends on the subject, its settings and upstream alone (it may fill caches, and what a server
    answered is the same again only from these). `reads` names every input besides upstream data and the
    stage's own table of `settings`; what is not named there must not matter. `version` is raised when the
    meaning of the stage changes. `shared`: all prompt sets of a talk have the same artifact. `waits` says of
    a subject whether running it is mostly waiting for another machine, so that other talks may compute
    meanwhile.
    """

    name: StageName
    record: type[RecordT]
    run: Callable[[SubjectT, Upstream, Monitor], Product[RecordT]]
    needs: tuple[Stage[SubjectT, Any], ...] = ()
    reads: Callable[[SubjectT], Iterable[Entry]] = _nothing
    settings: Callable[[Settings], StageSettings | None] = _no_settings
    version: int = 1
    shared: bool = False
    waits: Callable[[SubjectT], bool] = _never

    @property
    def versioned(self) -> str:
        """Its name and version, as receipts tell them."""
        return f"{self.name} v{self.version}"

    @property
    def artifact(self) -> str:
        """The file that it writes into the output folder."""
        return self.name.artifact

    @property
    def chain(self) -> tuple[Stage[SubjectT, Any], ...]:
        """All that has to be there before it, in order, and itself."""
        above = (stage for need in self.needs for stage in need.chain)
        return (*dict.fromkeys(above), self)


AnyStage: TypeAlias = Stage[Any, Any]
