"""Aligns two recordings of one conversation by the sound that they share.

Generalised cross-correlation with phase transform (C. Knapp and G. Carter, 1976) of a few excerpts with all
of the other recording; the offset that most of them agree on is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.bleed import FRAME_SAMPLES, Levels
from pipeline.engines.audio.decoding import Samples

EXCERPT_SECONDS = 5.0
MAX_EXCERPTS = 12
BLOCK_SECONDS = 60.0  # of the other recording, searched in one go
DOWNSAMPLING = 4  # samples averaged: 4 kHz are enough for a few milliseconds
MIN_PEAK = 12.0  # standard deviations: a higher peak is no coincidence
AGREEMENT_SECONDS = 0.05  # within which excerpts must agree
MIN_AGREEING = 2  # excerpts; of many, one in AGREEING_ONE_IN
AGREEING_ONE_IN = 4

_RATE = SAMPLE_RATE // DOWNSAMPLING
_EXCERPT, _BLOCK = round(EXCERPT_SECONDS * _RATE), round(BLOCK_SECONDS * _RATE)  # samples


def find_start(track: Iterable[Samples], other: Iterable[Samples], moments: Sequence[float]) -> float | None:
    """The second of `other` at which `track` begins (negative if before), None if that cannot be told.

    `moments` are the seconds of the track at which excerpts begin.
    """
    excerpts = [_spectrum(excerpt) for excerpt in _excerpts(track, moments)]
    best = [(0.0, 0.0)] * len(excerpts)  # the peak and the second at which the track would begin
    for start, sound in _blocks(other):
        block = _spectrum(sound)
        for index, (moment, excerpt) in enumerate(zip(moments, excerpts, strict=True)):
            peak, at = _match(block, excerpt)
            best[index] = max(best[index], (peak, start + at - moment))
    candidates = [candidate for peak, candidate in best if peak > MIN_PEAK]
    agreeing = [
        [other for other in candidates if abs(other - candidate) < AGREEMENT_SECONDS]
        for candidate in candidates
    ]
    largest = max(agreeing, key=len, default=[])
    needed = max(MIN_AGREEING, len(moments) // AGREEING_ONE_IN)
    return float(np.median(largest)) if len(largest) >= needed else None


def loudest_moments(levels: Levels) -> list[float]:
    """The seconds at which the loudest excerpts of a track begin; excerpts do not overlap."""
    size = int(EXCERPT_SECONDS * SAMPLE_RATE / FRAME_SAMPLES)
    power = np.concatenate([[0.0], np.cumsum(10 ** (levels / 10))])
    loudness = power[size:] - power[:-size] if len(levels) > size else power[-1:]
    moments: list[float] = []
    while len(moments) < MAX_EXCERPTS and loudness.max(initial=0.0) > 0:
        at = int(loudness.argmax())
        moments.append(at * FRAME_SAMPLES / SAMPLE_RATE)
        loudness[max(0, at - size) : at + size] = 0.0
    return moments


def _excerpts(track: Iterable[Samples], moments: Sequence[float]) -> list[Samples]:
    starts = [round(moment * _RATE) for moment in moments]
    excerpts = [np.zeros(_EXCERPT, np.float32) for _ in starts]
    at = 0
    for chunk in _downsample(track):
        for start, excerpt in zip(starts, excerpts, strict=True):
            a, b = max(start, at), min(start + _EXCERPT, at + len(chunk))
            if a < b:
                excerpt[a - start : b - start] = chunk[a - at : b - at]
        at += len(chunk)
    return excerpts


def _blocks(sound: Iterable[Samples]) -> Iterator[tuple[float, Samples]]:
    """The second at which each block begins, and the block, which repeats an excerpt's length of the last."""
    waiting, start = np.zeros(_EXCERPT, np.float32), -_EXCERPT
    for chunk in _downsample(sound):
        waiting = np.concatenate([waiting, chunk])
        while len(waiting) >= _EXCERPT + _BLOCK:
            yield start / _RATE, waiting[: _EXCERPT + _BLOCK]
            waiting, start = waiting[_BLOCK:], start + _BLOCK
    yield start / _RATE, np.pad(waiting, (0, _EXCERPT + _BLOCK - len(waiting)))


def _spectrum(sound: Samples) -> NDArray[np.complexfloating]:
    return np.fft.rfft(sound, _BLOCK + 2 * _EXCERPT)


def _match(block: NDArray[np.complexfloating], excerpt: NDArray[np.complexfloating]) -> tuple[float, float]:
    """The highest peak, in standard deviations, and the second of the block at which the excerpt would be.

    Both are spectra.
    """
    cross = block * np.conj(excerpt)
    correlation = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-9))
    at = int(correlation.argmax())
    spread = float(correlation.std())
    shift = at if at < _BLOCK + _EXCERPT else at - len(correlation)
    return (float(correlation[at]) / spread if spread else 0.0), shift / _RATE


def _downsample(sound: Iterable[Samples]) -> Iterator[Samples]:
    waiting = np.empty(0, np.float32)
    for chunk in sound:
        waiting = np.concatenate([waiting, chunk])
        whole = len(waiting) // DOWNSAMPLING * DOWNSAMPLING
        yield waiting[:whole].reshape(-1, DOWNSAMPLING).mean(axis=1)
        waiting = waiting[whole:]
