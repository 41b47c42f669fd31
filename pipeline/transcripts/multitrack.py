"""One track per speaker: transcribe each without the others' bleed, align their clocks, merge the words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines import SAMPLE_RATE, Progress, Transcriber, Transcription
from pipeline.engines.audio import alignment, bleed, decoding, speech_blocks
from pipeline.engines.audio.bleed import FLOOR_DB, FRAME_SAMPLES, Levels, Mask
from pipeline.engines.audio.decoding import Sound, probe
from pipeline.errors import InputError
from pipeline.records import Part, Word
from pipeline.reporting import Monitor
from pipeline.transcripts.sentences import sentence_ends
from pipeline.workspace.tracks import Track

if TYPE_CHECKING:
    from pipeline.records import Dropped
    from pipeline.workspace.talks import Talk


@dataclass(frozen=True)
class _AlignedTrack:
    """A track, its start in the talk and duration (seconds), and the frames that are its speaker's."""

    track: Track
    start: float
    mask: Mask
    duration: float


def transcribe_tracks(talk: Talk, engine: Transcriber, monitor: Monitor) -> tuple[Transcription, float]:
    """The words of all tracks, labelled by track, and the talk's duration in seconds.

    The language of the track with most speech is assumed for all. Raises InputError.
    """
    tracks = _aligned_tracks(talk, monitor)
    total, done = sum(aligned.duration for aligned in tracks), 0.0
    language = talk.facts.language
    words: dict[int, list[Word]] = {}
    dropped: list[Dropped] = []
    for aligned in sorted(tracks, key=lambda aligned: -int(aligned.mask.sum())):
        heard = _transcribe_track(
            aligned, engine, language, talk.facts.glossary, _progress_from(monitor, done, total)
        )
        words[tracks.index(aligned)] = _words_in_talk(heard.words, aligned)
        dropped += _dropped_in_talk(heard.dropped, aligned)
        if not heard.words:
            monitor.warn(f"nobody is heard in {aligned.track.name} whom no other track has: it is left out")
        elif language is None:
            language = heard.language
        done += aligned.duration
    language = language or "en"
    in_order = (words[index] for index in range(len(tracks)))
    duration = max(aligned.start + aligned.duration for aligned in tracks)
    dropped.sort(key=lambda stretch: stretch.start)
    return Transcription(language, merge_utterances(in_order, language), tuple(dropped)), duration


def _aligned_tracks(talk: Talk, monitor: Monitor) -> list[_AlignedTrack]:
    tracks = talk.tracks
    track_levels = [_levels(track, monitor) for track in tracks]
    starts = find_starts(talk, track_levels, monitor)
    first_frames = [round(start * SAMPLE_RATE / FRAME_SAMPLES) for start in starts]
    masks = (
        bleed.own_speech_masks(_on_one_clock(track_levels, first_frames))
        if len(tracks) > 1
        else [np.ones(len(track_levels[0]), bool)]
    )
    earliest = min(0, *first_frames)
    return [
        _AlignedTrack(
            track, start, mask[frame - earliest :][: len(level)], len(level) * FRAME_SAMPLES / SAMPLE_RATE
        )
        for track, start, mask, frame, level in zip(
            tracks, starts, masks, first_frames, track_levels, strict=True
        )
    ]


def _levels(track: Track, monitor: Monitor) -> Levels:
    """The levels of a whole track, with a warning if any of it is missing. Raises InputError."""
    sound, duration = Sound(track.path, track.part), probe(track.path).duration
    levels = bleed.levels(sound)
    if not len(levels):
        raise InputError("it is too short to hear anything in", file=track.path, remedy="Remove it.")
    if warning := decoding.shortfall(len(levels) * FRAME_SAMPLES / SAMPLE_RATE, duration, sound.lost):
        monitor.warn(f"{track.name}: {warning}")
    return levels


def _on_one_clock(levels: Sequence[Levels], first_frames: Sequence[int]) -> list[Levels]:
    """Levels padded to equal length, so that each frame is the same moment in all."""
    earliest = min(0, *first_frames)
    length = max(frame - earliest + len(level) for frame, level in zip(first_frames, levels, strict=True))
    return [
        np.pad(level, (frame - earliest, length - (frame - earliest) - len(level)), constant_values=FLOOR_DB)
        for frame, level in zip(first_frames, levels, strict=True)
    ]


def _transcribe_track(
    aligned: _AlignedTrack,
    engine: Transcriber,
    language: str | None,
    glossary: tuple[str, ...],
    progress: Progress,
) -> Transcription:
    sound = Sound(aligned.track.path, aligned.track.part)
    own_sound = speech_blocks.levelled(bleed.mute_outside(sound, aligned.mask))
    return engine.transcribe(speech_blocks.blocks(own_sound), language, glossary, progress)


def _progress_from(monitor: Monitor, offset: float, total: float) -> Progress:
    return lambda second: monitor.progress(offset + second, total)


def _words_in_talk(words: Sequence[Word], aligned: _AlignedTrack) -> list[Word]:
    """The words on the talk's clock, without those spoken before the talk begins."""
    words_in_talk = []
    for word in words:
        times = {
            key: time + aligned.start
            for key, time in (("start", word.start), ("end", word.end))
            if time is not None
        }
        if times.get("start", 0.0) >= 0:
            words_in_talk.append(
                word.model_copy(update={**_round_times(times), "label": aligned.track.label})
            )
    return words_in_talk


def _dropped_in_talk(dropped: Sequence[Dropped], aligned: _AlignedTrack) -> list[Dropped]:
    return [
        stretch.model_copy(
            update=_round_times(
                {
                    "start": max(0.0, stretch.start + aligned.start),
                    "end": max(0.0, stretch.end + aligned.start),
                }
            )
        )
        for stretch in dropped
    ]


def _round_times(times: dict[str, float]) -> dict[str, float]:
    return {key: round(seconds, 3) for key, seconds in times.items()}


# When each track begins: as the user states, as files say, or as the sound shows.

SAME_LENGTH_SECONDS = 1.0  # recordings whose lengths differ by less began and ended together
_DAY_SECONDS = 86_400.0
MAX_ECHO_SECONDS = 0.6  # bleed may be this late through a call: a smaller lag proves no different start


def find_starts(talk: Talk, levels: Sequence[Levels], monitor: Monitor) -> list[float]:
    """Each track's start in seconds of the talk, whose clock is the mixed recording's if there is one.

    Where nothing shows its start, a track is taken to begin with the others, with a warning. Without a mixed
    recording the earliest track begins at 0. Raises InputError.
    """
    tracks, recording = talk.tracks, talk.media
    if len({track.path for track in tracks}) == 1:
        return [0.0] * len(tracks)
    starts = [track.offset for track in tracks]
    durations = [  # as the header says: a file that breaks off may still have begun with the others
        probe(track.path).duration or len(level) * FRAME_SAMPLES / SAMPLE_RATE
        for track, level in zip(tracks, levels, strict=True)
    ]
    if all(offset is None for offset in starts):
        starts = _starts_by_clock(tracks, durations, recording)
    if recording:
        starts = _starts_by_mix(tracks, levels, durations, recording, starts)
    elif max(durations) - min(durations) > SAME_LENGTH_SECONDS:
        starts = _starts_by_bleed(tracks, levels, durations, starts)
    else:
        starts = [offset or 0.0 for offset in starts]
    _report_starts(talk, starts, monitor)
    resolved = [offset or 0.0 for offset in starts]
    if (latest := max(resolved)) > _DAY_SECONDS:
        raise InputError(
            f"it would begin {latest / 3600:.0f} hours into the talk",
            file=tracks[resolved.index(latest)].path,
            remedy=f"Correct [offsets] in {talk.sidecar.name}: a talk lasts a day at most.",
        )
    earliest = 0.0 if recording else min(resolved)
    return [offset - earliest for offset in resolved]


def _starts_by_clock(
    tracks: Sequence[Track], durations: Sequence[float], recording: Path | None
) -> list[float | None]:
    """From the clock times of broadcast wave files, if all have one and overlap. Clocks may pass midnight."""
    paths = [*(track.path for track in tracks), *([recording] if recording else [])]
    times = [probe(path).clock for path in paths]
    known_times = [time for time in times if time is not None]
    if len(known_times) < len(times) or not any(known_times):
        return [None] * len(tracks)
    reference = known_times[-1] if recording else known_times[0]
    starts = [
        (time - reference + _DAY_SECONDS / 2) % _DAY_SECONDS - _DAY_SECONDS / 2
        for time in known_times[: len(tracks)]
    ]
    overlaps = max(starts) < min(start + duration for start, duration in zip(starts, durations, strict=True))
    return list(starts) if overlaps else [None] * len(tracks)


def _starts_by_mix(
    tracks: Sequence[Track],
    levels: Sequence[Levels],
    durations: Sequence[float],
    mix: Path,
    stated_starts: Sequence[float | None],
) -> list[float | None]:
    """By locating each track's sound in the mixed recording, except where their lengths are the same."""
    mix_duration, starts = probe(mix).duration or 0.0, list(stated_starts)
    for index, (track, level) in enumerate(zip(tracks, levels, strict=True)):
        if starts[index] is None:
            same_length = abs(mix_duration - durations[index]) < SAME_LENGTH_SECONDS
            starts[index] = 0.0 if same_length else _locate_in(track, level, mix)
    return starts


def _starts_by_bleed(
    tracks: Sequence[Track],
    levels: Sequence[Levels],
    durations: Sequence[float],
    stated_starts: Sequence[float | None],
) -> list[float | None]:
    """By one voice heard in two tracks: the longest, and each of the others."""
    longest = max(range(len(tracks)), key=lambda index: durations[index])
    reference = stated_starts[longest] or 0.0
    starts = list(stated_starts)
    starts[longest] = reference
    for index, (track, level) in enumerate(zip(tracks, levels, strict=True)):
        if starts[index] is not None:
            continue
        if durations[longest] - durations[index] < SAME_LENGTH_SECONDS:
            starts[index] = reference
            continue
        lag = _locate_in(track, level, tracks[longest].path)
        if lag is None:
            reverse_lag = _locate_in(tracks[longest], levels[longest], track.path)
            lag = None if reverse_lag is None else -reverse_lag
        if lag is not None:
            starts[index] = reference + (lag if abs(lag) > MAX_ECHO_SECONDS else 0.0)
    return starts


def _locate_in(track: Track, level: Levels, other: Path) -> float | None:
    moments = alignment.loudest_moments(level)
    return alignment.find_start(Sound(track.path, track.part), Sound(other, Part()), moments)


def _report_starts(talk: Talk, starts: Sequence[float | None], monitor: Monitor) -> None:
    track_starts = list(zip(talk.tracks, starts, strict=True))
    if shifted := [
        f"{track.path.name} at {start:.1f} s"
        for track, start in track_starts
        if start and track.offset is None
    ]:
        monitor.note(f"these tracks begin at another moment: {', '.join(shifted)}")
    if unknown := [track.path.name for track, start in track_starts if start is None]:
        begins, it_does = ("begin", "they do") if len(unknown) > 1 else ("begins", "it does")
        monitor.warn(
            f"nothing tells when {', '.join(unknown)} {begins}: taken to begin with the others. If {it_does} "
            f'not, say when in {talk.sidecar.name}: [offsets] "{unknown[0]}" = "00:12.5"'
        )


# The words of several tracks merged into the order in which people read a conversation.

MIN_PAUSE_SECONDS = 1.0  # after such a pause another speaker's words may come in between


def merge_utterances(tracks: Iterable[Sequence[Word]], language: str) -> tuple[Word, ...]:
    """Utterances (sentences, or parts of them up to a pause) of all tracks, sorted by start.

    Two people's words are never interleaved, so times go backwards where both speak at once.
    """
    utterances = [utterance for words in tracks for utterance in _utterances(words, language)]
    utterances.sort(key=lambda words: words[0].start or 0.0)
    return tuple(word for words in utterances for word in words)


def _utterances(words: Sequence[Word], language: str) -> list[Sequence[Word]]:
    stops = set(sentence_ends.ends(words, [word.text for word in words], language))
    stops |= {
        index for index in range(1, len(words)) if _pause(words[index - 1], words[index]) > MIN_PAUSE_SECONDS
    }
    stops = {stop for stop in stops if stop == len(words) or words[stop].start is not None}
    utterances, start = [], 0
    for stop in sorted(stops):
        utterances.append(words[start:stop])
        start = stop
    return utterances


def _pause(before: Word, after: Word) -> float:
    return 0.0 if before.end is None or after.start is None else after.start - before.end
