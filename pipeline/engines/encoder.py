"""Speaker embeddings: what a voice sounds like, as a unit vector of 192 numbers. ECAPA-TDNN on ONNX Runtime.

B. Desplanques et al. 2020, https://arxiv.org/abs/2005.07143. Weights: speechbrain/spkrec-ecapa-voxceleb, see
pipeline/weights/README.md; features: as speechbrain's Fbank, its mean removed over 2 s.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, WEIGHTS

Floats = NDArray[np.float32]

FRAMES_A_SECOND = 100
HOP, FFT, BANDS = SAMPLE_RATE // FRAMES_A_SECOND, 400, 80
FLOOR, RANGE = 1e-10, 80.0  # power; dB below the loudest band that still count
CONTEXT = 100  # frames to each side over which the mean is removed: what the graph's gates see, too
SHORTEST = 10  # frames: the least that the layers' reflected edges can work with
LONGEST = 3_000  # frames computed in one go: bounds memory (12 kB a frame)
BATCH = 2  # windows pooled in one go; more fall out of the processor caches


class SpeakerEncoder:
    """Embeds windows of speech. The costly layers run once over all of it, however much windows overlap."""

    def __init__(self, threads: int | None = None, folder: Path = WEIGHTS) -> None:
        """`threads`: as many as there are processors, unless told. Same audio and threads, same numbers."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        options.enable_mem_pattern = False  # inputs are of all lengths: plans would only pile up
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # do not burn while waiting
        self._frames, self._pooling = (
            onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"])
            for name in ("speaker_frames.onnx", "speaker_pooling.onnx")
        )

    def embed(self, samples: Floats, starts: NDArray[np.integer[Any]], length: int) -> Floats:
        """Unit rows [len(starts), 192] for the windows [start, start + length) in frames of 10 ms.

        `samples` is 16 kHz mono. Windows reach at most to its end and start in ascending order; raises
        ValueError if not, or if they are shorter than SHORTEST.
        """
        mels = features(samples)
        if length < SHORTEST or (len(starts) and int(starts[-1]) + length > len(mels)):
            raise ValueError(f"windows of {length} frames do not fit into {len(mels)}")
        rows = np.empty((len(starts), 192), np.float32)
        for first, last in _portions(starts, length):
            begin, end = int(starts[first]), int(starts[last - 1]) + length
            begin, end = max(0, begin - CONTEXT), min(len(mels), end + CONTEXT)
            (frames,) = self._frames.run(None, {"features": _centred(mels[begin:end])})
            for i in range(first, last, BATCH):
                offsets = starts[i : min(i + BATCH, last)] - begin
                windows = np.stack([frames[:, offset : offset + length] for offset in offsets])
                (rows[i : i + len(windows)],) = self._pooling.run(None, {"windows": windows})
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-9))
        return rows


def _portions(starts: NDArray[np.integer[Any]], length: int) -> list[tuple[int, int]]:
    """[first, last) windows, so that each portion spans at most about LONGEST frames."""
    portions, first = [], 0
    for i in range(1, len(starts) + 1):
        if i == len(starts) or starts[i] + length - starts[first] > LONGEST:
            portions.append((first, i))
            first = i
    return portions


def features(samples: Floats) -> Floats:
    """Log-mel energies in dB, [1 + len(samples) // 160, 80]: 25 ms Hamming windows around every 10 ms."""
    padded = np.pad(samples.astype(np.float32), FFT // 2)
    window = (0.54 - 0.46 * np.cos(2 * np.pi * np.arange(FFT) / FFT)).astype(np.float32)
    pieces = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    mels = np.empty((len(pieces), BANDS), np.float32)
    for i in range(0, len(pieces), LONGEST):
        spectrum = np.fft.rfft(pieces[i : i + LONGEST] * window)
        mels[i : i + LONGEST] = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _filters()
    decibels: Floats = 10 * np.log10(np.maximum(mels, np.float32(FLOOR)))
    np.maximum(decibels, decibels.max() - np.float32(RANGE), out=decibels)
    return decibels


@cache
def _filters() -> Floats:
    """Triangles on the mel scale, [201, 80]; both sides as wide as the gap to the centre below."""
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700), BANDS + 2) / 2595) - 1)
    bins = np.linspace(0, SAMPLE_RATE / 2, FFT // 2 + 1)
    slope = (bins[:, None] - edges[1:-1]) / (edges[1:-1] - edges[:-2])
    triangles: Floats = np.maximum(0, np.minimum(1 + slope, 1 - slope)).astype(np.float32)
    return triangles


def _centred(mels: Floats) -> Floats:
    """Each frame less the mean of the CONTEXT frames to each side of it, fewer at the ends."""
    total = np.concatenate([np.zeros((1, BANDS)), np.cumsum(mels, axis=0, dtype=np.float64)])
    here = np.arange(len(mels))
    low, high = np.maximum(here - CONTEXT, 0), np.minimum(here + CONTEXT + 1, len(mels))
    centred: Floats = (mels - (total[high] - total[low]) / (high - low)[:, None]).astype(np.float32)
    return centred
