"""Who the speakers are: names that people gave, bound to a moment or to a label."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.clock import clock
from pipeline.errors import ConfigError
from pipeline.facts import Person
from pipeline.links import checked
from pipeline.records import Sentence, Speaker, Turn, Turns
from pipeline.speakers.person_names import may_be_one
from pipeline.talks import Talk

_NEAR = 5.0  # seconds between a moment and the sentence that it still means
_GUESSED = frozenset({"introduction", "voice"})

Source = Literal["label", "track", "sidecar", "review", "introduction", "voice", "none"]


@dataclass(frozen=True)
class Identity:
    """What is known of a speaker, and how.

    `name` is None for a stranger; `confirmed` when a person or the source itself gave it. `evidence` is the
    label or the moment that the name is bound to, or what a guess rests on: a sentence's id, or a voice.
    """

    name: str | None
    confirmed: bool
    role: str | None
    link: str | None
    source: Source = "none"
    evidence: str | None = None


@dataclass(frozen=True)
class _Bound:
    person: Person
    evidence: str | None


_Bindings = dict[str, _Bound]


def identify(talk: Talk, turns: Turns) -> tuple[dict[str, Identity], list[str]]:
    """Speaker id to identity: the review's names, else the sidecar's, else what segmentation found.

    Also a line for each review entry that fits nobody, since what it meant may have moved; people of the
    cohort may just be absent. Raises ConfigError for a name in the sidecar that fits nobody, for two names
    on one speaker, and for a link that is not http(s).
    """
    unmatched: list[str] = []
    sidecar, review = talk.source.with_suffix(".toml"), talk.source.with_suffix(".review.toml")
    cohort = sidecar.parent / "cohort.toml"
    regulars, people, corrections = talk.regulars, talk.facts.speakers.people, talk.review.speaker
    turns = _without_guesses_that_meet(turns)
    listed = _listed((*regulars, *people, *corrections), turns)
    absent = _bind(regulars, turns, listed, cohort, [])
    stated = absent | _bind(people, turns, listed, sidecar, None)
    corrected = _bind(corrections, turns, listed, review, unmatched)
    by_name = {person.name: person for person in (*regulars, *people)}
    given = stated | corrected
    known = {}
    for speaker in turns.speakers:
        new, old = corrected.get(speaker.id), stated.get(speaker.id)
        if bound := given.get(speaker.id):
            # A role belongs to a person: one of the same name first, then whoever this voice was taken for.
            same = by_name.get(bound.person.name)
            about = [p for p in (new and new.person, same, old and old.person, speaker) if p]
            known[speaker.id] = Identity(
                name=bound.person.name,
                confirmed=True,
                role=next((p.role for p in about if p.role), None),
                link=next((p.link for p in about if p.link), None),
                source="review" if new else "sidecar",
                evidence=bound.evidence,
            )
        else:
            known[speaker.id] = _as_found(speaker, given)
    return known, unmatched


def _as_found(speaker: Speaker, given: _Bindings) -> Identity:
    """What segmentation found. A guess that a person has given to somebody else was wrong."""
    name, guessed = speaker.name, _is_guess(speaker)
    if name is None or (guessed and any(may_be_one(name, bound.person.name) for bound in given.values())):
        return Identity(None, confirmed=False, role=speaker.role, link=speaker.link)
    return Identity(name, not guessed, speaker.role, speaker.link, speaker.source, speaker.evidence)


def _without_guesses_that_meet(turns: Turns) -> Turns:
    """One voice may be taken for two, so a name may be on two voices; one said aloud has one owner."""
    guessed = [speaker for speaker in turns.speakers if speaker.name and _is_guess(speaker)]

    def stays(speaker: Speaker) -> bool:
        others = [other for other in guessed if other.id != speaker.id]
        return speaker.source != "introduction" or not any(
            may_be_one(speaker.name or "", other.name or "") for other in others
        )

    nobody = {"name": None, "source": "none", "evidence": None}
    speakers = tuple(s if stays(s) else s.model_copy(update=nobody) for s in turns.speakers)
    return turns.model_copy(update={"speakers": speakers})


def _is_guess(speaker: Speaker) -> bool:
    return speaker.source in _GUESSED


def _listed(people: tuple[Person, ...], turns: Turns) -> dict[str, list[str]]:
    """The speakers that a bare name means by way of a guess; none if the name is bound outright elsewhere.

    A first name said aloud means the one person given who has it.
    """
    outright = {person: _outright(person, turns) for person in people}
    taken = {speaker for speakers in outright.values() for speaker in speakers}
    found: dict[str, list[str]] = {person.name: [] for person, speakers in outright.items() if speakers}
    everyone = {person.name.casefold() for person in people}
    guesses = [
        (s, s.name.casefold()) for s in turns.speakers if s.name and _is_guess(s) and s.id not in taken
    ]
    for person in people:
        name, first = person.name.casefold(), person.name.casefold().split()[:1]
        alone = sum(other.split()[:1] == first for other in everyone) == 1
        means = [s.id for s, guess in guesses if guess == name] or [
            s.id for s, guess in guesses if alone and s.source == "introduction" and [guess] == first
        ]
        if means and not person.label and person.at is None:
            found.setdefault(person.name, means)
    return found


def _bind(
    people: tuple[Person, ...],
    turns: Turns,
    listed: dict[str, list[str]],
    file: Path,
    unmatched: list[str] | None,
) -> _Bindings:
    """Speaker id to person. Who is not found goes to `unmatched` if that is given, else it is an error."""
    bound: _Bindings = {}
    for person in people:
        if person.link:
            checked(person.link, file=file, key=f"{person.name}.link")
        speakers = _outright(person, turns)
        bare = person.at is None and not person.label
        if not speakers and not (bare and person.name in listed):
            error = _not_found(person, turns, file)
            if unmatched is None:
                raise error
            unmatched.append(f"speaker: {error.what}")
        for speaker in speakers or (listed.get(person.name, []) if bare else []):
            other = bound.setdefault(speaker, _Bound(person, _evidence(person, speaker, turns))).person
            if other.name != person.name:
                _meet(person, other, speaker, file, unmatched)
    return bound


def _meet(person: Person, other: Person, speaker: str, file: Path, unmatched: list[str] | None) -> None:
    """Two names on one speaker: a line for `unmatched` if that is given, else an error."""
    if unmatched is not None:
        unmatched.append(f'speaker: "{person.name}" ({_where(person)}) is {other.name} ({_where(other)})')
        return
    raise ConfigError(
        f'"{other.name}" ({_where(other)}) and "{person.name}" ({_where(person)}) '
        f"are bound to the same speaker, {speaker}",
        file=file,
        remedy="Bind one of them to another moment or label; if two voices were taken for one, "
        "say how many there are: [speakers] count.",
    )


def _outright(person: Person, turns: Turns) -> list[str]:
    """Who speaks at the person's moment or has the label; a guess is no label."""
    if person.at is not None:
        speaker = _at(person.at, turns)
        return [speaker] if speaker else []
    wanted = (person.label or person.name).casefold()
    return [s.id for s in turns.speakers if wanted in _labels(s)][:1]


def _labels(speaker: Speaker) -> set[str]:
    if _is_guess(speaker):
        return set()
    return {label.casefold() for label in (speaker.evidence, speaker.name) if label}


def _evidence(person: Person, speaker: str, turns: Turns) -> str | None:
    if person.at is not None:
        return clock(person.at)
    return next(s.evidence for s in turns.speakers if s.id == speaker)


def _at(moment: float, turns: Turns) -> str | None:
    """Who speaks then. Clocks show whole seconds, so a turn that begins within a whole second is meant."""
    if moment == int(moment):
        begun = [t for t in turns.turns if t.start is not None and int(t.start) == moment]
        if begun:
            return max(begun, key=lambda turn: (turn.end or 0) - (turn.start or 0)).speaker
    spoken = turns.sentences()
    parts: tuple[Sentence | Turn, ...] = (*spoken, *turns.turns)
    for part in parts:
        if part.start is not None and part.end is not None and part.start <= moment < part.end:
            return part.speaker
    gaps = [
        (max(s.start - moment, moment - (s.end or s.start)), s.speaker) for s in spoken if s.start is not None
    ]
    gap, speaker = min(gaps, default=(_NEAR + 1, None), key=lambda near: near[0])
    return speaker if gap <= _NEAR else None


def _where(person: Person) -> str:
    return f"at {clock(person.at)}" if person.at is not None else f'label "{person.label or person.name}"'


def _not_found(person: Person, turns: Turns, file: Path) -> ConfigError:
    labels = ", ".join(f'"{s.evidence or s.name}"' for s in turns.speakers if s.source in ("label", "track"))
    timed = any(turn.start is not None for turn in turns.turns)
    remedies = []
    if timed:
        remedies.append('Give a moment at which this person speaks: { at = "mm:ss" }.')
    if labels:
        remedies.append(f"Labels in the transcript: {labels}.")
    if person.at is None:
        what = f'"{person.name}" is bound to the label "{person.label or person.name}", which nobody has'
    elif timed:
        what = f'"{person.name}" is bound to {clock(person.at)}, and nobody speaks there'
    else:
        what = f'"{person.name}" is bound to {clock(person.at)}, but the transcript has no times'
    return ConfigError(what, file=file, remedy=" ".join(remedies) or "Remove this name.")
