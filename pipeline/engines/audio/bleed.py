"""Bleed: a microphone hears others, too. Levels tell in which moments a track is its own speaker's.

A voice is louder in its own microphone than in any other, by as many decibels as the two are apart. Tracks
may be recorded at any level, so what counts is how the difference of two tracks' levels changes with who
speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.decoding import Samples

Levels = NDArray[np.float32]  # decibels of each frame
Mask = NDArray[np.bool_]

FRAME = SAMPLE_RATE // 20  # samples, 50 ms
FLOOR = -90.0  # decibels, of digital silence
SMOOTH, STEADY = 2, 6  # frames before and after each, whose power counts as well
NOISE, LOUD = 10, 95  # percentiles of a track's levels that are its noise, and its speaker's usual loudness
SPEECH = 12.0  # decibels above a track's noise that may be speech
APART = 10.0  # decibels between usual own speech and usual bleed, below which the louder one speaks
MARGIN, SHARE = 12.0, 0.4  # own speech is so many decibels above bleed, or so far from it to usual own speech
TIE = 1.0  # decibels
LINGERS = 8  # frames (0.4 s) in which bleed may come later: rooms echo, and so do calls through loudspeakers
HOLD = 4  # frames (0.2 s) around own speech that stay, so that no word is cut


def levels(sound: Iterable[Samples]) -> Levels:
    """The level of each frame of a sound, rumble left out (the sound is differentiated first)."""
    found, rest = [np.empty(0, np.float32)], np.zeros(1, np.float32)
    for chunk in sound:
        rest = np.concatenate([rest, chunk])
        whole = (len(rest) - 1) // FRAME * FRAME
        power = np.square(np.diff(rest[: whole + 1])).reshape(-1, FRAME).mean(axis=1)
        found.append(_decibels(power))
        rest = rest[whole:]
    return np.concatenate(found)


def own(tracks: Sequence[Levels]) -> list[Mask]:
    """For each track the frames in which its own speaker may be heard: all but those that hold bleed.

    `tracks` are levels on one clock, of one length (FLOOR where a track has not begun or is over). Sound
    that is the same in two tracks is the one's in which it stands out from the noise more, or of which there
    is less otherwise: a mix of all is no speaker's.
    """
    table = np.stack([_smooth(track, SMOOTH) for track in tracks])
    steady = [_smooth(track, STEADY) for track in table]
    noise = np.array([_percentile(track[track > FLOOR + 5], NOISE) for track in table])
    active = table > noise[:, None] + SPEECH
    loud = np.array([_percentile(track[on], LOUD) for track, on in zip(table, active, strict=True)])
    first = np.where(active, table - loud[:, None], -np.inf).argmax(axis=0)
    kept = np.ones_like(active)
    for j in range(len(table)):
        near, quiet = _lingering(table[j]), _lingering(active[j]) == 0
        for i in set(range(len(table))) - {j}:
            difference, either = table[i] - near, active[i] | active[j]
            bound = _bound(difference[either & (first == i)], difference[either & (first == j)])
            if bound is None:
                difference = steady[i] - steady[j]
                less = (active[i].sum(), i) < (active[j].sum(), j)
                bound = noise[i] - noise[j] + (-TIE if less else TIE)
            kept[i] &= (difference > bound) | quiet
    return [_held(mask) for mask in kept]


def gated(sound: Iterable[Samples], mask: Mask) -> Iterator[Samples]:
    """The sound with silence instead of the frames that are not in the mask."""
    frames, gain, at = np.arange(len(mask)), mask.astype(np.float32), 0
    for chunk in sound:
        moments = (np.arange(at, at + len(chunk)) + 0.5) / FRAME - 0.5
        yield (chunk * np.interp(moments, frames, gain)).astype(np.float32)
        at += len(chunk)


def _bound(mine: Levels, others: Levels) -> float | None:
    """The difference of two tracks' levels above which the first has speech of its own.

    None if they do not tell: one of them never speaks, or their microphones are near each other.
    `mine` and `others` are the differences while the first or the second speaks, as far as loudness tells.
    """
    if len(mine) and len(others):
        high, low = _percentile(mine, 75), _percentile(others, 50)
        if high - low >= APART:
            return low + min(MARGIN, SHARE * (high - low))
    return None


def _decibels(power: NDArray[np.floating]) -> Levels:
    found: Levels = (10 * np.log10(np.maximum(power, 10 ** (FLOOR / 10)))).astype(np.float32)
    return found


def _smooth(track: Levels, frames: int) -> Levels:
    return _decibels(_around(np.pad(10 ** (track / 10), frames, mode="edge"), frames).mean(axis=1))


def _percentile(values: Levels, percent: int) -> float:
    return float(np.percentile(values, percent)) if len(values) else 0.0


def _lingering(frames: NDArray[np.generic]) -> NDArray[np.generic]:
    """The largest of each frame and the LINGERS before it, and of the one after it (clocks are not exact)."""
    padded = np.pad(frames, (LINGERS, 1), mode="edge")
    found: NDArray[np.generic] = np.lib.stride_tricks.sliding_window_view(padded, LINGERS + 2).max(axis=1)
    return found


def _held(mask: Mask) -> Mask:
    return np.asarray(_around(np.pad(mask, HOLD), HOLD).any(axis=1))


def _around(padded: NDArray[np.generic], frames: int) -> NDArray[np.generic]:
    """Each frame with those around it, [len(padded) - 2 * frames, 2 * frames + 1]."""
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * frames + 1)
