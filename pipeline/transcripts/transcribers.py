"""Which transcriber a talk gets: a server only if a file or a flag names the engine "openai"."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engines.whisper import faster_weights
from pipeline.files import digest_value
from pipeline.stage_names import TalkStage
from pipeline.workspace import api_keys
from pipeline.workspace.config import TranscribeSettings
from pipeline.workspace.receipts import Entry

if TYPE_CHECKING:
    from pipeline.engines import Transcriber
    from pipeline.engines.hosted.transcriber import HostedTranscriber
    from pipeline.workspace.talks import Talk


def is_hosted(talk: Talk) -> bool:
    """Whether a server transcribes. Only `transcribe.engine` chooses one, never a key or an address alone."""
    return talk.transcript is None and talk.settings.transcribe.engine == "openai"


def local_transcriber(settings: TranscribeSettings) -> Transcriber:
    """The transcriber on this machine. Raises ModelError."""
    weights = locate_weights(settings)
    if settings.engine == "whisper":
        from pipeline.engines.whisper.openai import ReferenceWhisper

        return ReferenceWhisper(weights, beam_size=settings.beam_size)
    from pipeline.engines.whisper.faster import FasterWhisper

    return FasterWhisper(weights, beam_size=settings.beam_size, batch_size=settings.batch_size)


def locate_weights(settings: TranscribeSettings, fetch: bool = True) -> Path:
    """The weights of the local transcriber, fetched if missing and if `fetch` allows. Raises ModelError."""
    if settings.engine != "whisper":
        return faster_weights.locate(settings.model, fetch)
    from pipeline.engines.whisper import openai_weights

    openai_weights.require_installed()
    return openai_weights.locate(settings.model, fetch)


def packages(settings: TranscribeSettings) -> tuple[str, ...]:
    """The packages whose versions affect a local transcript."""
    engine_packages = ("openai-whisper", "torch") if settings.engine == "whisper" else ("ctranslate2",)
    # faster-whisper is always among them: it brings the voice activity detector.
    return ("faster-whisper", *engine_packages, "av")


def hosted_transcriber(talk: Talk) -> HostedTranscriber:
    """The server that the settings name; nothing is sent yet. Raises ConfigError."""
    from pipeline.engines.chat.endpoint import Cache
    from pipeline.engines.hosted.transcriber import HostedTranscriber, Service

    settings = talk.settings.transcribe
    address = _address(settings)
    instead = "name your own server in transcribe.base_url; or leave transcribe.engine out"
    key = api_keys.server_key(settings, TalkStage.TRANSCRIBE, instead)
    service = Service(address, settings.model, key)
    return HostedTranscriber(service, Cache(talk.state.replies), settings.timeout, settings.retries)


def price_per_minute(settings: TranscribeSettings) -> float | None:
    """US dollars per minute, None if unknown."""
    from pipeline.engines.prices import minute_price

    return minute_price(settings.model) if _address(settings) == api_keys.OPENAI else None


def describe_upload(talk: Talk) -> str:
    """What would be sent and its maximum cost: what is in the cache is not sent again."""
    from pipeline.engines.audio.decoding import probe

    settings = talk.settings.transcribe
    lengths = [
        probe(path).duration for path in [track.path for track in talk.tracks] or [talk.media or talk.source]
    ]
    seconds = None if None in lengths else sum(length or 0.0 for length in lengths)
    dollars = price_per_minute(settings)
    amount = "its speech" if seconds is None else f"at most {seconds / 60:.1f} minutes of speech"
    has_price = seconds is not None and dollars is not None
    cost = f"at most about ${(seconds or 0) / 60 * (dollars or 0):.4f}" if has_price else "price not known"
    return f"{amount} to {_address(settings)} {settings.model}, {cost}"


def receipt(talk: Talk) -> Iterator[Entry]:
    """The transcriber, and what it is told to expect. Raises ConfigError."""
    settings, glossary = talk.settings.transcribe, Entry("facts.glossary", digest_value(talk.facts.glossary))
    if not is_hosted(talk):
        yield glossary
        if settings.engine != "faster-whisper":
            yield Entry("engine", settings.engine)
        yield Entry("model", faster_weights.identity(settings.model, talk.memory))
        return
    from pipeline.engines.hosted.transcriber import Service, request_format

    if request_format(settings.model).takes_prompt:
        yield glossary
    yield Entry("hosted transcriber", Service(_address(settings), settings.model).identity)


def _address(settings: TranscribeSettings) -> str:
    return api_keys.address(settings.base_url, TalkStage.TRANSCRIBE)
