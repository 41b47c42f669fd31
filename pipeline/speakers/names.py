"""Who the speakers are: names that people gave, bound to a moment or to a label."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.clock import clock
from pipeline.errors import ConfigError
from pipeline.facts import Person
from pipeline.links import checked
from pipeline.records import Sentence, Speaker, Turn, Turns
from pipeline.talks import Talk

_NEAR = 5.0  # seconds between a moment and the sentence that it still means
_GUESSED = frozenset({"introduction", "voice"})


@dataclass(frozen=True)
class Identity:
    """What is known of a speaker.

    `name` is None for a stranger; `confirmed` when a person or the source itself gave it.
    """

    name: str | None
    confirmed: bool
    role: str | None
    link: str | None


def identify(talk: Talk, turns: Turns) -> tuple[dict[str, Identity], list[str]]:
    """Speaker id to identity: the review's names, else the sidecar's, else what segmentation found.

    Also a line for each review entry that fits nobody, since what it meant may have moved; people of the
    cohort may just be absent. Raises ConfigError for a name in the sidecar that fits nobody, for two names
    on one speaker, and for a link that is not http(s).
    """
    unmatched: list[str] = []
    sidecar, review = talk.source.with_suffix(".toml"), talk.source.with_suffix(".review.toml")
    cohort = sidecar.parent / "cohort.toml"
    stated = _bind(talk.regulars, turns, cohort, []) | _bind(talk.facts.speakers.people, turns, sidecar, None)
    corrected = _bind(talk.review.speaker, turns, review, unmatched)
    by_name = {person.name: person for person in (*talk.regulars, *talk.facts.speakers.people)}
    known = {}
    for speaker in turns.speakers:
        new, old = corrected.get(speaker.id), stated.get(speaker.id)
        given = new or old
        # A role belongs to a person: one of the same name first, then whoever this voice was taken for.
        about = [p for p in (new, by_name.get(given.name) if given else None, old, speaker) if p]
        known[speaker.id] = Identity(
            name=given.name if given else speaker.name,
            confirmed=bool(given) or (speaker.name is not None and speaker.source not in _GUESSED),
            role=next((p.role for p in about if p.role), None),
            link=next((p.link for p in about if p.link), None),
        )
    return known, unmatched


def _bind(
    people: tuple[Person, ...], turns: Turns, file: Path, unmatched: list[str] | None
) -> dict[str, Person]:
    """Speaker id to person. Who is not found goes to `unmatched` if that is given, else it is an error."""
    bound: dict[str, Person] = {}
    for person in people:
        if person.link:
            checked(person.link, file=file, key=f"{person.name}.link")
        speaker = _speaker_of(person, turns)
        if speaker is None:
            error = _not_found(person, turns, file)
            if unmatched is None:
                raise error
            unmatched.append(f"speaker: {error.what}")
            continue
        other = bound.setdefault(speaker, person)
        if other.name != person.name and unmatched is not None:
            unmatched.append(f'speaker: "{person.name}" ({_where(person)}) is {other.name} ({_where(other)})')
        elif other.name != person.name:
            raise ConfigError(
                f'"{other.name}" ({_where(other)}) and "{person.name}" ({_where(person)}) '
                f"are bound to the same speaker, {speaker}",
                file=file,
                remedy="Bind one of them to another moment or label; if two voices were taken for one, "
                "say how many there are: [speakers] count.",
            )
    return bound


def _speaker_of(person: Person, turns: Turns) -> str | None:
    if person.at is not None:
        return _at(person.at, turns)
    wanted = (person.label or person.name).casefold()
    return next((s.id for s in turns.speakers if wanted in _labels(s)), None)


def _labels(speaker: Speaker) -> set[str]:
    return {label.casefold() for label in (speaker.evidence, speaker.name) if label}


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
