"""Calls to a chat endpoint through the openai client, which honours `Retry-After`; and a cache of replies."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import ValidationError

from pipeline import errors
from pipeline.engines.chat import completions
from pipeline.engines.chat.completions import FILTERED, Answer, BrokenOffError, NoCompletionError
from pipeline.engines.chat.request_forms import LIMITS, OWN_SCHEMA_LIMITS, Complaint, Form
from pipeline.engines.chat.windows import LearntWindow, Window
from pipeline.engines.openai_client import (
    check_model,
    connect,
    raise_endpoint_error,
    redacted,
    server_words,
    shown_message,
)
from pipeline.errors import EndpointError
from pipeline.files import digest_value
from pipeline.stage_names import TalkStage
from pipeline.workspace.api_keys import OPENAI
from pipeline.workspace.state import ByteCache

if TYPE_CHECKING:
    import openai

REFUSALS = (400, 404, 405, 422, 500, 501)  # statuses that may mean a parameter
FORBIDDEN = 403  # a matter of the key, or of what a prompt says
MAX_PAUSE_SECONDS = 8.0  # between tries
PASSING_CODES = ("408", "425", "429", "500", "502", "503", "504", "529")
_PASSING = re.compile(r"loading|overload|busy|(?:try|again) later|try again|temporar|unavailable", re.I)


@dataclass(frozen=True)
class Endpoint:
    """A chat endpoint and the model to use there.

    `identity` stands for the model in receipts and in the cache: its digest where its bytes are known, else
    address and name. `context` is the size of its window in tokens, None to learn it; `table` the table of
    settings.
    """

    base_url: str
    model: str
    identity: str
    context: int | None
    concurrency: int = 1
    table: str = TalkStage.EXTRACT
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


class Chat:
    """A client of one endpoint. Thread-safe."""

    def __init__(self, endpoint: Endpoint, timeout: float, retries: int) -> None:
        """`timeout` is in seconds, per attempt."""
        self.endpoint = endpoint
        self._client, self._retries = connect(endpoint, timeout, retries), retries
        is_openai = endpoint.base_url == OPENAI
        self._form = Form(limit=LIMITS[1], omitted=OWN_SCHEMA_LIMITS) if is_openai else Form()
        self._learning = threading.Lock()

    def complete(self, request: Request) -> Answer:
        """One reply. Raises EndpointError when retries are used up or the server refuses."""
        import openai

        try:
            return self._ask(request)
        except openai.OpenAIError as error:
            raise_endpoint_error(error, self.endpoint, self.endpoint.table)
        except _RefusedError as refused:
            if refused.complaint.is_about_content:  # of this prompt: others may be answered
                return Answer(text="", finish=FILTERED, refusal=refused.complaint.message)
            _raise_refusal(refused, self.endpoint)

    def check_model(self) -> str:
        """A sentence that says that the server knows the model. Raises EndpointError if it does not."""
        return check_model(self.endpoint, self.endpoint.table)

    def _ask(self, request: Request) -> Answer:
        """One reply, if need be after learning in which form the server takes requests.

        Raises the first refusal if no form is taken, or what the last form was refused for other reasons.
        """
        form = self._form
        try:
            return self._send(request, form)
        except _RefusedError as refused:
            first = last = refused
        with self._learning:  # once for all calls, not by each of those that are refused at the same time
            following = self._form if self._form != form else form.after(last.complaint, request.schema)
            while following:
                form = following
                try:
                    answer = self._send(request, form)
                except _RefusedError as refused:
                    last = refused
                    following = form.after(last.complaint, request.schema)
                else:
                    self._form = form
                    return answer
        raise first if last.complaint.names or not last.complaint.message else last

    def _send(self, request: Request, form: Form) -> Answer:
        """The reply to a request of one form. Raises _RefusedError, EndpointError, openai.OpenAIError."""
        began = time.monotonic()
        for tried in range(self._retries + 1):
            body = self._post(request, form)
            try:
                reply = completions.parsed(body)
                error = completions.error_in(reply)
                if error is None:
                    return completions.answer_in(reply, time.monotonic() - began, form.shows_schema)
            except BrokenOffError as fault:
                if tried < self._retries:
                    continue
                raise EndpointError(
                    f"the server's answer breaks off after {len(body)} bytes",
                    file=self.endpoint.base_url,
                    remedy="Look into its log, and run again: what was answered is kept.",
                ) from fault
            except NoCompletionError as fault:
                raise _not_a_completion(body, self.endpoint) from fault
            refused = _RefusedError(_complaint(error, self.endpoint))
            if refused.complaint.names or tried == self._retries or not _passes(error):
                break
            time.sleep(min(0.5 * 2**tried, MAX_PAUSE_SECONDS))
        raise refused

    def _post(self, request: Request, form: Form) -> bytes:
        import openai

        options = form.options(request.messages, request.schema, request.temperature, request.max_tokens)
        create: Any = self._client.chat.completions.with_raw_response.create
        try:
            reply = create(model=self.endpoint.model, **options)
        except openai.APIStatusError as error:
            body = "" if errors.is_page(error.response.text) else error.body
            complaint = _complaint(body, self.endpoint)
            is_filtered = error.status_code == FORBIDDEN and complaint.is_about_content
            if error.status_code not in REFUSALS and not is_filtered:
                raise
            raise _RefusedError(complaint, error) from error
        content: bytes = reply.http_response.content
        return content


class _RefusedError(Exception):
    """The server takes no such request, or says so with status 200 (`error` is None)."""

    def __init__(self, complaint: Complaint, error: openai.APIStatusError | None = None) -> None:
        super().__init__(complaint.message)
        self.complaint, self.error = complaint, error


def _complaint(body: Any, endpoint: Endpoint) -> Complaint:
    param, code = (body.get("param"), body.get("code")) if isinstance(body, dict) else (None, None)
    return Complaint(server_words(body), str(param or ""), endpoint.model, str(code or ""))


def _passes(error: Any) -> bool:
    """Whether an error that came with status 200 may be gone in a moment."""
    code = error.get("code", error.get("status")) if isinstance(error, dict) else None
    return str(code) in PASSING_CODES or bool(_PASSING.search(server_words(error)[:2000]))


def _not_a_completion(body: bytes, endpoint: Endpoint) -> EndpointError:
    shown = redacted(errors.shown(body.decode("utf-8", "replace")), endpoint)
    return EndpointError(
        f"the server's answer is not a chat completion ({shown})",
        file=endpoint.base_url,
        remedy=f"Check {endpoint.table}.base_url; most servers want it to end in /v1.",
    )


def _raise_refusal(refused: _RefusedError, endpoint: Endpoint) -> NoReturn:
    """Raise a refusal as an EndpointError, in the server's words."""
    message = shown_message(refused.complaint.message, endpoint) or "it does not say why"
    if refused.complaint.is_about_length:
        raise EndpointError(
            f"the model's window is too small ({message})",
            file=endpoint.base_url,
            remedy=f"Give the server a larger one, or set {endpoint.table}.context to a smaller one than "
            f"{endpoint.context or 'was learnt'}.",
        ) from refused
    if refused.error:
        raise_endpoint_error(refused.error, endpoint, endpoint.table)
    raise EndpointError(
        f"the server answers with an error ({message})",
        file=endpoint.base_url,
        remedy="Look into its log, or wait, and run again: what was answered is kept.",
    ) from refused


class Remote:
    """An endpoint of a server, on this machine or another, connected to on first use."""

    def __init__(
        self,
        endpoint: Endpoint,
        key: Callable[[str], str],
        timeout: float,
        retries: int,
        kept: ByteCache | None = None,
        dry: bool = False,
    ) -> None:
        """`key` returns the key for an address, when it is first needed; it may raise ConfigError.

        What the server says of the model's window is `kept`; on a `dry` run it is not asked to load it.
        """
        self._endpoint, self._key, self._timeout, self._retries = endpoint, key, timeout, retries
        self.identity, self.where, self.concurrency = (
            endpoint.identity,
            endpoint.base_url,
            endpoint.concurrency,
        )
        self._chat: Chat | None = None
        self._lock = threading.Lock()
        self._window = LearntWindow(
            self._with_key, endpoint.base_url, endpoint.model, kept, None if dry else timeout
        )
        if endpoint.context:
            self._window.found = Window(tokens=endpoint.context, source=f"by {endpoint.table}.context")

    @property
    def window(self) -> Window:
        """The model's window, which the server is asked about when this is first looked at."""
        return self._window.window

    @property
    def known_window(self) -> Window | None:
        """The window as far as it was needed: nothing is asked."""
        return self._window.found

    @property
    def context(self) -> int:
        """Of the window, in tokens."""
        return self.window.tokens

    def chat(self) -> Chat:
        with self._lock:
            if self._chat is None:
                self._chat = Chat(self._with_key(), self._timeout, self._retries)
            return self._chat

    def _with_key(self) -> Endpoint:
        return replace(self._endpoint, api_key=self._key(self._endpoint.base_url))

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

    def drop(self, key: str) -> None:
        """Forget a reply, so that the call is made again. Raises OSError."""
        self._replies.drop(key)
