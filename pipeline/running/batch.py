"""Several talks in one run: a failure is named and does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.errors import explained, unforeseen
from pipeline.reporting import Reporter
from pipeline.running import runner
from pipeline.running.runner import Plan, StageError, run_talk
from pipeline.workspace.talks import Source, Talk, Workspace


@dataclass(frozen=True)
class Failure:
    """A talk that could not be finished: at which stage, and why. `bug` is set for an unexpected error."""

    talk: str
    stage: str
    reason: str
    bug: BaseException | None = None


def run_all(
    sources: Sequence[Source], workspace: Workspace, plan: Plan[Talk], reporter: Reporter, jobs: int
) -> list[Failure]:
    """Run every talk, `jobs` of them at once, and return the failures in the order of `sources`.

    One computes at a time, with all cores; the others wait for a server, or for their turn. If this is
    interrupted, running talks are abandoned, and end with the process.
    """
    runner.limit_heaps()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="talk")
    try:
        futures = [pool.submit(run_one, source, workspace, plan, reporter) for source in sources]
        return [failure for future in futures if (failure := future.result())]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def run_one(source: Source, workspace: Workspace, plan: Plan[Talk], reporter: Reporter) -> Failure | None:
    """Run one talk; None if it is up to date now."""
    failure = None
    try:
        run_talk(source, workspace, plan, reporter)
    except StageError as failed:
        failure = failure_of(source.name, failed.stage, failed.__cause__ or failed)
    except Exception as error:
        failure = failure_of(source.name, "start", error)
    if failure:
        reporter.ended(source.name, failure.stage, failure.reason)
    else:
        reporter.ended(source.name)
    return failure


def failure_of(talk: str, stage: str, error: BaseException) -> Failure:
    """What went wrong, in words."""
    if reason := explained(error):
        return Failure(talk, stage, reason)
    return Failure(talk, stage, f"{unforeseen(error)}; --debug shows where.", bug=error)
