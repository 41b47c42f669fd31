"""Which words and which speaker a review means by a moment, a label or a name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import Word
from pipeline.text import clock
from pipeline.workspace.sidecar_facts import Who, same

NEAR_SECONDS = 2.0  # how far a moment may be from the turn that it still means


class UnmatchedError(ValueError):
    """A reference matches nothing in the talk; the message says why."""


@dataclass(frozen=True)
class Timeline:
    """When each word was said, and the runs of consecutive words that one speaker said.

    A word without a time begins at the last known time before it and ends at the next known time.
    """

    starts: Sequence[float | None]
    ends: Sequence[float | None]
    runs: Sequence[range]

    @classmethod
    def of(cls, words: Sequence[Word], speakers: Sequence[Hashable]) -> Timeline:
        changes = [n for n in range(1, len(words)) if speakers[n] != speakers[n - 1]]
        stops = [*changes, len(words)] if words else []
        runs = [range(first, stop) for first, stop in zip([0, *changes], stops, strict=False)]
        return cls(_starts(words), _ends(words), runs)

    @property
    def has_times(self) -> bool:
        return any(start is not None for start in self.starts)

    def run_at(self, moment: float) -> range | None:
        """The run at a moment; in a pause the nearest, None if it is not near."""
        return self.nearest(self.runs, moment, NEAR_SECONDS)

    def runs_starting_at(self, moment: float) -> list[range]:
        """The runs that begin within a whole second."""
        starts = [(run, self.starts[run[0]]) for run in self.runs]
        return [run for run, start in starts if start is not None and int(start) == moment]

    def word_at(self, run: range, moment: float) -> int:
        """The index of the word of a run that is being said at a moment, else of its first word."""
        started = (n for n in reversed(run) if (start := self.starts[n]) is not None and start <= moment)
        return next(started, run.start)

    def words_around(self, moment: float, reach: float) -> range:
        """The words said within `reach` seconds of a moment."""
        near = [
            n
            for n, (start, end) in enumerate(zip(self.starts, self.ends, strict=True))
            if start is not None and start - reach <= moment <= max(start, end or start) + reach
        ]
        return range(near[0], near[-1] + 1) if near else range(0)

    def nearest(self, parts: Iterable[range], moment: float, reach: float) -> range | None:
        """The part that a moment means, None if all are more than `reach` seconds away."""
        ranked = [(*self._match_key(part, moment), n, part) for n, part in enumerate(parts)]
        kind, distance, _, part = min(
            ranked, key=lambda entry: entry[:3], default=(2, reach + 1, 0, range(0))
        )
        return part if kind < 2 or distance <= reach else None

    def _match_key(self, part: range, moment: float) -> tuple[int, float]:
        """Sort key, lowest for the part that a moment most likely means: kind, then degree.

        Clocks show whole seconds, so parts that begin within a whole second come first, the longest foremost;
        then parts that contain the moment; then the nearest; last those without times.
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
    last_known: float | None = None
    starts = []
    for word in words:
        last_known = last_known if word.start is None else word.start
        starts.append(last_known)
    return starts


def _ends(words: Sequence[Word]) -> list[float | None]:
    next_known: float | None = None
    ends = []
    for word in reversed(words):
        ends.append(next_known if word.end is None else word.end)
        next_known = word.start if word.start is not None else ends[-1]
    return ends[::-1]


@dataclass(frozen=True)
class SpeakerFinder:
    """Finds the speaker whom a moment, a label or a person's name means.

    `speakers` has the speaker of each word, `labels` the speaker of each label, and `people` the moments and
    labels that each name is bound to. All methods raise UnmatchedError where nobody is meant.
    """

    timeline: Timeline
    speakers: Sequence[int]
    labels: Mapping[str, int]
    people: Mapping[str, Sequence[Who]]

    def find(self, who: Who) -> int:
        if not isinstance(who, str):
            return self.speakers[self.word_at(who)]
        for place in (*self.people.get(who, ()), who):
            if isinstance(place, str):
                if speakers := [speaker for label, speaker in self.labels.items() if same(label, place)]:
                    return speakers[0]
            elif (run := self.timeline.run_at(place)) is not None:
                return self.speakers[self.timeline.word_at(run, place)]
        if places := [_describe(place) for place in self.people.get(who, ())]:
            raise UnmatchedError(f"{_describe(who)} is bound to {', '.join(places)}, and nobody speaks there")
        hint = f"labels: {', '.join(map(_describe, self.labels))}" if self.labels else "say when they speak"
        raise UnmatchedError(
            f"{_describe(who)} is no label here, and no name bound to a moment or label; {hint}"
        )

    def word_at(self, moment: float) -> int:
        """The index of the word being said at a moment."""
        return self.timeline.word_at(self.run_at(moment), moment)

    def run_at(self, moment: float) -> range:
        """The run at a moment."""
        if (run := self.timeline.run_at(moment)) is not None:
            return run
        if self.timeline.runs and not self.timeline.has_times:
            raise UnmatchedError(f"the transcript has no times, so nobody is found at {clock(moment)}")
        raise UnmatchedError(f"nobody speaks at {clock(moment)}")


def _describe(who: Who) -> str:
    return f"'{who}'" if isinstance(who, str) else clock(who)


def describe_all(whom: Sequence[Who]) -> str:
    """Labels, names and moments for a message: "'Ann' and 1:12"."""
    return " and ".join(map(_describe, whom))
