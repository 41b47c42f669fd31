"""What people say about a talk: NAME.toml (facts) and NAME.review.toml (corrections)."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from pipeline.records import Record

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)")


def parse_moment(value: Any) -> Any:
    """Seconds of "mm:ss" or "h:mm:ss" (fractions allowed); numbers stay. Raises ValueError."""
    if not isinstance(value, str):
        return value
    match = _CLOCK.fullmatch(value.strip())
    if not match or float(match[3]) >= 60:
        raise ValueError(f'a moment is written "mm:ss" or "h:mm:ss", not "{value}"')
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3])


Moment = Annotated[float, BeforeValidator(parse_moment), Field(ge=0)]
Count = Annotated[int, Field(ge=1, le=50)]


class Person(Record):
    """A name bound to a moment at which that person speaks, or to a label of the transcript."""

    name: Annotated[str, Field(min_length=1)]
    at: Moment | None = None
    label: str | None = None
    role: str | None = None
    link: str | None = None


class Speakers(Record):
    """The sidecar's [speakers]: how many, and who. Every key but count, min and max is a name."""

    count: Count | None = None
    min: Count | None = None
    max: Count | None = None
    people: tuple[Person, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _names_are_keys(cls, table: Any) -> Any:
        if not isinstance(table, dict) or "people" in table:
            return table
        numbers = {key: table[key] for key in ("count", "min", "max") if key in table}
        people = []
        for name, about in table.items():
            if name in numbers:
                continue
            if not isinstance(about, dict):
                raise ValueError(
                    f"a speaker is a table, not {about!r}; for example: "
                    f'"{name}" = {{ at = "01:12", role = "Base" }}'
                )
            people.append({"name": name, **about})
        return {**numbers, "people": people}

    @model_validator(mode="after")
    def _count_is_possible(self) -> Self:
        if self.min and self.max and self.min > self.max:
            raise ValueError(f"min = {self.min} is more than max = {self.max}")
        return self


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


class Facts(Record):
    """NAME.toml without its stage tables. Every key is optional."""

    title: str | None = None
    dek: str | None = None
    date: Annotated[str | None, BeforeValidator(_iso)] = None
    occasion: str | None = None
    recording: str | None = None
    language: Annotated[str | None, Field(pattern=r"^[a-z]{2,3}$")] = None
    transcript: str | None = None
    glossary: tuple[str, ...] = ()
    speakers: Speakers = Speakers()


class Fix(Record):
    """Words misheard: `from` becomes `to`, at the match nearest to `at`, or wherever it occurs."""

    at: Moment | None = None
    heard: Annotated[str, Field(alias="from", min_length=1)]
    meant: Annotated[str, Field(alias="to")]


class Review(Record):
    """NAME.review.toml: corrections that survive every rerun."""

    fix: tuple[Fix, ...] = ()
    speaker: tuple[Person, ...] = ()
