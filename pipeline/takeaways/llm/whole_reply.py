"""The replies that hold prose: a whole post, or a section of one. What is odd in them costs only itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.lenient import Numbers, label, listed, readable, text_or_nothing
from pipeline.takeaways.llm.replies import Reply, ReplyError
from pipeline.takeaways.section_bodies import in_reading_order

NO_SECTIONS = "it has no section that can be used; give a title, a dek, an opening, sections and a close"
KINDS = {"type": "string", "enum": ["talk", "author", "linking"]}

Excerpt = Annotated[str, BeforeValidator(text_or_nothing), label(60)]
Label = Annotated[str, BeforeValidator(text_or_nothing), label(120)]
Dek = Annotated[str, BeforeValidator(text_or_nothing), label(200)]


class Sentence(Reply):
    """A sentence with the lines, or the notes, that it rests on. What kind it says it is, is not believed."""

    kind: Annotated[str, BeforeValidator(text_or_nothing), WithJsonSchema(KINDS)] = ""
    lines: Numbers = ()
    notes: Numbers = ()
    text: replies.Prose

    @model_validator(mode="before")
    @classmethod
    def _may_be_bare(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


Sentences = Annotated[tuple[Sentence, ...], BeforeValidator(lambda value: readable(Sentence, listed(value)))]


class QuotedLines(Reply):
    """A quote by its lines; `from_words` and `to_words` are how it starts and ends, "" for all of it."""

    lines: Annotated[Numbers, Field(min_length=1)]
    from_words: Excerpt
    to_words: Excerpt


class ParagraphBlock(Reply):
    paragraph: Annotated[Sentences, Field(min_length=1)]


class QuoteBlock(Reply):
    quote: QuotedLines


Block = ParagraphBlock | QuoteBlock


def _blocks(entries: Any) -> list[Block]:
    """Paragraphs and quotes; a paragraph may also come as its sentences alone."""
    blocks: list[Block] = []
    for entry in listed(entries):
        is_block = isinstance(entry, dict) and not entry.keys().isdisjoint(("paragraph", "quote"))
        named = entry if is_block else {"paragraph": entry}
        blocks += [*readable(ParagraphBlock, named), *readable(QuoteBlock, named)]
    return blocks


class Section(Reply):
    """A section. One may come as paragraphs and quotes apart, as prompts used to ask for it."""

    heading: Label
    heading_lines: Numbers = ()
    body: Annotated[tuple[Block, ...], BeforeValidator(_blocks), Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _may_be_apart(cls, value: Any) -> Any:
        is_apart = isinstance(value, dict) and "body" not in value and "paragraphs" in value
        return {**value, "body": _joined(value)} if is_apart else value

    def sentences(self) -> Iterator[Sentence]:
        """Its prose."""
        for block in self.body:
            if isinstance(block, ParagraphBlock):
                yield from block.paragraph

    @property
    def lines(self) -> tuple[int, ...]:
        """The numbers of all lines that it cites or quotes."""
        quoted = (n for block in self.body if isinstance(block, QuoteBlock) for n in block.quote.lines)
        return (*(n for sentence in self.sentences() for n in sentence.lines), *quoted)


def _joined(section: dict[str, Any]) -> list[dict[str, Any]]:
    """A section's paragraphs, each quote after the one that cites the lines nearest to it."""
    given = [{"paragraph": _sentences_of(entry)} for entry in listed(section["paragraphs"])]
    paragraphs = readable(ParagraphBlock, given)
    quotes = readable(QuoteBlock, [{"quote": entry} for entry in listed(section.get("quotes"))])
    quotes.sort(key=lambda block: min(block.quote.lines))
    placed = in_reading_order(
        [(block, [n for sentence in block.paragraph for n in sentence.lines]) for block in paragraphs],
        [(block, min(block.quote.lines)) for block in quotes],
    )
    return [block.model_dump(mode="json") for block in placed]


def _sentences_of(paragraph: Any) -> Any:
    return paragraph.get("sentences") if isinstance(paragraph, dict) else paragraph


def _without_heading(schema: dict[str, Any]) -> None:
    for name in ("heading", "heading_lines"):
        del schema["properties"][name]


class SectionBody(Section):
    """Step write: a section, whose heading is written later."""

    model_config = ConfigDict(json_schema_extra=_without_heading)


class Prose(Reply):
    sentences: Sentences


class SectionApart(Reply):
    """Step write as small models are asked for it: prose first, quotes apart. `SectionBody` reads it.

    Where they may choose what comes next, they write no prose.
    """

    paragraphs: tuple[Prose, ...]
    quotes: tuple[QuotedLines, ...]


def parse_body(text: str) -> SectionBody:
    """A section in a model's reply. Raises ReplyError if there is none, or no prose in it."""
    body = replies.parse(text, SectionBody, {})
    if not any(body.sentences()):
        raise ReplyError("it has no paragraph; give prose, and quotes beside it")
    return body


class Post(Reply):
    """Step whole: the post in the order in which it is read."""

    title: Label
    dek: Dek
    opening: Sentences = ()
    sections: Annotated[tuple[Section, ...], BeforeValidator(lambda value: readable(Section, listed(value)))]
    close: Sentences = ()


def parse(text: str) -> Post:
    """The post in a model's reply. Raises ReplyError if there is none, or if it has no sections."""
    post = replies.parse(text, Post, {})
    if not post.sections:
        raise ReplyError(NO_SECTIONS)
    return post
