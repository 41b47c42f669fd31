"""What people wrote beside recordings: NAME.toml, and cohort.toml of each folder, the nearer one winning.

What a talk's own file says is between the two: cohort.toml holds for all talks, a sidecar for that file.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    TypeAdapter,
    field_validator,
    model_validator,
)

from pipeline.errors import ConfigError
from pipeline.records import Record
from pipeline.stage_names import JUDGE, CohortStage, TalkStage
from pipeline.text import name_key, plain
from pipeline.workspace import config
from pipeline.workspace.config import Settings
from pipeline.workspace.own_facts import OwnFacts

COHORT = "cohort.toml"

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2}(?:\.\d+)?)")
MAX_SECONDS = 1e9  # thirty years


def parse_moment(value: Any) -> Any:
    """Seconds of "mm:ss" or "h:mm:ss" (fractions allowed); numbers stay. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError('a moment is written "mm:ss" or "h:mm:ss", or as a number of seconds')
    if not isinstance(value, str):
        return value
    match = _CLOCK.fullmatch(value.strip())
    if not match or float(match[3]) >= 60:
        raise ValueError(f'a moment is written "mm:ss" or "h:mm:ss", not "{value}"')
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3])


def _in_a_recording(seconds: float) -> float:
    if seconds >= MAX_SECONDS:
        raise ValueError("no recording lasts that long; a moment is in seconds from its start")
    return seconds


Moment = Annotated[
    float, BeforeValidator(parse_moment), Field(ge=0, allow_inf_nan=False), AfterValidator(_in_a_recording)
]
Count = Annotated[int, Field(ge=1, le=50, strict=True)]


_PRONOUN = re.compile(r"[^\W\d_]++(?:[ /,]++[^\W\d_]++)*+")


def _is_a_pronoun(text: str) -> str:
    if not _PRONOUN.fullmatch(text.strip()):
        raise ValueError('a pronoun is one or several words, as in "she", "they" or "she/her"')
    return text.strip()


class About(Record):
    """What is known of somebody: a moment at which that person speaks, or a label of the transcript.

    `short` is what this person is called once introduced, `pronoun` what stands for the name.
    """

    at: Moment | None = None
    label: str | None = None
    role: str | None = None
    link: str | None = None
    short: Annotated[str | None, Field(pattern=r"\S")] = None
    pronoun: Annotated[str, AfterValidator(_is_a_pronoun)] | None = None


class Person(About):
    """A name bound to a moment or to a label."""

    name: Annotated[str, Field(min_length=1)]

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not plain(name):
            raise ValueError("a name has letters")
        if re.fullmatch(r"new( \d+)?", name):
            raise ValueError('"new" means somebody not heard elsewhere, so nobody can be called that')
        return name


_ABOUT = TypeAdapter(dict[str, About])


class Speakers(Record):
    """The sidecar's [speakers]: how many, and who. Every key but count, min and max is a name."""

    by_name: ClassVar[type[Record]] = About
    count: Count | None = None
    min: Count | None = None
    max: Count | None = None
    people: tuple[Person, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _names_are_keys(cls, table: Any) -> Any:
        if not isinstance(table, dict) or isinstance(table.get("people"), list | tuple):
            return table  # a dump, read back
        numbers = {key: table[key] for key in ("count", "min", "max") if key in table}
        tables = {name: about for name, about in table.items() if name not in numbers}
        for name, about in tables.items():
            if not isinstance(about, dict):
                raise ValueError(
                    f"a speaker is a table, not {about!r:.80}; for example: "
                    f'"{name}" = {{ at = "01:12", role = "Base" }}'
                )
        known = _ABOUT.validate_python(tables)
        people = [Person(name=n, **about.model_dump(exclude_unset=True)) for n, about in known.items()]
        return {**numbers, "people": people}

    @model_validator(mode="after")
    def _count_is_possible(self) -> Self:
        if self.min and self.max and self.min > self.max:
            raise ValueError(f"min = {self.min} is more than max = {self.max}")
        if self.count and not (self.min or 0) <= self.count <= (self.max or self.count):
            raise ValueError(f"count = {self.count} is not between min and max")
        return self


def _iso_date(value: Any) -> Any:
    """A date of TOML's as text. Raises ValueError for what looks like one and is in no calendar."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time) or (isinstance(value, str) and _is_impossible_date(value)):
        raise ValueError("a date is written 2024-05-02, year, month and day")
    return value


def _is_impossible_date(text: str) -> bool:
    if not re.match(r"\s*\d{4}-\d{1,2}-\d", text):
        return False
    try:
        datetime.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return True
    return False


class Link(Record):
    """Something to read on. In the sidecar a URL, or a table with a title."""

    url: Annotated[str, Field(min_length=1)]
    title: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_url_alone_will_do(cls, entry: Any) -> Any:
        return {"url": entry} if isinstance(entry, str) else entry


class Note(Record):
    """A reflection of the author's. In the sidecar text alone is set word for word: it is `verbatim`."""

    text: Annotated[str, Field(pattern=r"\S")]
    verbatim: bool = True

    @model_validator(mode="before")
    @classmethod
    def _text_alone_will_do(cls, entry: Any) -> Any:
        if isinstance(entry, str) and entry.strip():
            return {"text": entry}
        if not isinstance(entry, dict | Note):
            raise ValueError('a note is text that is not blank, or { text = "…", verbatim = false }')
        return entry


class Facts(Record):
    """NAME.toml without its stage tables. Every key is optional.

    `track` is the audio track of the recording that is heard, from 1; `tracks` and `channels` say whose each
    of its audio tracks or channels is; `offsets` at what second each file in NAME.tracks/ begins.
    `notes` are the author's own reflections; `style` is a file with a sample of the author's writing; `links`
    are checked when they are rendered; `host` is somebody who may speak in it.
    """

    title: str | None = None
    dek: str | None = None
    date: Annotated[str | None, BeforeValidator(_iso_date)] = None
    occasion: str | None = None
    recording: str | None = None
    language: Annotated[str | None, Field(pattern=r"^[a-z]{2,3}$")] = None
    transcript: str | None = None
    rttm: str | None = None
    track: Annotated[int, Field(ge=1)] | None = None
    tracks: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    offsets: Annotated[dict[str, Moment], Field(default_factory=dict)]
    glossary: tuple[str, ...] = ()
    speakers: Speakers = Speakers()
    audience: str | None = None
    tone: str | None = None
    length: Literal["short", "medium", "long"] | None = None
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()
    style: Annotated[str | None, Field(pattern=r"\S")] = None
    host: Annotated[str | None, Field(min_length=1)] = None

    @model_validator(mode="after")
    def _tracks_are_told_once(self) -> Self:
        if self.tracks and (self.channels or self.track):
            raise ValueError("tracks names every audio track: leave out channels and track")
        return self


COHORT_ONLY = frozenset(  # keys of cohort.toml that no talk inherits
    {"title", "dek", "recording", "transcript", "rttm", "notes", "track", "tracks", "channels", "offsets"}
)


def is_same_name(label: str, other: str) -> bool:
    """Whether two names or labels are one, as name_key has it."""
    return name_key(label) == name_key(other)


@dataclass(frozen=True)
class Stated:
    """Facts and settings with all layers merged. `regulars` are people who may be absent from a talk.

    `own` is what the talk's own file says, whether or not it holds; `origins` says where each fact is from.
    """

    facts: Facts
    regulars: tuple[Person, ...]
    settings: Settings
    own: OwnFacts
    origins: Mapping[str, str]
    style_file: Path | None  # that names the `style` among the facts


def read_layers(
    files: Sequence[Path],
    base: Path,
    overrides: Sequence[Mapping[str, Any]],
    own_facts: Callable[[Facts], OwnFacts] = lambda _: OwnFacts(),
) -> Stated:
    """Facts and settings of `files`, outermost first; the last one is the talk's or the cohort's own.

    `base` is takeaways.toml, `overrides` are those of --set. `own_facts` finds what the talk's file says,
    given what the last of `files` says. Files need not exist. Raises ConfigError, naming file and key.
    """
    layers: list[tuple[Path | str, dict[str, Any]]] = [(base, config.read_toml(base))]
    facts: dict[str, Any] = {}
    origins: dict[str, str] = {}
    regulars: dict[str, Person] = {}
    own, style_file = OwnFacts(), None
    for path in files:
        tables = config.read_toml(path)
        known = (*TalkStage, JUDGE, *((CohortStage.COHORT,) if path.name == COHORT else ()))
        layers.append((path, {key: tables.pop(key) for key in known if key in tables}))
        stated = config.validate(Facts, tables, path, beside=known)
        layer = stated.model_dump(exclude_unset=True)
        if stated.host:
            regulars.setdefault(stated.host, Person(name=stated.host, role="Host"))
        if path.name == COHORT:
            regulars |= {person.name: person for person in stated.speakers.people}
            layer.get("speakers", {}).pop("people", None)
        if path == files[-1]:
            own = own_facts(stated)
            facts |= own.facts
            origins |= own.origins
        else:
            layer = {key: value for key, value in layer.items() if key not in COHORT_ONLY}
        origins |= dict.fromkeys(layer, path.name)
        style_file = path if "style" in layer else style_file
        for listed in ("glossary", "links"):
            both = [*facts.get(listed, ()), *layer.get(listed, ())]
            layer[listed] = list({repr(entry): entry for entry in both}.values())
        layer["speakers"] = {**facts.get("speakers", {}), **layer.get("speakers", {})}
        facts |= layer
    settings = config.merge([*layers, *(("--set", dict(override)) for override in overrides)])
    validated = config.validate(Facts, facts, files[-1])
    return Stated(validated, tuple(regulars.values()), settings, own, origins, style_file)


def stated_file(sidecar: Path, key: str) -> Path | None:
    """The file beside a sidecar that it names under a key; None if it names none, or cannot be read."""
    try:
        name = config.read_toml(sidecar).get(key)
    except ConfigError:
        return None  # told when the talk is loaded
    return sidecar.parent / name if isinstance(name, str) else None


def cohort_files(folder: Path, inputs: Path) -> list[Path]:
    """cohort.toml of a folder and of those above it inside inputs/, outermost first."""
    folders = [folder]
    while folders[0] != inputs and folders[0].is_relative_to(inputs):
        folders.insert(0, folders[0].parent)
    return [folder / COHORT for folder in folders]
