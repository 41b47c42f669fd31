"""Talks on a Dask cluster that the user has: a chain of tasks a talk, what they tell, what came of them."""

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

from pipeline.cluster.connection import CONNECT, KEPT, connected, lost, other_versions, sign_of_life
from pipeline.cluster.tasks import Order, Outcome
from pipeline.reporting import Reporter
from pipeline.running.batch import Failure
from pipeline.running.runner import Plan
from pipeline.workspace.talks import Source, Workspace

_LOOK = 2.0  # seconds between two looks at which workers there are
_GRACE = 30.0  # seconds to wait for a fit worker where there was one
_LOST = "scheduler-connection-lost"  # in Dask's words
_REMEDY = "Mount the same folder at the same path on every worker, and install the same version there."

# Evaluated by the worker, since the scheduler, too, unpickles every task, and need not have this package.
_ERRAND = "__import__('pipeline.cluster.tasks', fromlist=['perform']).perform(order, earlier)"


def run_all(
    address: str,
    gpu: Sequence[str],
    sources: Sequence[Source],
    workspace: Workspace,
    plan: Plan,
    reporter: Reporter,
) -> list[Failure]:
    """Run every talk on the cluster and return the failures in the order of `sources`.

    `gpu` are the stages that ask for the resource GPU = 1. Raises ClusterError if no scheduler answers at
    `address`; if it goes away later, unfinished talks are failures.
    """
    with connected(address) as client, sign_of_life(workspace.root) as marker:
        return _Run(client, address, gpu, sources, workspace, plan, reporter, marker).finish()


@dataclass
class _Chain:
    """The tasks of a talk that are under way, the first of them for the group `first`, after `earlier`."""

    futures: list[Any] = field(default_factory=list)
    first: int = 0
    earlier: Any = None
    only: list[set[str]] = field(default_factory=list)  # for each task, the workers that it is for; none: all
    stage: str = "start"  # the last that was heard of
    told: set[tuple[str, ...]] = field(default_factory=set)


class _Run:
    """All is done in the caller's thread: Dask's threads only put into the inbox what they hear."""

    def __init__(
        self,
        client: Any,
        address: str,
        gpu: Sequence[str],
        sources: Sequence[Source],
        workspace: Workspace,
        plan: Plan,
        reporter: Reporter,
        marker: Path,
    ) -> None:
        self._client, self._address, self._reporter = client, address, reporter
        self._sources = {source.name: source for source in sources}
        self._groups = [
            (on_gpu, [stage.name for stage in stages])
            for on_gpu, stages in groupby(plan.stages, key=lambda stage: stage.name in gpu)
        ]
        self._token = marker.name
        self._order = Order(
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
        self._open = {source.name: _Chain() for source in sources}
        self._failures: dict[str, Failure] = {}
        self._unfit: dict[str, tuple[str, str]] = {}  # address: name, why
        self._said: set[str] = set()
        self._submitted = 0
        self._heard = float("-inf")  # when a fit worker was last heard of
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def finish(self) -> list[Failure]:
        """Run all there is; if that is interrupted, take back what is left."""
        if differ := other_versions(self._client):
            self._reporter.warned("dask", self._address, f"the scheduler has {differ}")
        self._client.subscribe_topic(self._order["topic"], lambda event: self._inbox.put(event[1]))
        try:
            for talk in list(self._open):
                self._submit(talk)
            look = 0.0
            while self._open:
                if time.monotonic() >= look:
                    self._look()
                    look = time.monotonic() + _LOOK
                with suppress(queue.Empty):
                    heard = self._inbox.get(timeout=max(0.0, look - time.monotonic()))
                    self._tell(heard) if isinstance(heard, dict) else self._settle(heard)
        finally:
            Path(self._order["marker"]).unlink(missing_ok=True)  # first: nothing else ends what runs
            if left := [future for chain in self._open.values() for future in chain.futures]:
                with suppress(Exception):
                    self._client.cancel(left, force=True)
        return [self._failures[talk] for talk in self._sources if talk in self._failures]

    def _submit(self, talk: str, first: int = 0, earlier: Any = None) -> None:
        """Hand in a talk's groups from `first` on, to workers that are not known to be unfit."""
        chain, workers = self._open[talk], (self._workers() if self._unfit else None) or {}
        chain.first, chain.earlier, chain.only, chain.futures = first, earlier, [], []
        only = []
        for on_gpu, _ in self._groups[first:]:
            able = {address for address, one in workers.items() if not on_gpu or _has_gpu(one)}
            if able and able <= self._unfit.keys():
                if time.monotonic() < self._heard + _GRACE:  # a nanny may be about to restart the fit one
                    return None
                whys = [": ".join(self._unfit[one]) for one in sorted(able)]
                return self._end(talk, f"no worker can do it ({'; '.join(whys)}). {_REMEDY}")
            only.append(able - self._unfit.keys() if able & self._unfit.keys() else set())
        for group, fit in enumerate(only, first):
            earlier = self._task(talk, group, fit, earlier)
            chain.futures.append(earlier)
        chain.only = only
        return self._await(talk, earlier)

    def _resubmit(self, talk: str, at: int) -> None:
        """Hand in a talk's tasks from the one at `at` on, after the one before it."""
        chain = self._open[talk]
        self._submit(talk, chain.first + at, chain.futures[at - 1] if at else chain.earlier)

    def _await(self, talk: str, future: Any) -> None:
        future.add_done_callback(lambda done: self._inbox.put((talk, done)))

    def _task(self, talk: str, group: int, fit: set[str], earlier: Any) -> Any:
        on_gpu, stages = self._groups[group]
        path = str(self._sources[talk].path)
        order = self._order | {"talk": talk, "path": path, "group": group, "stages": stages}
        self._submitted += 1
        return self._client.submit(
            eval,
            _ERRAND,
            {"order": order, "earlier": earlier},
            key=f"{'+'.join(stages)} {talk} {self._submitted}-{self._token}",
            resources={"GPU": 1} if on_gpu else None,
            workers=sorted(fit) or None,
            pure=False,
        )

    def _tell(self, event: dict[str, Any]) -> None:
        """Pass on what a stage told; once only, though the task may have run twice or in parts."""
        if (chain := self._open.get(event["talk"])) is None:
            return
        call, told, self._heard = event["call"], event["told"], time.monotonic()
        if call in ("noted", "warned"):
            if (call, *told) in chain.told:
                return
            chain.told.add((call, *told))
        elif call == "started":
            chain.stage = told[0]
        getattr(self._reporter, call)(event["talk"], *told)

    def _settle(self, done: tuple[str, Any]) -> None:
        """Take in how a talk's last task ended."""
        talk, future = done
        if talk not in self._open or self._open[talk].futures[-1:] != [future]:
            return None
        try:
            outcome: Outcome = future.result(timeout=CONNECT)
        except Exception as trouble:
            error = trouble
        else:
            return self._take(talk, outcome)
        if future.cancelled():
            self._end(talk, self._dropped(getattr(error, "reason", "cancelled")))
        elif future.status != "error":  # its result died with a worker and is made anew
            self._await(talk, future)
        elif isinstance(error, ImportError) and str(error.name).partition(".")[0] == "pipeline":
            self._strangers(talk)
        else:
            self._end(talk, lost(error))
        return None

    def _take(self, talk: str, outcome: Outcome) -> None:
        if outcome["state"] == "unfit":
            self._refuse(outcome["worker"], outcome["name"], outcome["reason"])
            self._submit(talk, outcome["group"])
        elif outcome["state"] == "failed":
            self._end(talk, outcome["reason"], outcome["stage"])
        else:
            self._end(talk)

    def _end(self, talk: str, reason: str | None = None, stage: str | None = None) -> None:
        chain = self._open.pop(talk)  # with it go the futures, and with them what the cluster remembers
        if reason is None:
            self._reporter.ended(talk)
        else:
            self._failures[talk] = failure = Failure(talk, stage or chain.stage, reason)
            self._reporter.ended(talk, failure.stage, reason)

    def _refuse(self, worker: str, name: str, why: str) -> None:
        if worker not in self._unfit:
            self._unfit[worker] = name, why
            self._reporter.warned("dask", f"worker {name}", f"left out: {why}. {_REMEDY}")

    def _strangers(self, talk: str) -> None:
        """A worker could not import this package: find out which have not got it."""
        found: dict[str, Any] = {}
        with suppress(Exception):
            ask = {"op": "versions", "packages": ["takeaways"]}
            found = self._ask(self._client.scheduler.broadcast, msg=ask, on_error="ignore")
        known = len(self._unfit)
        for worker, versions in found.items():
            has = (versions or {}).get("packages", {}).get("takeaways")
            if versions and has != self._order["version"]:
                what = f"has takeaways {has}" if has else "does not have takeaways"
                self._refuse(worker, worker, f"it {what}, here is {self._order['version']}")
        chain = self._open[talk]
        at = next((at for at, one in enumerate(chain.futures) if one.status == "error"), 0)
        if len(self._unfit) > known or (self._unfit and not chain.only[at]):
            self._resubmit(talk, at)
        else:
            self._end(talk, f"a worker cannot import takeaways. {_REMEDY}")

    def _look(self) -> None:
        """Whether there are workers for all; a talk whose workers have all left goes to others."""
        if self._client.status not in ("running", "connecting"):
            for talk in list(self._open):
                self._end(talk, self._dropped(_LOST))
            return None
        workers = self._workers()
        if workers is None:  # if the scheduler is gone for good, the futures tell
            return self._note("the scheduler does not answer: waiting")
        if not workers:
            self._note("no workers yet: waiting")
        elif any(on_gpu for on_gpu, _ in self._groups) and not any(map(_has_gpu, workers.values())):
            self._note("no worker offers a GPU (dask worker --resources GPU=1): waiting")
        for talk, chain in list(self._open.items()):
            if not chain.futures:
                self._resubmit(talk, 0)
                continue
            for at, (only, future) in enumerate(zip(chain.only, chain.futures, strict=True)):
                if only and not only & workers.keys() and not future.done():
                    self._resubmit(talk, at)
                    break
        return None

    def _note(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            self._reporter.noted("dask", self._address, message)

    def _ask(self, call: Any, **given: Any) -> Any:
        return self._client.sync(call, callback_timeout=CONNECT, **given)

    def _workers(self) -> dict[str, Any] | None:
        try:
            workers: dict[str, Any] = self._ask(self._client.scheduler.identity)["workers"]
        except Exception:
            return None
        return workers

    def _dropped(self, reason: str) -> str:
        lost = f"the connection to the scheduler at {self._address} was lost"
        return f"{lost if reason == _LOST else f'the cluster dropped it ({reason})'}. {KEPT}"


def _has_gpu(worker: dict[str, Any]) -> bool:
    return bool(worker["resources"].get("GPU"))
