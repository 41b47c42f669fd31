"""Each track heard by itself, without what it holds of others, and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines import SAMPLE_RATE, Heard, Progress, Transcriber
from pipeline.engines.audio import bleed, decoding, speech_blocks
from pipeline.engines.audio.bleed import FLOOR, FRAME, Levels, Mask
from pipeline.engines.audio.decoding import Sound, probe
from pipeline.errors import InputError
from pipeline.running.stage import Monitor
from pipeline.transcripts import track_merging, track_offsets
from pipeline.workspace.tracks import Track

if TYPE_CHECKING:
    from pipeline.records import Dropped, Word
    from pipeline.workspace.talks import Talk


@dataclass(frozen=True)
class _Own:
    """A track, the second of the talk at which it begins, and the frames of it that are its speaker's."""

    track: Track
    begin: float
    mask: Mask
    seconds: float


def hear(talk: Talk, engine: Transcriber, monitor: Monitor) -> tuple[Heard, float]:
    """The words of all tracks, labelled with whose they are, and the seconds that the talk has.

    The language of the track with most speech is taken for that of all. Raises InputError.
    """
    tracks = _separated(talk, monitor)
    total, done = sum(own.seconds for own in tracks), 0.0
    language = talk.facts.language
    words: dict[int, list[Word]] = {}
    dropped: list[Dropped] = []
    for own in sorted(tracks, key=lambda own: -int(own.mask.sum())):
        heard = _one(own, engine, language, talk.facts.glossary, _later(monitor, done, total))
        words[tracks.index(own)] = _shifted(heard.words, own)
        dropped += _moved(heard.dropped, own)
        if not heard.words:
            monitor.warn(f"nobody is heard in {own.track.name} whom no other track has: it is left out")
        elif language is None:
            language = heard.language
        done += own.seconds
    language = language or "en"
    in_order = (words[number] for number in range(len(tracks)))
    duration = max(own.begin + own.seconds for own in tracks)
    dropped.sort(key=lambda left_out: left_out.start)
    return Heard(language, track_merging.merged(in_order, language), tuple(dropped)), duration


def _separated(talk: Talk, monitor: Monitor) -> list[_Own]:
    tracks = talk.tracks
    levels = [_levels(track, monitor) for track in tracks]
    begins = track_offsets.begins(tracks, levels, talk.media, monitor)
    first = [round(begin * SAMPLE_RATE / FRAME) for begin in begins]
    masks = bleed.own(_on_one_clock(levels, first)) if len(tracks) > 1 else [np.ones(len(levels[0]), bool)]
    low = min(0, *first)
    return [
        _Own(track, begin, mask[at - low :][: len(level)], len(level) * FRAME / SAMPLE_RATE)
        for track, begin, mask, at, level in zip(tracks, begins, masks, first, levels, strict=True)
    ]


def _levels(track: Track, monitor: Monitor) -> Levels:
    """The levels of a whole track; what is missing of it is told. Raises InputError."""
    sound, length = Sound(track.path, track.part), probe(track.path).duration
    found = bleed.levels(sound)
    if not len(found):
        raise InputError("it is too short to hear anything in", file=track.path, remedy="Remove it.")
    if warning := decoding.shortfall(len(found) * FRAME / SAMPLE_RATE, length, sound.lost):
        monitor.warn(f"{track.name}: {warning}")
    return found


def _on_one_clock(levels: Sequence[Levels], first: Sequence[int]) -> list[Levels]:
    """Levels of equal length, each from its frame in the talk on."""
    low = min(0, *first)
    length = max(at - low + len(level) for at, level in zip(first, levels, strict=True))
    return [
        np.pad(level, (at - low, length - (at - low) - len(level)), constant_values=FLOOR)
        for at, level in zip(first, levels, strict=True)
    ]


def _one(
    own: _Own, engine: Transcriber, language: str | None, glossary: tuple[str, ...], progress: Progress
) -> Heard:
    sound = speech_blocks.levelled(bleed.gated(Sound(own.track.path, own.track.part), own.mask))
    return engine.transcribe(speech_blocks.blocks(sound), language, glossary, progress)


def _later(monitor: Monitor, done: float, total: float) -> Progress:
    return lambda reached: monitor.progress(done + reached, total)


def _shifted(words: Sequence[Word], own: _Own) -> list[Word]:
    """The words on the talk's clock; what was said before it began is no part of it."""
    found = []
    for word in words:
        times = {k: t + own.begin for k, t in (("start", word.start), ("end", word.end)) if t is not None}
        if times.get("start", 0.0) >= 0:
            found.append(word.model_copy(update={**_rounded(times), "label": own.track.label}))
    return found


def _moved(dropped: Sequence[Dropped], own: _Own) -> list[Dropped]:
    return [
        d.model_copy(
            update=_rounded({"start": max(0.0, d.start + own.begin), "end": max(0.0, d.end + own.begin)})
        )
        for d in dropped
    ]


def _rounded(times: dict[str, float]) -> dict[str, float]:
    return {key: round(seconds, 3) for key, seconds in times.items()}
