"""Bringing one talk up to date, stage by stage, without ever losing a person's work."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import ArtifactError, BusyError, InputError
from pipeline.files import remove_leftovers, remove_leftovers_of, write_atomically
from pipeline.reporting import Reporter
from pipeline.running import artifacts, hand_edits, heap, staleness
from pipeline.running.artifacts import Artifact
from pipeline.running.stage import Product, Stage
from pipeline.stages import STAGES
from pipeline.workspace import sidecars, talks
from pipeline.workspace.media import is_tracks
from pipeline.workspace.talks import Source, Talk, Workspace

# What is remembered of a talk, beside its lock: see Workspace.state.
STATES = (".json", ".source", ".writing", ".voices.npz", ".vectors.npz", ".excerpt.json", ".compare")
_COMPUTING = threading.Lock()  # a stage that computes has the cores to itself


@dataclass(frozen=True)
class Plan:
    """Which stages to bring up to date, whether fresh ones run too, and the --set overrides.

    With `prompts`, another set than the talk's own, what all sets share is made only if it is missing.
    `patience` is how many seconds to wait for a talk that another run holds.
    """

    stages: tuple[Stage, ...] = STAGES
    force: bool = False
    overrides: tuple[Mapping[str, Any], ...] = ()
    prompts: str | None = None
    patience: float = 0.0


@dataclass
class _Monitor:
    """What a stage tells, passed on to the reporter with the talk's and the stage's name."""

    talk: str
    stage: str
    reporter: Reporter
    facts: dict[str, str | float] = field(default_factory=dict)

    def progress(self, reached: float, total: float | None) -> None:
        self.reporter.progress(self.talk, self.stage, reached, total)

    def note(self, message: str) -> None:
        self.reporter.noted(self.talk, self.stage, message)

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
    talk = talks.load(source, workspace, plan.overrides, plan.prompts)
    with held(talk, plan.patience):
        claim(talk)
        tidy(talk)
        _run_stages(talk, plan, reporter)
    return talk


@contextmanager
def held(talk: Talk, patience: float = 0.0) -> Iterator[None]:
    """Hold the talk's lock, and keep what was learnt of its files.

    Raises BusyError if another run still has it after `patience` seconds.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(talk.workspace.state(talk.name, ".lock"))
    Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise BusyError(
            "another run is working on this talk", file=talk.name, remedy="Wait for it to end."
        ) from error
    try:
        yield
    finally:
        lock.release()
        talk.memory.save()


def claim(talk: Talk) -> None:
    """An output folder belongs to one source; another one of the same name must not replace its post.

    Raises InputError.
    """
    note = talk.workspace.state(talk.name, ".source")
    root = talk.workspace.root
    said = note.read_bytes() if note.is_file() else b""
    owner = root / os.fsdecode(said)
    if _there(owner) and owner.with_suffix("") != talk.source.with_suffix(""):
        raise InputError(
            f"has the same output folder as {owner}: outputs/{talk.name}",
            file=talk.source,
            remedy="Rename one of the two.",
        )
    inside = talk.source.is_relative_to(root)  # so that a workspace can be moved
    own = talk.source.relative_to(root) if inside else talk.source
    if said != os.fsencode(own):
        write_atomically(note, os.fsencode(own))


def _there(owner: Path) -> bool:
    """Whether what a note calls the owner of a folder is a source that is there; the note may be damaged."""
    try:
        if owner.name == sidecars.COHORT:
            return owner.parent.is_dir()
        return owner.is_file() or is_tracks(owner)
    except OSError:  # no name at all
        return False


def tidy(talk: Talk) -> None:
    """Remove what killed runs of this talk left behind. Call it under the talk's lock. Raises OSError."""
    for folder in {talk.home, talk.folder, talk.workspace.replies(talk.name)}:
        remove_leftovers(folder)
    for suffix in STATES:
        remove_leftovers_of(talk.workspace.state(talk.name, suffix))


def _run_stages(talk: Talk, plan: Plan, reporter: Reporter) -> None:
    for stage in STAGES[: STAGES.index(plan.stages[-1]) + 1]:
        try:
            missing = plan.prompts and stage.shared and artifacts.inspect(talk, stage) is None
            if stage in plan.stages or missing:
                bring_up_to_date(stage, talk, reporter, plan.force)
            else:
                _use_as_it_is(stage, talk, reporter)
        except Exception as error:
            raise StageError(stage.name) from error


def _use_as_it_is(stage: Stage, talk: Talk, reporter: Reporter) -> None:
    """A stage above the planned ones is not run, but a stale one is not passed over in silence."""
    had = artifacts.inspect(talk, stage)
    if had is None:
        raise artifacts.absent(talk, stage)
    if reasons := staleness.reasons_to_run(talk, staleness.made_from(stage, talk), had):
        reporter.warned(talk.name, stage.name, f"used as it is, though stale: {'; '.join(reasons)}")


def bring_up_to_date(stage: Stage, talk: Talk, reporter: Reporter, force: bool = False) -> tuple[str, ...]:
    """Run a stage if its receipt would differ (or if forced), and return why it ran.

    Raises ArtifactError if that would replace a file that a person edited and `force` is off.
    """
    had = artifacts.inspect(talk, stage)
    want = staleness.made_from(stage, talk)
    reasons = staleness.reasons_to_run(talk, want, had)
    if not reasons and not force:
        return ()
    reasons = reasons or ("forced",)
    if had and had.edited and not force:
        _refuse(talk, stage, [stage.artifact], reasons)  # before work is done in vain
    upstream = artifacts.load_all(talk, [staleness.stage_named(name) for name in stage.needs])
    with nullcontext() if stage.waits(talk) else _COMPUTING:
        want = staleness.made_from(stage, talk)  # it may have changed while others computed
        reporter.started(talk.name, stage.name, reasons)
        monitor, began = _Monitor(talk.name, stage.name, reporter), time.monotonic()
        product = stage.run(talk, upstream, monitor)
        seconds = time.monotonic() - began
        heap.give_back()
    _refuse_changed(stage, talk, want)
    if lost := hand_edits.endangered(talk, stage, product.files, had):
        if not force:
            _refuse(talk, stage, lost, reasons)
        for name, copy in hand_edits.keep_aside(talk, artifacts.path_of(talk, stage).parent, lost):
            reporter.warned(talk.name, stage.name, f"{name} was edited by hand; a copy is in {copy}")
    _write(talk, product, had)
    used = {"takeaways": version("takeaways"), **monitor.facts, "seconds": round(seconds, 3)}
    artifacts.save(talk, stage, want, used, product.record)
    if product.files:
        hand_edits.settle(talk)
    talk.memory.save()
    cost = monitor.facts.get("cost")
    reporter.finished(talk.name, stage.name, seconds, cost if isinstance(cost, float) else None)
    return reasons


def _refuse_changed(stage: Stage, talk: Talk, want: Mapping[str, Any]) -> None:
    """Raises InputError if a file was changed while it was read: nobody knows what was made of it."""
    now = staleness.made_from(stage, talk)
    for key in want:
        if key.startswith("file ") and now.get(key) != want[key]:
            raise InputError(
                f"changed while {stage.name} read it",
                file=talk.source.parent / key.removeprefix("file "),
                remedy="Run again when it is complete.",
            )


def _refuse(talk: Talk, stage: Stage, edited: Sequence[str], reasons: Sequence[str]) -> None:
    aside, folder = talk.workspace.relative(talk.edits), artifacts.path_of(talk, stage).parent
    cohort = f"takeaways cohort {talk.workspace.relative(talk.source.parent)}"
    again = f"{f'--from {stage.name}' if stage in STAGES else cohort} --force"
    raise ArtifactError(
        f"edited by hand, and {stage.name} would replace it ({'; '.join(reasons)})",
        file=", ".join(talk.workspace.relative(folder / name) for name in edited),
        remedy=f"Your edit is kept. {again} replaces it, after a copy went to {aside}/.",
    )


def _write(talk: Talk, product: Product, had: Artifact | None) -> None:
    """Write the files of a product, and remove those of an earlier run that are no longer made."""
    if product.files:
        hand_edits.intend(talk, product.files)
    for name, data in product.files.items():
        if (talk.folder / name).is_dir():
            raise InputError(
                "is the folder of a talk, and a page is to have that name",
                file=talk.workspace.relative(talk.folder / name),
                remedy="Give the talk another name, and remove its folder in outputs/.",
            )
        write_atomically(talk.folder / name, data)
    for name, digest in (had.files if had else {}).items():
        if name not in product.files and hand_edits.digest_if_there(talk, name) == digest:
            (talk.folder / name).unlink()
