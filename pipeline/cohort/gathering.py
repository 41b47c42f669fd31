"""All excerpts of a cohort as one conversation, on which writers and verification work as on a talk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.cohort.cohort_records import Excerpt, Part, Person, Voice
from pipeline.records import Quote, Sentence, Speaker, Turn, Turns, qualified


@dataclass(frozen=True)
class Gist:
    """Theme `number` (from 0) of a talk. Sentence and speaker ids are those of the gathered conversation."""

    talk: str
    number: int
    heading: str
    sentences: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Gathered:
    """`turns` hold what all talks quote or cite, talk by talk; sentence ids are TALK#ID, speakers are people.

    `apart` are talks in another language than most, which take no part.
    """

    turns: Turns
    people: tuple[Person, ...]
    gists: tuple[Gist, ...]
    talks: tuple[str, ...]
    apart: tuple[str, ...]


def gather(excerpts: Sequence[Excerpt]) -> Gathered:
    """Put excerpts together, in their order."""
    spoken = Counter(excerpt.language for excerpt in excerpts)
    language = min(spoken, key=lambda name: (-spoken[name], name), default="en")
    same = [excerpt for excerpt in excerpts if excerpt.language == language]
    people = _people(same)
    ids = {voice: person.id for person in people for voice in person.voices}
    turns: list[Turn] = []
    for excerpt in same:
        offset = turns[-1].sentences[-1].words[1] if turns else 0
        turns += [_turn(turn, excerpt.talk, ids, offset) for turn in _in_order(excerpt.turns)]
    speakers = tuple(
        Speaker(id=person.id, name=person.name, source="label" if person.name else "none")
        for person in people
    )
    return Gathered(
        Turns(language=language, speakers=speakers, turns=tuple(turns)),
        people,
        tuple(
            _gist(part, number, excerpt.talk, ids)
            for excerpt in same
            for number, part in enumerate(excerpt.parts)
            if part.quotes
        ),
        tuple(excerpt.talk for excerpt in same),
        tuple(excerpt.talk for excerpt in excerpts if excerpt.language != language),
    )


def same_person(talk: str, voice: Voice) -> tuple[str, str]:
    """A key that the voices of one person share; who has no full name is a stranger in every other talk."""
    return ("", voice.name.casefold()) if voice.known and voice.everywhere else (talk, voice.ids[0])


def _people(excerpts: Sequence[Excerpt]) -> tuple[Person, ...]:
    """Who says something that is quoted or cited; voices of one name in several talks are one person."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    names: dict[tuple[str, str], str | None] = {}
    for excerpt in excerpts:
        heard = {turn.speaker for turn in excerpt.turns}
        for voice in excerpt.voices:
            key = same_person(excerpt.talk, voice)
            own = [(excerpt.talk, id) for id in voice.ids if id in heard]
            if own:
                found.setdefault(key, []).extend(own)
                names.setdefault(key, voice.name if voice.known else None)
    return tuple(
        Person(id=f"S{number}", name=names[key], voices=tuple(voices))
        for number, (key, voices) in enumerate(found.items(), 1)
    )


def _in_order(turns: Sequence[Turn]) -> list[Turn]:
    return sorted(turns, key=lambda turn: turn.sentences[0].words)


def _turn(turn: Turn, talk: str, ids: dict[tuple[str, str], str], offset: int) -> Turn:
    speaker = ids[talk, turn.speaker]

    def moved(sentence: Sentence) -> Sentence:
        first, last = sentence.words
        place = {"id": qualified(talk, sentence.id), "words": (first + offset, last + offset)}
        return sentence.model_copy(update={**place, "speaker": speaker})

    sentences = tuple(map(moved, turn.sentences))
    update = {"id": qualified(talk, turn.id), "speaker": speaker, "sentences": sentences, "aside": False}
    return turn.model_copy(update=update)


def _gist(part: Part, number: int, talk: str, ids: dict[tuple[str, str], str]) -> Gist:
    def moved(quote: Quote) -> Quote:
        keep = tuple(
            kept.model_copy(update={"sentence": qualified(talk, kept.sentence)}) for kept in quote.keep
        )
        update = {"sentences": tuple(qualified(talk, id) for id in quote.sentences), "keep": keep}
        return quote.model_copy(update={**update, "speaker": ids[talk, quote.speaker]})

    sentences = tuple(qualified(talk, id) for id in part.sentences)
    return Gist(talk, number, part.heading, sentences, tuple(map(moved, part.quotes)))
