"""Calls to a chat endpoint through the openai client, which honours `Retry-After`; and a cache of replies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import ValidationError

from pipeline import errors
from pipeline.engines.openai_client import (
    check_model,
    connect,
    raise_endpoint_error,
    redacted,
    server_message,
)
from pipeline.errors import EndpointError
from pipeline.files import digest_value
from pipeline.records import Record
from pipeline.stage_names import TalkStage
from pipeline.workspace.api_keys import OPENAI
from pipeline.workspace.state import ByteCache

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion


@dataclass(frozen=True)
class Endpoint:
    """A chat endpoint and the model to use there.

    `identity` stands for the model in receipts and in the cache: its digest where its bytes are known, else
    address and name. `context` is the size of its context window in tokens.
    """

    base_url: str
    model: str
    identity: str
    context: int
    concurrency: int = 1
    api_key: str = field(default="none", repr=False)


@dataclass(frozen=True)
class Request:
    """One call: messages, the JSON Schema of the reply, and its maximum length in tokens."""

    messages: tuple[Mapping[str, str], ...]
    schema: Mapping[str, Any]
    temperature: float
    max_tokens: int

    def key(self, identity: str) -> str:
        """The cache key: equal for equal calls to the same model."""
        messages = [dict(message) for message in self.messages]
        return digest_value([identity, messages, dict(self.schema), self.temperature, self.max_tokens])


class Answer(Record):
    """A reply. `prompt_tokens` is how many the server says that it read, None if it does not say."""

    text: str
    finish: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0


class Chat:
    """A client of one endpoint. Thread-safe."""

    def __init__(self, endpoint: Endpoint, timeout: float, retries: int) -> None:
        """`timeout` is in seconds, per attempt."""
        self.endpoint = endpoint
        self._client = connect(endpoint, timeout, retries)
        self._rejects_temperature = False  # some models accept only their default

    def complete(self, request: Request) -> Answer:
        """One reply. Raises EndpointError when retries are used up or the server refuses."""
        import openai

        began, with_temperature = time.monotonic(), not self._rejects_temperature
        try:
            try:
                reply = self._create(request, with_temperature)
            except openai.BadRequestError as error:
                if error.param != "temperature" or not with_temperature:
                    raise
                self._rejects_temperature = True
                reply = self._create(request, False)
        except openai.OpenAIError as error:
            _raise_chat_error(error, self.endpoint)
        except ValueError as error:  # a body that says it is JSON and is not
            raise _not_a_completion(getattr(error, "doc", str(error)), self.endpoint) from error
        return _answer(reply, self.endpoint, time.monotonic() - began)

    def check_model(self) -> str:
        """A sentence that says that the server knows the model. Raises EndpointError if it does not."""
        return check_model(self.endpoint, TalkStage.EXTRACT)

    def _create(self, request: Request, with_temperature: bool) -> ChatCompletion:
        is_openai = self.endpoint.base_url == OPENAI
        options: dict[str, Any] = {"max_completion_tokens" if is_openai else "max_tokens": request.max_tokens}
        if with_temperature:
            options["temperature"] = request.temperature
        schema = _without_lengths(request.schema) if is_openai else dict(request.schema)
        response_schema = {"name": "reply", "strict": True, "schema": schema}
        options |= {
            "messages": [dict(message) for message in request.messages],
            "response_format": {"type": "json_schema", "json_schema": response_schema},
        }
        reply: ChatCompletion = self._client.chat.completions.create(model=self.endpoint.model, **options)
        return reply


def _without_lengths(schema: Any) -> Any:
    """The schema without maximum lengths of strings, which OpenAI's own servers refuse."""
    if isinstance(schema, Mapping):
        return {key: _without_lengths(value) for key, value in schema.items() if key != "maxLength"}
    return schema


def _answer(reply: Any, endpoint: Endpoint, seconds: float) -> Answer:
    """The reply's first choice. Raises EndpointError if the reply is no chat completion."""
    try:
        choice, usage = reply.choices[0], reply.usage
        return Answer(
            text=choice.message.content or "",
            finish=choice.finish_reason,
            prompt_tokens=usage.prompt_tokens if usage else None,
            completion_tokens=usage.completion_tokens if usage else None,
            seconds=round(seconds, 3),
        )
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise _not_a_completion(str(reply), endpoint) from error


def _not_a_completion(body: str, endpoint: Endpoint) -> EndpointError:
    return EndpointError(
        f"the server's answer is not a chat completion ({redacted(errors.shown(body), endpoint)})",
        file=endpoint.base_url,
        remedy="Check extract.base_url; most servers want it to end in /v1.",
    )


def _raise_chat_error(error: Exception, endpoint: Endpoint) -> NoReturn:
    """Raise the openai client's error as an EndpointError: what is wrong, where, and what to do."""
    import openai

    message = server_message(error, endpoint)
    if isinstance(error, openai.BadRequestError) and "context" in message:
        raise EndpointError(
            f"the model's window is too small ({message})",
            file=endpoint.base_url,
            remedy=f"Give the server a larger one, or set extract.context below {endpoint.context}.",
        ) from error
    raise_endpoint_error(error, endpoint, TalkStage.EXTRACT)


class Remote:
    """An endpoint of a server, on this machine or another, connected to on first use."""

    def __init__(self, endpoint: Endpoint, key: Callable[[str], str], timeout: float, retries: int) -> None:
        """`key` returns the key for an address, when it is first needed; it may raise ConfigError."""
        self._endpoint, self._key, self._timeout, self._retries = endpoint, key, timeout, retries
        self.identity, self.where = endpoint.identity, endpoint.base_url
        self.context, self.concurrency = endpoint.context, endpoint.concurrency
        self._chat: Chat | None = None
        self._lock = threading.Lock()

    def chat(self) -> Chat:
        with self._lock:
            if self._chat is None:
                endpoint = replace(self._endpoint, api_key=self._key(self._endpoint.base_url))
                self._chat = Chat(endpoint, self._timeout, self._retries)
            return self._chat

    def close(self) -> None:
        with self._lock:
            self._chat = None


class Cache:
    """Replies cached on disk, so that no call is made twice and a failed run resumes where it stopped."""

    def __init__(self, replies: ByteCache) -> None:
        self._replies = replies

    def recall(self, key: str) -> Answer | None:
        """The reply to an earlier call; None if there was none, or if its reply cannot be read."""
        try:
            return Answer.model_validate_json(self._replies.recall(key) or b"")
        except ValidationError:
            return None

    def keep(self, key: str, answer: Answer) -> None:
        """Store a reply. Raises OSError: a reply that was paid for must not be lost silently."""
        self._replies.keep(key, answer.model_dump_json().encode())
