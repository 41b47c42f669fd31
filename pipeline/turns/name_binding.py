"""Which speaker a person's name is bound to: at a moment, by a label, or after the review's merges."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import inf

from pipeline.records import Sentence, Speaker, Turn, Turns
from pipeline.text import clock, name_key
from pipeline.transcripts.name_order import lookup_keys
from pipeline.turns.moments import Timeline
from pipeline.turns.time_index import TimeIndex
from pipeline.workspace.review_file import Merge, Review, Who
from pipeline.workspace.sidecar import Person

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
        return self.find_directly(person) or (self._inheritor(person.label) if person.label else None)

    def find_directly(self, person: Person) -> str | None:
        """The speaker at the person's moment, else with their label, which is their name unless stated.

        Both as they are once the review's changes were applied.
        """
        return self.at(person.at) if person.at is not None else self._with_label(person.label or person.name)

    def rank(self, person: Person) -> tuple[bool, bool, float, float]:
        """Sort key for people whom the review makes one.

        First those still found directly, labels before moments, in the order of the merges, and the one
        farthest from any moved turn.
        """
        at, moved = person.at, self._moved_moments
        keys: list[Who] = [name_key(name) for name in (person.name, person.label) if name is not None]
        keys += [] if at is None else [at]
        position = min(self._merge_positions.get(key, inf) for key in keys)
        near = 0 if at is None else bisect_left(moved, at)
        around = moved[max(0, near - 1) : near + 1]
        distance = min((abs(moment - at) for moment in around if at is not None), default=0.0)
        return self.find_directly(person) is None, at is not None, position, -distance

    @cached_property
    def _moved_moments(self) -> list[float]:
        return sorted(move.at for move in self.review.turn)

    @cached_property
    def _merge_positions(self) -> dict[Who, int]:
        """Where a merge first has a moment, or a name or label, as names are compared."""
        members = [who for entry in self.review.merge for who in entry.merge]
        keys = (name_key(who) if isinstance(who, str) else who for who in members)
        return {key: position for position, key in reversed([*enumerate(keys)])}

    @cached_property
    def speakers_given_words(self) -> set[str]:
        """The speakers to whom the review's merges and moved turns gave words heard as somebody else's."""
        into = [who for entry in self.review.merge for who in entry.merge] + [m.to for m in self.review.turn]
        return {speaker for who in into if (speaker := self._first_speaker(self._meant_by(who), set()))}

    def at(self, moment: float) -> str | None:
        """Who speaks then.

        A backchannel is found only by a fraction of a second, or where nobody else is near.
        """
        run = self._timeline.run_at(moment)
        return self._sentences[run.start].speaker if run else None

    @cached_property
    def _sentences(self) -> tuple[Sentence, ...]:
        return self.turns.sentences()

    @cached_property
    def _timeline(self) -> Timeline:
        sentences = self._sentences
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
        return next((self._labelled[key] for key in lookup_keys(label) if key in self._labelled), None)

    @cached_property
    def _labelled(self) -> dict[str, str]:
        """The first speaker with each label, as names are compared."""
        return {label: speaker.id for speaker in reversed(self.turns.speakers) for label in _labels(speaker)}

    def _inheritor(self, label: str) -> str | None:
        """Whoever a merge gave the label's words to, where nobody has the label any more."""
        return self._first_speaker(self._heirs(label), {name_key(label)})

    def _first_speaker(self, places: Iterable[Who], seen: set[str]) -> str | None:
        """The first speaker whom one of the places means, or to whom merges gave its words.

        Labels in `seen` were followed already, so merges that refer to each other come to an end.
        """
        waiting = [iter(places)]
        while waiting:
            place = next(waiting[-1], None)
            if place is None:
                waiting.pop()
            elif not isinstance(place, str):
                if speaker := self._certainly_at(place):
                    return speaker
            elif (label := name_key(place)) not in seen:
                if speaker := self._with_label(place):
                    return speaker
                seen.add(label)
                waiting.append(self._heirs(label))
        return None

    def _heirs(self, label: str) -> Iterator[Who]:
        """What a label's merges mean by each of their members, labels first."""
        for entry in self._merges_by_label.get(name_key(label), ()):
            for who in _labels_first(entry):
                yield from self._meant_by(who)

    def _meant_by(self, who: Who) -> Iterable[Who]:
        """The moment itself; of a label or a name what people's entries bind it to, then itself."""
        return (*self._places_by_name.get(name_key(who), ()), who) if isinstance(who, str) else (who,)

    @cached_property
    def _merges_by_label(self) -> dict[str, list[Merge]]:
        """The merges in which each label, as names are compared, stands, or a name that is bound to it."""
        merges: dict[str, list[Merge]] = {}
        for entry in self.review.merge:
            places = (place for who in entry.merge if isinstance(who, str) for place in self._meant_by(who))
            for label in dict.fromkeys(name_key(place) for place in places if isinstance(place, str)):
                merges.setdefault(label, []).append(entry)
        return merges

    def _certainly_at(self, moment: float) -> str | None:
        """Who speaks then; None if the moment could also mean somebody else's backchannel."""
        speaker = self.at(moment)
        near = (self._asides[number] for number in self._aside_index.between(moment, moment + 1))
        others = (_times(turn) for turn in near if turn.speaker != speaker)
        is_unsure = any(int(start) == moment or start <= moment < end for start, end in others)
        return None if is_unsure else speaker

    @cached_property
    def _asides(self) -> list[Turn]:
        return [turn for turn in self.turns.turns if turn.aside and turn.start is not None]

    @cached_property
    def _aside_index(self) -> TimeIndex:
        return TimeIndex(map(_times, self._asides))

    @cached_property
    def _places_by_name(self) -> dict[str, list[Who]]:
        places: dict[str, list[Who]] = {}
        for person in self.people:
            place = person.at if person.at is not None else person.label or person.name
            places.setdefault(name_key(person.name), []).append(place)
        return places


def _labels(speaker: Speaker) -> set[str]:
    """What a speaker is labelled, as names are compared. A guessed name is no label."""
    own = (speaker.label,) if speaker.source in GUESSED else (speaker.evidence, speaker.name)
    return {name_key(label) for label in (*own, *speaker.other_labels) if label}


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
