"""Microphone bleed: each microphone picks up other speakers, too. Levels tell when its own speaker speaks.

A voice is louder in its own microphone than in any other, and the more so the further apart the two are.
Tracks may be recorded at any level, so what counts is how the difference between two tracks' levels changes
with who speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.decoding import Samples

Levels = NDArray[np.float32]  # decibels of each frame
Mask = NDArray[np.bool_]

FRAME_SAMPLES = SAMPLE_RATE // 20  # 50 ms
FLOOR_DB = -90.0  # digital silence
# The power of a frame is averaged over so many before and after it: for most uses, and for steady levels.
SMOOTH_FRAMES = 2
STEADY_FRAMES = 6
NOISE_PERCENTILE = 10  # of a track's levels: its noise
LOUD_PERCENTILE = 95  # its speaker's usual loudness
SPEECH_DB = 12.0  # above a track's noise: may be speech
# Between usual own speech and usual bleed. With less, sound belongs to the track further above its noise.
APART_DB = 10.0
# Own speech is this far above bleed, or this share of the way to usual own speech, whichever is less.
MARGIN_DB = 12.0
MARGIN_SHARE = 0.4
TIE_DB = 1.0  # by which the track that is active less is then favoured
ECHO_FRAMES = 8  # 0.4 s by which bleed may come later: rooms echo, and so do calls through loudspeakers
HOLD_FRAMES = 4  # 0.2 s kept around own speech, so that no word is cut


def levels(sound: Iterable[Samples]) -> Levels:
    """The level of each frame of a sound with its rumble removed (by differentiating it first)."""
    blocks, waiting = [np.empty(0, np.float32)], np.zeros(1, np.float32)
    for chunk in sound:
        waiting = np.concatenate([waiting, chunk])
        whole = (len(waiting) - 1) // FRAME_SAMPLES * FRAME_SAMPLES
        power = np.square(np.diff(waiting[: whole + 1])).reshape(-1, FRAME_SAMPLES).mean(axis=1)
        blocks.append(_decibels(power))
        waiting = waiting[whole:]
    return np.concatenate(blocks)


def own_speech_masks(tracks: Sequence[Levels]) -> list[Mask]:
    """For each track the frames in which its own speaker may be heard: all but those with bleed.

    `tracks` are levels on one clock, of one length (FLOOR_DB before a track begins and after it ends). Where
    levels do not tell two tracks apart, sound belongs to the one in which it stands out more from the noise;
    if both are alike, to the one that is active less, since the other may be a mix of all.
    """
    smoothed = np.stack([_smooth(track, SMOOTH_FRAMES) for track in tracks])
    steady = [_smooth(track, STEADY_FRAMES) for track in smoothed]
    noise = np.array([_percentile(track[track > FLOOR_DB + 5], NOISE_PERCENTILE) for track in smoothed])
    active = smoothed > noise[:, None] + SPEECH_DB
    loudness = np.array(
        [_percentile(track[mask], LOUD_PERCENTILE) for track, mask in zip(smoothed, active, strict=True)]
    )
    loudest = np.where(active, smoothed - loudness[:, None], -np.inf).argmax(axis=0)
    kept = np.ones_like(active)
    for other in range(len(smoothed)):
        echo, quiet = _with_echo(smoothed[other]), _with_echo(active[other]) == 0
        for track in set(range(len(smoothed))) - {other}:
            difference, either = smoothed[track] - echo, active[track] | active[other]
            threshold = _threshold(
                difference[either & (loudest == track)], difference[either & (loudest == other)]
            )
            if threshold is None:
                difference = steady[track] - steady[other]
                is_less_active = (active[track].sum(), track) < (active[other].sum(), other)
                threshold = noise[track] - noise[other] + (-TIE_DB if is_less_active else TIE_DB)
            kept[track] &= (difference > threshold) | quiet
    return [_hold(mask) for mask in kept]


def mute_outside(sound: Iterable[Samples], mask: Mask) -> Iterator[Samples]:
    """The sound, faded to silence in frames that are not in the mask."""
    frames, gain, at = np.arange(len(mask)), mask.astype(np.float32), 0
    for chunk in sound:
        positions = (np.arange(at, at + len(chunk)) + 0.5) / FRAME_SAMPLES - 0.5
        yield (chunk * np.interp(positions, frames, gain)).astype(np.float32)
        at += len(chunk)


def _threshold(differences: Levels, differences_in_bleed: Levels) -> float | None:
    """The difference between two tracks' levels, in dB, above which the first has speech of its own.

    The arguments are the differences while the first speaker or the second speaks, as far as loudness tells.
    None if these do not tell: one of them never speaks, or their microphones are near each other.
    """
    if len(differences) and len(differences_in_bleed):
        high, low = _percentile(differences, 75), _percentile(differences_in_bleed, 50)
        if high - low >= APART_DB:
            return low + min(MARGIN_DB, MARGIN_SHARE * (high - low))
    return None


def _decibels(power: NDArray[np.floating]) -> Levels:
    decibels: Levels = (10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))).astype(np.float32)
    return decibels


def _smooth(track: Levels, frames: int) -> Levels:
    return _decibels(_around(np.pad(10 ** (track / 10), frames, mode="edge"), frames).mean(axis=1))


def _percentile(values: Levels, percent: int) -> float:
    return float(np.percentile(values, percent)) if len(values) else 0.0


def _with_echo(frames: NDArray[np.generic]) -> NDArray[np.generic]:
    """The maximum of each frame, the ECHO_FRAMES before it, and the one after it (clocks are not exact)."""
    padded = np.pad(frames, (ECHO_FRAMES, 1), mode="edge")
    peaks: NDArray[np.generic] = np.lib.stride_tricks.sliding_window_view(padded, ECHO_FRAMES + 2).max(axis=1)
    return peaks


def _hold(mask: Mask) -> Mask:
    return np.asarray(_around(np.pad(mask, HOLD_FRAMES), HOLD_FRAMES).any(axis=1))


def _around(padded: NDArray[np.generic], frames: int) -> NDArray[np.generic]:
    """Each frame with its neighbours, [len(padded) - 2 * frames, 2 * frames + 1]."""
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * frames + 1)
