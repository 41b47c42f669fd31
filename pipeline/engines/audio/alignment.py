"""When one recording of a conversation begins in another: by the sound that both hold.

Generalised cross-correlation with phase transform (C. Knapp and G. Carter, 1976) of a few excerpts with all
of the other recording; what most of them agree on is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.bleed import FRAME, Levels
from pipeline.engines.audio.decoding import Samples

EXCERPT, EXCERPTS = 5.0, 12  # seconds of each, and how many
BLOCK = 60.0  # seconds of the other recording that are looked at in one go
COARSER = 4  # samples taken together: 4 kHz are enough for a few milliseconds
PEAK = 12.0  # times the standard deviation, from which a peak is no chance
AGREE = 0.05  # seconds within which excerpts must agree
FEWEST, SHARE = 2, 4  # how many must: two, and one in four

_RATE = SAMPLE_RATE // COARSER


def begins(track: Iterable[Samples], other: Iterable[Samples], moments: Sequence[float]) -> float | None:
    """The second of `other` at which `track` begins (negative if before), None if their sounds do not tell.

    `moments` are the seconds of the track from which excerpts are taken.
    """
    excerpts = _excerpts(track, moments)
    best = [(0.0, 0.0)] * len(excerpts)  # the peak and the second at which the track would begin
    for start, block in _blocks(other):
        for index, (moment, excerpt) in enumerate(zip(moments, excerpts, strict=True)):
            peak, at = _match(block, excerpt)
            best[index] = max(best[index], (peak, start + at - moment))
    sure = [begin for peak, begin in best if peak > PEAK]
    agreeing = [[b for b in sure if abs(b - begin) < AGREE] for begin in sure]
    most = max(agreeing, key=len, default=[])
    return float(np.median(most)) if len(most) >= max(FEWEST, len(moments) // SHARE) else None


def telling(levels: Levels) -> list[float]:
    """Seconds at which the loudest excerpts of a track begin, apart from each other."""
    size = int(EXCERPT * SAMPLE_RATE / FRAME)
    power = np.concatenate([[0.0], np.cumsum(10 ** (levels / 10))])
    loudness = power[size:] - power[:-size] if len(levels) > size else power[-1:]
    found: list[float] = []
    while len(found) < EXCERPTS and loudness.max(initial=0.0) > 0:
        at = int(loudness.argmax())
        found.append(at * FRAME / SAMPLE_RATE)
        loudness[max(0, at - size) : at + size] = 0.0
    return found


def _excerpts(track: Iterable[Samples], moments: Sequence[float]) -> list[Samples]:
    starts, length = [round(moment * _RATE) for moment in moments], round(EXCERPT * _RATE)
    found = [np.zeros(length, np.float32) for _ in starts]
    at = 0
    for chunk in _coarse(track):
        for start, excerpt in zip(starts, found, strict=True):
            a, b = max(start, at), min(start + length, at + len(chunk))
            if a < b:
                excerpt[a - start : b - start] = chunk[a - at : b - at]
        at += len(chunk)
    return found


def _blocks(sound: Iterable[Samples]) -> Iterator[tuple[float, Samples]]:
    """The sound in blocks, each with an excerpt's length of the one before, and the second each begins at."""
    overlap, step = round(EXCERPT * _RATE), round(BLOCK * _RATE)
    waiting, start = np.zeros(overlap, np.float32), -overlap
    for chunk in _coarse(sound):
        waiting = np.concatenate([waiting, chunk])
        while len(waiting) >= overlap + step:
            yield start / _RATE, waiting[: overlap + step]
            waiting, start = waiting[step:], start + step
    yield start / _RATE, np.pad(waiting, (0, overlap + step - len(waiting)))


def _match(block: Samples, excerpt: Samples) -> tuple[float, float]:
    """How far the highest peak stands out, and the second of the block at which the excerpt would begin."""
    from scipy import fft

    size = fft.next_fast_len(len(block) + len(excerpt), real=True)
    cross = fft.rfft(block, size) * np.conj(fft.rfft(excerpt, size))
    strength = np.abs(cross)
    correlation: NDArray[np.floating] = fft.irfft(cross / np.maximum(strength, 1e-9), size)
    at = int(correlation.argmax())
    spread = float(correlation.std())
    shift = at if at < len(block) else at - size
    return (float(correlation[at]) / spread if spread else 0.0), shift / _RATE


def _coarse(sound: Iterable[Samples]) -> Iterator[Samples]:
    rest = np.empty(0, np.float32)
    for chunk in sound:
        rest = np.concatenate([rest, chunk])
        whole = len(rest) // COARSER * COARSER
        yield rest[:whole].reshape(-1, COARSER).mean(axis=1)
        rest = rest[whole:]
