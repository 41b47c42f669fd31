"""Runs talks on a Dask cluster: submits a chain of tasks per talk, relays progress, collects the outcomes."""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.cluster import answers
from pipeline.cluster.answers import Answer, Inspector
from pipeline.cluster.connection import (
    RESUME_HINT,
    TIMEOUT_SECONDS,
    connected_client,
    explain_lost_task,
    run_marker,
    version_differences,
)
from pipeline.cluster.tasks import Task
from pipeline.reporting import Reporter
from pipeline.running.batch import Failure
from pipeline.running.runner import Plan
from pipeline.workspace.talks import Source, Talk, Workspace

_POLL_SECONDS = 2.0  # how often the list of workers is checked
_GRACE_SECONDS = 30.0  # how long a fit worker that went away may take to come back
_MAX_MESSAGES = 1000  # notes and warnings that are shown of a talk
_MAX_RETRIES = 100  # of a talk that workers refuse, or whose result is lost with them
_CONNECTION_LOST = "scheduler-connection-lost"  # Dask's own code for it
_LOG_REMEDY = "Look into the workers' logs, and run again."
_SETUP_REMEDY = "Mount the same folder at the same path on every worker, and install the same version there."

# Evaluated on the worker: the scheduler unpickles every task as well, and need not have this package.
_TASK_EXPRESSION = "__import__('pipeline.cluster.tasks', fromlist=['perform']).perform(task, earlier)"


def run_all(
    address: str,
    gpu: Sequence[str],
    sources: Sequence[Source],
    workspace: Workspace,
    plan: Plan[Talk],
    reporter: Reporter,
) -> list[Failure]:
    """Run every talk on the cluster and return the failures in the order of `sources`.

    `gpu` names the stages that ask for the resource GPU = 1. Raises ClusterError if no scheduler answers at
    `address`; if it goes away later, unfinished talks are failures.
    """
    with connected_client(address) as client, run_marker(workspace.root) as marker:
        return _Run(client, address, gpu, sources, workspace, plan, reporter, marker).finish()


@dataclass
class _Chain:
    """The submitted tasks of a talk, one for each group of stages from `first_group` on.

    The first task depends on `earlier`, a future, if there is one.
    """

    futures: list[Any] = field(default_factory=list)
    first_group: int = 0
    earlier: Any = None
    allowed_workers: list[set[str]] = field(default_factory=list)  # for each task; an empty set: all workers
    stage: str = "start"  # the last one reported
    messages: set[tuple[str, ...]] = field(default_factory=set)
    retries: int = 0


class _Run:
    """A run on the cluster. All work is done in the caller's thread: Dask's threads only fill the inbox."""

    def __init__(
        self,
        client: Any,
        address: str,
        gpu: Sequence[str],
        sources: Sequence[Source],
        workspace: Workspace,
        plan: Plan[Talk],
        reporter: Reporter,
        marker: Path,
    ) -> None:
        self._client, self._address, self._reporter = client, address, reporter
        self._sources = {source.name: source for source in sources}
        self._inspector = Inspector(workspace, plan)
        self._groups = [
            (on_gpu, [str(stage.name) for stage in stages])
            for on_gpu, stages in groupby(plan.stages, key=lambda stage: stage.name in gpu)
        ]
        self._token = marker.name
        self._task_template = Task(
            version=version("takeaways"),
            marker=str(marker),
            topic=f"takeaways-{marker.name}",
            root=str(workspace.root),
            talk="",
            path="",
            group=0,
            stages=[],
            force=plan.force,
            overrides=[dict(table) for table in plan.overrides],
            prompts=plan.prompts,
        )
        self._chains = {source.name: _Chain() for source in sources}
        self._failures: dict[str, Failure] = {}
        self._unfit: dict[str, tuple[str, str]] = {}  # by address: name, reason
        self._notes: set[str] = set()
        self._submitted = 0
        self._last_heard = float("-inf")  # when a fit worker last reported
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def finish(self) -> list[Failure]:
        """Run every talk and return the failures; if interrupted, cancel the unfinished tasks."""
        if differences := version_differences(self._client):
            self._reporter.warned("dask", self._address, f"the scheduler has {differences}")
        self._client.subscribe_topic(self._task_template["topic"], self._hear)
        try:
            for talk in list(self._chains):
                self._inspector.admit(self._sources[talk])
                self._submit(talk)
            next_check = 0.0
            while self._chains:
                if time.monotonic() >= next_check:
                    self._check_workers()
                    next_check = time.monotonic() + _POLL_SECONDS
                with suppress(queue.Empty):
                    message = self._inbox.get(timeout=max(0.0, next_check - time.monotonic()))
                    self._report(message) if isinstance(message, dict) else self._handle_done(message)
        finally:
            # First, since nothing else stops running tasks.
            Path(self._task_template["marker"]).unlink(missing_ok=True)
            if unfinished := [future for chain in self._chains.values() for future in chain.futures]:
                with suppress(Exception):
                    self._client.cancel(unfinished, force=True)
        return [self._failures[talk] for talk in self._sources if talk in self._failures]

    def _submit(self, talk: str, first_group: int = 0, earlier: Any = None) -> None:
        """Submit a talk's groups from `first_group` on, to workers that are not known to be unfit."""
        chain, workers = self._chains[talk], (self._workers() if self._unfit else None) or {}
        chain.first_group, chain.earlier, chain.allowed_workers, chain.futures = first_group, earlier, [], []
        allowed_by_group = []
        for on_gpu, _ in self._groups[first_group:]:
            candidates = {address for address, worker in workers.items() if not on_gpu or _has_gpu(worker)}
            if candidates and candidates <= self._unfit.keys():
                if time.monotonic() < self._last_heard + _GRACE_SECONDS:
                    return None  # a nanny may be about to restart a fit one
                reasons = [": ".join(self._unfit[address]) for address in sorted(candidates)]
                return self._end(talk, f"no worker can do it ({'; '.join(reasons)}). {_SETUP_REMEDY}")
            has_unfit = bool(candidates & self._unfit.keys())
            allowed_by_group.append(candidates - self._unfit.keys() if has_unfit else set())
        for group, allowed in enumerate(allowed_by_group, first_group):
            earlier = self._submit_group(talk, group, allowed, earlier)
            chain.futures.append(earlier)
        chain.allowed_workers = allowed_by_group
        return self._await(talk, earlier)

    def _resubmit(self, talk: str, index: int) -> None:
        """Submit a talk's tasks again from the one at `index` on, after the one before it."""
        chain = self._chains[talk]
        self._submit(talk, chain.first_group + index, chain.futures[index - 1] if index else chain.earlier)

    def _await(self, talk: str, future: Any) -> None:
        future.add_done_callback(lambda finished: self._inbox.put((talk, finished)))

    def _submit_group(self, talk: str, group: int, allowed: set[str], earlier: Any) -> Any:
        on_gpu, stages = self._groups[group]
        path = str(self._sources[talk].path)
        task = self._task_template | {"talk": talk, "path": path, "group": group, "stages": stages}
        self._submitted += 1
        return self._client.submit(
            eval,
            _TASK_EXPRESSION,
            {"task": task, "earlier": earlier},
            key=f"{'+'.join(stages)} {talk} {self._submitted}-{self._token}",
            resources={"GPU": 1} if on_gpu else None,
            workers=sorted(allowed) or None,
            pure=False,
        )

    def _hear(self, event: tuple[float, Any]) -> None:
        """Called in Dask's thread."""
        if isinstance(event[1], dict):
            self._inbox.put(event[1])

    def _report(self, message: dict[Any, Any]) -> None:
        """Relay an event; notes and warnings once only, though a task may run twice or in parts."""
        event = answers.read_event(message)
        chain = self._chains.get(event.talk) if event else None
        if event is None or chain is None:
            return
        self._last_heard = time.monotonic()
        if event.call in ("noted", "warned"):
            told = (event.call, *event.arguments)
            if told in chain.messages or len(chain.messages) >= _MAX_MESSAGES:
                return
            chain.messages.add(told)
        elif event.call == "started":
            chain.stage = event.arguments[0]
        getattr(self._reporter, event.call)(event.talk, *event.arguments)

    def _handle_done(self, ending: tuple[str, Any]) -> None:
        """Handle the end of a talk's last task."""
        talk, future = ending
        if talk not in self._chains or self._chains[talk].futures[-1:] != [future]:
            return None
        try:
            # Not raised, since it may be a KeyboardInterrupt.
            error = future.exception(timeout=TIMEOUT_SECONDS)
            if error is None:
                return self._handle_answer(talk, answers.read_answer(future.result(timeout=TIMEOUT_SECONDS)))
        except Exception as caught:
            error = caught
        if future.cancelled():
            self._end(talk, self._drop_reason(answers.cut(getattr(error, "reason", "cancelled"))))
        elif future.status != "error" and self._may_retry(talk):  # lost with a worker, and computed again
            self._await(talk, future)
        elif answers.lacks_package(error):
            self._exclude_mismatched(talk)
        else:
            self._end(talk, explain_lost_task(answers.in_words(error)))
        return None

    def _may_retry(self, talk: str) -> bool:
        self._chains[talk].retries += 1
        return self._chains[talk].retries <= _MAX_RETRIES

    def _handle_answer(self, talk: str, answer: Answer | None) -> None:
        if answer is None or answer.group >= len(self._groups):
            self._end(talk, f"a worker answered what no task answers. {_LOG_REMEDY}")
        elif answer.state == "unfit" and self._may_retry(talk):
            self._exclude(answer.worker, answer.name, answer.reason)
            self._submit(talk, answer.group)
        elif answer.state != "done":
            self._end(talk, answer.reason, answer.stage)
        elif fault := self._inspector.fault(self._sources[talk]):
            self._end(
                talk, f"worker {answer.name} says that it is done, but: {fault.rstrip('.')}. {_LOG_REMEDY}"
            )
        else:
            self._end(talk)

    def _end(self, talk: str, reason: str | None = None, stage: str | None = None) -> None:
        chain = self._chains.pop(talk)  # releases the futures, so the cluster forgets the results
        if reason is None:
            self._reporter.ended(talk)
        else:
            self._failures[talk] = failure = Failure(talk, stage or chain.stage, reason)
            self._reporter.ended(talk, failure.stage, reason)

    def _exclude(self, worker: str, name: str, reason: str) -> None:
        if worker not in self._unfit:
            self._unfit[worker] = name, reason
            self._reporter.warned("dask", f"worker {name}", f"left out: {reason}. {_SETUP_REMEDY}")

    def _exclude_mismatched(self, talk: str) -> None:
        """A worker could not import this package: find and exclude those without our version of it."""
        versions_by_worker: dict[str, Any] = {}
        with suppress(Exception):
            message = {"op": "versions", "packages": ["takeaways"]}
            broadcast = self._client.scheduler.broadcast
            versions_by_worker = self._call_scheduler(broadcast, msg=message, on_error="ignore")
        known_unfit = len(self._unfit)
        for worker, versions in versions_by_worker.items():
            packages = versions.get("packages") if isinstance(versions, dict) else None
            installed = packages.get("takeaways") if isinstance(packages, dict) else None
            if versions and installed != self._task_template["version"]:
                problem = (
                    f"has takeaways {answers.cut(installed)}" if installed else "does not have takeaways"
                )
                self._exclude(worker, worker, f"it {problem}, here is {self._task_template['version']}")
        chain = self._chains[talk]
        index = next((index for index, future in enumerate(chain.futures) if future.status == "error"), 0)
        if len(self._unfit) > known_unfit or (self._unfit and not chain.allowed_workers[index]):
            self._resubmit(talk, index)
        else:
            self._end(talk, f"a worker cannot import takeaways. {_SETUP_REMEDY}")

    def _check_workers(self) -> None:
        """Note what workers are missing; resubmit the tasks whose allowed workers have all left."""
        if self._client.status not in ("running", "connecting"):
            for talk in list(self._chains):
                self._end(talk, self._drop_reason(_CONNECTION_LOST))
            return None
        workers = self._workers()
        if workers is None:  # if it is gone for good, the futures will say so
            return self._note("the scheduler does not answer: waiting")
        if not workers:
            self._note("no workers yet: waiting")
        elif any(on_gpu for on_gpu, _ in self._groups) and not any(map(_has_gpu, workers.values())):
            self._note("no worker offers a GPU (dask worker --resources GPU=1): waiting")
        for talk, chain in list(self._chains.items()):
            if not chain.futures:
                self._resubmit(talk, 0)
                continue
            tasks = zip(chain.allowed_workers, chain.futures, strict=True)
            for index, (allowed, future) in enumerate(tasks):
                if allowed and not allowed & workers.keys() and not future.done():
                    self._resubmit(talk, index)
                    break
        return None

    def _note(self, message: str) -> None:
        if message not in self._notes:
            self._notes.add(message)
            self._reporter.noted("dask", self._address, message)

    def _call_scheduler(self, call: Any, **arguments: Any) -> Any:
        return self._client.sync(call, callback_timeout=TIMEOUT_SECONDS, **arguments)

    def _workers(self) -> dict[str, Any] | None:
        try:
            workers: dict[str, Any] = self._call_scheduler(self._client.scheduler.identity)["workers"]
        except Exception:
            return None
        return workers

    def _drop_reason(self, reason: str) -> str:
        lost = f"the connection to the scheduler at {self._address} was lost"
        cause = lost if reason == _CONNECTION_LOST else f"the cluster dropped it ({reason})"
        return f"{cause}. {RESUME_HINT}"


def _has_gpu(worker: dict[str, Any]) -> bool:
    return bool(worker["resources"].get("GPU"))
