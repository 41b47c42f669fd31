"""Where a person's name finds a speaker: at a moment, by a label, or where the review took the label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.records import Sentence, Speaker, Turn, Turns
from pipeline.text import clock
from pipeline.workspace.sidecar_facts import Merge, Person, Review, Who, same

GUESSED = frozenset({"introduction", "voice"})
_NEAR = 5.0  # seconds between a moment and the sentence that it still means
_LISTED = 8  # turns that a message lists


@dataclass(frozen=True)
class Places:
    """The speakers of a talk by moment and label. `people` are all whom somebody names in it."""

    turns: Turns
    review: Review
    people: tuple[Person, ...]

    def find(self, person: Person) -> str | None:
        """Who speaks at the person's moment or has the label, before or after the review's merges."""
        return self.outright(person) or (self._heir(person.label, ()) if person.label else None)

    def outright(self, person: Person) -> str | None:
        """Who speaks at the person's moment or has the label today."""
        return self.at(person.at) if person.at is not None else self._labelled(person.label or person.name)

    def rank(self, person: Person) -> tuple[bool, bool, int, float]:
        """Who goes first where the review makes several people one: whose label stays, who was not moved."""
        members = [who for entry in self.review.merge for who in entry.merge]
        own = (n for n, who in enumerate(members) if self._is_about(who, person))
        at = person.at
        far = min((abs(move.at - at) for move in self.review.turn if at is not None), default=0.0)
        return self.outright(person) is None, at is not None, next(own, len(members)), -far

    def joined(self) -> set[str]:
        """The speakers to whom the review gave what others were heard to say."""
        into = [who for entry in self.review.merge for who in entry.merge] + [m.to for m in self.review.turn]
        return {speaker for who in into if (speaker := self._speaker(who, ()))}

    def at(self, moment: float) -> str | None:
        """Who speaks then. Clocks show whole seconds, so a turn that begins within a whole second is meant.

        What a listener throws into a turn is meant only by a fraction, or where nobody else is near.
        """
        taking = [turn for turn in self.turns.turns if not turn.aside]
        whole = moment == int(moment)
        begun = [t for t in taking if whole and t.start is not None and int(t.start) == moment]
        if begun:
            return max(begun, key=lambda turn: (turn.end or 0) - (turn.start or 0)).speaker
        thrown_in = {s.id for turn in self.turns.turns if turn.aside for s in turn.sentences}
        spoken = [s for s in self.turns.sentences() if s.id not in thrown_in]
        asides = [s for s in self.turns.sentences() if s.id in thrown_in]
        parts: tuple[Sentence | Turn, ...] = (*spoken, *(() if whole else asides), *taking)
        for part in parts:
            if part.start is not None and part.end is not None and part.start <= moment < part.end:
                return part.speaker
        return _nearest(spoken, moment) or _nearest(asides, moment)

    def heard(self, speaker: str, moments: Sequence[float]) -> str:
        """When people speak around some moments, to tell them apart by; empty without times."""
        timed = [turn for turn in self.turns.turns if turn.start is not None]

        def far(turn: Turn) -> float:
            start, end = _times(turn)
            elsewhere = 0.0 if turn.speaker == speaker else start
            return min((max(start - m, m - end, 0.0) for m in moments), default=elsewhere)

        near = sorted(sorted(timed, key=far)[:_LISTED], key=lambda t: (t.speaker != speaker, t.speaker))
        parts = []
        for who, group in groupby(near, key=lambda turn: turn.speaker):
            own = sorted(group, key=_times)
            more = " …" * (len(own) < sum(turn.speaker == who for turn in timed))
            parts.append(f"{who} speaks {', '.join(map(_span, own))}{more}")
        return "; ".join(parts)

    def _labelled(self, label: str) -> str | None:
        return next((s.id for s in self.turns.speakers if label.casefold() in _labels(s)), None)

    def _heir(self, label: str, seen: tuple[str, ...]) -> str | None:
        """Whoever a merge gave a label's words to, where nobody has it any more."""
        seen = (*seen, label.casefold())
        for entry in self.review.merge:
            if any(self._names(who, label) for who in entry.merge):
                for who in _labels_first(entry):
                    if speaker := self._speaker(who, seen):
                        return speaker
        return None

    def _speaker(self, who: Who, seen: tuple[str, ...]) -> str | None:
        """Whom an entry of the review means; labels that were `seen` are nobody's."""
        if not isinstance(who, str):
            return self._surely_at(who)
        for place in (*self._bound(who), who):
            found = self._surely_at(place) if not isinstance(place, str) else None
            if isinstance(place, str) and place.casefold() not in seen:
                found = self._labelled(place) or self._heir(place, seen)
            if found:
                return found
        return None

    def _surely_at(self, moment: float) -> str | None:
        """Who speaks then; nobody where a review may mean what somebody else threw in."""
        speaker = self.at(moment)
        others = (t for t in self.turns.turns if t.aside and t.speaker != speaker and t.start is not None)
        unsure = any(int(start) == moment or start <= moment < end for start, end in map(_times, others))
        return None if unsure else speaker

    def _bound(self, name: str) -> Iterator[Who]:
        for person in self.people:
            if same(person.name, name):
                yield person.at if person.at is not None else person.label or person.name

    def _names(self, who: Who, label: str) -> bool:
        return isinstance(who, str) and any(
            isinstance(place, str) and same(place, label) for place in (who, *self._bound(who))
        )

    @staticmethod
    def _is_about(who: Who, person: Person) -> bool:
        if isinstance(who, str):
            return same(who, person.name) or (person.label is not None and same(who, person.label))
        return who == person.at


def _labels(speaker: Speaker) -> set[str]:
    """A guess is no label."""
    if speaker.source in GUESSED:
        return {speaker.label.casefold()} if speaker.label else set()
    return {label.casefold() for label in (speaker.evidence, speaker.name) if label}


def _labels_first(entry: Merge) -> list[Who]:
    """A moment may mean somebody else once turns were moved, a label cannot."""
    return sorted(entry.merge, key=lambda who: not isinstance(who, str))


def _nearest(spoken: Sequence[Sentence], moment: float) -> str | None:
    gaps = [
        (max(s.start - moment, moment - (s.end or s.start)), s.speaker) for s in spoken if s.start is not None
    ]
    gap, speaker = min(gaps, default=(_NEAR + 1, None), key=lambda near: near[0])
    return speaker if gap <= _NEAR else None


def _times(turn: Turn) -> tuple[float, float]:
    start = turn.start or 0.0
    return start, max(start, turn.end or start)


def _span(turn: Turn) -> str:
    """When a turn is; of what was thrown into another the moment that means it."""
    start, end = _times(turn)
    if turn.aside:
        middle = (start + end) / 2
        return f"{clock(middle)}.{int(middle * 10) % 10}"
    return clock(start) if clock(start) == clock(end) else f"{clock(start)}-{clock(end)}"
