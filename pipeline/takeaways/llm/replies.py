"""What a model is to reply at each step: the JSON Schema that it is given, and the check of what it gives.

Citations come before prose, so that prose is written to them. Numbers of lines are an enum, since not every
server honours bounds; and whatever a server promised, each reply is validated here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.takeaways.llm.calls import ReplyError


class Reply(BaseModel):
    """Base of replies; keys that nobody asked for are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _text(longest: int, least: int = 1) -> Any:
    """Text of at most so many characters: only told to the server, to stop a model that repeats itself."""
    return Field(min_length=least, json_schema_extra={"maxLength": longest})


Lines = Annotated[tuple[int, ...], Field(min_length=1)]
Prose = Annotated[str, _text(320)]
Label = Annotated[str, _text(80)]
Words = Annotated[str, _text(60, least=0)]


class Point(Reply):
    lines: Lines
    point: Prose


class Points(Reply):
    """Step map: what is argued in one piece."""

    points: tuple[Point, ...]


class Choice(Reply):
    points: Lines
    theme: Label


class Choices(Reply):
    """Step choose: points that belong together."""

    themes: Annotated[tuple[Choice, ...], Field(min_length=1)]


class Said(Reply):
    lines: Lines
    text: Prose


class Written(Reply):
    sentences: Annotated[tuple[Said, ...], Field(min_length=1)]


class Pull(Reply):
    """A quote by number; `from_words` and `to_words` name where it begins and ends, "" for all of it."""

    lines: Lines
    from_words: Words = ""
    to_words: Words = ""


class Section(Reply):
    """Step write: a theme's prose and quotes."""

    paragraphs: Annotated[tuple[Written, ...], Field(min_length=1)]
    quotes: tuple[Pull, ...] = ()


class Heading(Reply):
    """Step heading."""

    heading: Label


class About(Reply):
    themes: Lines
    text: Prose


class Frame(Reply):
    """Step frame: what stands around the themes."""

    introduction: Annotated[tuple[About, ...], Field(min_length=1)]
    close: tuple[About, ...]
    title: Label
    dek: Annotated[str, _text(160)]


class Counted(Reply):
    """The first small call, on which nothing hangs."""

    lines: int


class Mend(Reply):
    of: int
    lines: tuple[int, ...]
    text: Annotated[str, _text(320, least=0)]


class Mended(Reply):
    """Sentences that were sent back, written anew; without text: given up."""

    sentences: tuple[Mend, ...]


R = TypeVar("R", bound=Reply)


def schema(
    kind: type[Reply], numbers: Mapping[str, Collection[int]], most: Mapping[str, int]
) -> dict[str, Any]:
    """JSON Schema of a reply in the form that strict servers take.

    `numbers` says which numbers a list of that name may have, `most` how many entries.
    """
    whole = kind.model_json_schema()
    definitions = whole.pop("$defs", {})

    def closed(node: Any, name: str = "") -> Any:
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return closed(definitions[node["$ref"].rpartition("/")[2]], name)
        node = {k: v for k, v in node.items() if k not in ("title", "description", "default", "minLength")}
        if "properties" in node:
            node["properties"] = {key: closed(value, key) for key, value in node["properties"].items()}
            node |= {"required": list(node["properties"]), "additionalProperties": False}
        if "items" in node:
            node["items"] = closed(node["items"])
            if name in most:
                node["maxItems"] = most[name]
        if name in numbers:
            values = {"type": "integer", "enum": sorted(numbers[name])}
            node = {**node, "items": values} if "items" in node else values
        return node

    closed_whole: dict[str, Any] = closed(whole)
    return closed_whole


def read(text: str, kind: type[R], numbers: Mapping[str, Collection[int]]) -> R:
    """The reply in a text, validated. Raises ReplyError that says what is wrong with it.

    Fences and thoughts around the JSON are passed over.
    """
    text = text.rpartition("</think>")[2]
    start, end = text.find("{"), text.rfind("}")
    try:
        reply = kind.model_validate(json.loads(text[start : end + 1], strict=False))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ReplyError(f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise ReplyError(f"it is not valid JSON ({error})") from error
    for name, number in _numbers(reply):
        if name in numbers and number not in numbers[name]:
            allowed = sorted(numbers[name])
            known = f"{allowed[0]} to {allowed[-1]}" if allowed else "none"
            raise ReplyError(f"there is no number {number} among the {name}, which go from {known}")
    return reply


def _numbers(reply: Reply) -> Iterator[tuple[str, int]]:
    for name, value in reply:
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, Reply):
                yield from _numbers(entry)
            elif isinstance(entry, int):
                yield name, entry
