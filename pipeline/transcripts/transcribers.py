"""Which transcriber a talk gets: a server only where a file or a flag names the engine "openai"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines.whisper import faster_weights
from pipeline.workspace import api_keys
from pipeline.workspace.config import TranscribeSettings

if TYPE_CHECKING:
    from pipeline.engines import Transcriber
    from pipeline.engines.hosted.transcriber import HostedTranscriber
    from pipeline.workspace.talks import Talk


def hosted(talk: Talk) -> bool:
    """Whether a server listens. No key and no address chooses one, only `transcribe.engine` does."""
    return talk.transcript is None and talk.settings.transcribe.engine == "openai"


def local(settings: TranscribeSettings) -> Transcriber:
    """Raises ModelError."""
    weights = located(settings)
    if settings.engine == "whisper":
        from pipeline.engines.whisper.openai import ReferenceWhisper

        return ReferenceWhisper(weights, beam_size=settings.beam_size)
    from pipeline.engines.whisper.faster import FasterWhisper

    return FasterWhisper(weights, beam_size=settings.beam_size, batch_size=settings.batch_size)


def located(settings: TranscribeSettings, fetch: bool = True) -> Path:
    """The weights of whoever listens here, fetched if need be and allowed. Raises ModelError."""
    if settings.engine != "whisper":
        return faster_weights.locate(settings.model, fetch)
    from pipeline.engines.whisper import openai_weights

    openai_weights.installed()
    return openai_weights.locate(settings.model, fetch)


def packages(settings: TranscribeSettings) -> tuple[str, ...]:
    """Whose versions matter to what is heard here."""
    own = ("openai-whisper", "torch") if settings.engine == "whisper" else ("ctranslate2",)
    return ("faster-whisper", *own, "av")  # faster-whisper brings the speech detector, too


def remote(talk: Talk) -> HostedTranscriber:
    """The server that the settings name; nothing is sent yet. Raises ConfigError."""
    from pipeline.engines.chat.endpoint import Cache
    from pipeline.engines.hosted.transcriber import HostedTranscriber, Service

    settings = talk.settings.transcribe
    address = _address(settings)
    key = api_keys.key(address, "name your own server in transcribe.base_url; or leave transcribe.engine out")
    service = Service(address, settings.model, key)
    return HostedTranscriber(service, Cache(talk.state.replies), settings.timeout, settings.retries)


def price(settings: TranscribeSettings) -> float | None:
    """US dollars for a minute, None if it is not known."""
    from pipeline.engines.hosted.transcriber import price_of

    return price_of(settings.model) if _address(settings) == api_keys.OPENAI else None


def foretold(talk: Talk) -> str:
    """What would be sent, and what it costs at most: what is in the cache is not sent again."""
    from pipeline.engines.audio.decoding import probe

    settings = talk.settings.transcribe
    lengths = [probe(path).duration for path in [track.path for track in talk.tracks] or [talk.source]]
    seconds = None if None in lengths else sum(length or 0.0 for length in lengths)
    dollars = price(settings)
    length = "its speech" if seconds is None else f"at most {seconds / 60:.1f} minutes of speech"
    known = seconds is not None and dollars is not None
    cost = f"at most about ${(seconds or 0) / 60 * (dollars or 0):.4f}" if known else "price not known"
    return f"{length} to {_address(settings)} {settings.model}, {cost}"


def steered_by(talk: Talk) -> dict[str, Any]:
    """What belongs in a receipt: who listens, and what they are told to expect. Raises ConfigError."""
    from pipeline.digests import digest_value

    settings, glossary = talk.settings.transcribe, {"facts.glossary": digest_value(talk.facts.glossary)}
    if not hosted(talk):
        engine = {"engine": settings.engine} if settings.engine != "faster-whisper" else {}
        return {**glossary, **engine, "model": faster_weights.identity(settings.model, talk.memory)}
    from pipeline.engines.hosted.transcriber import Service, manner

    told = glossary if manner(settings.model).takes_prompt else {}
    return {**told, "hosted transcriber": Service(_address(settings), settings.model).identity}


def _address(settings: TranscribeSettings) -> str:
    return api_keys.address(settings.base_url, "transcribe")
