"""The embedded diarizer's listening: who speaks in each few seconds, and what their voices sound like.

The order of things is that of H. Bredin 2023 (pyannote.audio 2.1, INTERSPEECH): local segmentation, an
embedding of each local speaker from frames in which nobody else speaks, then clustering (see grouping.py).
Unlike there, an embedding is of two seconds, not of all that a local speaker says in a chunk, because the
segmentation now and then takes two people for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, Listening, Progress, encoder, segmentation
from pipeline.engines.segmentation import CHUNK, FRAMES, SPEAKERS

Floats = NDArray[np.float32]
Sound = NDArray[np.float32]

HOP_FRAMES = 296  # of the segmentation between two chunks; the middle of each chunk is what counts
HOP = HOP_FRAMES * segmentation.STRIDE  # samples, 4.995 s
CHUNKS = 8  # heard in one go: bounds memory
CELL = 37  # frames, 0.62 s: a window for each local speaker who speaks in it
WINDOW = 2 * SAMPLE_RATE // encoder.STRIDE  # frames of the encoder, 2 s: a window has the nearest as many
FEWEST = 15  # the same, 0.3 s: with less clean speech, overlapped speech is taken too
PRESENT = 0.1  # share of a cell in which a local speaker speaks
VERSION = 1  # raised when the same sound is heard differently


class EmbeddedDiarizer:
    """Hears who speaks when, from sound alone. Keeps about 1 kB a second, however long it listens."""

    def __init__(self, threads: int | None = None) -> None:
        """`threads`: as many as there are processors, unless told."""
        self._segmentation = segmentation.SpeakerSegmentation(threads)
        self._encoder = encoder.SpeakerEncoder(threads)

    def listen(self, sound: Iterable[Sound], progress: Progress) -> Listening:
        """Hear a recording: 16 kHz mono samples in arrays of any length."""
        activity, stretch, windows = [], [], []
        ended = 0
        for first, samples, chunks, last in _pieces(sound):
            ended = first * HOP + len(samples)
            padded = np.pad(samples, (0, (chunks - 1) * HOP + CHUNK - len(samples)))
            cut = np.lib.stride_tricks.sliding_window_view(padded, CHUNK)[::HOP]
            active = self._segmentation.activity(cut)
            frames = self._encoder.frames(padded) if active.max(initial=0) > 0.5 else None
            for index, chunk in enumerate(active):
                low, high = _middle(first + index, last and index == chunks - 1)
                activity.append(np.round(chunk[low:high] * 255).astype(np.uint8))
                stretch.append(np.full(high - low, first + index, np.int32))
                if frames is not None:
                    windows += self._windows(chunk, low, high, first + index, index, frames)
            progress((ended if last else (first + chunks) * HOP) / SAMPLE_RATE)
        return _listening(ended, activity, stretch, windows)

    def _windows(
        self, active: Floats, low: int, high: int, number: int, index: int, frames: Floats
    ) -> list[tuple[int, int, float, NDArray[np.float16]]]:
        """(frame of the recording, local speaker, clean seconds, voice) for the cells of one chunk."""
        position = encoder.FIRST + np.arange(frames.shape[1]) * encoder.STRIDE - index * HOP
        position = np.round((position - segmentation.FIRST) / segmentation.STRIDE).astype(int)
        inside = np.flatnonzero((position >= 0) & (position < FRAMES))
        speaks = active[position[inside]]
        alone = speaks * np.stack([(1 - np.delete(speaks, s, 1)).prod(1) for s in range(SPEAKERS)], axis=1)
        found, weights = [], []
        for begin in range(low, high, CELL):
            cell = active[begin : min(begin + CELL, high)] > 0.5
            for local in np.flatnonzero(cell.mean(axis=0) >= PRESENT):
                middle = begin + int(np.flatnonzero(cell[:, local]).mean())
                share, clean = _nearest(position[inside] - middle, speaks[:, local], alone[:, local])
                if share.any():
                    weights.append(np.zeros(frames.shape[1], np.float32))
                    weights[-1][inside] = share
                    found.append((number * HOP_FRAMES + middle, int(local), clean))
        if not found:
            return []
        rows = self._encoder.pool(frames, np.stack(weights)).astype(np.float16)
        return [(*window, row) for window, row in zip(found, rows, strict=True)]


def _pieces(sound: Iterable[Sound]) -> Iterator[tuple[int, Sound, int, bool]]:
    """(number of the first chunk, samples, chunks in them, whether these are the last) pieces of a sound."""
    size, first, waiting, length = (CHUNKS - 1) * HOP + CHUNK, 0, [], 0
    for samples in sound:
        waiting.append(samples)
        length += len(samples)
        while length > size:
            joined = np.concatenate(waiting)
            yield first, joined[:size], CHUNKS, False
            first, waiting = first + CHUNKS, [joined[CHUNKS * HOP :].copy()]
            length = len(waiting[0])
    if length:
        chunks = 1 + max(0, int(np.ceil((length - CHUNK) / HOP)))
        yield first, np.concatenate(waiting), chunks, True


def _middle(number: int, last: bool) -> tuple[int, int]:
    """The frames of a chunk that count: its middle, and what is before the first and after the last."""
    edge = (FRAMES - HOP_FRAMES) // 2
    return (edge if number else 0), (FRAMES if last else edge + HOP_FRAMES)


def _nearest(away: NDArray[np.intp], speaks: Floats, alone: Floats) -> tuple[Floats, float]:
    """Weights of the speech nearest to a moment, and the seconds of it in which nobody else spoke."""
    own = np.flatnonzero(alone > 0.5)
    clean = len(own) >= FEWEST
    own, share = (own, alone) if clean else (np.flatnonzero(speaks > 0.5), speaks)
    nearest = own[np.argsort(np.abs(away[own]), kind="stable")[:WINDOW]]
    weights = np.zeros(len(away), np.float32)
    weights[nearest] = share[nearest]
    return weights, len(nearest) * encoder.STRIDE / SAMPLE_RATE if clean else 0.0


def _listening(
    samples: int,
    activity: list[NDArray[np.uint8]],
    stretch: list[NDArray[np.int32]],
    windows: list[tuple[int, int, float, NDArray[np.float16]]],
) -> Listening:
    step = segmentation.STRIDE / SAMPLE_RATE
    return Listening(
        seconds=samples / SAMPLE_RATE,
        start=segmentation.FIRST / SAMPLE_RATE - step / 2,
        step=step,
        activity=np.concatenate([np.empty((0, SPEAKERS), np.uint8), *activity]),
        stretch=np.concatenate([np.empty(0, np.int32), *stretch]),
        frame=np.array([window[0] for window in windows], np.int32),
        local=np.array([window[1] for window in windows], np.uint8),
        clean=np.array([window[2] for window in windows], np.float32),
        rows=np.stack([window[3] for window in windows]) if windows else np.empty((0, 192), np.float16),
    )
