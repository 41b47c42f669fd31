"""A track a speaker: each heard without what it holds of others, put on one clock, and joined again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines import SAMPLE_RATE, Heard, Progress, Transcriber
from pipeline.engines.audio import alignment, bleed, decoding, speech_blocks
from pipeline.engines.audio.bleed import FLOOR, FRAME, Levels, Mask
from pipeline.engines.audio.decoding import Sound, probe
from pipeline.errors import InputError
from pipeline.records import Part, Word
from pipeline.reporting import Monitor
from pipeline.transcripts import sentence_ends
from pipeline.workspace.tracks import Track

if TYPE_CHECKING:
    from pipeline.records import Dropped
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
    return Heard(language, merged(in_order, language), tuple(dropped)), duration


def _separated(talk: Talk, monitor: Monitor) -> list[_Own]:
    tracks = talk.tracks
    levels = [_levels(track, monitor) for track in tracks]
    beginnings = begins(tracks, levels, talk.media, monitor)
    first = [round(begin * SAMPLE_RATE / FRAME) for begin in beginnings]
    masks = bleed.own(_on_one_clock(levels, first)) if len(tracks) > 1 else [np.ones(len(levels[0]), bool)]
    low = min(0, *first)
    return [
        _Own(track, begin, mask[at - low :][: len(level)], len(level) * FRAME / SAMPLE_RATE)
        for track, begin, mask, at, level in zip(tracks, beginnings, masks, first, levels, strict=True)
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


# When each track begins: as people say, as files say, or as it sounds.

SAME = 1.0  # seconds; recordings whose lengths differ by less began and ended together
_DAY = 86_400.0  # seconds
ECHO = 0.6  # seconds that bleed may take through a call, so that it proves no other beginning


def begins(
    tracks: Sequence[Track], levels: Sequence[Levels], recording: Path | None, monitor: Monitor
) -> list[float]:
    """The second of the talk at which each track begins; the talk is the recording of all, if there is one.

    Where nothing tells, a track begins with the others, and that is warned of. Without such a recording the
    earliest begins at 0. Raises InputError.
    """
    if len({track.path for track in tracks}) == 1:
        return [0.0] * len(tracks)
    found = [track.offset for track in tracks]
    seconds = [  # as the file says: one that breaks off may have begun with the others all the same
        probe(track.path).duration or len(level) * FRAME / SAMPLE_RATE
        for track, level in zip(tracks, levels, strict=True)
    ]
    if all(offset is None for offset in found):
        found = _by_clock(tracks, seconds, recording)
    if recording:
        found = _by_mix(tracks, levels, seconds, recording, found)
    elif max(seconds) - min(seconds) > SAME:
        found = _by_bleed(tracks, levels, seconds, found)
    else:
        found = [offset or 0.0 for offset in found]
    _tell(tracks, found, monitor)
    known = [offset or 0.0 for offset in found]
    earliest = 0.0 if recording else min(known)
    return [offset - earliest for offset in known]


def _by_clock(
    tracks: Sequence[Track], seconds: Sequence[float], recording: Path | None
) -> list[float | None]:
    """As broadcast wave files tell it: all of them, and of the same hours. A clock may pass midnight."""
    paths = [*(track.path for track in tracks), *([recording] if recording else [])]
    times = [probe(path).clock for path in paths]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or not any(known):
        return [None] * len(tracks)
    zero = known[-1] if recording else known[0]
    found = [(time - zero + _DAY / 2) % _DAY - _DAY / 2 for time in known[: len(tracks)]]
    together = max(found) < min(begin + length for begin, length in zip(found, seconds, strict=True))
    return list(found) if together else [None] * len(tracks)


def _by_mix(
    tracks: Sequence[Track],
    levels: Sequence[Levels],
    seconds: Sequence[float],
    mix: Path,
    stated: Sequence[float | None],
) -> list[float | None]:
    """As each track's own sound is found in a recording of all; not looked for where it is of its length."""
    length, found = probe(mix).duration or 0.0, list(stated)
    for index, (track, level) in enumerate(zip(tracks, levels, strict=True)):
        if found[index] is None:
            together = abs(length - seconds[index]) < SAME
            found[index] = 0.0 if together else _heard_in(track, level, mix)
    return found


def _by_bleed(
    tracks: Sequence[Track],
    levels: Sequence[Levels],
    seconds: Sequence[float],
    stated: Sequence[float | None],
) -> list[float | None]:
    """As one voice is heard in two tracks: the longest, and each of the others."""
    longest = max(range(len(tracks)), key=lambda n: seconds[n])
    zero = stated[longest] or 0.0
    found = list(stated)
    found[longest] = zero
    for index, (track, level) in enumerate(zip(tracks, levels, strict=True)):
        if found[index] is not None:
            continue
        if seconds[longest] - seconds[index] < SAME:
            found[index] = zero
            continue
        lag = _heard_in(track, level, tracks[longest].path)
        if lag is None:
            back = _heard_in(tracks[longest], levels[longest], track.path)
            lag = None if back is None else -back
        if lag is not None:
            found[index] = zero + (lag if abs(lag) > ECHO else 0.0)
    return found


def _heard_in(track: Track, level: Levels, other: Path) -> float | None:
    moments = alignment.telling(level)
    return alignment.begins(Sound(track.path, track.part), Sound(other, Part()), moments)


def _tell(tracks: Sequence[Track], found: Sequence[float | None], monitor: Monitor) -> None:
    pairs = list(zip(tracks, found, strict=True))
    if late := [f"{track.path.name} at {at:.1f} s" for track, at in pairs if at and track.offset is None]:
        monitor.note(f"these tracks begin at another moment: {', '.join(late)}")
    if unknown := [track.path.name for track, at in pairs if at is None]:
        monitor.warn(
            f"nothing tells when {', '.join(unknown)} begins: taken to begin with the others. If it does "
            f'not, say when in NAME.toml: [offsets] "{unknown[0]}" = "00:12.5"'
        )


# The words of several tracks in one order, in which people read a conversation.

PAUSE = 1.0  # seconds, after which somebody else's words may come in between


def merged(tracks: Iterable[Sequence[Word]], language: str) -> tuple[Word, ...]:
    """Utterances (sentences, or parts that a pause ends) of all tracks, by when they begin.

    Words of two people are never mixed, so where both speak at once times go back.
    """
    utterances = [utterance for words in tracks for utterance in _utterances(words, language)]
    utterances.sort(key=lambda words: words[0].start or 0.0)
    return tuple(word for words in utterances for word in words)


def _utterances(words: Sequence[Word], language: str) -> list[Sequence[Word]]:
    stops = set(sentence_ends.ends(words, [word.text for word in words], language))
    stops |= {index for index in range(1, len(words)) if _pause(words[index - 1], words[index]) > PAUSE}
    stops = {stop for stop in stops if stop == len(words) or words[stop].start is not None}
    found, first = [], 0
    for stop in sorted(stops):
        found.append(words[first:stop])
        first = stop
    return found


def _pause(before: Word, after: Word) -> float:
    return 0.0 if before.end is None or after.start is None else after.start - before.end
