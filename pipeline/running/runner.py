"""Bringing a talk or a cohort up to date, stage by stage, without ever losing a person's work."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any, Generic

from pipeline.errors import ArtifactError, InputError
from pipeline.reporting import Reporter
from pipeline.running import artifacts, staleness
from pipeline.running.ownership import claim, held, tidy
from pipeline.running.stage_contract import Product, Stage, SubjectT, Upstream
from pipeline.running.staleness import StageRun
from pipeline.workspace import talks
from pipeline.workspace.receipts import Entry, made_from
from pipeline.workspace.talks import Source, Subject, Talk, Workspace

_COMPUTING = threading.Lock()  # a stage that computes has the cores to itself


@dataclass(frozen=True)
class Plan(Generic[SubjectT]):
    """Which stages to bring up to date, and the --set overrides.

    `force` runs fresh ones, too, and replaces files edited by hand, of which copies are kept. With `prompts`,
    another set than the talk's own, stages that all sets share are made even if not planned, where missing.
    `patience` is how many seconds to wait for a talk that another run holds.
    """

    stages: tuple[Stage[SubjectT, Any], ...]
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
        self.stage = str(stage)


def run_talk(source: Source, workspace: Workspace, plan: Plan[Talk], reporter: Reporter) -> Talk:
    """Load a talk and run the planned stages. Raises ConfigError, and what `run_stages` raises."""
    talk = talks.load(source, workspace, plan.overrides, plan.prompts)
    run_stages(talk, plan, reporter)
    return talk


def run_stages(subject: SubjectT, plan: Plan[SubjectT], reporter: Reporter) -> None:
    """Bring the planned stages of a talk or a cohort up to date, under its lock.

    Raises BusyError if another run holds it, InputError if its output folder belongs to another source,
    PlaceError, OSError, or StageError from whatever a stage raised; what was finished stays.
    """
    with held(subject, plan.patience):
        claim(subject)
        tidy(subject)
        for stage in plan.stages[-1].chain:
            try:
                run = StageRun(subject, stage, plan.force and stage in plan.stages)
                if stage in plan.stages or (plan.prompts and stage.shared and run.artifact is None):
                    bring_up_to_date(run, reporter, plan.force)
                else:
                    _use_as_it_is(run, reporter)
            except Exception as error:
                raise StageError(stage.name) from error


def _use_as_it_is(run: StageRun[SubjectT], reporter: Reporter) -> None:
    """A stage above the planned ones is not run, but a stale one is not passed over in silence."""
    if run.artifact is None:
        raise artifacts.absent_error(run.subject, run.stage)
    if run.reasons:
        why = "; ".join(run.reasons)
        reporter.warned(run.subject.name, run.stage.name, f"used as it is, though stale: {why}")


def bring_up_to_date(run: StageRun[SubjectT], reporter: Reporter, force: bool = False) -> tuple[str, ...]:
    """Run a stage if there are reasons to (or if forced), and return them; empty if it did not run.

    Raises ArtifactError if that would replace a file that a person edited and `force` is off, InputError if
    an input changed meanwhile, and whatever the stage raises.
    """
    subject, stage = run.subject, run.stage
    if not (reasons := run.reasons or ("forced",) * force):
        return ()
    if run.artifact and run.artifact.edited and not force:
        _refuse(run, [stage.artifact], reasons)  # before work is done in vain
    subject.workspace.tree.check_writable(artifacts.path_of(subject, stage).parent)
    if force and run.edited:
        subject.workspace.tree.check_writable(subject.edits)
    receipt, upstream = _receipt_and_upstream(run)
    with _computing(run) as waited:
        if waited:  # and what it is made of may have changed
            run.forget_receipt()
            receipt, upstream = _receipt_and_upstream(run)
        reporter.started(subject.name, stage.name, reasons)
        monitor, began = _Monitor(subject.name, stage.name, reporter), time.monotonic()
        product = stage.run(subject, upstream, monitor)
        seconds = time.monotonic() - began
        release_freed_memory()
    _refuse_changed(run, receipt)
    if lost := run.endangered(product.files):
        if not force:
            _refuse(run, lost, reasons)
        for name, copy in staleness.keep_aside(subject, artifacts.path_of(subject, stage).parent, lost):
            reporter.warned(subject.name, stage.name, f"{name} was edited by hand; a copy is in {copy}")
    _write(run, product)
    used = {"takeaways": version("takeaways"), **monitor.facts, "seconds": round(seconds, 3)}
    artifacts.save(subject, stage, made_from(receipt), used, product.record)
    if product.files:
        staleness.settle(subject)
    subject.memory.save()
    cost = monitor.facts.get("cost")
    reporter.finished(subject.name, stage.name, seconds, cost if isinstance(cost, float) else None)
    return reasons


def _receipt_and_upstream(run: StageRun[SubjectT]) -> tuple[Sequence[Entry], Upstream]:
    """The receipt, and only then the records that it is of: a change in between makes a stale result."""
    return run.receipt, artifacts.load_all(run.subject, run.stage.needs)


@contextmanager
def _computing(run: StageRun[SubjectT]) -> Iterator[bool]:
    """Hold the computing lock unless the stage waits for another machine. Yields whether it had to wait."""
    if run.stage.waits(run.subject):
        yield False
        return
    at_once = _COMPUTING.acquire(blocking=False)
    if not at_once:
        _COMPUTING.acquire()
    try:
        yield not at_once
    finally:
        _COMPUTING.release()


def _refuse_changed(run: StageRun[SubjectT], receipt: Sequence[Entry]) -> None:
    """Raises InputError if a file was changed while it was read: nobody knows what was made of it."""
    run.forget_receipt()
    for entry in receipt:
        if entry.file and entry not in run.receipt:
            raise InputError(
                f"changed while {run.stage.name} read it",
                file=entry.file,
                remedy="Run again when it is complete.",
            )


def _refuse(run: StageRun[SubjectT], edited: Sequence[str], reasons: Sequence[str]) -> None:
    subject, stage = run.subject, run.stage
    aside, folder = subject.workspace.relative(subject.edits), artifacts.path_of(subject, stage).parent
    again = f"{subject.rerun_command(stage.name)} --force"
    raise ArtifactError(
        f"edited by hand, and {stage.name} would replace it ({'; '.join(reasons)})",
        file=", ".join(subject.workspace.relative(folder / name) for name in edited),
        remedy=f"Your edit is kept. {again} replaces it, after a copy went to {aside}/.",
    )


def _write(run: StageRun[SubjectT], product: Product[Any]) -> None:
    """Write the files of a product, and remove those of an earlier run that are no longer made."""
    subject, had = run.subject, run.artifact
    _refuse_folders(subject, product.files)
    if product.files:
        staleness.intend(subject, product.files)
    for name, data in product.files.items():
        subject.workspace.tree.write(subject.folder / name, data)
    for name, digest in (had.files if had else {}).items():
        if name not in product.files and staleness.digest_if_there(subject, name) == digest:
            subject.workspace.tree.remove(subject.folder / name)


def _refuse_folders(subject: Subject, names: Iterable[str]) -> None:
    """Raises InputError, before any file is written, if a folder has the name of one."""
    for path in (subject.folder / name for name in names):
        if path.is_dir() and not path.is_symlink():
            raise InputError(
                "is the folder of a talk, and a page is to have that name",
                file=subject.workspace.relative(path),
                remedy="Give the talk another name, and remove its folder in outputs/.",
            )


# What the C library keeps of freed memory.


def release_freed_memory() -> None:
    """Return freed memory to the system, where the C library can (glibc; elsewhere it does so by itself).

    Threads have heaps of their own there, in which what talks freed would only pile up.
    """
    if trim := _trim():
        trim(0)


def limit_heaps() -> None:
    """Have threads share two heaps, and give large arrays pages of their own, which go back when freed.

    Only threads that start later share heaps.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(_M_ARENA_MAX, 2)
        library.mallopt(_M_MMAP_THRESHOLD, 1 << 25)


_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # malloc.h


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
