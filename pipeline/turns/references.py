"""Which words and which speaker a person means by a moment, a label or a name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import Word
from pipeline.text import clock
from pipeline.workspace.sidecar_facts import Who, same

NEAR = 2.0  # seconds between a moment and the turn that it still means


class UnmatchedError(ValueError):
    """What a person wrote means nothing here, and why."""


@dataclass(frozen=True)
class Spoken:
    """When words were said, and the runs of words that one speaker said.

    A word without a time begins at the last time known before it and ends at the next one known.
    """

    starts: Sequence[float | None]
    ends: Sequence[float | None]
    runs: Sequence[range]

    @classmethod
    def of(cls, words: Sequence[Word], speakers: Sequence[Hashable]) -> Spoken:
        changes = [n for n in range(1, len(words)) if speakers[n] != speakers[n - 1]]
        stops = [*changes, len(words)] if words else []
        runs = [range(first, stop) for first, stop in zip([0, *changes], stops, strict=False)]
        return cls(_starts(words), _ends(words), runs)

    @property
    def timed(self) -> bool:
        return any(start is not None for start in self.starts)

    def run(self, moment: float) -> range | None:
        """The turn at a moment; in a pause the nearest, if one is near."""
        return self.nearest(self.runs, moment, NEAR)

    def begun(self, moment: float) -> list[range]:
        """The turns that begin within a whole second."""
        starts = [(run, self.starts[run[0]]) for run in self.runs]
        return [run for run, start in starts if start is not None and int(start) == moment]

    def word(self, run: range, moment: float) -> int:
        """The word of a run that is being said at a moment, else its first."""
        begun = (n for n in reversed(run) if (start := self.starts[n]) is not None and start <= moment)
        return next(begun, run.start)

    def around(self, moment: float, reach: float) -> range:
        """The words said within so many seconds of a moment."""
        near = [
            n
            for n, (start, end) in enumerate(zip(self.starts, self.ends, strict=True))
            if start is not None and start - reach <= moment <= max(start, end or start) + reach
        ]
        return range(near[0], near[-1] + 1) if near else range(0)

    def nearest(self, parts: Iterable[range], moment: float, reach: float) -> range | None:
        """The part that a moment means, None if all of them are further away than `reach` seconds."""
        ranked = [(*self._distance(part, moment), n, part) for n, part in enumerate(parts)]
        kind, distance, _, part = min(ranked, key=lambda rank: rank[:3], default=(2, reach + 1, 0, range(0)))
        return part if kind < 2 or distance <= reach else None

    def _distance(self, part: range, moment: float) -> tuple[int, float]:
        """How little a moment means a part: kind, then degree.

        Clocks show whole seconds, so what begins within a whole second comes first, the longest of it; then
        what the moment is inside of; then the nearest.
        """
        start = self.starts[part[0]]
        if start is None:
            return 3, float("inf")
        end = max(start, self.ends[part[-1]] or start)
        if moment == int(start):
            return 0, start - end
        if start <= moment < end:
            return 1, 0.0
        return 2, max(start - moment, moment - end)


def _starts(words: Sequence[Word]) -> list[float | None]:
    known: float | None = None
    found = []
    for word in words:
        known = known if word.start is None else word.start
        found.append(known)
    return found


def _ends(words: Sequence[Word]) -> list[float | None]:
    known: float | None = None
    found = []
    for word in reversed(words):
        found.append(known if word.end is None else word.end)
        known = word.start if word.start is not None else found[-1]
    return found[::-1]


@dataclass(frozen=True)
class Voices:
    """Finds the speaker whom a moment, a label or a person's name means."""

    spoken: Spoken
    speakers: Sequence[int]
    labels: Mapping[str, int]
    people: Mapping[str, Sequence[Who]]

    def find(self, who: Who) -> int:
        if not isinstance(who, str):
            return self.speakers[self.word(who)]
        for place in (*self.people.get(who, ()), who):
            if isinstance(place, str):
                if found := [speaker for label, speaker in self.labels.items() if same(label, place)]:
                    return found[0]
            elif (run := self.spoken.run(place)) is not None:
                return self.speakers[self.spoken.word(run, place)]
        if places := [_called(place) for place in self.people.get(who, ())]:
            raise UnmatchedError(f"{_called(who)} is bound to {', '.join(places)}, and nobody speaks there")
        known = f"labels: {', '.join(map(_called, self.labels))}" if self.labels else "say when they speak"
        raise UnmatchedError(
            f"{_called(who)} is no label here, and no name bound to a moment or label; {known}"
        )

    def word(self, moment: float) -> int:
        return self.spoken.word(self.run(moment), moment)

    def run(self, moment: float) -> range:
        if (run := self.spoken.run(moment)) is not None:
            return run
        if self.spoken.runs and not self.spoken.timed:
            raise UnmatchedError(f"the transcript has no times, so nobody is found at {clock(moment)}")
        raise UnmatchedError(f"nobody speaks at {clock(moment)}")


def _called(who: Who) -> str:
    return f"'{who}'" if isinstance(who, str) else clock(who)


def all_called(whom: Sequence[Who]) -> str:
    return " and ".join(map(_called, whom))
