"""Estimates how long a run will still take, from the stages done so far and the progress of the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_MIN_FRACTION = 0.02  # of a stage; earlier, its start-up time would weigh too much


@dataclass
class _RunningStage:
    stage: str
    started_at: float
    fraction: float = 0.0
    updated_at: float = 0.0

    def projected_seconds(self) -> float | None:
        """How long the whole stage will take, extrapolated; None if it has not come far enough to tell."""
        return (self.updated_at - self.started_at) / self.fraction if self.fraction > _MIN_FRACTION else None


class Eta:
    """Follows the events of a run and estimates the seconds left. `clock` returns monotonic seconds."""

    def __init__(self, stages: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._stages, self._clock = tuple(stages), clock
        self._stages_left: dict[str, tuple[str, ...]] = {}
        self._running: dict[str, _RunningStage] = {}
        self._durations: dict[str, list[float]] = {stage: [] for stage in stages}
        self._started_at: float | None = None

    def planned(self, talks: Sequence[str]) -> None:
        for talk in talks:
            self._stages_left.setdefault(talk, self._stages)

    def started(self, talk: str, stage: str) -> None:
        current = self._clock()
        self._started_at = current if self._started_at is None else self._started_at
        self.planned([talk])
        self._skip_stages(talk, self._stages.index(stage))
        self._running[talk] = _RunningStage(stage, current)

    def progress(self, talk: str, fraction: float) -> None:
        if running := self._running.get(talk):
            running.fraction, running.updated_at = fraction, self._clock()

    def finished(self, talk: str, stage: str, seconds: float) -> None:
        self._durations[stage].append(seconds)
        self._running.pop(talk, None)
        if talk in self._stages_left:
            self._stages_left[talk] = self._stages[self._stages.index(stage) + 1 :]

    def ended(self, talk: str, failed: bool = False) -> None:
        # Talks found fresh before any work is done come from an earlier run; the others are not like them.
        if not failed and self._started_at is not None:
            self._skip_stages(talk, len(self._stages))
        self._stages_left.pop(talk, None)
        self._running.pop(talk, None)

    def _skip_stages(self, talk: str, before: int) -> None:
        for stage in self._stages_left.get(talk, ()):
            if self._stages.index(stage) < before:
                self._durations[stage].append(0.0)
                self._stages_left[talk] = self._stages_left[talk][1:]

    def seconds_left(self) -> float | None:
        """None if nothing is known yet or nothing is left. Errs on the long side."""
        current, mean_seconds = self._clock(), self._mean_seconds()
        total = 0.0
        for talk, stages in self._stages_left.items():
            total += sum(mean_seconds.get(stage, 0.0) for stage in stages)
            if (running := self._running.get(talk)) and running.stage in stages:
                expected = mean_seconds.get(running.stage, 0.0)
                remaining = (running.projected_seconds() or expected) - (current - running.started_at)
                total += max(remaining, 0.0) - expected
        return total / self._concurrency(current) if total > 0 else None

    def _mean_seconds(self) -> dict[str, float]:
        durations_by_stage = {stage: list(durations) for stage, durations in self._durations.items()}
        for running in self._running.values():
            if projected := running.projected_seconds():
                durations_by_stage[running.stage].append(projected)
        return {
            stage: sum(durations) / len(durations)
            for stage, durations in durations_by_stage.items()
            if durations
        }

    def _concurrency(self, current: float) -> float:
        """The average number of stages running at once so far; at most the number of talks left."""
        running_seconds = sum(current - running.started_at for running in self._running.values())
        busy_seconds = sum(map(sum, self._durations.values())) + running_seconds
        elapsed = current - self._started_at if self._started_at is not None else 0.0
        return max(1.0, min(busy_seconds / elapsed, len(self._stages_left))) if elapsed > 0 else 1.0
