"""When each track begins: as people say, as files say, or as it sounds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.engines import SAMPLE_RATE, Part
from pipeline.engines.audio import alignment
from pipeline.engines.audio.bleed import FRAME, Levels
from pipeline.engines.audio.decoding import Sound, probe
from pipeline.running.stage import Monitor
from pipeline.workspace.tracks import Track

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
