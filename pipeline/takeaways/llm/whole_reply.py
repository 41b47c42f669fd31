"""The reply of the one call that writes a whole post. What is odd in it costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema, model_validator

from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.replies import Reply, ReplyError
from pipeline.text import well_formed

MOST_ENTRIES = 60  # read of any list
MOST_DIGITS = 6  # of a number of a line
NO_SECTIONS = "it has no section that can be used; give a title, a dek, an opening, sections and a close"
_NUMBERS = re.compile(
    rf"(?<!\d)(\d{{1,{MOST_DIGITS}}})(?!\d)(?:\s?[-\u2013]\s?(\d{{1,{MOST_DIGITS}}})(?!\d))?"
)

ReplyT = TypeVar("ReplyT", bound=Reply)


def _listed(value: Any) -> list[Any]:
    """The first entries of a list; one entry may come without a list."""
    return value[:MOST_ENTRIES] if isinstance(value, list) else [] if value is None else [value]


def _line_numbers(value: Any) -> list[int]:
    """The numbers in a list of numbers, or of words such as "12" and "12-14"."""
    return [number for entry in _listed(value) for number in _numbers_in(entry)][:MOST_ENTRIES]


def _numbers_in(entry: Any) -> Iterator[int]:
    if isinstance(entry, str):
        for match in _NUMBERS.finditer(entry[:200]):
            first, last = int(match[1]), int(match[2] or match[1])
            yield from range(first, min(last, first + MOST_ENTRIES) + 1)
    elif isinstance(entry, int | float) and not isinstance(entry, bool) and abs(entry) < 10**MOST_DIGITS:
        yield int(entry)


def _text_or_nothing(value: Any) -> str:
    return well_formed(value) if isinstance(value, str) else ""


def _readable(kind: type[ReplyT], entries: Any) -> list[ReplyT]:
    """The entries that are of a kind."""
    read: list[ReplyT] = []
    for entry in _listed(entries):
        with suppress(ValidationError):
            read.append(kind.model_validate(entry))
    return read


LineNumbers = Annotated[tuple[int, ...], BeforeValidator(_line_numbers)]
Kind = Annotated[
    str, BeforeValidator(_text_or_nothing), WithJsonSchema({"type": "string", "enum": ["talk", "author", "linking"]})
]


def _label(max_characters: int) -> Any:
    """A text that may be missing. Only the server is told the maximum."""
    return Field(default="", json_schema_extra={"maxLength": max_characters})


Label = Annotated[str, BeforeValidator(_text_or_nothing), _label(120)]


class Sentence(Reply):
    """A sentence with the lines, or the notes, that it rests on. What kind it says it is, is not believed."""

    kind: Kind = ""
    lines: LineNumbers = ()
    notes: LineNumbers = ()
    text: replies.Prose

    @model_validator(mode="before")
    @classmethod
    def _may_be_bare(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


Sentences = Annotated[tuple[Sentence, ...], BeforeValidator(lambda value: _readable(Sentence, value))]


class QuotedLines(Reply):
    """A quote by its lines; `from_words` and `to_words` are how it starts and ends, "" for all of it."""

    lines: Annotated[LineNumbers, Field(min_length=1)]
    from_words: Annotated[str, BeforeValidator(_text_or_nothing), _label(60)]
    to_words: Annotated[str, BeforeValidator(_text_or_nothing), _label(60)]


class ParagraphBlock(Reply):
    paragraph: Annotated[Sentences, Field(min_length=1)]


class QuoteBlock(Reply):
    quote: QuotedLines


def _blocks(entries: Any) -> list[ParagraphBlock | QuoteBlock]:
    """Paragraphs and quotes; a paragraph may also come as its sentences alone."""
    blocks: list[ParagraphBlock | QuoteBlock] = []
    for entry in _listed(entries):
        is_block = isinstance(entry, dict) and not entry.keys().isdisjoint(("paragraph", "quote"))
        named = entry if is_block else {"paragraph": entry}
        blocks += _readable(ParagraphBlock, named) + _readable(QuoteBlock, named)
    return blocks


class Section(Reply):
    heading: Label
    heading_lines: LineNumbers = ()
    body: Annotated[tuple[ParagraphBlock | QuoteBlock, ...], BeforeValidator(_blocks), Field(min_length=1)]


class Post(Reply):
    """Step whole: the post in the order in which it is read."""

    title: Label
    dek: Annotated[str, BeforeValidator(_text_or_nothing), _label(200)]
    opening: Sentences = ()
    sections: Annotated[tuple[Section, ...], BeforeValidator(lambda value: _readable(Section, value))]
    close: Sentences = ()


def parse(text: str) -> Post:
    """The post in a model's reply. Raises ReplyError if there is none, or if it has no sections."""
    post = replies.parse(text, Post, {})
    if not post.sections:
        raise ReplyError(NO_SECTIONS)
    return post
