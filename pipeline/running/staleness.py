"""Whether a stage has to run, and why: receipts on disk against those it would write now, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal

from pipeline.digests import digest_bytes
from pipeline.errors import InputError
from pipeline.records import Unmatched
from pipeline.running import artifacts, hand_edits
from pipeline.running.artifacts import Artifact
from pipeline.running.stage_contract import Stage, SubjectT
from pipeline.workspace.receipts import Entry, differences, stated

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
    """

    def __init__(self, subject: SubjectT, stage: Stage[SubjectT, Any]) -> None:
        self.subject, self.stage = subject, stage

    @cached_property
    def artifact(self) -> Artifact | None:
        """The artifact that is there, None if there is none. Raises ArtifactError."""
        return artifacts.inspect(self.subject, self.stage)

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
            Entry("stage", f"{stage.name} v{stage.version}"),
            *inputs,
            *(Entry(f"data of {need.name}", upper.digest if upper else None) for need, upper in above),
            *stated(stage.name, table.receipt() if table else {}),
        )

    @cached_property
    def intended(self) -> frozenset[str]:
        """Digests of the files that an interrupted run meant to write."""
        return hand_edits.intended(self.subject)

    def forget_receipt(self) -> None:
        """Time has passed: it may be made from something else now."""
        self.__dict__.pop("receipt", None)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the stage must run; empty if it is fresh."""
        if self.artifact is None:
            return ("not made yet",)
        lines = [str(change) for change in differences(self.receipt, self.artifact.made_from)]
        for name, digest in self.artifact.files.items():
            current = hand_edits.digest_if_there(self.subject, name)
            if current is None:
                lines.append(f"{name} is missing")
            elif current != digest and current in self.intended:
                lines.append(f"{name} is from an interrupted run")
        return tuple(lines)

    @property
    def edited(self) -> tuple[str, ...]:
        """Files of the stage that a person changed: its artifact's data, or a rendered file."""
        if self.artifact is None:
            return ()
        changed = [self.stage.artifact] if self.artifact.edited else []
        for name, digest in self.artifact.files.items():
            current = hand_edits.digest_if_there(self.subject, name)
            if current is not None and current != digest and current not in self.intended:
                changed.append(name)
        return tuple(changed)

    def endangered(self, files: Mapping[str, bytes]) -> list[str]:
        """What writing `files` and the stage's artifact would destroy of a person's work, as of now.

        A file is the machine's own if its bytes are those of the last receipt, of an interrupted write, or
        just what would be written.
        """
        current_artifact = artifacts.inspect(self.subject, self.stage)
        lost = [self.stage.artifact] if current_artifact and current_artifact.edited else []
        receipt = self.artifact.files if self.artifact else {}
        for name, data in files.items():
            current = hand_edits.digest_if_there(self.subject, name)
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
