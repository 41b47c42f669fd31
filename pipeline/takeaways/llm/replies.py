"""The reply expected at each step: the JSON Schema sent to the model, and the check of what comes back.

Citations come before prose, so that the model writes prose to fit them. Line numbers are an enum where they
are few, since not every server honours bounds; and whatever a server promises, each reply is validated here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

from pipeline.takeaways.llm import lenient, reply_reader
from pipeline.takeaways.llm.lenient import listed, readable
from pipeline.text import well_formed

# Room for what replies consist of, in tokens:
POINT_TOKENS = 90
THEME_TOKENS = 60  # without the numbers of its points
NUMBER_TOKENS = 5  # of a point that a theme lists
SENTENCE_TOKENS = 90  # of prose, with its kind and its citations
REWRITE_TOKENS = SENTENCE_TOKENS + 20  # of a sentence that is rewritten
QUOTE_TOKENS = 60
HEADING_TOKENS = 60
FRAME_TOKENS = 600
POINTS_OVERHEAD_TOKENS = 30  # of a reply besides its points
SECTION_OVERHEAD_TOKENS = 50  # of a reply besides sentences and quotes
REWRITES_OVERHEAD_TOKENS = 30  # of a reply besides its rewrites
VERDICT_TOKENS = 60  # with its reason
VERDICTS_OVERHEAD_TOKENS = 30  # of a reply besides its verdicts

MAX_CITED_LINES = 8  # of one sentence
MOST_IN_ENUM = 100  # numbers that a schema lists one by one: servers bound how long an enum may be


class ReplyError(Exception):
    """A reply that cannot be used. The message says why and is sent to the model."""


class Reply(BaseModel):
    """Base of replies; unknown keys are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _text(max_characters: int, min_characters: int = 1) -> Any:
    """A text field. Only the server is told the maximum, to stop a model that repeats itself."""
    return Field(min_length=min_characters, json_schema_extra={"maxLength": max_characters})


Text = Annotated[str, BeforeValidator(lambda value: well_formed(value) if isinstance(value, str) else value)]
Numbers = Annotated[  # one of them may come without a list
    tuple[int, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, int | str) else value),
    Field(min_length=1),
]
Prose = Annotated[Text, _text(320)]
Label = Annotated[Text, _text(80)]
Excerpt = Annotated[Text, _text(60, min_characters=0)]


class Point(Reply):
    lines: Numbers
    point: Prose


class Points(Reply):
    """Step map: what is argued in one piece of the transcript."""

    points: tuple[Point, ...]


class Choice(Reply):
    points: Numbers
    theme: Label


class Choices(Reply):
    """Step choose: points that belong together."""

    themes: Annotated[tuple[Choice, ...], Field(min_length=1)]


class Heading(Reply):
    """Step heading."""

    heading: Label


class FrameSentence(Reply):
    """A sentence with the sections, or the author's notes, that it rests on; one that leads on has none."""

    themes: lenient.Numbers = ()
    notes: lenient.Numbers = ()
    text: Prose


FrameSentences = Annotated[
    tuple[FrameSentence, ...], BeforeValidator(lambda value: readable(FrameSentence, listed(value)))
]


class Frame(Reply):
    """Step frame: the texts around the themes."""

    introduction: FrameSentences
    close: FrameSentences = ()
    title: Label
    dek: Annotated[Text, _text(160)]


class LineCount(Reply):
    """Calibration calls; only the token usage that the server reports matters, not this answer."""

    lines: int


class Rewrite(Reply):
    of: int
    lines: lenient.Numbers = ()
    notes: lenient.Numbers = ()
    text: Annotated[Text, _text(320, min_characters=0)]


class Rewrites(Reply):
    """Sentences that were sent back, rewritten; an empty text gives one up."""

    sentences: Annotated[tuple[Rewrite, ...], BeforeValidator(lambda value: readable(Rewrite, listed(value)))]


class QuoteRewrite(Rewrite):
    """Also another quote instead of one that was sent back: its lines, and how it starts and ends."""

    from_words: Excerpt = ""
    to_words: Excerpt = ""


class QuoteRewrites(Reply):
    """Sentences and quotes that were sent back, rewritten."""

    sentences: Annotated[
        tuple[QuoteRewrite, ...], BeforeValidator(lambda value: readable(QuoteRewrite, listed(value)))
    ]


def _or_none(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """None for what is neither true nor false: one odd verdict must not cost the others."""
    try:
        return validate(value)
    except ValidationError:
        return None


Reason = Annotated[str, BeforeValidator(lambda value: well_formed(value) if isinstance(value, str) else "")]


class SentenceVerdict(Reply):
    of: int
    reason: Annotated[Reason, _text(120, min_characters=0)] = ""
    borne_out: Annotated[bool | None, WrapValidator(_or_none), WithJsonSchema({"type": "boolean"})]


def _verdicts(entries: Any) -> Any:
    return readable(SentenceVerdict, entries) if isinstance(entries, list) else entries


class Verdicts(Reply):
    """Step judge: a verdict on each sentence, its reason first."""

    verdicts: Annotated[tuple[SentenceVerdict, ...], BeforeValidator(_verdicts)]


R = TypeVar("R", bound=Reply)


def schema(
    kind: type[Reply], numbers: Mapping[str, Collection[int]], most: Mapping[str, int]
) -> dict[str, Any]:
    """JSON Schema of a reply in the form that strict servers accept.

    That is: no references, every property required, no others allowed. By property name, `numbers` gives
    the numbers that a list may hold and `most` how many entries.
    """
    root = kind.model_json_schema()
    definitions = root.pop("$defs", {})

    def strict(node: Any, name: str = "") -> Any:
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return strict(definitions[node["$ref"].rpartition("/")[2]], name)
        node = {k: v for k, v in node.items() if k not in ("title", "description", "default", "minLength")}
        if "properties" in node:
            node["properties"] = {k: strict(v, k) for k, v in node["properties"].items()}
            node |= {"required": list(node["properties"]), "additionalProperties": False}
        if "anyOf" in node:
            node["anyOf"] = [strict(inner, name) for inner in node["anyOf"]]
        if "items" in node:
            node["items"] = strict(node["items"])
            if name in most:
                node["maxItems"] = most[name]
        if name in numbers:
            values = _one_of(numbers[name])
            node = {**node, "items": values} if "items" in node else values
        return node

    strict_root: dict[str, Any] = strict(root)
    return strict_root


def _one_of(numbers: Collection[int]) -> dict[str, Any]:
    """JSON Schema of one of some numbers, of which many follow one another."""
    if not numbers:
        return {"type": "integer"}
    if len(numbers) <= MOST_IN_ENUM:
        return {"type": "integer", "enum": sorted(numbers)}
    return {"type": "integer", "minimum": min(numbers), "maximum": max(numbers)}


def parse(text: str, kind: type[R], numbers: Mapping[str, Collection[int]]) -> R:
    """The validated reply in a model's text: of several objects, the last that is one.

    Raises ReplyError, which says what is wrong with the object that comes nearest to one.
    """
    found = reply_reader.find(text)
    faults: list[tuple[tuple[int, int], ReplyError]] = []
    for value in found.objects:
        for candidate in reply_reader.unwrapped(value):
            try:
                return _checked(kind.model_validate(candidate), numbers)
            except ValidationError as error:
                faults.append(_fault(error))
            except ReplyError as error:
                faults.append(((0, 0), error))
    (lacking, _), nearest = min(faults, key=lambda fault: fault[0], default=((1, 0), None))
    raise ReplyError(found.problem) if nearest is None or (lacking and found.is_broken) else nearest


def _fault(error: ValidationError) -> tuple[tuple[int, int], ReplyError]:
    """How far an object is from a reply (properties that it lacks, other faults), and its first fault."""
    found = error.errors(include_url=False, include_input=False)
    lacking = sum(fault["type"] == "missing" and len(fault["loc"]) == 1 for fault in found)
    place = ".".join(map(str, found[0]["loc"])) or "it"
    return (lacking, len(found)), ReplyError(f"{place}: {found[0]['msg']}")


def _checked(reply: R, numbers: Mapping[str, Collection[int]]) -> R:
    """The reply. Raises ReplyError if it cites a number that is not there."""
    for name, number in _numbers(reply):
        if name in numbers and number not in numbers[name]:
            allowed = sorted(numbers[name])
            bounds = f"{allowed[0]} to {allowed[-1]}" if allowed else "none"
            shown = number if abs(number) < 10**9 else "so large"
            what = "texts that were sent back" if name == "of" else name
            raise ReplyError(f"there is no number {shown} among the {what}, which go from {bounds}")
    return reply


def _numbers(reply: Reply) -> Iterator[tuple[str, int]]:
    """Every number in a reply with the name of the property that holds it."""
    for name, value in reply:
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, Reply):
                yield from _numbers(entry)
            elif isinstance(entry, int):
                yield name, entry
