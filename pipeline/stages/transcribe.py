"""Stage 1: a recording, or a transcript that people already have, to words."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import listeners, transcripts
from pipeline.errors import InputError
from pipeline.records import Media, Transcript
from pipeline.stage import Monitor, Product, Stage, Upstream
from pipeline.talks import Talk

if TYPE_CHECKING:
    from pipeline.engines import Heard, Progress


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """The words of a talk. Raises InputError if the source cannot be used or nobody is heard in it."""
    if talk.transcript:
        return Product(_read(talk, talk.transcript, monitor))
    return Product(_listen(talk, monitor))


def _read(talk: Talk, path: Path, monitor: Monitor) -> Transcript:
    from pipeline.engines import audio

    reading = transcripts.reading(path)
    for note in reading.notes:
        monitor.warn(f"{path.name}: {note}")
    words = reading.words
    language = talk.facts.language or transcripts.language_of(words)
    recording = audio.probe(talk.media) if talk.media else None
    return Transcript(
        media=_media(talk, recording.date if recording else None),
        language=language,
        duration=recording.duration if recording else None,
        words=words,
    )


def _listen(talk: Talk, monitor: Monitor) -> Transcript:
    from pipeline.engines import audio

    facts = audio.probe(talk.source)
    end = 0.0

    def progress(reached: float) -> None:
        nonlocal end
        end = reached
        monitor.progress(reached, facts.duration)

    heard = (_there if listeners.hosted(talk) else _here)(talk, progress, monitor)
    if not heard.words:
        raise InputError(
            "nobody is heard speaking in this recording",
            file=talk.workspace.relative(talk.source),
            remedy="Listen to it: is it the right file, and is its sound more than noise or music?",
        )
    if facts.duration and end < facts.duration - max(5.0, 0.02 * facts.duration):
        monitor.warn(f"the sound ends at {end:.0f} s of {facts.duration:.0f} s: is the file whole?")
    for dropped in filter(lambda dropped: dropped.text, heard.dropped):
        monitor.warn(f"left out at {dropped.start:.0f} s, {dropped.why}: {dropped.text.strip()[:60]}")
    return Transcript(
        media=_media(talk, facts.date),
        language=heard.language,
        duration=end,
        words=heard.words,
        dropped=heard.dropped,
    )


def _here(talk: Talk, progress: Progress, monitor: Monitor) -> Heard:
    from pipeline.engines import audio

    engine = listeners.local(talk.settings.transcribe)
    heard = engine.transcribe(audio.blocks(talk.source), talk.facts.language, talk.facts.glossary, progress)
    monitor.used(**{name: version(name) for name in listeners.packages(talk.settings.transcribe)})
    return heard


def _there(talk: Talk, progress: Progress, monitor: Monitor) -> Heard:
    """What a server hears. That speech leaves this machine is told first."""
    from pipeline.engines import audio

    settings, engine = talk.settings.transcribe, listeners.remote(talk)
    monitor.note(f"speech is sent to {engine.service.identity}: transcribe.engine = '{settings.engine}'")
    try:
        heard = engine.transcribe(
            audio.blocks(talk.source), talk.facts.language, talk.facts.glossary, progress
        )
    finally:
        account, price = engine.account, listeners.price(settings)
        monitor.used(**{name: version(name) for name in ("faster-whisper", "openai", "pydub", "av")})
        monitor.used(**{"calls": account.calls, "calls from cache": account.remembered})
        monitor.used(**{"seconds sent": round(account.sent, 3)})
        if price is not None:
            monitor.used(cost=round(account.sent / 60 * price, 6))
    for warning in engine.warnings:
        monitor.warn(warning)
    return heard


def _media(talk: Talk, date: str | None) -> Media:
    return Media(name=talk.source.name, kind="media" if talk.media else "transcript", date=date)


def reads(talk: Talk) -> dict[str, Any]:
    """The file that the words come from and what steers the engine; settings are added by the caller."""
    source = talk.transcript or talk.source
    found: dict[str, Any] = {
        f"file {source.name}": talk.memory.digest(source),
        "recording": talk.media.name if talk.media else None,
        "facts.language": talk.facts.language,
    }
    if talk.media:
        found[f"file {talk.media.name}"] = talk.memory.digest(talk.media)
    if not talk.transcript:
        found |= listeners.steered_by(talk)
    return found


TRANSCRIBE = Stage(
    "transcribe", "1_transcript.json", Transcript, run, reads=reads, shared=True, waits=listeners.hosted
)
