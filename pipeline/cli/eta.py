"""How long a run will still take, learnt from the stages that were done and how far others have come."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_TELLING = 0.02  # of a stage: before that its start weighs too much


@dataclass
class _Running:
    stage: str
    began: float
    fraction: float = 0.0
    at: float = 0.0

    def whole(self) -> float | None:
        """What the stage will take in all, if that can be told of how far it has come."""
        return (self.at - self.began) / self.fraction if self.fraction > _TELLING else None


class Eta:
    """Told what happens in a run, tells how many seconds are left. `clock` gives monotonic seconds."""

    def __init__(self, stages: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._stages, self._clock = tuple(stages), clock
        self._left: dict[str, tuple[str, ...]] = {}
        self._running: dict[str, _Running] = {}
        self._took: dict[str, list[float]] = {stage: [] for stage in stages}
        self._began: float | None = None

    def planned(self, talks: Sequence[str]) -> None:
        for talk in talks:
            self._left.setdefault(talk, self._stages)

    def started(self, talk: str, stage: str) -> None:
        now = self._clock()
        self._began = now if self._began is None else self._began
        self.planned([talk])
        self._had_nothing_to_do(talk, self._stages.index(stage))
        self._running[talk] = _Running(stage, now)

    def progress(self, talk: str, fraction: float) -> None:
        if one := self._running.get(talk):
            one.fraction, one.at = fraction, self._clock()

    def finished(self, talk: str, stage: str, seconds: float) -> None:
        self._took[stage].append(seconds)
        self._running.pop(talk, None)
        if talk in self._left:
            self._left[talk] = self._stages[self._stages.index(stage) + 1 :]

    def ended(self, talk: str, failed: bool = False) -> None:
        # Talks that are fresh before any work is done are of an earlier run; the rest are not like them.
        if not failed and self._began is not None:
            self._had_nothing_to_do(talk, len(self._stages))
        self._left.pop(talk, None)
        self._running.pop(talk, None)

    def _had_nothing_to_do(self, talk: str, before: int) -> None:
        for stage in self._left.get(talk, ()):
            if self._stages.index(stage) < before:
                self._took[stage].append(0.0)
                self._left[talk] = self._left[talk][1:]

    def left(self) -> float | None:
        """None if nothing is known yet, or nothing is left. Rather too long than too short."""
        now, means = self._clock(), self._means()
        total = 0.0
        for talk, stages in self._left.items():
            total += sum(means.get(stage, 0.0) for stage in stages)
            if (one := self._running.get(talk)) and one.stage in stages:
                usual = means.get(one.stage, 0.0)
                total += max((one.whole() or usual) - (now - one.began), 0.0) - usual
        return total / self._at_once(now) if total > 0 else None

    def _means(self) -> dict[str, float]:
        known = {stage: list(took) for stage, took in self._took.items()}
        for one in self._running.values():
            if whole := one.whole():
                known[one.stage].append(whole)
        return {stage: sum(took) / len(took) for stage, took in known.items() if took}

    def _at_once(self, now: float) -> float:
        """How many stages went on at a time so far, on average; no more than there are talks left."""
        worked = sum(map(sum, self._took.values())) + sum(now - one.began for one in self._running.values())
        passed = now - self._began if self._began is not None else 0.0
        return max(1.0, min(worked / passed, len(self._left))) if passed > 0 else 1.0
