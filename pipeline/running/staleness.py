"""Whether a stage has to run, and why: the receipt it would write now against the one on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.cohort.cohort_stages import COHORT, SITE
from pipeline.errors import InputError
from pipeline.running import artifacts, hand_edits
from pipeline.running.artifacts import Artifact
from pipeline.running.stage import Stage
from pipeline.stages import STAGES
from pipeline.workspace.talks import Talk

Status = Literal["fresh", "stale", "missing", "edited"]


@dataclass(frozen=True)
class State:
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


def made_from(stage: Stage, talk: Talk) -> dict[str, Any]:
    """What the stage would be made from now, entry by entry. Upstream artifacts must be there.

    Raises InputError if a file that the stage reads is gone.
    """
    try:
        entries = dict(stage.reads(talk))
    except FileNotFoundError as error:
        raise InputError(
            "the file is gone", file=error.filename, remedy="Put it back, or run its new name."
        ) from error
    for name in stage.needs:
        upstream = artifacts.inspect(talk, stage_named(name))
        entries[f"data of {name}"] = upstream.digest if upstream else None
    if settings := getattr(talk.settings, stage.name, None):
        entries |= {f"{stage.name}.{key}": value for key, value in settings.model_dump(mode="json").items()}
    return {"stage": f"{stage.name} v{stage.version}", **entries}


def stage_named(name: str) -> Stage:
    return next(stage for stage in (*STAGES, COHORT, SITE) if stage.name == name)


def differences(want: dict[str, Any], had: dict[str, Any]) -> tuple[str, ...]:
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


def reasons_to_run(talk: Talk, want: dict[str, Any], had: Artifact | None) -> tuple[str, ...]:
    """Why a stage must run; empty if it is fresh."""
    if had is None:
        return ("not made yet",)
    lines = list(differences(want, had.made_from))
    ours = hand_edits.intended(talk) if had.files else frozenset()
    for name, digest in had.files.items():
        now = hand_edits.digest_if_there(talk, name)
        if now is None:
            lines.append(f"{name} is missing")
        elif now != digest and now in ours:
            lines.append(f"{name} is from an interrupted run")
    return tuple(lines)


def states(talk: Talk, stages: Sequence[Stage] = STAGES) -> list[State]:
    """How each stage of a talk stands, in order. Reads no artifact that it has read before."""
    found: list[State] = []
    for stage in stages:
        had = artifacts.inspect(talk, stage)
        waits = [state.stage for state in found if state.stage in stage.needs and not state.settled]
        if had is None:
            found.append(State(stage.name, "missing", tuple(f"{name} runs first" for name in waits)))
            continue
        reasons = reasons_to_run(talk, made_from(stage, talk), had)
        reasons += tuple(f"{name} runs first" for name in waits)
        edited = hand_edits.edited_files(talk, stage, had)
        status: Status = "edited" if edited else "stale" if reasons else "fresh"
        found.append(State(stage.name, status, reasons, edited, tuple(had.unmatched)))
    return found
