"""Calls as the steps make them: remembered, counted, paid for, validated, and asked again once."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from pipeline.engines.chat.endpoint import Answer, Cache, Chat, Request
from pipeline.engines.chat.tokens import Calibration, count, count_messages
from pipeline.errors import EndpointError
from pipeline.takeaways.llm.budget import Budget

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Connection(Protocol):
    """A model that can be asked; `chat` connects, or starts it, when it is first needed."""

    @property
    def identity(self) -> str: ...

    @property
    def where(self) -> str: ...

    @property
    def context(self) -> int: ...

    @property
    def concurrency(self) -> int: ...

    def chat(self) -> Chat: ...

    def close(self) -> None: ...


class ReplyError(Exception):
    """A reply that cannot be used, and why, in words that the model is told."""


class UnansweredError(Exception):
    """Nothing is asked on a dry run, and the cache does not have this reply."""


@dataclass(frozen=True)
class Ask(Generic[T_co]):
    """A request, and what makes something of the reply's text or raises ReplyError."""

    request: Request
    read: Callable[[str], T_co]


@dataclass
class Planned:
    """Calls that a dry run did not make, and the tokens that they would take."""

    calls: int = 0
    read: int = 0
    written: int = 0

    def add(self, calls: int, read: int, written: int) -> None:
        self.calls, self.read, self.written = self.calls + calls, self.read + read, self.written + written


@dataclass
class Calls:
    """All calls of one talk.

    `tick` is told after each one how many there were, made or remembered, and how many are expected.
    """

    connection: Connection
    cache: Cache
    budget: Budget
    calibration: Calibration
    dry: bool = False
    tick: Callable[[int, int], None] = lambda done, expected: None
    expected: int = 1
    thinking: int = 0  # tokens that a model may take before each reply
    planned: Planned = field(default_factory=Planned)
    _locks: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def calibrate(self, *requests: Request) -> None:
        """Learn how the server counts, on small calls. On a dry run from the cache, or not at all."""
        try:
            self.calibration.learn([(count_messages(r.messages), self._answer(r)) for r in requests])
        except UnansweredError:
            return

    def ask(self, ask: Ask[T]) -> T:
        """What a reply gives; one that cannot be used is sent back once. Raises ReplyError, EndpointError."""
        answer = self._answer(ask.request)
        try:
            return _read(answer, ask)
        except ReplyError as fault:
            told = f"That reply cannot be used: {fault}. Answer again, in the same JSON form."
            again = followed(ask.request, answer.text, told)
            if not self.fits(again):
                raise
            return _read(self._answer(again), ask)

    def ask_all(self, asks: Sequence[Ask[T]]) -> list[T | ReplyError]:
        """`ask` for each, several at once; a reply that cannot be used stands as its fault."""

        def one(ask: Ask[T]) -> T | ReplyError:
            try:
                return self.ask(ask)
            except ReplyError as fault:
                return fault

        if self.dry:
            return self._all_planned(one, asks)
        pool = ThreadPoolExecutor(max_workers=self.connection.concurrency)
        try:
            found = list(pool.map(one, asks))
        except BaseException as error:  # an error waits for calls that are paid for; a person does not
            pool.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
            raise
        pool.shutdown()
        return found

    def _all_planned(
        self, one: Callable[[Ask[T]], T | ReplyError], asks: Sequence[Ask[T]]
    ) -> list[T | ReplyError]:
        found: list[T | ReplyError] = []
        for ask in asks:
            try:
                found.append(one(ask))
            except UnansweredError:
                continue
        if len(found) < len(asks):
            raise UnansweredError
        return found

    def ask_all_that_fit(self, asks: Sequence[Ask[T]]) -> list[T | ReplyError]:
        """`ask_all`, where a prompt for which the window has no room is not asked but stands as a fault."""
        fitting = [ask for ask in asks if self.fits(ask.request)]
        answers = iter(self.ask_all(fitting))
        return [
            next(answers) if self.fits(ask.request) else ReplyError("the model's window has no room for it")
            for ask in asks
        ]

    def fits(self, request: Request) -> bool:
        """Whether the model's window has room for a prompt and its reply."""
        expected = self.calibration.expected(count_messages(request.messages))
        return expected + request.max_tokens + self.thinking <= self.connection.context

    def _answer(self, request: Request) -> Answer:
        request = replace(request, max_tokens=request.max_tokens + self.thinking)
        key = request.key(self.connection.identity)
        with self._locks[key]:
            if remembered := self.cache.recall(key):
                read, written = remembered.prompt_tokens or 0, remembered.completion_tokens or 0
                self.budget.recall(read, written, remembered.seconds)
                self._tick()
                return remembered
            counted = count_messages(request.messages)
            expected = self.calibration.expected(counted)
            if self.dry:
                self.planned.add(1, expected, request.max_tokens)
                raise UnansweredError
            return self._made(key, request, counted, expected)

    @property
    def done(self) -> int:
        """Calls made or remembered so far."""
        return self.budget.made.calls + self.budget.remembered.calls

    def _tick(self) -> None:
        self.tick(self.done, max(self.expected, self.done + 1))

    def _made(self, key: str, request: Request, counted: int, expected: int) -> Answer:
        if expected + request.max_tokens > self.connection.context:
            raise EndpointError(
                f"a prompt of about {expected} tokens and a reply of {request.max_tokens} do not fit into "
                f"the model's window of {self.connection.context}",
                file=self.connection.where,
                remedy="Use a model with a larger window and set extract.context, or shorten the prompts.",
            )
        held = self.budget.hold(expected + count(str(request.schema)), request.max_tokens)
        try:
            answer = self.connection.chat().complete(request)
        except BaseException as error:
            if not isinstance(error.__cause__, TimeoutError):  # a server may bill what it was not waited for
                self.budget.release(held)
            raise
        if answer.completion_tokens is None:
            answer = answer.model_copy(update={"completion_tokens": count(answer.text)})
        read, written = answer.prompt_tokens or expected, answer.completion_tokens or 0
        self.budget.settle(held, read, written, answer.seconds)
        self.calibration.check(counted, answer)  # a reply to half a prompt is not worth remembering
        if answer.text.strip() and answer.finish != "content_filter":
            self.cache.keep(key, answer)
        self._tick()
        return answer


def _read(answer: Answer, ask: Ask[T]) -> T:
    if answer.finish == "length":
        if not answer.text.strip():
            raise ReplyError(
                "it ran out of tokens before it said anything; for a model that thinks first, set "
                "extract.thinking to the tokens that this may take"
            )
        raise ReplyError(f"it was cut off after {ask.request.max_tokens} tokens; be shorter")
    return ask.read(answer.text)


def followed(request: Request, reply: str, message: str) -> Request:
    """The request with its reply and what is said to that."""
    said = ({"role": "assistant", "content": reply[:4000]}, {"role": "user", "content": message})
    return replace(request, messages=(*request.messages, *said))
