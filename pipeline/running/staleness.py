"""Whether a stage has to run, and why: receipts on disk against those it would write now, and its files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, Literal

from pipeline.errors import ArtifactError, InputError
from pipeline.files import digest_bytes, read_bytes
from pipeline.records import Unmatched
from pipeline.running import artifacts
from pipeline.running.artifacts import Artifact, BrokenArtifactError
from pipeline.running.stage_contract import Stage, SubjectT
from pipeline.workspace.receipts import Entry, differences, stated
from pipeline.workspace.talks import Subject

Status = Literal["fresh", "stale", "missing", "edited"]


@dataclass(frozen=True)
class StageState:
    """How a stage of a talk stands: why it would run, which of its files a person changed.

    `unmatched` are corrections that matched nothing when it last ran.
    """

    stage: str
    status: Status
    reasons: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()

    @property
    def settled(self) -> bool:
        """Nothing to do: made from what is there now, edited by hand or not."""
        return self.status != "missing" and not self.reasons


class StageRun(Generic[SubjectT]):
    """A stage of a talk or a cohort at one moment: its artifact, and the receipt that it would have now.

    Each is looked up when it is first asked for, and then kept; `forget_receipt` has the receipt made anew.
    With `force`, an artifact that cannot be made sense of is one that a person edited.
    """

    def __init__(self, subject: SubjectT, stage: Stage[SubjectT, Any], force: bool = False) -> None:
        self.subject, self.stage, self.force = subject, stage, force

    @property
    def artifact(self) -> Artifact | None:
        """The artifact that is there, None if there is none. Raises ArtifactError."""
        return self._inspected[0]

    @property
    def fault(self) -> BrokenArtifactError | None:
        """What is wrong with an artifact that is to be replaced. Raises ArtifactError."""
        return self._inspected[1]

    @cached_property
    def _inspected(self) -> tuple[Artifact | None, BrokenArtifactError | None]:
        return self._inspect()

    def _inspect(self) -> tuple[Artifact | None, BrokenArtifactError | None]:
        try:
            return artifacts.inspect(self.subject, self.stage), None
        except BrokenArtifactError as fault:
            if not self.force:
                raise
            return None, fault

    @cached_property
    def receipt(self) -> tuple[Entry, ...]:
        """What the stage would be made from now.

        Raises InputError if a file that the stage reads is gone, ArtifactError, ConfigError, ….
        """
        stage, subject = self.stage, self.subject
        try:
            inputs = tuple(stage.reads(subject))
        except FileNotFoundError as error:
            raise InputError(
                "the file is gone", file=error.filename, remedy="Put it back, or run its new name."
            ) from error
        above = [(need, artifacts.inspect(subject, need)) for need in stage.needs]
        table = stage.settings(subject.settings)
        return (
            Entry("stage", stage.versioned),
            *inputs,
            *(Entry(f"data of {need.name}", upper.digest if upper else None) for need, upper in above),
            *stated(stage.name, table.receipt() if table else {}),
        )

    @cached_property
    def intended(self) -> frozenset[str]:
        """Digests of the files that an interrupted run meant to write."""
        return intended(self.subject)

    def forget_receipt(self) -> None:
        """Time has passed: it may be made from something else now."""
        self.__dict__.pop("receipt", None)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the stage must run; empty if it is fresh."""
        if self.fault:
            return (self.fault.what,)
        if self.artifact is None:
            return ("not made yet",)
        lines = [str(change) for change in differences(self.receipt, self.artifact.made_from)]
        for name, digest in self.artifact.files.items():
            current = digest_if_there(self.subject, name)
            if current is None:
                lines.append(f"{name} is missing")
            elif current != digest and current in self.intended:
                lines.append(f"{name} is from an interrupted run")
        return tuple(lines)

    @property
    def edited(self) -> tuple[str, ...]:
        """Files of the stage that a person changed: its artifact's data, or a rendered file."""
        if self.artifact is None:
            return (self.stage.artifact,) if self.fault else ()
        changed = [self.stage.artifact] if self.artifact.edited else []
        for name, digest in self.artifact.files.items():
            current = digest_if_there(self.subject, name)
            if current is not None and current != digest and current not in self.intended:
                changed.append(name)
        return tuple(changed)

    def endangered(self, files: Mapping[str, bytes]) -> list[str]:
        """What writing `files` and the stage's artifact would destroy of a person's work, as of now.

        A file is the machine's own if its bytes are those of the last receipt, of an interrupted write, or
        just what would be written.
        """
        current_artifact, fault = self._inspect()
        lost = [self.stage.artifact] if fault or (current_artifact and current_artifact.edited) else []
        receipt = self.artifact.files if self.artifact else {}
        for name, data in files.items():
            current = digest_if_there(self.subject, name)
            ours = {None, digest_bytes(data), receipt.get(name)} | self.intended
            if current not in ours:
                lost.append(name)
        return lost


def states(subject: SubjectT, stages: Sequence[Stage[SubjectT, Any]]) -> list[StageState]:
    """The state of each stage, in order. Reads only artifacts that changed since they were last read."""
    states_so_far: list[StageState] = []
    for stage in stages:
        run = StageRun(subject, stage)
        names = {need.name for need in stage.needs}
        waits = tuple(f"{s.stage} runs first" for s in states_so_far if s.stage in names and not s.settled)
        if run.artifact is None:
            states_so_far.append(StageState(stage.name, "missing", waits))
            continue
        reasons, edited = (*run.reasons, *waits), run.edited
        status: Status = "edited" if edited else "stale" if reasons else "fresh"
        states_so_far.append(StageState(stage.name, status, reasons, edited, run.artifact.unmatched))
    return states_so_far


# Telling a person's edits in outputs/ from the machine's own files, and never losing them.


def keep_aside(subject: Subject, folder: Path, names: Iterable[str]) -> list[tuple[str, str]]:
    """Copy files of a folder to inputs/NAME.edits/, under names that are free there: (name, copy).

    Call it under the lock, so that names stay free. Raises ArtifactError, PlaceError, OSError.
    """
    copies = []
    for name in names:
        copy, number = subject.edits / name, 1
        while os.path.lexists(copy):
            number += 1
            copy = subject.edits / f"{number}-{name}"
        try:
            data, mode = read_bytes(folder / name), (folder / name).stat().st_mode & 0o777
        except OSError as error:
            raise ArtifactError(
                f"was edited by hand, and no copy can be made of it ({error.strerror})",
                file=subject.workspace.relative(folder / name),
                remedy="Move it away, and run again.",
            ) from error
        subject.workspace.tree.write(copy, data, mode)
        copies.append((name, subject.workspace.relative(copy)))
    return copies


def digest_if_there(subject: Subject, name: str) -> str | None:
    path = subject.folder / name
    return subject.memory.digest(path) if path.is_file() else None


def intend(subject: Subject, files: Mapping[str, bytes]) -> None:
    """Note what is about to be written, so that after a kill it is not taken for a person's work."""
    digests = {*intended(subject), *map(digest_bytes, files.values())}
    subject.state.tree.write(subject.state.intent, json.dumps(sorted(digests)).encode())


def intended(subject: Subject) -> frozenset[str]:
    """Digests that an unfinished write meant to write; empty once its receipt is there."""
    try:
        return frozenset(json.loads(read_bytes(subject.state.intent)))
    except (OSError, ValueError, TypeError, RecursionError):
        return frozenset()


def settle(subject: Subject) -> None:
    """The receipt is written and tells the same; forget the intent."""
    subject.state.tree.remove(subject.state.intent)
