"""Whether a stage has to run, and why: receipts on disk against those it would write now, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pipeline.digests import digest_bytes
from pipeline.errors import InputError
from pipeline.running import artifacts, hand_edits
from pipeline.running.artifacts import Artifact
from pipeline.running.stage_contract import Stage
from pipeline.workspace.talks import Talk

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
    unmatched: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Nothing to do: made from what is there now, edited by hand or not."""
        return self.status != "missing" and not self.reasons


class StageRun:
    """A stage of a talk at one moment: what it had, what it wants, and what was intended but not finished.

    Each is looked up when it is first asked for, and then kept; `forget_wanted` has what it wants looked up
    anew.
    """

    def __init__(self, talk: Talk, stage: Stage) -> None:
        self.talk, self.stage = talk, stage

    @cached_property
    def had(self) -> Artifact | None:
        """The artifact that is there, None if there is none. Raises ArtifactError."""
        return artifacts.inspect(self.talk, self.stage)

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """The receipt of what the stage would be made from now, entry by entry.

        Raises InputError if a file that the stage reads is gone, ArtifactError, ConfigError, ….
        """
        stage, talk = self.stage, self.talk
        try:
            entries = dict(stage.reads(talk))
        except FileNotFoundError as error:
            raise InputError(
                "the file is gone", file=error.filename, remedy="Put it back, or run its new name."
            ) from error
        for need in stage.needs:
            upstream = artifacts.inspect(talk, need)
            entries[f"data of {need.name}"] = upstream.digest if upstream else None
        if settings := getattr(talk.settings, stage.name, None):
            entries |= {
                f"{stage.name}.{key}": value for key, value in settings.model_dump(mode="json").items()
            }
        return {"stage": f"{stage.name} v{stage.version}", **entries}

    @cached_property
    def intended(self) -> frozenset[str]:
        """Digests of the files that an interrupted run of the talk meant to write."""
        return hand_edits.intended(self.talk)

    def forget_wanted(self) -> None:
        """Time has passed: what it wants may be something else now."""
        self.__dict__.pop("wanted", None)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the stage must run; empty if it is fresh."""
        if self.had is None:
            return ("not made yet",)
        lines = list(differences(self.wanted, self.had.made_from))
        for name, digest in self.had.files.items():
            current = hand_edits.digest_if_there(self.talk, name)
            if current is None:
                lines.append(f"{name} is missing")
            elif current != digest and current in self.intended:
                lines.append(f"{name} is from an interrupted run")
        return tuple(lines)

    @property
    def edited(self) -> tuple[str, ...]:
        """Files of the stage that a person changed: its artifact's data, or a rendered file."""
        if self.had is None:
            return ()
        changed = [self.stage.artifact] if self.had.edited else []
        for name, digest in self.had.files.items():
            current = hand_edits.digest_if_there(self.talk, name)
            if current is not None and current != digest and current not in self.intended:
                changed.append(name)
        return tuple(changed)

    def endangered(self, files: Mapping[str, bytes]) -> list[str]:
        """What writing `files` and the stage's artifact would destroy of a person's work, as of now.

        A file is the machine's own if its bytes are those of the last receipt, of an interrupted write, or
        just what would be written.
        """
        artifact = artifacts.inspect(self.talk, self.stage)
        lost = [self.stage.artifact] if artifact and artifact.edited else []
        receipt = self.had.files if self.had else {}
        for name, data in files.items():
            current = hand_edits.digest_if_there(self.talk, name)
            ours = {None, digest_bytes(data), receipt.get(name)} | self.intended
            if current not in ours:
                lost.append(name)
        return lost


def differences(want: Mapping[str, Any], had: Mapping[str, Any]) -> tuple[str, ...]:
    """The entries in which two receipts differ, as a person would say it."""
    lines = []
    for key in [*want, *(key for key in had if key not in want)]:
        if key not in had:
            lines.append(f"{key} is new")
        elif key not in want:
            lines.append(f"{key} is gone")
        elif want[key] != had[key]:
            lines.append(
                f"{key}: {had[key]} → {want[key]}" if _short(want[key], had[key]) else f"{key} changed"
            )
    return tuple(lines)


def _short(*values: Any) -> bool:
    return all(not str(value).startswith("sha256:") and len(str(value)) < 40 for value in values)


def states(talk: Talk, stages: Sequence[Stage]) -> list[StageState]:
    """The state of each stage, in order. Reads only artifacts that changed since they were last read."""
    states_so_far: list[StageState] = []
    for stage in stages:
        run = StageRun(talk, stage)
        names = {need.name for need in stage.needs}
        waits = tuple(f"{s.stage} runs first" for s in states_so_far if s.stage in names and not s.settled)
        if run.had is None:
            states_so_far.append(StageState(stage.name, "missing", waits))
            continue
        reasons, edited = (*run.reasons, *waits), run.edited
        status: Status = "edited" if edited else "stale" if reasons else "fresh"
        states_so_far.append(StageState(stage.name, status, reasons, edited, tuple(run.had.unmatched)))
    return states_so_far
