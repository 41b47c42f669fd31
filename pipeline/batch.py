"""Several talks in one run: a failure is named and does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import explained, unforeseen
from pipeline.runner import Plan, Reporter, StageError, run_talk
from pipeline.talks import Source, Workspace


@dataclass(frozen=True)
class Failure:
    """A talk that could not be finished: at which stage, and why. `bug` is set if nobody foresaw it."""

    talk: str
    stage: str
    reason: str
    bug: BaseException | None = None


def run_all(
    sources: Sequence[Source], workspace: Workspace, plan: Plan, reporter: Reporter
) -> tuple[list[str], list[Failure]]:
    """Run every talk; returns the names of those that are up to date, and the failures."""
    done: list[str] = []
    failures: list[Failure] = []
    for source in sources:
        try:
            run_talk(source, workspace, plan, reporter)
            done.append(source.name)
        except StageError as failed:
            failures.append(_failure(source.name, failed.stage, failed.__cause__ or failed))
        except Exception as error:
            failures.append(_failure(source.name, "start", error))
    return done, failures


def _failure(talk: str, stage: str, error: BaseException) -> Failure:
    if reason := explained(error):
        return Failure(talk, stage, reason)
    return Failure(talk, stage, f"{unforeseen(error)}; --debug shows where.", bug=error)
