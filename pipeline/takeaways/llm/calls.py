"""Calls to the language model as the steps make them: cached, counted, budgeted, validated, retried once."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from pipeline import errors
from pipeline.engines.chat.completions import CUT_OFF, FILTERED, Answer
from pipeline.engines.chat.endpoint import Cache, Chat, Request
from pipeline.engines.chat.request_forms import schema_prompt
from pipeline.engines.chat.tokens import Calibration, count, count_messages, without_end
from pipeline.engines.chat.windows import Window
from pipeline.errors import BudgetError, EndpointError
from pipeline.takeaways.llm.budget import Budget, CallEstimate
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.reply_reader import MAX_SHOWN_CHARACTERS, NOTHING_SAID, THINKING_REMEDY

MAX_QUOTED_REPLY_CHARACTERS = 4000  # of an unusable reply, shown to the model again
PROBE_REPLY_TOKENS = 20

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Connection(Protocol):
    """A model to ask. `chat` connects to it, or starts it, on first use."""

    @property
    def identity(self) -> str: ...

    @property
    def where(self) -> str: ...

    @property
    def context(self) -> int: ...

    @property
    def window(self) -> Window: ...

    @property
    def known_window(self) -> Window | None: ...

    @property
    def concurrency(self) -> int: ...

    def chat(self) -> Chat: ...

    def close(self) -> None: ...


class UnansweredError(Exception):
    """A dry run makes no calls, and this reply is not in the cache."""


@dataclass(frozen=True)
class Query(Generic[T_co]):
    """A request and the parser of its reply's text, which raises ReplyError."""

    request: Request
    parse: Callable[[str], T_co]


@dataclass
class Calls:
    """All calls for one talk: the one owner of its connection, cache and budget. Thread-safe.

    `tick` is called after each one with the number done, cached ones included, and the number expected. On a
    dry run `unanswered` are the calls that the cache could not answer, and `later` those that would follow.
    `samples` are small calls by which it is learnt, where that matters, how the server counts tokens.
    """

    connection: Connection
    cache: Cache
    budget: Budget
    calibration: Calibration
    dry: bool = False
    tick: Callable[[int, int], None] = lambda done, expected: None
    thinking_tokens: int = 0  # that a model may spend on reasoning before each reply
    shows_schema: bool = False  # in the prompt, because this server takes none beside it
    unanswered: CallEstimate = field(default_factory=CallEstimate)
    later: CallEstimate = field(default_factory=CallEstimate)
    samples: tuple[Request, ...] = ()
    _has_sampled: bool = False
    _unusable: list[Request] = field(default_factory=list)
    _expected: int = 1
    _probing: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def calibrate(self) -> None:
        """Learn from the samples how the server counts tokens, once. On a dry run: from the cache or not."""
        if self._has_sampled:
            return
        self._has_sampled = True
        try:
            answers = [self._answer(request) for request in self.samples]
            self.calibration.learn([*zip(map(self._counted, self.samples), answers, strict=True)])
        except UnansweredError:
            return

    def ask(self, query: Query[T]) -> T:
        """Parsed reply; an unusable one is retried once. Raises ReplyError, BudgetError."""
        answer = self._answer(query.request)
        try:
            return _parse(answer, query)
        except ReplyError as error:
            self._unusable.append(query.request)
            complaint = f"That reply cannot be used: {error}. Answer again, in the same JSON form."
            retry = follow_up(query.request, answer.text[:MAX_QUOTED_REPLY_CHARACTERS], complaint)
            if not self.fits(retry):
                raise
            second = self._answer(retry)
        try:
            return _parse(second, query)
        except ReplyError:
            self._unusable.append(retry)
            raise

    def drop_unusable(self) -> None:
        """Forget the replies that could not be used, so that a server that was mended is asked again."""
        for request in self._unusable:
            self.cache.drop(self._with_thinking(request).key(self.connection.identity))

    def ask_all(self, queries: Sequence[Query[T]], later: CallEstimate | None = None) -> list[T | ReplyError]:
        """`ask` for each, concurrently. A reply that stays unusable is returned as its ReplyError.

        `later` are the calls that will follow these; without it, what was said last holds.
        """
        if later is not None:
            self.later, self._expected = later, self.done + len(queries) + later.calls

        def ask_or_error(query: Query[T]) -> T | ReplyError:
            try:
                return self.ask(query)
            except ReplyError as error:
                return error

        if self.dry:
            return self._ask_all_dry(ask_or_error, queries)
        pool = ThreadPoolExecutor(max_workers=self.connection.concurrency)
        try:
            replies = list(pool.map(ask_or_error, queries))
        except BaseException as problem:  # on an error, paid calls may finish; Ctrl-C does not wait
            pool.shutdown(wait=isinstance(problem, Exception), cancel_futures=True)
            raise
        pool.shutdown()
        return replies

    def _ask_all_dry(
        self, ask_or_error: Callable[[Query[T]], T | ReplyError], queries: Sequence[Query[T]]
    ) -> list[T | ReplyError]:
        replies: list[T | ReplyError] = []
        for query in queries:
            try:
                replies.append(ask_or_error(query))
            except UnansweredError:
                continue
        if len(replies) < len(queries):
            raise UnansweredError
        return replies

    def ask_all_that_fit(
        self, queries: Sequence[Query[T]], later: CallEstimate | None = None
    ) -> list[T | ReplyError]:
        """`ask_all`, where a prompt too long for the window is not sent but returned as a ReplyError."""
        fitting = [query for query in queries if self.fits(query.request)]
        replies = iter(self.ask_all(fitting, later))
        return [
            next(replies) if self.fits(query.request) else ReplyError("the model's window has no room for it")
            for query in queries
        ]

    def fits(self, request: Request) -> bool:
        """Whether a prompt and its reply fit into the model's context window.

        Only where that is not certain is it learnt how the server counts. Raises EndpointError, BudgetError.
        """
        room = self.connection.context - request.max_tokens - self.thinking_tokens
        counted = self._counted(request)
        if self.calibration.most(counted) <= room:
            return True
        self.calibrate()
        return self.calibration.expected(counted) <= room

    def needed(self, request: Request) -> int:
        """Tokens that a prompt and its reply take, about."""
        expected = self.calibration.expected(self._counted(request))
        return expected + request.max_tokens + self.thinking_tokens

    def _counted(self, request: Request) -> int:
        """Tokens of a prompt by our own count, with the schema where that stands in it."""
        schema_tokens = count(schema_prompt(request.schema)) if self.shows_schema else 0
        return count_messages(request.messages) + schema_tokens

    def _with_thinking(self, request: Request) -> Request:
        return replace(request, max_tokens=request.max_tokens + self.thinking_tokens)

    def _answer(self, request: Request) -> Answer:
        request = self._with_thinking(request)
        key = request.key(self.connection.identity)
        with self._locks[key]:
            if cached := self.cache.recall(key):
                read, written = cached.prompt_tokens or 0, cached.completion_tokens or 0
                self.budget.count_cached(read, written, cached.seconds)
                self.shows_schema |= cached.shows_schema
                self.calibration.observe(self._counted(request), cached)
                self._tick()
                return cached
            expected_tokens = self.calibration.expected(self._counted(request))
            if self.dry:
                self.unanswered += CallEstimate(1, expected_tokens, request.max_tokens)
                raise UnansweredError
            return self._complete(key, request, expected_tokens)

    @property
    def done(self) -> int:
        """Calls so far, cached ones included."""
        return self.budget.made.calls + self.budget.remembered.calls

    def _tick(self) -> None:
        self.tick(self.done, max(self._expected, self.done + 1))

    def _complete(self, key: str, request: Request, expected_tokens: int) -> Answer:
        if expected_tokens + request.max_tokens > self.connection.context:
            raise EndpointError(
                f"a prompt of about {expected_tokens} tokens and a reply of {request.max_tokens} do not fit "
                f"into the model's window of {self.connection.context}",
                file=self.connection.where,
                remedy="Use a model with a larger window and set extract.context, or shorten the prompts.",
            )
        answer = self._paid(request, expected_tokens)
        self._check_that_all_was_read(request, answer)  # before caching: not a reply to half a prompt
        if answer.text.strip() and answer.finish != FILTERED:
            self.cache.keep(key, answer)
        self._tick()
        return answer

    def _paid(self, request: Request, expected_tokens: int) -> Answer:
        """The server's answer, counted in the budget. Raises EndpointError, BudgetError."""
        hold = self.budget.hold(expected_tokens + count(str(request.schema)), request.max_tokens)
        try:
            answer = self.connection.chat().complete(request)
        except BaseException as error:
            if not isinstance(error.__cause__, TimeoutError):  # a server may bill a call that timed out
                self.budget.release(hold)
            raise
        self.shows_schema |= answer.shows_schema
        if answer.completion_tokens is None:
            answer = answer.model_copy(update={"completion_tokens": count(answer.text)})
        read, written = answer.prompt_tokens or expected_tokens, answer.completion_tokens or 0
        self.budget.settle(hold, read, written, answer.seconds)
        return answer

    def _check_that_all_was_read(self, request: Request, answer: Answer) -> None:
        """Raises EndpointError if the server cuts prompts, which takes another call if that is suspected."""
        counted = self._counted(request)
        with self._probing:
            if not self.calibration.suspects(counted, answer):
                self.calibration.observe(counted, answer)
                return
            share = self.calibration.probe_share(counted, answer)
            part = replace(
                request, messages=without_end(request.messages, share), max_tokens=PROBE_REPLY_TOKENS
            )
            try:
                answer_part = self._paid(part, self.calibration.expected(self._counted(part)))
            except (EndpointError, BudgetError):  # then nothing is proved
                return
            self.calibration.compare((counted, answer), (self._counted(part), answer_part))


def _parse(answer: Answer, query: Query[T]) -> T:
    if answer.finish == FILTERED:
        raise ReplyError(f"the server's content filter stopped it{_words(answer.refusal)}")
    if not answer.text.strip():
        raise ReplyError(_why_empty(answer))
    if answer.finish == CUT_OFF:
        raise ReplyError(f"it was cut off after {query.request.max_tokens} tokens; be shorter")
    return query.parse(answer.text)


def _why_empty(answer: Answer) -> str:
    if answer.refusal:
        return f"it refuses{_words(answer.refusal)}"
    if answer.has_thought:
        return NOTHING_SAID
    if answer.finish == CUT_OFF:
        return f"it ran out of tokens before it said anything; {THINKING_REMEDY}"
    return "it is empty"


def _words(said: str | None) -> str:
    """What a server says, to follow a statement; "" if it says nothing."""
    return f": '{errors.printable(said)[:MAX_SHOWN_CHARACTERS]}'" if said else ""


def follow_up(request: Request, reply: str, message: str) -> Request:
    """The request continued: the model's reply, and the message that answers it."""
    exchange = (
        {"role": "assistant", "content": reply or "(nothing)"},
        {"role": "user", "content": message},
    )
    return replace(request, messages=(*request.messages, *exchange))
