"""A Transcriber that calls a server: OpenAI's, or any with the same API."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline import text
from pipeline.engines import SAMPLE_RATE, Block, Progress, Transcription
from pipeline.engines.audio import encoding
from pipeline.engines.audio.encoding import AudioFile
from pipeline.engines.chat.completions import Answer
from pipeline.engines.hosted import responses
from pipeline.engines.hosted.responses import Reply, UnusableError, words
from pipeline.engines.hosted.uploads import Piece, pieces
from pipeline.engines.openai_client import connect, raise_endpoint_error, redacted
from pipeline.errors import EndpointError
from pipeline.files import digest_bytes, digest_value
from pipeline.records import Word
from pipeline.stage_names import TalkStage

if TYPE_CHECKING:
    from openai import OpenAI

    from pipeline.engines.chat.endpoint import Cache

MAX_TRIES = 2  # of a call whose reply cannot be used
MIN_SECRET_LENGTH = 16  # shorter keys ("ollama") are words that people may say
MAX_SILENT_SECONDS = 10.0  # of sound, of which a server may say without a retry that nobody speaks


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
class RequestFormat:
    """How a model is called: the options sent with the sound, and how much sound is sent at once."""

    options: dict[str, Any]
    max_seconds: float
    takes_prompt: bool = True


def request_format(model: str) -> RequestFormat:
    """As OpenAI documents its models; any other is called as Whisper is.

    Models that return text alone hear ten seconds at once, so that times are known at least that often (and
    their replies, which are limited to 2,000 tokens, are never cut off). Speaker labels hold within one
    piece: hence the longest pieces for diarizing.
    """
    if "diarize" in model:
        options = {"response_format": "diarized_json", "chunking_strategy": "auto"}
        return RequestFormat(options, 900.0, takes_prompt=False)
    if model.startswith("gpt-"):
        return RequestFormat({"response_format": "json"}, 10.0)
    options = {"response_format": "verbose_json"}
    return RequestFormat({**options, "timestamp_granularities": ["word", "segment"]}, 600.0)


@dataclass
class Account:
    """Calls made and calls answered from the cache in this run, and the seconds of sound that were sent."""

    calls: int = 0
    remembered: int = 0
    sent: float = 0.0


class HostedTranscriber:
    """Sends the speech of a recording, and nothing else of it, piece by piece; replies are cached.

    After a run `warnings` is what the user should know, and `account` is what the run took.
    """

    def __init__(self, service: Service, cache: Cache, timeout: float, retries: int) -> None:
        """`timeout` is in seconds, for one try; `retries` are for a busy, failing or silent server."""
        self.service, self._cache, self._timeout, self._retries = service, cache, timeout, retries
        self._format = request_format(service.model)
        self._client: OpenAI | None = None
        self.warnings: list[str] = []
        self.account = Account()

    def transcribe(
        self, blocks: Iterable[Block], language: str | None, glossary: tuple[str, ...], progress: Progress
    ) -> Transcription:
        """Words in order, with absolute times as far as the model gives any. Raises EndpointError."""
        end = 0.0

        def tracked_blocks() -> Iterator[Block]:
            nonlocal end
            for block in blocks:
                end = block.start + len(block.samples) / SAMPLE_RATE
                yield block

        options = self._options(language, glossary)
        words_by_piece: list[tuple[Word, ...]] = []
        reported_language: str | None = None
        for piece in pieces(tracked_blocks(), self._format.max_seconds):
            reply = self._reply(piece, options)
            words_by_piece.append(words(reply, piece))
            reported_language = reported_language or reply.language
            progress(piece.speech[1])
        progress(end)
        heard = tuple(word for spoken in self._without_labels(words_by_piece) for word in spoken)
        self._warn_of_missing_times(heard)
        return Transcription(language or _iso_code(reported_language) or text.language_of(heard), heard, ())

    def _options(self, language: str | None, glossary: tuple[str, ...]) -> dict[str, Any]:
        options = {"model": self.service.model, **self._format.options}
        if language:
            options["language"] = language
        if glossary and self._format.takes_prompt:
            options["prompt"] = ", ".join(glossary)
        return options

    def _reply(self, piece: Piece, options: dict[str, Any]) -> Reply:
        """The reply to a piece, from the cache or the server; only a usable one is cached."""
        key = digest_value([self.service.identity, options, digest_bytes(piece.sound)])
        if cached := self._cached(key, piece):
            return cached
        sound = encoding.encode(piece.sound)
        for tries_left in reversed(range(MAX_TRIES if self._retries else 1)):
            began = time.monotonic()
            body = self._ask(sound, options)
            self.account.sent += piece.seconds
            span = " to ".join(map(_clock, piece.speech))
            try:
                reply = responses.read(body, piece.seconds)
            except UnusableError as fault:
                if tries_left:
                    continue
                raise EndpointError(
                    f"the server's reply to {span} cannot be used: {redacted(str(fault), self.service)}",
                    file=self.service.base_url,
                    remedy="Check transcribe.base_url (most servers want it to end in /v1) and "
                    "transcribe.model, and run again: what was answered is kept.",
                ) from fault
            if not reply.whole and piece.seconds > MAX_SILENT_SECONDS:
                if tries_left:
                    continue
                self.warnings.append(f"the server heard nothing in the speech of {span}")
            self._cache.keep(key, Answer(text=body, seconds=round(time.monotonic() - began, 3)))
            return reply
        raise AssertionError("at least one try")

    def _cached(self, key: str, piece: Piece) -> Reply | None:
        answer = self._cache.recall(key)
        try:
            cached = responses.read(answer.text, piece.seconds) if answer else None
        except UnusableError:
            return None  # cached by a version that accepted more
        self.account.remembered += cached is not None
        return cached

    def _ask(self, sound: AudioFile, options: dict[str, Any]) -> str:
        """The server's reply, verbatim but for the key, should it be in there."""
        import openai

        self._client = self._client or connect(self.service, self._timeout, self._retries)
        self.account.calls += 1
        try:
            reply = self._client.audio.transcriptions.with_raw_response.create(
                file=(sound.name, sound.data, sound.kind), **options
            )
        except openai.OpenAIError as error:
            raise_endpoint_error(error, self.service, TalkStage.TRANSCRIBE)
        body, is_secret = reply.http_response.text, len(self.service.api_key) >= MIN_SECRET_LENGTH
        return redacted(body, self.service) if is_secret else body

    def _without_labels(self, words_by_piece: list[tuple[Word, ...]]) -> list[tuple[Word, ...]]:
        """Words without labels, unless there is only one piece: "A" of one reply is not "A" of the next."""
        if len(words_by_piece) < 2 or not any(word.label for spoken in words_by_piece for word in spoken):
            return words_by_piece
        self.warnings.append(
            f"the server labelled the speakers of {len(words_by_piece)} pieces, each anew: "
            "these labels are left out"
        )
        return [
            tuple(word.model_copy(update={"label": None}) for word in spoken) for spoken in words_by_piece
        ]

    def _warn_of_missing_times(self, words: tuple[Word, ...]) -> None:
        timed = sum(word.start is not None for word in words)
        if 0 < timed < len(words) / 2:
            self.warnings.append(
                f"{self.service.model} gave times to {timed} of {len(words)} words: links lead to a moment "
                "before the words, and who speaks is known no better than that"
            )


def _iso_code(language: str | None) -> str | None:
    """The language as an ISO 639-1 code, if that is what the server gave; OpenAI gives "english"."""
    code = (language or "").strip().lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
