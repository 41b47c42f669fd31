"""Who speaks at a moment: which words and which speaker people mean by a moment, a label or a name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Protocol

from pipeline.text import clock, name_key
from pipeline.transcripts.name_order import in_order, lookup_keys
from pipeline.turns.time_index import TimeIndex
from pipeline.workspace.review_file import Who

# How far a moment may be from the speech that it still means. Simulated for people who note the time of a
# player while somebody speaks, up to 0.3 s early or 1.2 s late, in 21 talks with known speakers: if all turns
# are transcribed, no moment is further than 2 s from a word. If a seventh of the turns are missing, 3 s finds
# somebody for 1.5 in 100 more moments than 2 s does, 5 s for 3 in 100 more, and most of these are the wrong
# people.
NEAR_SECONDS = 2.0
MAX_LABELS_LISTED = 30  # in a message


class UnmatchedError(ValueError):
    """A reference matches nothing in the talk; the message says why."""


class Timed(Protocol):
    """A word or a sentence; its times are in seconds."""

    @property
    def start(self) -> float | None: ...

    @property
    def end(self) -> float | None: ...


@dataclass(frozen=True)
class Timeline:
    """When each word (or sentence) was said, and the runs of consecutive ones that one speaker said.

    One without a start has the last known one before it; one without an end lasts until the next later start,
    or the last end. `asides` are the first words of runs that were only thrown in: they are meant by a
    fraction of a second alone, or where nobody else is near.
    """

    starts: Sequence[float | None]
    ends: Sequence[float | None]
    runs: Sequence[range]
    asides: Collection[int] = frozenset()

    @classmethod
    def of(
        cls, parts: Sequence[Timed], speakers: Sequence[Hashable], asides: Collection[int] = frozenset()
    ) -> Timeline:
        changes = [n for n in range(1, len(parts)) if speakers[n] != speakers[n - 1]]
        stops = [*changes, len(parts)] if parts else []
        runs = [range(first, stop) for first, stop in zip([0, *changes], stops, strict=False)]
        starts = last_known_starts(parts)
        return cls(starts, _ends(parts, starts), runs, asides)

    @cached_property
    def has_times(self) -> bool:
        return any(start is not None for start in self.starts)

    def run_at(self, moment: float) -> range | None:
        """The run that a moment means, for names as for corrections; None if none is near.

        Clocks show whole seconds, so a whole second means the run that begins within it, the longest if there
        are several; else the run that the moment is in; in a pause the nearest.
        """
        return self.nearest(self._runs_around(moment, NEAR_SECONDS), moment, NEAR_SECONDS)

    def runs_starting_at(self, moment: float) -> list[range]:
        """The runs that begin within a whole second."""
        starts = [(run, self.starts[run[0]]) for run in self._runs_around(moment, 0.0)]
        return [run for run, start in starts if start is not None and int(start) == moment]

    def word_at(self, run: range, moment: float) -> int:
        """The index of the word of a run that is being said at a moment, else of its first word."""
        return max(run.start, bisect_right(self._earliest_from, moment, run.start, run.stop) - 1)

    def words_around(self, moment: float, reach: float) -> range:
        """The words said within `reach` seconds of a moment."""
        near = [
            n
            for n in self._word_index.between(moment - reach - 1, moment + reach + 1)
            if (start := self.starts[n]) is not None
            and start - reach <= moment <= max(start, self.ends[n] or start) + reach
        ]
        return range(near[0], near[-1] + 1) if near else range(0)

    def _runs_around(self, moment: float, reach: float) -> list[range]:
        """The runs within `reach` seconds of a moment, and those that begin within its second."""
        near = self._run_index.between(moment - reach - 1, moment + reach + 1)
        return [self.runs[number] for number in near]

    @cached_property
    def _run_index(self) -> TimeIndex:
        return TimeIndex((self.starts[run[0]], self.ends[run[-1]]) for run in self.runs)

    @cached_property
    def _word_index(self) -> TimeIndex:
        return TimeIndex(zip(self.starts, self.ends, strict=True))

    @cached_property
    def _earliest_from(self) -> list[float]:
        """The earliest start from each word on to the end of its run, which grows within a run."""
        earliest = [inf if start is None else start for start in self.starts]
        for run in self.runs:
            for n in reversed(run[:-1]):
                earliest[n] = min(earliest[n], earliest[n + 1])
        return earliest

    def nearest(self, parts: Iterable[range], moment: float, reach: float) -> range | None:
        """The part that a moment means by the rule of `run_at`, None if all are over `reach` seconds away."""
        ranked = ((self._match_key(part, moment, reach), part) for part in parts)
        matches = [(key, part) for key, part in ranked if key is not None]
        return min(matches, key=lambda match: match[0])[1] if matches else None

    def _match_key(self, part: range, moment: float, reach: float) -> tuple[int, float] | None:
        """Sort key, lowest for the part that a moment most likely means: kind, then degree; None: too far."""
        start, is_aside = self.starts[part[0]], part[0] in self.asides
        if start is None:
            return None
        end = max(start, self.ends[part[-1]] or start)
        if moment == int(start) and not is_aside:
            return 0, start - end
        if start <= moment < end and not (is_aside and moment == int(moment)):
            return 1 + is_aside, 0.0
        distance = max(start - moment, moment - end, 0.0)
        return (3 + is_aside, distance) if distance <= reach else None


def last_known_starts(parts: Sequence[Timed]) -> list[float | None]:
    """The last known start at or before each part, in seconds."""
    last_known: float | None = None
    starts = []
    for part in parts:
        last_known = last_known if part.start is None else part.start
        starts.append(last_known)
    return starts


def _ends(parts: Sequence[Timed], starts: Sequence[float | None]) -> list[float | None]:
    next_start: float | None = None  # the next one later than the start at hand
    next_end: float | None = None
    following: float | None = None
    ends = []
    for part, start in zip(reversed(parts), reversed(starts), strict=True):
        if start is not None and following is not None and start < following:
            next_start = following
        following = start
        ends.append(next((end for end in (part.end, next_start, next_end) if end is not None), None))
        next_end = next_end if part.end is None else part.end
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
                if (speaker := self._named(place)) is not None:
                    return speaker
            elif (run := self.timeline.run_at(place)) is not None:
                return self.speakers[self.timeline.word_at(run, place)]
        if places := [_describe(place) for place in self.people.get(who, ())]:
            raise UnmatchedError(f"{_describe(who)} is bound to {', '.join(places)}, and nobody speaks there")
        listed = ", ".join(map(_describe, [*self.labels][:MAX_LABELS_LISTED]))
        more = ", …" * (len(self.labels) > MAX_LABELS_LISTED)
        hint = f"labels: {listed}{more}" if self.labels else "say when they speak"
        raise UnmatchedError(
            f"{_describe(who)} is no label here, and no name bound to a moment or label; {hint}"
        )

    def _named(self, name: str) -> int | None:
        return next((self._by_name[key] for key in lookup_keys(name) if key in self._by_name), None)

    @cached_property
    def _by_name(self) -> dict[str, int]:
        """The speaker of each label and of the name in it, as names are compared; of equal ones the first."""
        spoken = in_order(self.labels)
        by_name = {name_key(spoken[label]): self.labels[label] for label in reversed(spoken)}
        return by_name | {name_key(label): self.labels[label] for label in reversed(spoken)}

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
