"""The embedded diarizer: who speaks in each few seconds, and what their voices sound like.

The steps are those of H. Bredin 2023 (pyannote.audio 2.1, INTERSPEECH): local segmentation, an embedding of
each local speaker from frames in which nobody else speaks, then clustering (see clustering.py). Unlike
there, an embedding is of two seconds, not of all that a local speaker says in a chunk, because the
segmentation now and then takes two people for one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, LocalDiarization, Progress, session
from pipeline.engines.diarization import encoder
from pipeline.weights import BUNDLED

Floats = NDArray[np.float32]
Sound = NDArray[np.float32]

# The segmentation model.
CHUNK_SAMPLES = 160_000  # 10 s at 16 kHz
CHUNK_FRAMES = 589
FRAME_SAMPLES = 270  # between the centres of two frames
FIRST_CENTRE = 495  # the sample that frame 0 is centred on
LOCAL_SPEAKERS = 3  # told apart in a chunk; who is who in another chunk is not known
BATCH_CHUNKS = 4

HOP_FRAMES = 296  # between the starts of two chunks; the middle of each chunk is what counts
HOP_SAMPLES = HOP_FRAMES * FRAME_SAMPLES  # 4.995 s
PIECE_CHUNKS = 8  # processed in one go: bounds memory
MAX_WORKERS = 4  # pieces processed at once: bounds memory, too
CELL_FRAMES = 37  # 0.62 s: each local speaker who speaks in a cell gets a window
WINDOW_FRAMES = 2 * SAMPLE_RATE // encoder.STRIDE_SAMPLES  # of the encoder, 2 s: the nearest with speech
MIN_CLEAN_FRAMES = 15  # of the encoder, 0.3 s: with less clean speech, overlapped speech is taken too
MIN_CELL_SHARE = 0.1  # of a cell's frames, for a local speaker to count as speaking in it


class _Window(NamedTuple):
    """A little of one local speaker's speech, as in LocalDiarization."""

    frame: int
    local: int
    clean: float
    embedding: NDArray[np.float16]


@dataclass(frozen=True)
class _Piece:
    """Samples from which `chunks` chunks are to be cut, and the number of the first of these."""

    first: int
    samples: Sound
    chunks: int
    is_last: bool

    @property
    def end(self) -> float:
        """The second of the recording at which it ends, but for what the next piece repeats."""
        new = len(self.samples) if self.is_last else self.chunks * HOP_SAMPLES
        return (self.first * HOP_SAMPLES + new) / SAMPLE_RATE


@dataclass(frozen=True)
class _PieceResult:
    """What one piece sounds like, from the end of the piece before up to second `seconds`."""

    seconds: float
    activity: NDArray[np.uint8]
    stretch: NDArray[np.int32]
    windows: list[_Window]


class SpeakerSegmentation:
    """Which of up to three speakers speak in each moment of ten seconds: pyannote's, on ONNX Runtime.

    A. Plaquet and H. Bredin 2023, https://arxiv.org/abs/2310.13025; weights: see pipeline/weights/README.md.
    Thread-safe.
    """

    def __init__(self) -> None:
        self._session = session(BUNDLED / "speaker_segmentation.onnx", arena=False)

    def activity(self, chunks: Floats) -> Floats:
        """The probability that each local speaker speaks, [chunks, CHUNK_FRAMES, LOCAL_SPEAKERS].

        `chunks` are samples, [chunks, CHUNK_SAMPLES].
        """
        activity = np.empty((len(chunks), CHUNK_FRAMES, LOCAL_SPEAKERS), np.float32)
        for i in range(0, len(chunks), BATCH_CHUNKS):
            batch = np.ascontiguousarray(chunks[i : i + BATCH_CHUNKS])
            (activity[i : i + BATCH_CHUNKS],) = self._session.run(None, {"samples": batch})
        return activity


class EmbeddedDiarizer:
    """Local diarization from sound alone. Keeps about 1 kB for a second of sound, however long it is."""

    def __init__(self, workers: int | None = None) -> None:
        """`workers`: one per processor, up to MAX_WORKERS, by default. Their number changes no result."""
        self._workers = workers or min(MAX_WORKERS, os.cpu_count() or 1)
        self._segmentation, self._encoder = _models()

    def local_diarization(self, sound: Iterable[Sound], progress: Progress) -> LocalDiarization:
        """Segment and embed a recording: 16 kHz mono samples in arrays of any length."""
        results = []
        for result in self._process_all(_pieces(sound)):
            results.append(result)
            progress(result.seconds)
        return _joined(results)

    def _process_all(self, pieces: Iterable[_Piece]) -> Iterator[_PieceResult]:
        """What each piece sounds like, in order; the next is decoded while some are being processed."""
        waiting: deque[Future[_PieceResult]] = deque()
        with ThreadPoolExecutor(self._workers) as pool:
            try:
                for piece in pieces:
                    waiting.append(pool.submit(self._process, piece))
                    if len(waiting) > self._workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _process(self, piece: _Piece) -> _PieceResult:
        padded = np.pad(
            piece.samples, (0, (piece.chunks - 1) * HOP_SAMPLES + CHUNK_SAMPLES - len(piece.samples))
        )
        chunks = np.lib.stride_tricks.sliding_window_view(padded, CHUNK_SAMPLES)[::HOP_SAMPLES]
        probabilities = self._segmentation.activity(chunks)
        frames = self._encoder.frames(padded) if probabilities.max(initial=0) > 0.5 else None
        activity, stretch, windows = [], [], []
        for index, chunk in enumerate(probabilities):
            number = piece.first + index
            low, high = _middle(number, piece.is_last and index == piece.chunks - 1)
            activity.append(np.round(chunk[low:high] * 255).astype(np.uint8))
            stretch.append(np.full(high - low, number, np.int32))
            if frames is not None:
                windows += self._windows(chunk, low, high, number, index, frames)
        return _PieceResult(piece.end, np.concatenate(activity), np.concatenate(stretch), windows)

    def _windows(
        self, probabilities: Floats, low: int, high: int, number: int, index: int, frames: Floats
    ) -> list[_Window]:
        """The windows of the cells of one chunk, of which frames [low, high) count.

        `probabilities` are the chunk's; `number` is its place in the recording, `index` its place in the
        piece; `frames` are the encoder's, of the whole piece.
        """
        centres = (
            encoder.FIRST_CENTRE + np.arange(frames.shape[1]) * encoder.STRIDE_SAMPLES - index * HOP_SAMPLES
        )
        position = np.round((centres - FIRST_CENTRE) / FRAME_SAMPLES).astype(int)
        inside = np.flatnonzero((position >= 0) & (position < CHUNK_FRAMES))
        speaks = probabilities[position[inside]]
        alone = speaks * np.stack(
            [(1 - np.delete(speaks, s, 1)).prod(1) for s in range(LOCAL_SPEAKERS)], axis=1
        )
        windows, weights = [], []
        for begin in range(low, high, CELL_FRAMES):
            cell = probabilities[begin : min(begin + CELL_FRAMES, high)] > 0.5
            for local in np.flatnonzero(cell.mean(axis=0) >= MIN_CELL_SHARE):
                middle = begin + int(np.flatnonzero(cell[:, local]).mean())
                share, clean = _nearest_speech(position[inside] - middle, speaks[:, local], alone[:, local])
                if share.any():
                    weights.append(np.zeros(frames.shape[1], np.float32))
                    weights[-1][inside] = share
                    windows.append((number * HOP_FRAMES + middle, int(local), clean))
        if not windows:
            return []
        rows = self._encoder.pool(frames, np.stack(weights)).astype(np.float16)
        return [_Window(*window, row) for window, row in zip(windows, rows, strict=True)]


@cache
def _models() -> tuple[SpeakerSegmentation, encoder.SpeakerEncoder]:
    """The models, loaded once for all talks."""
    return SpeakerSegmentation(), encoder.SpeakerEncoder()


def _pieces(sound: Iterable[Sound]) -> Iterator[_Piece]:
    """A sound in pieces that overlap, so that each chunk is whole in one of them."""
    size, first, waiting, length = (PIECE_CHUNKS - 1) * HOP_SAMPLES + CHUNK_SAMPLES, 0, [], 0
    for samples in sound:
        waiting.append(samples)
        length += len(samples)
        while length > size:
            joined = np.concatenate(waiting)
            yield _Piece(first, joined[:size], PIECE_CHUNKS, is_last=False)
            first, waiting = first + PIECE_CHUNKS, [joined[PIECE_CHUNKS * HOP_SAMPLES :].copy()]
            length = len(waiting[0])
    if length:
        chunks = 1 + max(0, int(np.ceil((length - CHUNK_SAMPLES) / HOP_SAMPLES)))
        yield _Piece(first, np.concatenate(waiting), chunks, is_last=True)


def _middle(number: int, is_last: bool) -> tuple[int, int]:
    """The frames [low, high) of a chunk that count: its middle, and the recording's very start and end."""
    edge = (CHUNK_FRAMES - HOP_FRAMES) // 2
    return (edge if number else 0), (CHUNK_FRAMES if is_last else edge + HOP_FRAMES)


def _nearest_speech(away: NDArray[np.intp], speaks: Floats, alone: Floats) -> tuple[Floats, float]:
    """Weights of the speech nearest to a moment, and the seconds of it in which nobody else spoke.

    `away` is how many frames each frame is from the moment. The seconds are 0 where too little is clean.
    """
    spoken = np.flatnonzero(alone > 0.5)
    is_clean = len(spoken) >= MIN_CLEAN_FRAMES
    spoken, probability = (spoken, alone) if is_clean else (np.flatnonzero(speaks > 0.5), speaks)
    nearest = spoken[np.argsort(np.abs(away[spoken]), kind="stable")[:WINDOW_FRAMES]]
    weights = np.zeros(len(away), np.float32)
    weights[nearest] = probability[nearest]
    return weights, len(nearest) * encoder.STRIDE_SAMPLES / SAMPLE_RATE if is_clean else 0.0


def _joined(results: list[_PieceResult]) -> LocalDiarization:
    step = FRAME_SAMPLES / SAMPLE_RATE
    windows = [window for result in results for window in result.windows]
    return LocalDiarization(
        seconds=results[-1].seconds if results else 0.0,
        start=FIRST_CENTRE / SAMPLE_RATE - step / 2,
        step=step,
        activity=np.concatenate(
            [np.empty((0, LOCAL_SPEAKERS), np.uint8), *(result.activity for result in results)]
        ),
        stretch=np.concatenate([np.empty(0, np.int32), *(result.stretch for result in results)]),
        frame=np.array([window.frame for window in windows], np.int32),
        local=np.array([window.local for window in windows], np.uint8),
        clean=np.array([window.clean for window in windows], np.float32),
        rows=np.array([window.embedding for window in windows], np.float16).reshape(-1, 192),
    )
