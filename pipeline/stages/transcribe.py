"""Stage 1: a recording, or a transcript that people already have, to words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline import text, transcripts
from pipeline.errors import InputError
from pipeline.files import MAX_READ_BYTES
from pipeline.records import Media, Transcript, Word
from pipeline.reporting import Monitor
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stage_names import TalkStage
from pipeline.transcripts import transcribers
from pipeline.workspace.receipts import Entry, file_entry, stated
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from pipeline.engines import Transcriber, Transcription

# Of a transcript. Up to here, time and memory grow with its size.
MAX_WORDS = 1_000_000  # some ninety hours
MAX_SPEAKERS = 20_000
AUDIO_FACTS = ("track", "tracks", "channels", "offsets")  # the sidecar's keys about audio tracks and channels


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product[Transcript]:
    """The words of a talk.

    Raises InputError if the source cannot be used or nobody is heard in it, and what transcribers raise.
    """
    if talk.left_out:
        monitor.warn(_left_out_warning(talk))
    if talk.transcript:
        return Product(_read(talk, talk.transcript, monitor))
    return Product(_listen(talk, monitor))


def _left_out_warning(talk: Talk) -> str:
    """What of a talk in several files is used, and what is not."""
    folder = talk.source if talk.source.is_dir() else talk.source.parent
    heard = [talk.transcript] if talk.transcript else [track.path for track in talk.tracks]
    used = [*heard, *([talk.media] if talk.media else [])]
    listed = [
        ", ".join(os.path.relpath(path, folder) for path in dict.fromkeys(paths))
        for paths in (used, talk.left_out)
    ]
    return f"taken from {listed[0]}; left out: {listed[1]}"


def _read(talk: Talk, path: Path, monitor: Monitor) -> Transcript:
    from pipeline.engines.audio.decoding import probe

    reading = transcripts.read(path)
    for note in dict.fromkeys((*talk.own.notes, *reading.notes)):  # the reader may tell them, too
        monitor.warn(f"{path.name}: {note}")
    words = reading.words
    _refuse_what_no_stage_can_take(words, path)
    language = talk.facts.language or text.language_of(words)
    recording = probe(talk.media) if talk.media else None
    return Transcript(
        media=_media(talk, recording.date if recording else None),
        language=language,
        duration=recording.duration if recording else None,
        words=words,
        left_out=reading.left_out,
        roles=dict(reading.roles),
    )


def _refuse_what_no_stage_can_take(words: Sequence[Word], path: Path) -> None:
    """Raises InputError for too many words or speakers."""
    if len(words) > MAX_WORDS:
        raise InputError(
            f"has {len(words):,} words, of at most {MAX_WORDS:,}",
            file=path,
            remedy="Is it one talk? Put each into a file of its own.",
        )
    if (count := len({word.label for word in words})) > MAX_SPEAKERS:
        raise InputError(
            f"has {count:,} speakers, of at most {MAX_SPEAKERS:,}",
            file=path,
            remedy="Are these names, at the beginning of its lines? Leave out what is not.",
        )


def _listen(talk: Talk, monitor: Monitor) -> Transcript:
    from pipeline.engines.audio.decoding import probe

    date = probe(talk.media or talk.tracks[0].path).date
    with _engine(talk, monitor) as engine:
        transcription, end = (
            _by_track(talk, engine, monitor) if talk.tracks else _as_one_recording(talk, engine, monitor)
        )
    if not transcription.words:
        raise InputError(
            "nobody is heard speaking in this recording",
            file=talk.workspace.relative(talk.source),
            remedy="Listen to it: is it the right file, and is its sound more than noise or music?",
        )
    for dropped in filter(lambda dropped: dropped.text, transcription.dropped):
        monitor.warn(f"left out at {dropped.start:.0f} s, {dropped.why}: {dropped.text.strip()[:60]}")
    return Transcript(
        media=_media(talk, date),
        language=transcription.language,
        duration=end,
        words=transcription.words,
        dropped=transcription.dropped,
    )


@contextmanager
def _engine(talk: Talk, monitor: Monitor) -> Iterator[Transcriber]:
    """The transcriber. The user is told before speech leaves this machine; the cost is recorded after."""
    settings = talk.settings.transcribe
    if not transcribers.is_hosted(talk):
        yield transcribers.local_transcriber(settings)
        monitor.used(**{name: version(name) for name in transcribers.packages(settings)})
        return
    engine = transcribers.hosted_transcriber(talk)
    monitor.note(f"speech is sent to {engine.service.identity}: transcribe.engine = '{settings.engine}'")
    try:
        yield engine
    finally:
        account, price = engine.account, transcribers.price_per_minute(settings)
        monitor.used(**{name: version(name) for name in ("faster-whisper", "openai", "pydub", "av")})
        monitor.used(**{"calls": account.calls, "calls from cache": account.remembered})
        monitor.used(**{"seconds sent": round(account.sent, 3)})
        if price is not None:
            monitor.used(cost=round(account.sent / 60 * price, 6))
    for warning in engine.warnings:
        monitor.warn(warning)


def _by_track(talk: Talk, engine: Transcriber, monitor: Monitor) -> tuple[Transcription, float]:
    from pipeline.transcripts import multitrack

    monitor.note(f"a track a speaker: {', '.join(f'{t.label} ({t.name})' for t in talk.tracks)}")
    if unnamed := _unnamed_warning(talk):
        monitor.warn(unnamed)
    return multitrack.transcribe_tracks(talk, engine, monitor)


def _unnamed_warning(talk: Talk) -> str | None:
    """A warning if a file has more tracks or channels than the sidecar names."""
    from pipeline.engines.audio.decoding import probe

    recording = probe(talk.tracks[0].path)
    present, named, noun = len(recording.tracks), len(talk.facts.tracks), "audio tracks"
    if talk.facts.channels:
        channel_counts = recording.channels[(talk.facts.track or 1) - 1 :]
        present, named, noun = (*channel_counts, 0)[0], len(talk.facts.channels), "channels"
    if not 0 < named < present:
        return None
    return f'it has {present} {noun}, and {talk.sidecar.name} names {named}: "" says that one is nobody\'s'


def _as_one_recording(talk: Talk, engine: Transcriber, monitor: Monitor) -> tuple[Transcription, float]:
    """The words of a recording, and its length in seconds as far as it can be decoded."""
    from pipeline.engines.audio import speech_blocks
    from pipeline.engines.audio.decoding import Sound, probe, shortfall

    media = talk.media or talk.source
    recording, sound = probe(media), Sound(media, talk.part)
    end = 0.0

    def progress(reached: float) -> None:
        nonlocal end
        end = reached
        monitor.progress(reached, recording.duration)

    if len(recording.tracks) > 1 and talk.facts.track is None:
        monitor.warn(_several_tracks_warning(talk, recording.tracks))
    blocks = speech_blocks.blocks(speech_blocks.levelled(sound))
    transcription = engine.transcribe(blocks, talk.facts.language, talk.facts.glossary, progress)
    if warning := shortfall(end, recording.duration, sound.lost):
        monitor.warn(warning)
    return transcription, end


def _several_tracks_warning(talk: Talk, tracks: tuple[str, ...]) -> str:
    listed = "; ".join(f"{number}: {track}" for number, track in enumerate(tracks, 1))
    return (
        f"has {len(tracks)} audio tracks ({listed}), of which players choose one. In {talk.sidecar.name} "
        f'track = 1 chooses, tracks = ["Ann", "Bob"] says whose each is'
    )


def _media(talk: Talk, date: str | None) -> Media:
    return Media(name=talk.source.name, kind=_kind(talk), date=date)


def _kind(talk: Talk) -> Literal["media", "tracks", "transcript"]:
    if talk.tracks and not talk.transcript:
        return "tracks"
    return "media" if talk.media else "transcript"


def reads(talk: Talk) -> Iterator[Entry]:
    """The files that the words come from, and what steers the engine.

    Raises InputError for a transcript that is too large to be read, before it is hashed.
    """
    files = {track.name: track.path for track in talk.tracks}
    files = files or {(talk.media or talk.source).name: talk.media or talk.source}
    if talk.transcript:
        files = {talk.transcript.name: talk.transcript}
        if talk.transcript.stat().st_size > MAX_READ_BYTES:
            what = f"cannot be read (It has more than {MAX_READ_BYTES >> 20} MB)"
            raise InputError(what, file=talk.transcript, remedy="Check the file.")
    for name, path in files.items():
        yield file_entry(path, talk.memory, name)
    if talk.transcript:
        yield Entry("transcript reader", transcripts.READER_VERSION)
    yield Entry("recording", talk.media.name if talk.media else None)
    yield Entry("facts.language", talk.facts.language)
    if talk.media and talk.media.name not in files:
        yield file_entry(talk.media, talk.memory)
    if not talk.transcript:
        yield from transcribers.receipt(talk)
        audio = talk.facts.model_dump(mode="json", include=set(AUDIO_FACTS))
        yield from stated("facts", {key: audio[key] for key in AUDIO_FACTS if audio[key]})


TRANSCRIBE = Stage(
    TalkStage.TRANSCRIBE,
    Transcript,
    run,
    reads=reads,
    settings=lambda settings: settings.transcribe,
    shared=True,
    waits=transcribers.is_hosted,
)
