"""Who the speakers are: by names that people gave, bound to moments or labels, else as segmentation found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from pipeline.errors import ConfigError
from pipeline.records import NameSource, ReviewEntry, Speaker, Turns, Unmatched
from pipeline.text import clock, name_key, plain
from pipeline.turns.moments import MAX_LABELS_LISTED
from pipeline.turns.name_binding import GUESSED, Places
from pipeline.turns.person_names import Namesakes, first_name
from pipeline.workspace.links import checked
from pipeline.workspace.sidecar import COHORT, Person, is_same_name
from pipeline.workspace.talks import Talk


class TwoNamesError(ConfigError):
    """Two names in the sidecar are bound to one speaker."""


@dataclass(frozen=True)
class Identity:
    """Who a speaker is, and how that is known.

    `name` is None for a stranger; it is `confirmed` if a person or the source itself gave it. `evidence` is
    the label or the moment that the name is bound to, or what a guess rests on: a sentence's id, or a voice.
    `short` is what people say that this person is called, `pronoun` what they give for it.
    """

    name: str | None
    confirmed: bool
    role: str | None
    link: str | None
    source: NameSource = "none"
    evidence: str | None = None
    short: str | None = None
    pronoun: str | None = None


NOBODY: Mapping[str, Identity] = MappingProxyType({})  # of whom nothing more is known


@dataclass(frozen=True)
class _Bound:
    """A person bound to a speaker, and what binds them: a moment, a label, or the evidence of a guess."""

    person: Person
    evidence: str | None


_Bindings = dict[str, _Bound]  # by speaker id


def identify(talk: Talk, turns: Turns) -> tuple[dict[str, Identity], tuple[Unmatched, ...]]:
    """Speaker id to identity: by review, sidecar, cohort or the talk's file, else as segmentation found.

    Also each name whose speaker has another, or that fits nobody but may once have: one in the review, a
    label that the review's merges and moves took away, a silent track, or a guess that is no longer made.
    People of the cohort, and those whom the talk's own file names, may simply be absent. Raises ConfigError
    for any other name in the sidecar that fits nobody and for a link that is not http(s); TwoNamesError for
    two names in the sidecar on one speaker, unless the review gave that speaker words.
    """
    sidecar, review = talk.sidecar, talk.review_file
    cohort = sidecar.parent / COHORT
    regulars, people, corrections = talk.regulars, talk.facts.speakers.people, talk.review.speaker
    turns = _without_shared_guesses(turns)
    named = talk.named_by_itself
    everyone = (*corrections, *people, *regulars, *named)
    places = Places(turns, talk.review, everyone)
    binder = _Binder(talk, places, _guessed_speakers((*named, *regulars, *people, *corrections), places))
    from_file, _ = binder.bind(named, talk.source)
    from_cohort, _ = binder.bind(regulars, cohort)
    from_sidecar, unmatched_people = binder.bind(people, sidecar, strict=True)
    corrected, unmatched_corrections = binder.bind(corrections, review)
    by_people = from_cohort | from_sidecar
    stated = from_file | by_people
    unmatched = [*unmatched_people, *unmatched_corrections]
    by_name = {person.name: person for person in (*named, *regulars, *people)}
    bindings = stated | corrected
    guesses = _Guesses.of(bindings, turns)
    identities = {}
    for speaker in turns.speakers:
        by_review, by_facts = corrected.get(speaker.id), by_people.get(speaker.id)
        if by_review and by_facts and not is_same_name(by_review.person.name, by_facts.person.name):
            old = by_facts.person
            why = f'"{old.name}" ({_where(old)}) is {by_review.person.name} in the review'
            file = sidecar if speaker.id in from_sidecar else cohort
            unmatched.append(Unmatched(file=file.name, why=why))
        if bound := bindings.get(speaker.id):
            # A role or link belongs to a person: as the review has it, else as stated beside the same name,
            # else for whoever this voice was taken for.
            namesake = by_name.get(bound.person.name)
            bound_people = (by_review and by_review.person, namesake, by_facts and by_facts.person)
            sources = [p for p in (*bound_people, speaker) if p]
            stated_so = [p for p in bound_people if p and is_same_name(p.name, bound.person.name)]
            identities[speaker.id] = Identity(
                name=bound.person.name,
                confirmed=True,
                role=next((p.role for p in sources if p.role), None),
                link=next((p.link for p in sources if p.link), None),
                source=_source(speaker, by_review, by_facts),
                evidence=bound.evidence,
                short=next((plain(p.short) for p in stated_so if p.short), None),
                pronoun=next((p.pronoun for p in stated_so if p.pronoun), None),
            )
        else:
            identities[speaker.id] = _as_found(speaker, guesses)
    return identities, tuple(unmatched)


def _source(speaker: Speaker, by_review: _Bound | None, by_facts: _Bound | None) -> NameSource:
    """How the name of a bound speaker is known. A label in the file needs no front matter to be one."""
    if by_review or by_facts:
        return "review" if by_review else "sidecar"
    return "label" if speaker.source == "label" else "file"


def as_found(turns: Turns) -> dict[str, Identity]:
    """Speaker id to identity, as if people had given no names: what segmentation found."""
    turns = _without_shared_guesses(turns)
    guesses = _Guesses.of({}, turns)
    return {speaker.id: _as_found(speaker, guesses) for speaker in turns.speakers}


@dataclass(frozen=True)
class _Guesses:
    """What decides whether a guessed name stays: the speakers whom people named, and known voices.

    `voices` are the speakers whose voice was recognised as that of each name.
    """

    bound: tuple[tuple[str, str], ...]  # speaker id, name
    namesakes: Namesakes  # among `bound`
    voices: dict[str, set[str]]

    @classmethod
    def of(cls, bindings: _Bindings, turns: Turns) -> _Guesses:
        bound = tuple((id, bound.person.name) for id, bound in bindings.items())
        voices: dict[str, set[str]] = {}
        for speaker in turns.speakers:
            if speaker.name and speaker.source == "voice":
                voices.setdefault(speaker.name, set()).add(speaker.id)
        return cls(bound, Namesakes(name for _, name in bound), voices)


def _as_found(speaker: Speaker, guesses: _Guesses) -> Identity:
    """What segmentation found, less a guessed name that a person gave to another speaker: it was wrong.

    It was not if that speaker was recognised as the same person: one voice was taken for two.
    """
    name, is_guess = speaker.name, _is_guess(speaker)
    if name and is_guess:
        same_voice = guesses.voices[name] if speaker.source == "voice" else set()
        for id, stated in (guesses.bound[number] for number in guesses.namesakes.alike(name)):
            if not (id in same_voice and is_same_name(stated, name)):
                name = None
                break
            name = stated
    if name is None:
        return Identity(None, confirmed=False, role=speaker.role, link=speaker.link)
    return Identity(name, not is_guess, speaker.role, speaker.link, speaker.source, speaker.evidence)


def _without_shared_guesses(turns: Turns) -> Turns:
    """The turns without the names from introductions that may also be another speaker's guessed name.

    A name recognised by voice stays on two speakers: one voice may have been taken for two.
    """
    namesakes = Namesakes(s.name for s in turns.speakers if s.name and _is_guess(s))

    def stays(speaker: Speaker) -> bool:
        is_named = speaker.name and speaker.source == "introduction"
        return not is_named or namesakes.count(speaker.name or "") == 1

    unnamed = {"name": None, "source": "none", "evidence": None}
    speakers = tuple(s if stays(s) else s.model_copy(update=unnamed) for s in turns.speakers)
    return turns.model_copy(update={"speakers": speakers})


def _is_guess(speaker: Speaker) -> bool:
    return speaker.source in GUESSED


def _guessed_speakers(people: tuple[Person, ...], places: Places) -> dict[str, list[str]]:
    """By name, the unbound speakers for whom it was guessed; none if the name is itself bound.

    A first name from an introduction means the listed person who has it, if there is only one.
    """
    bound = {person: places.find(person) for person in people}
    taken = set(bound.values())
    speakers: dict[str, list[str]] = {person.name: [] for person, speaker in bound.items() if speaker}
    full_names = {name_key(person.name) for person in people}
    bearers = Counter(map(first_name, full_names))
    guesses: dict[str, list[Speaker]] = {}
    for s in places.turns.speakers:
        if s.name and _is_guess(s) and s.id not in taken:
            guesses.setdefault(name_key(s.name), []).append(s)
    for person in people:
        first = first_name(person.name)
        matches = [s.id for s in guesses.get(name_key(person.name), ())]
        if not matches and bearers[first] == 1:
            matches = [s.id for s in guesses.get(first, ()) if s.source == "introduction"]
        if matches and _is_bare(person):
            speakers.setdefault(person.name, matches)
    return speakers


@dataclass(frozen=True)
class _Binder:
    """Binds people to speakers. `guessed` maps a bare name to the speakers for whom it was guessed."""

    talk: Talk
    places: Places
    guessed: dict[str, list[str]]

    def bind(
        self, people: tuple[Person, ...], file: Path, strict: bool = False
    ) -> tuple[_Bindings, list[Unmatched]]:
        """Speaker id to person, and who in a file is not found or comes second; if `strict`, may raise.

        Where the review made several speakers one, the name with the label that stays wins.
        """
        bound: _Bindings = {}
        reasons: list[str] = []
        for person in people:
            if person.link:
                checked(person.link, file=file, key=f"{person.name}.link")
        for person in sorted(people, key=self.places.rank) if self._is_reassigned() else people:
            speaker = self.places.find(person)
            guesses = self.guessed.get(person.name) if _is_bare(person) else None
            if speaker is None and guesses is None:
                error = self._not_found(person, file)
                if strict and not self._may_have_gone(person):
                    raise error
                reasons.append(error.what)
            for id in [speaker] if speaker else guesses or []:
                other = bound.setdefault(id, _Bound(person, self._evidence(person, id))).person
                if other.name != person.name:
                    if strict and id not in self.places.speakers_given_words:
                        raise self._two_names(other, person, id, file)
                    second = f'"{person.name}" ({_where(person)})'
                    reasons.append(f"{second} is {other.name} ({_where(other)})")
        entry: ReviewEntry | None = None if strict else "speaker"
        return bound, [Unmatched(file=file.name, entry=entry, why=why) for why in reasons]

    def _evidence(self, person: Person, speaker: str) -> str | None:
        if person.at is not None:
            return clock(person.at)
        if person.label and self.places.find_directly(person) is None:
            return person.label
        return self._speakers[speaker].evidence

    @cached_property
    def _speakers(self) -> dict[str, Speaker]:
        return {speaker.id: speaker for speaker in self.places.turns.speakers}

    @cached_property
    def _is_labelled(self) -> bool:
        """Whether the source itself says who everybody is."""
        return all(speaker.source in ("label", "track") for speaker in self.places.turns.speakers)

    def _is_reassigned(self) -> bool:
        return bool(self.talk.review.merge or self.talk.review.turn)

    def _may_have_gone(self, person: Person) -> bool:
        """Whether a name that fits nobody may be right: there may have been such a guess, label or track."""
        if any(is_same_name(person.label or person.name, track.label) for track in self.talk.tracks):
            return True
        if person.at is not None:
            return False
        return self._is_reassigned() or (_is_bare(person) and not self._is_labelled)

    def _not_found(self, person: Person, file: Path) -> ConfigError:
        has_times, labels, remedies = self._has_times, self._labels, []
        if has_times:
            remedies.append('Give a moment at which this person speaks: { at = "mm:ss" }.')
        if labels:
            remedies.append(f"Labels in the transcript: {labels}.")
        if _is_bare(person) and not self._is_labelled:
            advice = (
                ': say when they speak, { at = "mm:ss" }'
                if has_times
                else ", and the transcript has no times"
            )
            what = f'"{person.name}" is nobody\'s name here{advice}'
        elif person.at is None:
            what = f'"{person.name}" is bound to the label "{person.label or person.name}", which nobody has'
            if self._is_reassigned():
                what += f" after the merges and moves in {self.talk.review_file.name}"
        elif has_times:
            what = f'"{person.name}" is bound to {clock(person.at)}, and nobody speaks there'
        else:
            what = f'"{person.name}" is bound to {clock(person.at)}, but the transcript has no times'
        return ConfigError(what, file=file, remedy=" ".join(remedies) or "Remove this name.")

    @cached_property
    def _has_times(self) -> bool:
        return any(turn.start is not None for turn in self.places.turns.turns)

    @cached_property
    def _labels(self) -> str:
        """The labels of the transcript, for a message."""
        labelled = [s for s in self.places.turns.speakers if s.source in ("label", "track")]
        listed = ", ".join(f'"{s.evidence or s.name}"' for s in labelled[:MAX_LABELS_LISTED])
        return f"{listed}, …" if len(labelled) > MAX_LABELS_LISTED else listed

    def _two_names(self, first: Person, second: Person, speaker: str, file: Path) -> TwoNamesError:
        moments = [person.at for person in (first, second) if person.at is not None]
        speaking_times = self.places.speaking_times(speaker, moments)
        remedies = ["Bind one of them to another moment or label"]
        if speaking_times:
            remedies = [
                f'{speaking_times}. {remedies[0]}; a moment inside a turn may need a fraction ("00:22.5")'
            ]
        review = self.talk.review_file.name
        found = self._speakers[speaker]
        if found.other_labels:
            labels = " and ".join(f'"{label}"' for label in (found.label, *found.other_labels))
            remedies.append(f"if {labels} are two people, bind the names to these labels")
        if self.talk.media is None:
            remedies.append(f"what somebody else said is moved with [[turn]] in {review}")
        else:
            remedies.append(f"if two voices were taken for one, `split` in {review} parts them")
            if self.talk.facts.speakers.count is None:
                remedies.append("or say how many there are: [speakers] count")
        return TwoNamesError(
            f'"{first.name}" ({_where(first)}) and "{second.name}" ({_where(second)}) '
            f"are bound to the same speaker, {speaker}",
            file=file,
            remedy=f"{'; '.join(remedies)}.",
        )


def _is_bare(person: Person) -> bool:
    """Whether the person's entry gives neither a moment nor a label."""
    return person.at is None and not person.label


def _where(person: Person) -> str:
    return f"at {clock(person.at)}" if person.at is not None else f'label "{person.label or person.name}"'
