"""What people say about a talk: NAME.toml (facts) and NAME.review.toml (corrections)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    field_validator,
    model_validator,
)

from pipeline.records import Record
from pipeline.text import plain

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2}(?:\.\d+)?)")
_MAX_SECONDS = 1e9  # thirty years
_LIKE_A_CLOCK = re.compile(r"[\d:.,]*\d:[\d:.,]*")


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


def _parse_who(value: Any) -> Any:
    """A moment as seconds; text that is none stays. Raises ValueError."""
    text = value.strip() if isinstance(value, str) else ""
    if text and not _LIKE_A_CLOCK.fullmatch(text):
        return text
    seconds = parse_moment(text) if text else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _MAX_SECONDS:
        raise ValueError('a speaker is meant by a moment ("mm:ss"), by a label or by a name')
    return float(seconds)


def _in_a_recording(seconds: float) -> float:
    if seconds >= _MAX_SECONDS:
        raise ValueError("no recording lasts that long; a moment is in seconds from its start")
    return seconds


Moment = Annotated[
    float, BeforeValidator(parse_moment), Field(ge=0, allow_inf_nan=False), AfterValidator(_in_a_recording)
]
Who = Annotated[float | str, BeforeValidator(_parse_who)]  # whoever speaks then, or has this label or name
Count = Annotated[int, Field(ge=1, le=50, strict=True)]


class About(Record):
    """What is known of somebody: a moment at which that person speaks, or a label of the transcript."""

    at: Moment | None = None
    label: str | None = None
    role: str | None = None
    link: str | None = None


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


def _iso(value: Any) -> Any:
    """A date of TOML's as text. Raises ValueError for what looks like one and is in no calendar."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time) or (isinstance(value, str) and _like_a_wrong_date(value)):
        raise ValueError("a date is written 2024-05-02, year, month and day")
    return value


def _like_a_wrong_date(text: str) -> bool:
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


class Facts(Record):
    """NAME.toml without its stage tables. Every key is optional.

    `track` is the audio track of the recording that is heard, from 1; `tracks` and `channels` say whose each
    of its audio tracks or channels is; `offsets` at what second each file in NAME.tracks/ begins.
    `notes` are the author's own reflections; `links` are checked when they are rendered; `host` is somebody
    who may speak in it.
    """

    title: str | None = None
    dek: str | None = None
    date: Annotated[str | None, BeforeValidator(_iso)] = None
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
    notes: tuple[Annotated[str, Field(pattern=r"\S")], ...] = ()
    host: Annotated[str | None, Field(min_length=1)] = None

    @model_validator(mode="after")
    def _tracks_are_told_once(self) -> Self:
        if self.tracks and (self.channels or self.track):
            raise ValueError("tracks names every audio track: leave out channels and track")
        return self


COHORT_ONLY = frozenset(  # keys of cohort.toml that no talk inherits
    {"title", "dek", "recording", "transcript", "rttm", "notes", "track", "tracks", "channels", "offsets"}
)


class Fix(Record):
    """Words misheard: `from` becomes `to`, at the match nearest to `at`, or wherever it occurs."""

    model_config = ConfigDict(populate_by_name=True)  # so that a dump reads back

    at: Moment | None = None
    heard: Annotated[str, Field(alias="from", min_length=1)]
    meant: Annotated[str, Field(alias="to")]


class Merge(Record):
    """Voices that are one person."""

    merge: Annotated[tuple[Who, ...], Field(min_length=2)]


class Split(Record):
    """Moments at which different people speak, though one voice was heard."""

    split: Annotated[tuple[Moment, ...], Field(min_length=2)]


class Move(Record):
    """A turn, or only some words of it, said by somebody else."""

    at: Moment
    words: Annotated[str, Field(min_length=1)] | None = None
    to: Who


class Changes(Record):
    """What a review says about who said what, and where to find the people whom it names there."""

    merge: tuple[Merge, ...] = ()
    split: tuple[Split, ...] = ()
    turn: tuple[Move, ...] = ()
    people: dict[str, tuple[float | str, ...]]


def _entry(table: Any) -> Person | Merge | Split:
    """One [[speaker]] table. Raises ValueError (pydantic's own names the key)."""
    if isinstance(table, Person | Merge | Split):
        return table
    kinds: dict[str, type[Person | Merge | Split]] = {"name": Person, "merge": Merge, "split": Split}
    given = [key for key in kinds if isinstance(table, dict) and key in table]
    if len(given) != 1 or (given != ["name"] and len(table) > 1):
        keys = ", ".join(table) if isinstance(table, dict) else repr(table)
        raise ValueError(
            "an entry is one of: a name (with at or label, role, link), a merge alone, or a split alone; "
            f"this one has: {keys or 'nothing'}"
        )
    return kinds[given[0]].model_validate(table)


class _Entries(Record):
    """The [[speaker]] tables as they stand in the file, so that an error says which one it is in."""

    speaker: tuple[Annotated[Person | Merge | Split, BeforeValidator(_entry)], ...]


class Review(Record):
    """NAME.review.toml: corrections that survive every rerun. `speaker` are the names among [[speaker]]."""

    fix: tuple[Fix, ...] = ()
    speaker: tuple[Person, ...] = ()
    merge: tuple[Merge, ...] = ()
    split: tuple[Split, ...] = ()
    turn: tuple[Move, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _speakers_are_of_three_kinds(cls, table: Any) -> Any:
        if not isinstance(table, dict) or "speaker" not in table:
            return table
        entries = _Entries.model_validate({"speaker": table["speaker"]}).speaker
        by_kind: dict[str, Any] = {"speaker": [e for e in entries if isinstance(e, Person)]}
        for key, kind in (("merge", Merge), ("split", Split)):
            before = table.get(key, ())
            if isinstance(before, list | tuple):
                by_kind[key] = [*before, *(e for e in entries if isinstance(e, kind))]
        return {**table, **by_kind}

    def changes(self, people: Iterable[Person]) -> Changes:
        """The entries on who said what, with the moments and labels of those `people` whom they name.

        Of people of one name the first comes first. Nothing else about people is in it, so that a name
        given or changed elsewhere leaves who said what as it is.
        """
        named = {who for entry in self.merge for who in entry.merge} | {move.to for move in self.turn}
        places: dict[str, tuple[float | str, ...]] = {}
        for person in people:
            place = person.at if person.at is not None else person.label or person.name
            for who in named:
                if isinstance(who, str) and same(who, person.name) and place != who:
                    places[who] = (*places.get(who, ()), place)
        return Changes(merge=self.merge, split=self.split, turn=self.turn, people=places)


def same(label: str, other: str) -> bool:
    """Whether two names or labels are one; case does not matter."""
    return label.casefold() == other.casefold()
