"""What a worker of a Dask cluster does for a run.

Plain data goes to and fro, so that a worker that has another version of this package can still say so.
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

PATIENCE = 120.0  # seconds; network file systems take their time to release the lock of a killed worker
_EVERY = 1.0  # seconds between two reports of a stage's progress, and two looks at the marker


class Order(TypedDict):
    """Some of a talk's stages, to be brought up to date; `group` counts such parts of a talk.

    `marker` is a file that is there as long as the run goes on. `version` is the client's.
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
    """What came of an order, and where. `stage` and `reason` are told of what is not done."""

    state: Literal["done", "failed", "unfit"]
    group: int
    worker: str
    name: str
    stage: str
    reason: str


class _Stopped(BaseException):
    """The run has ended. No Exception, so that no stage takes it for trouble of its own."""


def perform(order: Order, earlier: Outcome | None = None) -> Outcome:
    """Bring a group of stages up to date; hand on what `earlier`, the group before it, failed of."""
    from distributed import get_worker

    if earlier and earlier["state"] != "done":
        return earlier
    worker = get_worker()
    outcome = Outcome(
        state="done", group=order["group"], worker=worker.address, name=str(worker.name), stage="", reason=""
    )
    if reason := _unfit(order):
        return {**outcome, "state": "unfit", "reason": reason}
    planned = tuple(stage for stage in STAGES if stage.name in order["stages"])
    plan = Plan(planned, order["force"], tuple(order["overrides"]), order["prompts"], PATIENCE)
    source = Source(order["talk"], Path(order["path"]))
    teller = _Teller(order, worker)
    try:
        failure = run_one(source, Workspace(Path(order["root"])), plan, teller)
    except _Stopped:
        failure = Failure(source.name, teller.stage, "stopped, since the run that asked for it has ended.")
    if failure is None:
        return outcome
    reason = _told(failure.bug, worker.name) if failure.bug else failure.reason
    return {**outcome, "state": "failed", "stage": failure.stage, "reason": reason}


def _unfit(order: Order) -> str | None:
    """Why this worker must not do it, None if it may."""
    try:
        here = version("takeaways")
    except PackageNotFoundError:
        here = "of unknown version"
    if here != order["version"]:
        return f"it has takeaways {here}, here is {order['version']}"
    try:
        Path(order["marker"]).stat()
    except OSError:
        return f"it does not see the folder {order['root']}"
    return None


def _told(bug: BaseException, worker: str) -> str:
    """A bug and where it is; the exception itself need not survive the way to the client."""
    last = traceback.extract_tb(bug.__traceback__)[-1:]
    where = "".join(f", {Path(frame.filename).name} line {frame.lineno}" for frame in last)
    return f"{unforeseen(bug)} (worker {worker}{where})."


class _Teller:
    """A Reporter that passes on to the client what a talk's stages tell, and ends them with the run."""

    def __init__(self, order: Order, worker: Any) -> None:
        self.stage = "start"
        self._topic, self._marker, self._worker = order["topic"], Path(order["marker"]), worker
        self._next = 0.0

    def planned(self, talks: Sequence[str]) -> None:
        pass

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        self.stage, self._next = stage, 0.0
        self._go_on()
        self._tell(talk, "started", stage, list(reasons))

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            self._go_on()
            self._tell(talk, "progress", stage, float(reached), None if total is None else float(total))

    def noted(self, talk: str, stage: str, message: str) -> None:
        self._tell(talk, "noted", stage, message)

    def warned(self, talk: str, stage: str, message: str) -> None:
        self._tell(talk, "warned", stage, message)

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        self._tell(talk, "finished", stage, seconds, cost)

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        """The client tells, when all groups are in."""

    def _tell(self, talk: str, call: str, *told: Any) -> None:
        self._worker.log_event(self._topic, {"talk": talk, "call": call, "told": list(told)})

    def _go_on(self) -> None:
        try:
            self._marker.stat()
        except FileNotFoundError:
            raise _Stopped from None
        except OSError:
            pass  # a file server that hiccups has not ended the run
