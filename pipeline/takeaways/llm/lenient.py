"""Fields of replies that are read leniently: what is odd in a reply costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from pipeline.text import well_formed

MOST_ENTRIES = 60  # read of any list
MOST_READ_CHARACTERS = 200  # of numbers that come as text
_NUMBERS = re.compile(r"(?<!\d)(\d{1,6})(?!\d)(?:\s?[-\u2013]\s?(\d{1,6})(?!\d))?")

ModelT = TypeVar("ModelT", bound=BaseModel)


def listed(value: Any) -> list[Any]:
    """The first entries of a list; a single one may come without a list."""
    return value[:MOST_ENTRIES] if isinstance(value, list) else [] if value is None else [value]


def readable(kind: type[ModelT], entries: Any) -> list[ModelT]:
    """The entries that are of a kind."""
    read: list[ModelT] = []
    for entry in entries if isinstance(entries, list) else [entries]:
        with suppress(ValidationError):
            read.append(kind.model_validate(entry))
    return read


def numbers(value: Any) -> list[int]:
    """The numbers in a list of numbers, or of words such as "12" and "12-14".

    >>> numbers([3, "12-14", "x", None, 7.0])
    [3, 12, 13, 14, 7]
    """
    return [number for entry in listed(value) for number in _numbers_in(entry)][:MOST_ENTRIES]


def _numbers_in(entry: Any) -> Iterator[int]:
    if isinstance(entry, str):
        for match in _NUMBERS.finditer(entry[:MOST_READ_CHARACTERS]):
            first, last = int(match[1]), int(match[2] or match[1])
            yield from range(first, min(last, first + MOST_ENTRIES) + 1)
    elif isinstance(entry, int | float) and not isinstance(entry, bool) and abs(entry) < 10**6:
        yield int(entry)


def text_or_nothing(value: Any) -> str:
    return well_formed(value) if isinstance(value, str) else ""


def label(max_characters: int) -> Any:
    """The field of a text that may be missing. Only the server is told the maximum."""
    return Field(default="", json_schema_extra={"maxLength": max_characters})


Numbers = Annotated[tuple[int, ...], BeforeValidator(numbers)]
