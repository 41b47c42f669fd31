"""Bringing one talk up to date, stage by stage, without ever losing a person's work."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Protocol

from pipeline import artifacts, freshness, talks
from pipeline.artifacts import Artifact
from pipeline.digests import digest_bytes
from pipeline.errors import ArtifactError, BusyError
from pipeline.files import remove_leftovers, write_atomically
from pipeline.stage import Product, Stage, Upstream
from pipeline.stages import STAGES
from pipeline.talks import Source, Talk, Workspace


class Reporter(Protocol):
    """Who is told how a run goes; only the command line prints."""

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None: ...

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None: ...

    def warned(self, talk: str, stage: str, message: str) -> None: ...

    def finished(self, talk: str, stage: str, seconds: float) -> None: ...


@dataclass(frozen=True)
class Plan:
    """Which stages to bring up to date, whether fresh ones run too, and the --set overrides."""

    stages: tuple[Stage, ...] = STAGES
    force: bool = False
    overrides: tuple[Mapping[str, Any], ...] = ()


@dataclass
class _Monitor:
    """What a stage tells, passed on to the reporter with the talk's and the stage's name."""

    talk: str
    stage: str
    reporter: Reporter
    facts: dict[str, str | float] = field(default_factory=dict)

    def progress(self, reached: float, total: float | None) -> None:
        self.reporter.progress(self.talk, self.stage, reached, total)

    def warn(self, message: str) -> None:
        self.reporter.warned(self.talk, self.stage, message)

    def used(self, **facts: str | float) -> None:
        self.facts.update(facts)


class StageError(Exception):
    """Names the stage in which the exception that caused this one was raised."""

    def __init__(self, stage: str) -> None:
        super().__init__(stage)
        self.stage = stage


def run_talk(source: Source, workspace: Workspace, plan: Plan, reporter: Reporter) -> Talk:
    """Bring the planned stages of a talk up to date, under the talk's lock.

    Raises ConfigError, BusyError if another run holds the talk, or StageError from whatever a stage
    raised; what was finished stays.
    """
    from filelock import FileLock, Timeout

    talk = talks.load(source, workspace, plan.overrides)
    lock = workspace.state(talk.name, ".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            remove_leftovers(talk.folder)
            _run_stages(talk, plan, reporter)
    except Timeout as error:
        raise BusyError(
            "another run is working on this talk", file=source.name, remedy="Wait for it to end."
        ) from error
    finally:
        talk.memory.save()
    return talk


def _run_stages(talk: Talk, plan: Plan, reporter: Reporter) -> None:
    for stage in STAGES[: STAGES.index(plan.stages[-1]) + 1]:
        try:
            if stage in plan.stages:
                bring_up_to_date(stage, talk, reporter, plan.force)
            else:
                _use_as_it_is(stage, talk, reporter)
        except Exception as error:
            raise StageError(stage.name) from error


def _use_as_it_is(stage: Stage, talk: Talk, reporter: Reporter) -> None:
    """A stage above the planned ones is not run, but a stale one is not passed over in silence."""
    artifacts.load(talk, stage)
    want, had = freshness.made_from(stage, talk), artifacts.inspect(talk, stage)
    if reasons := freshness.reasons_to_run(talk, want, had):
        reporter.warned(talk.name, stage.name, f"used as it is, though stale: {'; '.join(reasons)}")


def bring_up_to_date(stage: Stage, talk: Talk, reporter: Reporter, force: bool = False) -> tuple[str, ...]:
    """Run a stage if its receipt would differ (or if forced), and return why it ran.

    Raises ArtifactError if that would replace a file that a person edited and `force` is off.
    """
    upstream = Upstream(tuple(artifacts.load(talk, freshness.stage_named(name)) for name in stage.needs))
    want = freshness.made_from(stage, talk)
    had = artifacts.inspect(talk, stage)
    reasons = freshness.reasons_to_run(talk, want, had)
    if not reasons and not force:
        return ()
    reasons = reasons or ("forced",)
    edited = freshness.edited_files(stage, talk, had)
    if edited and force:
        _keep_aside(talk, edited)
    elif stage.artifact in edited:
        _refuse(talk, stage, edited, reasons)
    reporter.started(talk.name, stage.name, reasons)
    monitor, began = _Monitor(talk.name, stage.name, reporter), time.monotonic()
    product = stage.run(talk, upstream, monitor)
    seconds = time.monotonic() - began
    if not force and (differing := [name for name in edited if _would_change(talk, name, product)]):
        _refuse(talk, stage, differing, reasons)
    _write(talk, stage, product, had)
    used = {"takeaways": version("takeaways"), **monitor.facts, "seconds": round(seconds, 3)}
    artifacts.save(talk, stage, want, used, product.record)
    talk.memory.save()
    reporter.finished(talk.name, stage.name, seconds)
    return reasons


def _would_change(talk: Talk, name: str, product: Product) -> bool:
    return name in product.files and talk.memory.digest(talk.folder / name) != digest_bytes(
        product.files[name]
    )


def _refuse(talk: Talk, stage: Stage, edited: Sequence[str], reasons: Sequence[str]) -> None:
    edits = talk.workspace.relative(talk.edits)
    raise ArtifactError(
        f"edited by hand, and {stage.name} would replace it ({'; '.join(reasons)})",
        file=", ".join(talk.workspace.relative(talk.folder / name) for name in edited),
        remedy=f"Your edit is kept. To replace it, add --force; a copy then goes to {edits}/.",
    )


def _keep_aside(talk: Talk, edited: Sequence[str]) -> None:
    talk.edits.mkdir(parents=True, exist_ok=True)
    for name in edited:
        copy, number = talk.edits / name, 1
        while copy.exists():
            number += 1
            copy = talk.edits / f"{number}-{name}"
        shutil.copy2(talk.folder / name, copy)


def _write(talk: Talk, stage: Stage, product: Product, had: Artifact | None) -> None:
    """Write the files of a product, and remove those of an earlier run that are no longer made."""
    for name, data in product.files.items():
        talk.memory.intend(talk.folder / name, digest_bytes(data))
    talk.memory.save()
    for name, data in product.files.items():
        write_atomically(talk.folder / name, data)
    for name, digest in (had.files if had else {}).items():
        path = talk.folder / name
        if name not in product.files and path.is_file() and talk.memory.digest(path) == digest:
            path.unlink()
