"""The form of request that a server takes, learnt from what it refuses.

Servers of one API differ in how they are asked for JSON, in the keywords of JSON Schema that they know and in
the names of parameters. A refusal names what is wrong, as `param` or in its words: that is left out or said
in another way, a step at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Messages = Sequence[Mapping[str, str]]

BOUNDS = frozenset(
    {"maxLength", "minLength", "maxItems", "minItems", "uniqueItems", "maximum", "minimum", "pattern"}
)
KEYWORDS = BOUNDS | {"additionalProperties", "enum", "strict"}  # that a schema can do without
FORMATS = ("json_schema", "json_object", "text")
LIMITS = ("max_tokens", "max_completion_tokens")
OWN_SCHEMA_LIMITS = frozenset({"maxLength"})  # that OpenAI's own servers refuse
_SCHEMA_WORDS = frozenset(
    {"schema", "json_schema", "grammar", "structured_output", "structured_outputs", "anyOf"}
    | {"guided_json", "guided_decoding", "xgrammar"}  # as vLLM has it
)
_FORMAT_WORDS = _SCHEMA_WORDS | {"response_format", "json_object", "json_mode", "json_output"}
_FORMAT_WORDS |= {"failed_generation"}  # where Groq has what it asked for as JSON, and was none
_OTHER_PARAMETERS = ("messages", "prompt", "input", "model")
_LENGTH = re.compile(
    r"context[ _-]?(?:length|size|window|limit)|maximum context"
    r"|\b(?:prompt|input)\b.{0,20}\btoo (?:long|large)|too many tokens|input length"
    r"|\binputs`? .{0,40}must (?:have less|be <=)|token count .{0,20}exceeds"
)
_FILTER = re.compile(
    r"content[ _-]?(?:filter|policy|management policy|exists risk)|contentpolicy|moderation"
    r"|\bflagged\b|inappropriate content|data_inspection"
)
_READ_CHARACTERS = 2000  # of a refusal


@dataclass(frozen=True)
class Complaint:
    """What a server says to a request that it refuses; `param` is the parameter that it names, or ""."""

    message: str
    param: str = ""
    model: str = ""
    code: str = ""

    @property
    def is_about_length(self) -> bool:
        """Whether the prompt is too long for the model."""
        return bool(_LENGTH.search(self.message[:_READ_CHARACTERS].lower()))

    @property
    def is_about_content(self) -> bool:
        """Whether a filter stopped the prompt for what it says: another prompt may be taken."""
        return bool(_FILTER.search(f"{self.code} {self.message[:_READ_CHARACTERS]}".lower()))

    @property
    def names(self) -> frozenset[str]:
        """The parameters and keywords that it names; none if it is about what was asked, or of whom."""
        if self.is_about_length or self.is_about_content:
            return frozenset()
        message = self.message[:_READ_CHARACTERS]
        if self.model:
            message = message.replace(self.model, "")
        in_param, in_message = _names(self.param), _names(message)
        is_other = self.param.partition("[")[0].partition(".")[0] in _OTHER_PARAMETERS
        return frozenset() if is_other and not in_param else in_param | in_message


_NAMES = KEYWORDS | _FORMAT_WORDS | {*LIMITS, "temperature", "role", "roles"}
_BY_LETTERS = {name.replace("_", "").lower(): name for name in _NAMES}
_NAME = re.compile(  # also as "response format" or "responseFormat"
    r"(?<![a-z0-9])(?:"
    + "|".join(name.replace("_", "[ _-]?") for name in sorted(_NAMES, key=len, reverse=True))
    + r")(?![a-z0-9])",
    re.IGNORECASE,
)


def _names(text: str) -> frozenset[str]:
    return frozenset(_BY_LETTERS[re.sub("[ _-]", "", found).lower()] for found in _NAME.findall(text))


@dataclass(frozen=True)
class Form:
    """How a server is asked: `omitted` are parameters and schema keywords that it is not sent."""

    reply_format: Literal["json_schema", "json_object", "text"] = "json_schema"
    limit: str = LIMITS[0]
    is_other_limit: bool = False
    omitted: frozenset[str] = frozenset()
    is_system_joined: bool = False  # the system's message is put before the user's first

    @property
    def shows_schema(self) -> bool:
        """Whether the schema stands in the prompt."""
        return self.reply_format != "json_schema"

    def options(
        self, messages: Messages, schema: Mapping[str, Any], temperature: float, max_tokens: int
    ) -> dict[str, Any]:
        """A request's parameters, all but the model."""
        options: dict[str, Any] = {"messages": self._messages(messages, schema), self.limit: max_tokens}
        if "temperature" not in self.omitted:
            options["temperature"] = temperature
        if self.reply_format == "json_schema":
            reply = {"name": "reply", "strict": True, "schema": _without(schema, self.omitted)}
            if "strict" in self.omitted:
                del reply["strict"]
            options["response_format"] = {"type": "json_schema", "json_schema": reply}
        elif self.reply_format == "json_object":
            options["response_format"] = {"type": "json_object"}
        return options

    def _messages(self, messages: Messages, schema: Mapping[str, Any]) -> list[dict[str, str]]:
        sent = [dict(message) for message in messages]
        if self.shows_schema:
            sent[-1]["content"] += schema_prompt(schema)
        if self.is_system_joined and len(sent) > 1 and sent[0]["role"] == "system":
            first, second, *others = sent
            joined = f"{first['content']}\n\n{second['content']}"
            sent = [{"role": second["role"], "content": joined}, *others]
        return sent

    def after(self, complaint: Complaint, schema: Mapping[str, Any]) -> Form | None:
        """The next form to try; None if the complaint is about something else, or if all was tried.

        It never comes back to an earlier form: each step only leaves out more, or goes on in an order.
        """
        names = complaint.names
        sent = {*_keywords(schema), "strict"} if self.reply_format == "json_schema" else set()
        used = sent - self.omitted
        if refused := names & KEYWORDS & used:
            return self._omitting(refused)
        if names & _SCHEMA_WORDS and (bounds := BOUNDS & used):
            return self._omitting(bounds)
        if names & _FORMAT_WORDS and self.reply_format != "text":
            following: Any = FORMATS[FORMATS.index(self.reply_format) + 1]
            return replace(self, reply_format=following)
        if self.limit in names and not self.is_other_limit:
            (other,) = {*LIMITS} - {self.limit}
            return replace(self, limit=other, is_other_limit=True)
        if "temperature" in names - self.omitted:
            return self._omitting({"temperature"})
        if names & {"role", "roles"} and not self.is_system_joined:
            return replace(self, is_system_joined=True)
        return None

    def _omitting(self, names: frozenset[str] | set[str]) -> Form:
        return replace(self, omitted=self.omitted | names)


def schema_prompt(schema: Mapping[str, Any]) -> str:
    """What asks for JSON where only a prompt can."""
    return f"\n\nAnswer with one JSON object alone that fits this JSON Schema:\n{json.dumps(schema)}"


def _without(schema: Any, keywords: frozenset[str]) -> Any:
    """The schema without some keywords; properties may well be called like one."""
    if isinstance(schema, list):
        return [_without(inner, keywords) for inner in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: value for key, value in schema.items() if key not in keywords}
    return {
        key: {name: _without(inner, keywords) for name, inner in value.items()}
        if key == "properties"
        else _without(value, keywords)
        for key, value in kept.items()
    }


def _keywords(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            yield key
            for inner in value.values() if key == "properties" else (value,):
                yield from _keywords(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _keywords(inner)
