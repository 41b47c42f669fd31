"""The excerpt that each talk contributes to its cohort, cached so that a new talk costs only itself.

And all excerpts joined into one conversation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import ValidationError

from pipeline.cohort.cohort_records import Excerpt, Part, Person, Voice
from pipeline.files import digest_value
from pipeline.post.compose import Material, compose
from pipeline.post.conversation import speakers
from pipeline.post.template_views import PostView
from pipeline.records import Quote, Sentence, Speaker, Takeaways, Theme, Transcript, Turn, Turns, qualified
from pipeline.running import artifacts
from pipeline.stages import render
from pipeline.stages.extract import EXTRACT
from pipeline.stages.segment import SEGMENT
from pipeline.stages.transcribe import TRANSCRIBE
from pipeline.text import name_key
from pipeline.turns.called import is_role
from pipeline.turns.names import Identity, identify
from pipeline.turns.offices import is_no_name
from pipeline.workspace.receipts import made_from
from pipeline.workspace.talks import Talk

FORMAT = 3  # of an excerpt: one in another format is made again
_UPSTREAM = (TRANSCRIBE, SEGMENT, EXTRACT)


def excerpt_key(talk: Talk) -> str | None:
    """A digest of all that an excerpt is made from; None for a talk that has no takeaways yet.

    Raises what reading artifacts and facts raises.
    """
    states = [artifacts.inspect(talk, stage) for stage in _UPSTREAM]
    if not all(states):
        return None
    return digest_value(
        [*_versions(), *(state.digest for state in states if state), made_from(render.shown(talk))]
    )


@cache
def _versions() -> tuple[int | str, ...]:
    return FORMAT, version("takeaways"), render.RENDER.version


def prepare(talk: Talk) -> str | None:
    """Make the excerpt unless it is cached, and return its key. Raises ArtifactError, ConfigError."""
    current = excerpt_key(talk)
    if current and not talk.state.excerpt.path(current).is_file():
        load(talk, current)
    return current


def load(talk: Talk, key: str) -> Excerpt:
    """The excerpt of a talk, made now unless it is cached; `key` is its `excerpt_key`.

    Raises ArtifactError, ConfigError (names, links).
    """
    with suppress(ValidationError):  # the cache may be damaged
        if cached := talk.state.excerpt.recall(key):
            return Excerpt.model_validate_json(cached)
    excerpt = _make(talk)
    talk.state.excerpt.keep_only(key, excerpt.model_dump_json(exclude_none=True).encode())
    return excerpt


def _make(talk: Talk) -> Excerpt:
    upstream = artifacts.load_all(talk, _UPSTREAM)
    turns, takeaways = upstream.of(Turns), upstream.of(Takeaways)
    identities, _ = identify(talk, turns)
    post = compose(Material(talk, upstream.of(Transcript), turns, takeaways, identities), ())
    parts = tuple(_part(theme, post, number) for number, theme in enumerate(takeaways.themes))
    cited = {id for part in parts for id in part.sentences}
    facts: dict[str, Any] = {
        name: getattr(post, name)
        for name in ("title", "dek", "date", "day", "occasion", "duration", "language")
    }
    return Excerpt(
        talk=talk.name,
        **facts,
        voices=tuple(_voices(turns, identities, {name_key(person.name) for person in talk.regulars})),
        parts=parts,
        turns=tuple(_runs(turns, cited)),
    )


def _part(theme: Theme, post: PostView, number: int) -> Part:
    view = post.themes[number]
    return Part(heading=view.entry, anchor=view.anchor, quotes=theme.quotes, sentences=theme.cited_ids)


def _voices(turns: Turns, identities: Mapping[str, Identity], regulars: set[str]) -> Iterator[Voice]:
    """The people of a talk; speakers with the same name are one person."""
    people: dict[str, list[str]] = {}
    views = speakers(turns, identities, (), lambda start: None)
    for id, view in views.items():
        people.setdefault(view.id, []).append(id)
    for first, ids in people.items():
        view = views[first]
        yield Voice(
            ids=tuple(ids),
            name=view.name,
            known=view.known and not is_role(view.name),
            everywhere=(" " in view.name and not is_no_name(view.name)) or name_key(view.name) in regulars,
            confirmed=view.confirmed,
            role=view.role,
            link=view.link,
            share=view.share,
            reason=view.reason,
            short=view.short or None,
            pronoun=view.pronoun,
        )


def _runs(turns: Turns, cited: set[str]) -> Iterator[Turn]:
    """The cited sentences, with a turn for each uninterrupted run of them."""
    for turn in turns.turns:
        run: list[int] = []
        for index, sentence in enumerate(turn.sentences):
            if sentence.id in cited:
                run.append(index)
            elif run:
                yield _turn(turn, run)
                run = []
        if run:
            yield _turn(turn, run)


def _turn(turn: Turn, run: list[int]) -> Turn:
    kept = turn.sentences[run[0] : run[-1] + 1]
    times = {"start": kept[0].start, "end": kept[-1].end}
    return turn.model_copy(update={"id": f"{turn.id}.{run[0]}", "sentences": kept, **times})


# All excerpts of a cohort as one conversation, which writers and verification treat like a talk.


@dataclass(frozen=True)
class GatheredPart:
    """Theme `number` (from 0) of a talk. Sentence and speaker ids are those of the joined conversation."""

    talk: str
    number: int
    heading: str
    sentences: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class GatheredTalk:
    """What is told of a talk besides what was said in it: `headings` are those of its own post."""

    name: str
    title: str
    date: str | None
    headings: tuple[str, ...]


@dataclass(frozen=True)
class Gathered:
    """`turns` hold what all talks quote or cite, talk by talk; sentence ids are TALK#ID, speakers are people.

    `facts` are those of these talks; `other_language` are talks that are left out, since they are not in the
    most common language.
    """

    turns: Turns
    people: tuple[Person, ...]
    parts: tuple[GatheredPart, ...]
    facts: tuple[GatheredTalk, ...]
    other_language: tuple[str, ...]

    @property
    def talks(self) -> tuple[str, ...]:
        return tuple(talk.name for talk in self.facts)


def gather(excerpts: Sequence[Excerpt]) -> Gathered:
    """Join the excerpts in the most common language, in their order; themes without quotes are no parts."""
    languages = Counter(excerpt.language for excerpt in excerpts)
    language = min(languages, key=lambda name: (-languages[name], name), default="en")
    included = [excerpt for excerpt in excerpts if excerpt.language == language]
    people = _people(included)
    ids = {voice: person.id for person in people for voice in person.voices}
    roles = {(e.talk, id): voice.role for e in included for voice in e.voices for id in voice.ids}
    turns: list[Turn] = []
    for excerpt in included:
        offset = turns[-1].sentences[-1].words[1] if turns else 0
        turns += [_joined_turn(turn, excerpt.talk, ids, offset) for turn in _in_order(excerpt.turns)]
    speakers_heard = tuple(
        Speaker(
            id=person.id,
            name=person.name,
            source="label" if person.name else "none",
            role=next(filter(None, (roles.get(voice) for voice in person.voices)), None),
        )
        for person in people
    )
    return Gathered(
        Turns(language=language, speakers=speakers_heard, turns=tuple(turns)),
        people,
        tuple(
            _gathered_part(part, number, excerpt.talk, ids)
            for excerpt in included
            for number, part in enumerate(excerpt.parts)
            if part.quotes
        ),
        tuple(
            GatheredTalk(e.talk, e.title, e.date, tuple(part.heading for part in e.parts)) for e in included
        ),
        tuple(excerpt.talk for excerpt in excerpts if excerpt.language != language),
    )


def person_key(talk: str, voice: Voice) -> tuple[str, str]:
    """A key shared by all voices of one person.

    Only a full name, or a regular's, tells who it is elsewhere.
    """
    return ("", name_key(voice.name)) if voice.known and voice.everywhere else (talk, voice.ids[0])


def _people(excerpts: Sequence[Excerpt]) -> tuple[Person, ...]:
    """Everybody who says something quoted or cited, once, whatever the talks (see `person_key`)."""
    people: dict[tuple[str, str], list[tuple[str, str]]] = {}
    names: dict[tuple[str, str], str | None] = {}
    for excerpt in excerpts:
        speaking = {turn.speaker for turn in excerpt.turns}
        for voice in excerpt.voices:
            key = person_key(excerpt.talk, voice)
            speaker_ids = [(excerpt.talk, id) for id in voice.ids if id in speaking]
            if speaker_ids:
                people.setdefault(key, []).extend(speaker_ids)
                names.setdefault(key, voice.name if voice.known else None)
    return tuple(
        Person(id=f"S{number}", name=names[key], voices=tuple(voices))
        for number, (key, voices) in enumerate(people.items(), 1)
    )


def _in_order(turns: Sequence[Turn]) -> list[Turn]:
    return sorted(turns, key=lambda turn: turn.sentences[0].words)


def _joined_turn(turn: Turn, talk: str, ids: dict[tuple[str, str], str], offset: int) -> Turn:
    speaker = ids[talk, turn.speaker]

    def joined(sentence: Sentence) -> Sentence:
        first, last = sentence.words
        place = {"id": qualified(talk, sentence.id), "words": (first + offset, last + offset)}
        return sentence.model_copy(update={**place, "speaker": speaker})

    sentences = tuple(map(joined, turn.sentences))
    update = {"id": qualified(talk, turn.id), "speaker": speaker, "sentences": sentences, "aside": False}
    return turn.model_copy(update=update)


def _gathered_part(part: Part, number: int, talk: str, ids: dict[tuple[str, str], str]) -> GatheredPart:
    def joined(quote: Quote) -> Quote:
        keep = tuple(
            kept.model_copy(update={"sentence": qualified(talk, kept.sentence)}) for kept in quote.keep
        )
        update = {"sentences": tuple(qualified(talk, id) for id in quote.sentences), "keep": keep}
        return quote.model_copy(update={**update, "speaker": ids[talk, quote.speaker]})

    sentences = tuple(qualified(talk, id) for id in part.sentences)
    return GatheredPart(talk, number, part.heading, sentences, tuple(map(joined, part.quotes)))
