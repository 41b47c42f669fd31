"""Which speaker a person's name is bound to: at a moment, by a label, or after the review's merges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from pipeline.records import Speaker, Turn, Turns
from pipeline.text import clock
from pipeline.turns.moments import Timeline
from pipeline.workspace.review_file import Merge, Review, Who
from pipeline.workspace.sidecar import Person, is_same_name

GUESSED = frozenset({"introduction", "voice"})
_MAX_TURNS_LISTED = 8  # in a message


@dataclass(frozen=True)
class Places:
    """Finds a talk's speakers by moment, label or name. `people` are all those named in files about it."""

    turns: Turns
    review: Review
    people: tuple[Person, ...]

    def find(self, person: Person) -> str | None:
        """As `find_directly`; else whoever a merge gave the person's label to."""
        return self.find_directly(person) or (self._inheritor(person.label, ()) if person.label else None)

    def find_directly(self, person: Person) -> str | None:
        """The speaker at the person's moment, else with their label, which is their name unless stated.

        Both as they are once the review's changes were applied.
        """
        return self.at(person.at) if person.at is not None else self._with_label(person.label or person.name)

    def rank(self, person: Person) -> tuple[bool, bool, int, float]:
        """Sort key for people whom the review makes one.

        First those still found directly, labels before moments, in the order of the merges, and the one
        farthest from any moved turn.
        """
        members = [who for entry in self.review.merge for who in entry.merge]
        positions = (n for n, who in enumerate(members) if self._refers_to(who, person))
        at = person.at
        distance = min((abs(move.at - at) for move in self.review.turn if at is not None), default=0.0)
        return self.find_directly(person) is None, at is not None, next(positions, len(members)), -distance

    def speakers_given_words(self) -> set[str]:
        """The speakers to whom the review's merges and moved turns gave words heard as somebody else's."""
        into = [who for entry in self.review.merge for who in entry.merge] + [m.to for m in self.review.turn]
        return {speaker for who in into if (speaker := self._speaker(who, ()))}

    def at(self, moment: float) -> str | None:
        """Who speaks then.

        A backchannel is found only by a fraction of a second, or where nobody else is near.
        """
        run = self._timeline.run_at(moment)
        return self.turns.sentences()[run.start].speaker if run else None

    @cached_property
    def _timeline(self) -> Timeline:
        sentences = self.turns.sentences()
        aside_ids = {s.id for turn in self.turns.turns if turn.aside for s in turn.sentences}
        asides = {n for n, sentence in enumerate(sentences) if sentence.id in aside_ids}
        return Timeline.of(sentences, [sentence.speaker for sentence in sentences], asides)

    def speaking_times(self, speaker: str, moments: Sequence[float]) -> str:
        """When people speak around some moments, for a message to tell them apart; empty without times."""
        timed = [turn for turn in self.turns.turns if turn.start is not None]

        def distance(turn: Turn) -> float:
            start, end = _times(turn)
            elsewhere = 0.0 if turn.speaker == speaker else start
            return min((max(start - m, m - end, 0.0) for m in moments), default=elsewhere)

        nearest = sorted(
            sorted(timed, key=distance)[:_MAX_TURNS_LISTED], key=lambda t: (t.speaker != speaker, t.speaker)
        )
        parts = []
        for who, group in groupby(nearest, key=lambda turn: turn.speaker):
            turns = sorted(group, key=_times)
            more = " …" * (len(turns) < sum(turn.speaker == who for turn in timed))
            parts.append(f"{who} speaks {', '.join(map(_span, turns))}{more}")
        return "; ".join(parts)

    def _with_label(self, label: str) -> str | None:
        return next((s.id for s in self.turns.speakers if label.casefold() in _labels(s)), None)

    def _inheritor(self, label: str, seen: tuple[str, ...]) -> str | None:
        """Whoever a merge gave the label's words to, where nobody has the label any more.

        `seen` are labels followed already, so that merges that refer to each other come to an end.
        """
        seen = (*seen, label.casefold())
        for entry in self.review.merge:
            if any(self._means_label(who, label) for who in entry.merge):
                for who in _labels_first(entry):
                    if speaker := self._speaker(who, seen):
                        return speaker
        return None

    def _speaker(self, who: Who, seen: tuple[str, ...]) -> str | None:
        """Whom an entry of the review means; labels already `seen` are nobody's."""
        if not isinstance(who, str):
            return self._certainly_at(who)
        for place in (*self._bound_to(who), who):
            speaker = self._certainly_at(place) if not isinstance(place, str) else None
            if isinstance(place, str) and place.casefold() not in seen:
                speaker = self._with_label(place) or self._inheritor(place, seen)
            if speaker:
                return speaker
        return None

    def _certainly_at(self, moment: float) -> str | None:
        """Who speaks then; None if the moment could also mean somebody else's backchannel."""
        speaker = self.at(moment)
        others = (t for t in self.turns.turns if t.aside and t.speaker != speaker and t.start is not None)
        is_unsure = any(int(start) == moment or start <= moment < end for start, end in map(_times, others))
        return None if is_unsure else speaker

    def _bound_to(self, name: str) -> Iterator[Who]:
        """The moments and labels that people's entries bind a name to."""
        for person in self.people:
            if is_same_name(person.name, name):
                yield person.at if person.at is not None else person.label or person.name

    def _means_label(self, who: Who, label: str) -> bool:
        return isinstance(who, str) and any(
            isinstance(place, str) and is_same_name(place, label) for place in (who, *self._bound_to(who))
        )

    @staticmethod
    def _refers_to(who: Who, person: Person) -> bool:
        if isinstance(who, str):
            return is_same_name(who, person.name) or (
                person.label is not None and is_same_name(who, person.label)
            )
        return who == person.at


def _labels(speaker: Speaker) -> set[str]:
    """What a speaker is labelled, case-folded. A guessed name is no label."""
    if speaker.source in GUESSED:
        return {speaker.label.casefold()} if speaker.label else set()
    return {label.casefold() for label in (speaker.evidence, speaker.name) if label}


def _labels_first(entry: Merge) -> list[Who]:
    """A merge's members, labels first: a moment may mean somebody else once turns are moved."""
    return sorted(entry.merge, key=lambda who: not isinstance(who, str))


def _times(turn: Turn) -> tuple[float, float]:
    start = turn.start or 0.0
    return start, max(start, turn.end or start)


def _span(turn: Turn) -> str:
    """A turn's time as a clock shows it; for a backchannel, the fraction of a second that refers to it."""
    start, end = _times(turn)
    if turn.aside:
        middle = (start + end) / 2
        return f"{clock(middle)}.{int(middle * 10) % 10}"
    return clock(start) if clock(start) == clock(end) else f"{clock(start)}-{clock(end)}"
