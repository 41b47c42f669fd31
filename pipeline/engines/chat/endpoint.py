"""One call to a chat endpoint, through the openai client, which honours `Retry-After`; and replies kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import ValidationError

from pipeline import errors
from pipeline.digests import digest_value
from pipeline.engines.openai_client import connect, explain, greet, redacted, what_it_said
from pipeline.errors import EndpointError
from pipeline.records import Record
from pipeline.workspace.api_keys import OPENAI
from pipeline.workspace.state import ByteCache

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion


@dataclass(frozen=True)
class Endpoint:
    """A chat endpoint and the model to ask there.

    `identity` stands for what answers, in receipts and in the cache: the model's own digest where its bytes
    are known, else address and name. `context` is the model's window in tokens.
    """

    base_url: str
    model: str
    identity: str
    context: int
    concurrency: int = 1
    api_key: str = field(default="none", repr=False)


@dataclass(frozen=True)
class Request:
    """What is asked: messages, the JSON Schema of the reply, and how long it may be (tokens)."""

    messages: tuple[Mapping[str, str], ...]
    schema: Mapping[str, Any]
    temperature: float
    max_tokens: int

    def key(self, identity: str) -> str:
        """Equal for calls that ask the same model the same thing."""
        asked = [dict(message) for message in self.messages]
        return digest_value([identity, asked, dict(self.schema), self.temperature, self.max_tokens])


class Answer(Record):
    """What came back. `prompt_tokens` is what the server says that it read, None if it does not say."""

    text: str
    finish: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0


class Chat:
    """A client of one endpoint. Calls may be made from several threads at once."""

    def __init__(self, endpoint: Endpoint, timeout: float, retries: int) -> None:
        """`timeout` is in seconds, for one try."""
        self.endpoint = endpoint
        self._client = connect(endpoint, timeout, retries)
        self._no_temperature = False  # some models take none but their own

    def complete(self, request: Request) -> Answer:
        """One reply. Raises EndpointError, when tries are used up or the server refuses."""
        import openai

        began, cool = time.monotonic(), not self._no_temperature
        try:
            try:
                reply = self._create(request, cool)
            except openai.BadRequestError as error:
                if error.param != "temperature" or not cool:
                    raise
                self._no_temperature = True
                reply = self._create(request, False)
        except openai.OpenAIError as error:
            _explain(error, self.endpoint)
        except ValueError as error:  # a body that says it is JSON and is not
            raise _no_completion(getattr(error, "doc", str(error)), self.endpoint) from error
        return _answer(reply, self.endpoint, time.monotonic() - began)

    def greet(self) -> str:
        """Whether the server knows the model, in words. Raises EndpointError if it does not."""
        return greet(self.endpoint, "extract")

    def _create(self, request: Request, with_temperature: bool) -> ChatCompletion:
        openai_itself = self.endpoint.base_url == OPENAI
        options: dict[str, Any] = {
            "max_completion_tokens" if openai_itself else "max_tokens": request.max_tokens
        }
        if with_temperature:
            options["temperature"] = request.temperature
        plain = _without_lengths(request.schema) if openai_itself else dict(request.schema)
        schema = {"name": "reply", "strict": True, "schema": plain}
        options |= {
            "messages": [dict(message) for message in request.messages],
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        reply: ChatCompletion = self._client.chat.completions.create(model=self.endpoint.model, **options)
        return reply


def _without_lengths(schema: Any) -> Any:
    """The schema without lengths of strings, which OpenAI's own servers refuse."""
    if isinstance(schema, Mapping):
        return {key: _without_lengths(value) for key, value in schema.items() if key != "maxLength"}
    return schema


def _answer(reply: Any, endpoint: Endpoint, seconds: float) -> Answer:
    """The reply's first choice. Raises EndpointError if that is not a chat completion at all."""
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
        raise _no_completion(str(reply), endpoint) from error


def _no_completion(said: str, endpoint: Endpoint) -> EndpointError:
    return EndpointError(
        f"the server's answer is no chat completion ({redacted(errors.shown(said), endpoint)})",
        file=endpoint.base_url,
        remedy="Check extract.base_url; most servers want it to end in /v1.",
    )


def _explain(error: Exception, endpoint: Endpoint) -> NoReturn:
    """The openai client's error as ours: what is wrong, where, and what to do."""
    import openai

    said = what_it_said(error, endpoint)
    if isinstance(error, openai.BadRequestError) and "context" in said:
        raise EndpointError(
            f"the model's window is too small ({said})",
            file=endpoint.base_url,
            remedy=f"Give the server a larger one, or set extract.context below {endpoint.context}.",
        ) from error
    explain(error, endpoint, "extract")


class Cache:
    """Replies kept on disk, so that no call is made twice and a failed run goes on where it stopped."""

    def __init__(self, replies: ByteCache) -> None:
        self._replies = replies

    def recall(self, key: str) -> Answer | None:
        """The reply to a call that was made before; one that cannot be read was not made."""
        try:
            return Answer.model_validate_json(self._replies.recall(key) or b"")
        except ValidationError:
            return None

    def keep(self, key: str, answer: Answer) -> None:
        """Raises OSError: a reply that was paid for must not be lost in silence."""
        self._replies.keep(key, answer.model_dump_json().encode())
