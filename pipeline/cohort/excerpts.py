"""What a talk brings to its cohort, kept between runs so that a new talk costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.cohort.cohort_records import Excerpt, Part, Voice
from pipeline.digests import digest_value
from pipeline.files import keep_private, write_atomically
from pipeline.post.compose import Material, compose
from pipeline.post.conversation import speakers
from pipeline.post.views import PostView
from pipeline.records import Record, Takeaways, Theme, Transcript, Turn, Turns
from pipeline.running import artifacts
from pipeline.stages import render
from pipeline.stages.extract import EXTRACT
from pipeline.stages.segment import SEGMENT
from pipeline.stages.transcribe import TRANSCRIBE
from pipeline.turns.names import Identity, identify
from pipeline.workspace.talks import Talk

FORMAT = 1  # of an excerpt; another one is made anew
_ROLE = re.compile(  # what a transcript calls somebody whom it does not name
    r"(?:co-?)?(?:host|guest|interviewer|interviewee|moderator|speaker|presenter|audience(?: member)?|caller|"
    r"narrator|panell?ist|participant|question(?:er)?|announcer|unknown|q|a)(?:[ #]*\d+)?",
    re.IGNORECASE,
)
_UPSTREAM = (TRANSCRIBE, SEGMENT, EXTRACT)


def key(talk: Talk) -> str | None:
    """A digest of all that an excerpt is made from; None for a talk that has no takeaways yet.

    Raises what reading artifacts and facts raises.
    """
    had = [artifacts.inspect(talk, stage) for stage in _UPSTREAM]
    if not all(had):
        return None
    made_by = [FORMAT, version("takeaways"), render.RENDER.version]
    return digest_value([*made_by, *(one.digest for one in had if one), render.shown(talk)])


def ready(talk: Talk) -> str | None:
    """As `key`, once there is an excerpt. Raises ArtifactError, ConfigError (names, links)."""
    now, path = key(talk), path_of(talk)
    if now and (not path.is_file() or talk.memory.recall(path) != now):
        of(talk, now)
        talk.memory.remember(path, now)
    return now


def of(talk: Talk, now: str) -> Excerpt:
    """The excerpt of a talk whose key is `now`. Raises ArtifactError, ConfigError (names, links)."""
    path = path_of(talk)
    try:
        known = _Kept.model_validate_json(path.read_bytes())
        if known.key == now:
            return known.excerpt
    except (OSError, ValidationError):
        pass  # a cache
    made = _made(talk)
    data = _Kept(key=now, excerpt=made).model_dump_json(exclude_none=True)
    with suppress(OSError):  # a folder that cannot be written costs only speed
        keep_private(talk.workspace.root)
        write_atomically(path, data.encode(), private=True)
    return made


def path_of(talk: Talk) -> Path:
    return talk.workspace.state(talk.name, ".excerpt.json")


class _Kept(Record):
    key: str
    excerpt: Excerpt


def _made(talk: Talk) -> Excerpt:
    upstream = artifacts.load_all(talk, _UPSTREAM)
    turns, takeaways = upstream.of(Turns), upstream.of(Takeaways)
    identities, _ = identify(talk, turns)
    post = compose(Material(talk, upstream.of(Transcript), turns, takeaways, identities), ())
    parts = tuple(_part(theme, post, at) for at, theme in enumerate(takeaways.themes))
    cited = {id for part in parts for id in part.sentences}
    facts: dict[str, Any] = {
        name: getattr(post, name)
        for name in ("title", "dek", "date", "day", "occasion", "duration", "language")
    }
    return Excerpt(
        talk=talk.name,
        **facts,
        voices=tuple(_voices(turns, identities, {person.name.casefold() for person in talk.regulars})),
        parts=parts,
        turns=tuple(_runs(turns, cited)),
    )


def _part(theme: Theme, post: PostView, at: int) -> Part:
    cites = (id for paragraph in theme.paragraphs for claim in paragraph.claims for id in claim.cites)
    quoted = (id for quote in theme.quotes for id in quote.sentences)
    shown = post.themes[at]
    return Part(
        heading=shown.heading,
        anchor=shown.anchor,
        quotes=theme.quotes,
        sentences=tuple(dict.fromkeys([*quoted, *cites])),
    )


def _voices(turns: Turns, identities: Mapping[str, Identity], regulars: set[str]) -> Iterator[Voice]:
    """The people of a talk; voices that bear one name are one person."""
    people: dict[str, list[str]] = {}
    views = speakers(turns, identities, (), lambda start: None)
    for id, view in views.items():
        people.setdefault(view.id, []).append(id)
    for first, ids in people.items():
        view = views[first]
        yield Voice(
            ids=tuple(ids),
            name=view.name,
            known=view.known and not _ROLE.fullmatch(view.name),
            everywhere=" " in view.name or view.name.casefold() in regulars,
            confirmed=view.confirmed,
            role=view.role,
            link=view.link,
            share=view.share,
            why=view.why,
        )


def _runs(turns: Turns, cited: set[str]) -> Iterator[Turn]:
    """The cited sentences, a turn for each run between which nothing was said."""
    for turn in turns.turns:
        run: list[int] = []
        for at, sentence in enumerate(turn.sentences):
            if sentence.id in cited:
                run.append(at)
            elif run:
                yield _turn(turn, run)
                run = []
        if run:
            yield _turn(turn, run)


def _turn(turn: Turn, run: list[int]) -> Turn:
    kept = turn.sentences[run[0] : run[-1] + 1]
    times = {"start": kept[0].start, "end": kept[-1].end}
    return turn.model_copy(update={"id": f"{turn.id}.{run[0]}", "sentences": kept, **times})
