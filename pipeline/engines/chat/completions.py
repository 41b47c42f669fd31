"""Chat completions as servers send them: an Answer, whichever of the usual forms they have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.engines.openai_client import server_words
from pipeline.records import Record
from pipeline.text import well_formed

_EVENTS = (b"data:", b"event:", b"id:", b": ")  # begin a stream of server-sent events (WHATWG HTML, 9.2)
_STREAMED = ("content", "refusal", "reasoning_content", "reasoning")  # fields that come in parts
MAX_TOKENS = 10**7  # beyond which a count is none
CUT_OFF, FILTERED = "length", "content_filter"
FINISHES = {  # in the words of other APIs
    **dict.fromkeys(("max_tokens", "model_length", "max_length"), CUT_OFF),
    **dict.fromkeys(("safety", "recitation", "blocklist", "prohibited_content", "spii"), FILTERED),
    **dict.fromkeys(("content_filtered", "guardrail_intervened", "sensitive", "refusal"), FILTERED),
}
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


class Answer(Record):
    """A reply. `prompt_tokens` is how many the server says that it read, None if it does not say.

    `refusal` is what it says instead of a reply; `has_thought` whether it told its thoughts apart from that;
    `shows_schema` whether the prompt held the schema of the reply.
    """

    text: str
    finish: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0
    refusal: str | None = None
    has_thought: bool = False
    shows_schema: bool = False


class NoCompletionError(Exception):
    """A body is no chat completion."""


class BrokenOffError(NoCompletionError):
    """A body is a JSON object without its end."""


def parsed(body: bytes) -> Mapping[str, Any]:
    """A body as a JSON object. Raises NoCompletionError, or BrokenOffError if only its start has come."""
    try:
        if body.lstrip().startswith(_EVENTS):
            return _joined(body.decode("utf-8", "replace"))
        value = json.loads(body.decode(json.detect_encoding(body), "replace"))
    except (ValueError, RecursionError) as error:
        is_start = body.lstrip().startswith(b'{"') and not body.rstrip().endswith((b"}", b"{", b"["))
        is_cut = is_start and isinstance(error, json.JSONDecodeError)
        raise (BrokenOffError if is_cut else NoCompletionError) from error
    if not isinstance(value, dict):
        raise NoCompletionError
    return value


def _joined(stream: str) -> Mapping[str, Any]:
    """The completion that a stream of events amounts to, which some servers send unasked.

    Raises ValueError (an event is no JSON), RecursionError, NoCompletionError.
    """
    whole: dict[str, Any] = {}
    parts: dict[str, list[str]] = {}
    finish = None
    for line in stream.splitlines():
        name, _, data = line.partition(":")
        if name != "data" or data.strip() in ("", "[DONE]"):
            continue
        if not isinstance(event := json.loads(data), dict):
            raise NoCompletionError
        whole |= {key: value for key, value in event.items() if key != "choices" and value}
        choice = _first(event.get("choices")) or {}
        for field, text in _message(choice, "delta").items():
            if field in _STREAMED and isinstance(text, str) and not choice.get("index"):
                parts.setdefault(field, []).append(text)
        finish = choice.get("finish_reason") or finish
    if parts or finish:
        message = {field: "".join(texts) for field, texts in parts.items()}
        whole["choices"] = [{"message": message, "finish_reason": finish}]
    return whole


def error_in(reply: Mapping[str, Any]) -> Any:
    """The error that a reply holds in place of an answer, though its status says success; None if none."""
    choice = _first(reply.get("choices"))
    if choice is not None:
        return choice.get("error") if not _text(_message(choice).get("content")) else None
    return reply.get("error") or (reply if not reply.get("choices") and server_words(reply) else None)


def answer_in(reply: Mapping[str, Any], seconds: float, shows_schema: bool) -> Answer:
    """The first choice of a chat completion; without any it is empty. Raises NoCompletionError."""
    choices = reply.get("choices", {})
    choice = {"message": {}} if choices in (None, []) else _first(choices)
    if choice is None or not isinstance(choice.get("message"), dict):
        raise NoCompletionError
    message, usage = _message(choice), reply.get("usage")
    content, refusal, finish = message.get("content"), message.get("refusal"), choice.get("finish_reason")
    usage = usage if isinstance(usage, dict) else {}
    return Answer(
        text=_text(content) or _arguments(message) or _misplaced(message),
        finish=_finish(finish) if isinstance(finish, str) else None,
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        seconds=round(seconds, 3),
        refusal=_text(refusal).strip() or _text(content, "refusal").strip() or None,
        has_thought=_has_thought(message),
        shows_schema=shows_schema,
    )


def _first(choices: Any) -> dict[str, Any] | None:
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None


def _message(choice: Mapping[str, Any], name: str = "message") -> dict[str, Any]:
    message = choice.get(name)
    return message if isinstance(message, dict) else {}


def _text(content: Any, kind: str = "text") -> str:
    """The text of a message's content: a string, or a list of parts, of which others than `kind` are left."""
    if isinstance(content, str):
        return well_formed(content) if kind == "text" else ""
    if isinstance(content, dict) and "type" not in content:  # the object itself, parsed
        return well_formed(json.dumps(content)) if kind == "text" else ""
    parts = content if isinstance(content, list) else [content]
    texts = []
    for part in parts:
        if isinstance(part, str) and kind == "text":
            texts.append(part)
        elif isinstance(part, dict) and part.get("type", kind) in (kind, f"output_{kind}"):
            texts.append(part[kind] if isinstance(part.get(kind), str) else "")
    return well_formed("".join(texts))


def _arguments(message: Mapping[str, Any]) -> str:
    """The arguments of a message's only call of a tool, which some models make of a JSON Schema."""
    calls = message.get("tool_calls") or [{"function": message.get("function_call")}]
    if not isinstance(calls, list) or len(calls) != 1 or not isinstance(calls[0], dict):
        return ""
    function = calls[0].get("function")
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if isinstance(arguments, dict):
        arguments = json.dumps(arguments)
    return well_formed(arguments) if isinstance(arguments, str) else ""


def _misplaced(message: Mapping[str, Any]) -> str:
    """An answer among the thoughts: vLLM takes JSON for thoughts if a model that could think did not."""
    said = next((text for name in _THOUGHTS if (text := _text(message.get(name)).strip())), "")
    return said if said.startswith("{") and said.endswith("}") else ""


def _finish(reason: str) -> str:
    """Why a reply ended, in OpenAI's words where it is cut off or filtered."""
    known = reason.partition(":")[0].strip().lower()  # "content_filter: PROHIBITED_CONTENT"
    return FINISHES.get(known, known if known in (CUT_OFF, FILTERED) else well_formed(reason))


def _has_thought(message: Mapping[str, Any]) -> bool:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    kinds = [str(part.get("type")) for part in parts if isinstance(part, dict)]
    return any(message.get(name) for name in (*_THOUGHTS, "reasoning_details")) or any(
        kind.startswith(("reason", "think")) for kind in kinds
    )


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 < value <= MAX_TOKENS else None
