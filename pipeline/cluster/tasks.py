"""What a worker of a Dask cluster does for a run.

Only plain data is exchanged, so that a worker with another version of this package can still say so.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, TypedDict

from pipeline.errors import unforeseen
from pipeline.running.batch import Failure, run_one
from pipeline.running.runner import Plan
from pipeline.stages import STAGES
from pipeline.workspace.talks import Source, Workspace

LOCK_TIMEOUT_SECONDS = 120.0  # network file systems are slow to release the lock of a killed worker
_REPORT_SECONDS = 1.0  # how often progress is reported and the marker checked


class Task(TypedDict):
    """A group of a talk's stages to bring up to date; `group` is its index in the talk.

    `marker` is a file that exists for as long as the run lasts. `version` is the client's.
    """

    version: str
    marker: str
    topic: str
    root: str
    talk: str
    path: str
    group: int
    stages: list[str]
    force: bool
    overrides: list[dict[str, Any]]
    prompts: str | None


class Outcome(TypedDict):
    """The result of a task, and its worker (address, `name`); empty `stage` and `reason` if it is done."""

    state: Literal["done", "failed", "unfit"]
    group: int
    worker: str
    name: str
    stage: str
    reason: str


class _Stopped(BaseException):
    """The run has ended. Not an Exception, so that no stage handles it as an error of its own."""


def perform(task: Task, earlier: Outcome | None = None) -> Outcome:
    """Bring a group of stages up to date. If `earlier`, the group before it, is not done, return that."""
    from distributed import get_worker

    if earlier and earlier["state"] != "done":
        return earlier
    worker = get_worker()
    outcome = Outcome(
        state="done", group=task["group"], worker=worker.address, name=str(worker.name), stage="", reason=""
    )
    if reason := _unfit_reason(task):
        return {**outcome, "state": "unfit", "reason": reason}
    stages = tuple(stage for stage in STAGES if stage.name in task["stages"])
    plan = Plan(stages, task["force"], tuple(task["overrides"]), task["prompts"], LOCK_TIMEOUT_SECONDS)
    source = Source(task["talk"], Path(task["path"]))
    reporter = _EventReporter(task, worker)
    try:
        failure = run_one(source, Workspace(Path(task["root"])), plan, reporter)
    except _Stopped:
        failure = Failure(source.name, reporter.stage, "stopped, since the run that asked for it has ended.")
    if failure is None:
        return outcome
    reason = _describe_bug(failure.bug, worker.name) if failure.bug else failure.reason
    return {**outcome, "state": "failed", "stage": failure.stage, "reason": reason}


def _unfit_reason(task: Task) -> str | None:
    """Why this worker cannot run the task; None if it can."""
    try:
        installed = version("takeaways")
    except PackageNotFoundError:
        installed = "of unknown version"
    if installed != task["version"]:
        return f"it has takeaways {installed}, here is {task['version']}"
    try:
        Path(task["marker"]).stat()
    except OSError:
        return f"it does not see the folder {task['root']}"
    return None


def _describe_bug(bug: BaseException, worker: str) -> str:
    """A bug and its location, as text: the exception itself may not survive pickling."""
    last_frame = traceback.extract_tb(bug.__traceback__)[-1:]
    location = "".join(f", {Path(frame.filename).name} line {frame.lineno}" for frame in last_frame)
    return f"{unforeseen(bug)} (worker {worker}{location})."


class _EventReporter:
    """A Reporter that relays events to the client, and stops the talk's stages once the run has ended."""

    def __init__(self, task: Task, worker: Any) -> None:
        self.stage = "start"
        self._topic, self._marker, self._worker = task["topic"], Path(task["marker"]), worker
        self._next_report = 0.0

    def planned(self, talks: Sequence[str]) -> None:
        pass

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        self.stage, self._next_report = str(stage), 0.0
        self._check_marker()
        self._log_event(talk, "started", stage, list(reasons))

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        if time.monotonic() >= self._next_report:
            self._next_report = time.monotonic() + _REPORT_SECONDS
            self._check_marker()
            self._log_event(talk, "progress", stage, float(reached), None if total is None else float(total))

    def noted(self, talk: str, stage: str, message: str) -> None:
        self._log_event(talk, "noted", stage, message)

    def warned(self, talk: str, stage: str, message: str) -> None:
        self._log_event(talk, "warned", stage, message)

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        self._log_event(talk, "finished", stage, seconds, cost)

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        """Left to the client, which knows when all groups are done."""

    def _log_event(self, talk: str, call: str, stage: str, *rest: Any) -> None:
        arguments = [str(stage), *rest]  # a plain string: the scheduler need not know what a StageName is
        self._worker.log_event(self._topic, {"talk": talk, "call": call, "arguments": arguments})

    def _check_marker(self) -> None:
        try:
            self._marker.stat()
        except FileNotFoundError:
            raise _Stopped from None
        except OSError:
            pass  # a hiccup of the file server does not mean that the run has ended
