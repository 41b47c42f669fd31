"""The embedded diarizer: who speaks in each few seconds, and what their voices sound like.

The order of things is that of H. Bredin 2023 (pyannote.audio 2.1, INTERSPEECH): local segmentation, an
embedding of each local speaker from frames in which nobody else speaks, then clustering (see clustering.py).
Unlike there, an embedding is of two seconds, not of all that a local speaker says in a chunk, because the
segmentation now and then takes two people for one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, Listening, Progress, session
from pipeline.engines.diarization import encoder
from pipeline.weights import BUNDLED

Floats = NDArray[np.float32]
Sound = NDArray[np.float32]

CHUNK = 160_000  # samples in a chunk, 10 s at 16 kHz
FRAMES, STRIDE, FIRST = 589, 270, 495  # frames a chunk, samples between them, the one frame 0 is centred on
SPEAKERS = 3  # told apart in a chunk; who is who in another chunk is not known
BATCH = 4
HOP_FRAMES = 296  # of the segmentation between two chunks; the middle of each chunk is what counts
HOP = HOP_FRAMES * STRIDE  # samples, 4.995 s
CHUNKS = 8  # heard in one go: bounds memory
WORKERS = 4  # pieces heard at once, at most: bounds memory, too
CELL = 37  # frames, 0.62 s: a window for each local speaker who speaks in it
WINDOW = 2 * SAMPLE_RATE // encoder.STRIDE  # frames of the encoder, 2 s: a window has the nearest as many
FEWEST = 15  # the same, 0.3 s: with less clean speech, overlapped speech is taken too
PRESENT = 0.1  # share of a cell in which a local speaker speaks


_Window = tuple[int, int, float, NDArray[np.float16]]  # frame, local speaker, clean seconds, voice


@dataclass(frozen=True)
class _Piece:
    """Samples of which `chunks` chunks are to be cut, and the number of the first of these."""

    first: int
    samples: Sound
    chunks: int
    last: bool

    @property
    def end(self) -> float:
        """The second of the recording up to which it is heard."""
        new = len(self.samples) if self.last else self.chunks * HOP
        return (self.first * HOP + new) / SAMPLE_RATE


@dataclass(frozen=True)
class _Heard:
    """What the recording sounds like from the last piece on to second `seconds`."""

    seconds: float
    activity: NDArray[np.uint8]
    stretch: NDArray[np.int32]
    windows: list[_Window]


class SpeakerSegmentation:
    """Which of up to three speakers speak in each moment of ten seconds: pyannote's, on ONNX Runtime.

    A. Plaquet and H. Bredin 2023, https://arxiv.org/abs/2310.13025; weights: see pipeline/weights/README.md.
    Several threads may ask at once.
    """

    def __init__(self) -> None:
        self._session = session(BUNDLED / "speaker_segmentation.onnx", arena=False)

    def activity(self, chunks: Floats) -> Floats:
        """[chunks, CHUNK] samples to the probability that each speaks, [chunks, FRAMES, SPEAKERS]."""
        found = np.empty((len(chunks), FRAMES, SPEAKERS), np.float32)
        for i in range(0, len(chunks), BATCH):
            batch = np.ascontiguousarray(chunks[i : i + BATCH])
            (found[i : i + BATCH],) = self._session.run(None, {"samples": batch})
        return found


class EmbeddedDiarizer:
    """Hears who speaks when, from sound alone. Keeps about 1 kB a second, however long it listens."""

    def __init__(self, workers: int | None = None) -> None:
        """`workers`: one a processor, up to WORKERS, unless told. Their number changes no result."""
        self._workers = workers or min(WORKERS, os.cpu_count() or 1)
        self._segmentation, self._encoder = _models()

    def listen(self, sound: Iterable[Sound], progress: Progress) -> Listening:
        """Hear a recording: 16 kHz mono samples in arrays of any length."""
        heard = []
        for part in self._heard(_pieces(sound)):
            heard.append(part)
            progress(part.seconds)
        return _listening(heard)

    def _heard(self, pieces: Iterable[_Piece]) -> Iterator[_Heard]:
        """Each piece as it sounds, in order; while some are listened to, the next is decoded."""
        waiting: deque[Future[_Heard]] = deque()
        with ThreadPoolExecutor(self._workers) as pool:
            try:
                for piece in pieces:
                    waiting.append(pool.submit(self._hear, piece))
                    if len(waiting) > self._workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _hear(self, piece: _Piece) -> _Heard:
        padded = np.pad(piece.samples, (0, (piece.chunks - 1) * HOP + CHUNK - len(piece.samples)))
        active = self._segmentation.activity(np.lib.stride_tricks.sliding_window_view(padded, CHUNK)[::HOP])
        frames = self._encoder.frames(padded) if active.max(initial=0) > 0.5 else None
        activity, stretch, windows = [], [], []
        for index, chunk in enumerate(active):
            number = piece.first + index
            low, high = _middle(number, piece.last and index == piece.chunks - 1)
            activity.append(np.round(chunk[low:high] * 255).astype(np.uint8))
            stretch.append(np.full(high - low, number, np.int32))
            if frames is not None:
                windows += self._windows(chunk, low, high, number, index, frames)
        return _Heard(piece.end, np.concatenate(activity), np.concatenate(stretch), windows)

    def _windows(
        self, active: Floats, low: int, high: int, number: int, index: int, frames: Floats
    ) -> list[_Window]:
        """(frame of the recording, local speaker, clean seconds, voice) for the cells of one chunk."""
        position = encoder.FIRST + np.arange(frames.shape[1]) * encoder.STRIDE - index * HOP
        position = np.round((position - FIRST) / STRIDE).astype(int)
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


@cache
def _models() -> tuple[SpeakerSegmentation, encoder.SpeakerEncoder]:
    """Loaded once, for all talks."""
    return SpeakerSegmentation(), encoder.SpeakerEncoder()


def _pieces(sound: Iterable[Sound]) -> Iterator[_Piece]:
    """A sound in pieces that overlap, so that each chunk is whole in one of them."""
    size, first, waiting, length = (CHUNKS - 1) * HOP + CHUNK, 0, [], 0
    for samples in sound:
        waiting.append(samples)
        length += len(samples)
        while length > size:
            joined = np.concatenate(waiting)
            yield _Piece(first, joined[:size], CHUNKS, last=False)
            first, waiting = first + CHUNKS, [joined[CHUNKS * HOP :].copy()]
            length = len(waiting[0])
    if length:
        chunks = 1 + max(0, int(np.ceil((length - CHUNK) / HOP)))
        yield _Piece(first, np.concatenate(waiting), chunks, last=True)


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


def _listening(heard: list[_Heard]) -> Listening:
    step = STRIDE / SAMPLE_RATE
    windows = [window for part in heard for window in part.windows]
    return Listening(
        seconds=heard[-1].seconds if heard else 0.0,
        start=FIRST / SAMPLE_RATE - step / 2,
        step=step,
        activity=np.concatenate([np.empty((0, SPEAKERS), np.uint8), *(part.activity for part in heard)]),
        stretch=np.concatenate([np.empty(0, np.int32), *(part.stretch for part in heard)]),
        frame=np.array([window[0] for window in windows], np.int32),
        local=np.array([window[1] for window in windows], np.uint8),
        clean=np.array([window[2] for window in windows], np.float32),
        rows=np.stack([window[3] for window in windows]) if windows else np.empty((0, 192), np.float16),
    )
