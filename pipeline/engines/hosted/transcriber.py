"""A Transcriber that asks a server: OpenAI's, or any that takes the same calls."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline import text
from pipeline.digests import digest_bytes, digest_value
from pipeline.engines import SAMPLE_RATE, Block, Heard, Progress
from pipeline.engines.audio import encoding
from pipeline.engines.audio.encoding import Sound
from pipeline.engines.chat.endpoint import Answer
from pipeline.engines.hosted import responses
from pipeline.engines.hosted.responses import Reply, UnusableError, words
from pipeline.engines.hosted.uploads import Piece, pieces
from pipeline.engines.openai_client import connect, explain, redacted
from pipeline.errors import EndpointError
from pipeline.records import Word

if TYPE_CHECKING:
    from openai import OpenAI

    from pipeline.engines.chat.endpoint import Cache

TRIES = 2  # of a call whose reply cannot be used
KEY_LENGTH = 16  # of a secret; shorter ones ("ollama") are words that people may say
QUIET = 10.0  # seconds of sound of which a server may say that nobody speaks
# US dollars for a minute, OpenAI's list prices of mid 2025; for the newer models, which are billed by tokens,
# what OpenAI estimates. A dated name costs what its family does.
PRICES = {
    "whisper-1": 0.006,
    "gpt-4o-transcribe": 0.006,
    "gpt-4o-transcribe-diarize": 0.006,
    "gpt-4o-mini-transcribe": 0.003,
}


@dataclass(frozen=True)
class Service:
    """A server, its model and the key for it. `identity` names both in receipts and in the cache."""

    base_url: str
    model: str
    api_key: str = field(default="none", repr=False)

    @property
    def identity(self) -> str:
        return f"{self.base_url} {self.model}"


@dataclass(frozen=True)
class Manner:
    """How a model is asked: what is sent beside the sound, and how many seconds of sound at once."""

    options: dict[str, Any]
    most: float
    takes_prompt: bool = True


def manner(model: str) -> Manner:
    """As OpenAI documents its models; any other is asked as Whisper is.

    Models that give text alone hear ten seconds at once, so that times are known at least that often (and
    their replies, which are limited to 2,000 tokens, are never cut off). Labels hold within one piece: hence
    the longest ones for diarizing.
    """
    if "diarize" in model:
        options = {"response_format": "diarized_json", "chunking_strategy": "auto"}
        return Manner(options, 900.0, takes_prompt=False)
    if model.startswith("gpt-"):
        return Manner({"response_format": "json"}, 10.0)
    options = {"response_format": "verbose_json"}
    return Manner({**options, "timestamp_granularities": ["word", "segment"]}, 600.0)


def price_of(model: str) -> float | None:
    """US dollars for a minute at OpenAI, None if it is not known."""
    families = [name for name in PRICES if model == name or model.startswith(f"{name}-20")]
    return PRICES[families[0]] if families else None


@dataclass
class Account:
    """Calls made and remembered, and the seconds of sound that were sent in this run."""

    calls: int = 0
    remembered: int = 0
    sent: float = 0.0


class HostedTranscriber:
    """Sends speech, and nothing else of a recording, piece by piece; replies are remembered.

    After a run `warnings` says what a person should know, and `account` what it took.
    """

    def __init__(self, service: Service, cache: Cache, timeout: float, retries: int) -> None:
        """`timeout` is in seconds, for one try; `retries` of what is busy, fails or is silent."""
        self.service, self._cache, self._timeout, self._retries = service, cache, timeout, retries
        self._manner = manner(service.model)
        self._client: OpenAI | None = None
        self.warnings: list[str] = []
        self.account = Account()

    def transcribe(
        self, blocks: Iterable[Block], language: str | None, glossary: tuple[str, ...], progress: Progress
    ) -> Heard:
        """Words in order with absolute times, as far as the model gives any. Raises EndpointError."""
        end = 0.0

        def watched() -> Iterator[Block]:
            nonlocal end
            for block in blocks:
                end = block.start + len(block.samples) / SAMPLE_RATE
                yield block

        options = self._options(language, glossary)
        found: list[tuple[Word, ...]] = []
        said: str | None = None
        for piece in pieces(watched(), self._manner.most):
            reply = self._reply(piece, options)
            found.append(words(reply, piece))
            said = said or reply.language
            progress(piece.speech[1])
        progress(end)
        heard = tuple(word for part in self._unlabelled(found) for word in part)
        self._warn_of_times(heard)
        return Heard(language or _code(said) or text.language_of(heard), heard, ())

    def _options(self, language: str | None, glossary: tuple[str, ...]) -> dict[str, Any]:
        options = {"model": self.service.model, **self._manner.options}
        if language:
            options["language"] = language
        if glossary and self._manner.takes_prompt:
            options["prompt"] = ", ".join(glossary)
        return options

    def _reply(self, piece: Piece, options: dict[str, Any]) -> Reply:
        """The reply to a piece, remembered or asked for; only one that can be used is kept."""
        key = digest_value([self.service.identity, options, digest_bytes(piece.sound)])
        if remembered := self._remembered(key, piece):
            return remembered
        sound = encoding.encoded(piece.sound)
        for left in reversed(range(TRIES if self._retries else 1)):
            began = time.monotonic()
            body = self._ask(sound, options)
            self.account.sent += piece.seconds
            span = " to ".join(map(_clock, piece.speech))
            try:
                reply = responses.read(body, piece.seconds)
            except UnusableError as fault:
                if left:
                    continue
                raise EndpointError(
                    f"the server's reply to {span} cannot be used: {redacted(str(fault), self.service)}",
                    file=self.service.base_url,
                    remedy="Check transcribe.base_url (most servers want it to end in /v1) and "
                    "transcribe.model, and run again: what was answered is kept.",
                ) from fault
            if not reply.whole and piece.seconds > QUIET:
                if left:
                    continue
                self.warnings.append(f"the server heard nothing in the speech of {span}")
            self._cache.keep(key, Answer(text=body, seconds=round(time.monotonic() - began, 3)))
            return reply
        raise AssertionError("at least one try")

    def _remembered(self, key: str, piece: Piece) -> Reply | None:
        kept = self._cache.recall(key)
        try:
            found = responses.read(kept.text, piece.seconds) if kept else None
        except UnusableError:
            return None  # kept by a version that believed more
        self.account.remembered += found is not None
        return found

    def _ask(self, sound: Sound, options: dict[str, Any]) -> str:
        """The server's reply as it is, but for the key, should it be in it."""
        import openai

        self._client = self._client or connect(self.service, self._timeout, self._retries)
        self.account.calls += 1
        try:
            reply = self._client.audio.transcriptions.with_raw_response.create(
                file=(sound.name, sound.data, sound.kind), **options
            )
        except openai.OpenAIError as error:
            explain(error, self.service, "transcribe")
        said, secret = reply.http_response.text, len(self.service.api_key) >= KEY_LENGTH
        return redacted(said, self.service) if secret else said

    def _unlabelled(self, found: list[tuple[Word, ...]]) -> list[tuple[Word, ...]]:
        """Labels only where one piece holds all: "A" of one reply is not "A" of the next."""
        if len(found) < 2 or not any(word.label for part in found for word in part):
            return found
        self.warnings.append(
            f"the server labelled the speakers of {len(found)} pieces, each anew: these labels are left out"
        )
        return [tuple(word.model_copy(update={"label": None}) for word in part) for part in found]

    def _warn_of_times(self, heard: tuple[Word, ...]) -> None:
        timed = sum(word.start is not None for word in heard)
        if 0 < timed < len(heard) / 2:
            self.warnings.append(
                f"{self.service.model} gave times to {timed} of {len(heard)} words: links lead to a moment "
                "before the words, and who speaks is known no better than that"
            )


def _code(language: str | None) -> str | None:
    """The ISO 639-1 code, if that is what the server gave; OpenAI gives "english"."""
    given = (language or "").strip().lower()
    return given if len(given) == 2 and given.isascii() and given.isalpha() else None


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
