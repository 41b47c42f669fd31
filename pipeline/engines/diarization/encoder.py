"""Speaker embeddings: what a voice sounds like, as a unit vector of 192 numbers. CAM++ on ONNX Runtime.

H. Wang et al. 2023, https://arxiv.org/abs/2303.00332; weights: see pipeline/weights/README.md. Features as
Kaldi's fbank (25 ms Povey windows every 10 ms, pre-emphasis 0.97, 80 mel bands), their mean removed.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from pipeline.engines import SAMPLE_RATE, session
from pipeline.weights import BUNDLED

Floats = NDArray[np.float32]

HOP, FRAME, FFT, BANDS = SAMPLE_RATE // 100, SAMPLE_RATE // 40, 512, 80
LOWEST, PREEMPHASIS = 20.0, 0.97  # Hz; the rest of what the training used
EPSILON = np.float32(np.finfo(np.float32).eps)
CONTEXT = 150  # features to each side over which the mean is removed
STRIDE = 2 * HOP  # samples between frames
FIRST = FRAME // 2  # the sample that frame 0 is centred on


class SpeakerEncoder:
    """Frames once over all of a sound, then as many voices pooled from them as one likes.

    Several threads may ask at once.
    """

    def __init__(self) -> None:
        self._frames = session(BUNDLED / "speaker_frames.onnx", arena=False)
        self._pooling = session(BUNDLED / "speaker_pooling.onnx", arena=False)

    def frames(self, samples: Floats) -> Floats:
        """[512, frames]: frame j is about sample FIRST + j * STRIDE of 16 kHz mono; [512, 0] if too short."""
        if len(samples) < FRAME:
            return np.empty((512, 0), np.float32)
        (frames,) = self._frames.run(None, {"features": _centred(features(samples))})
        found: Floats = frames
        return found

    def pool(self, frames: Floats, weights: Floats) -> Floats:
        """Unit rows [windows, 192]: the voice in the frames that a row of `weights` [windows, frames] counts.

        A row of zeros gives a voice that means nothing.
        """
        (rows,) = self._pooling.run(None, {"frames": frames, "weights": weights})
        unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-9))
        return unit


def features(samples: Floats) -> Floats:
    """Log-mel energies, [1 + (len(samples) - FRAME) // HOP, 80]; feature i begins at sample i * HOP."""
    scaled = np.asarray(samples, np.float32) * np.float32(32768)
    pieces = np.lib.stride_tricks.sliding_window_view(scaled, FRAME)[::HOP]
    mels = np.empty((len(pieces), BANDS), np.float32)
    for i in range(0, len(pieces), 1000):
        piece = pieces[i : i + 1000] - pieces[i : i + 1000].mean(axis=1, keepdims=True)
        piece[:, 1:] -= PREEMPHASIS * piece[:, :-1].copy()
        piece[:, 0] *= 1 - PREEMPHASIS
        spectrum = fft.rfft(piece * _window(), FFT)
        mels[i : i + 1000] = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _filters()
    energies: Floats = np.log(np.maximum(mels, EPSILON))
    return energies


@cache
def _window() -> Floats:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / (FRAME - 1))
    window: Floats = (hann**0.85).astype(np.float32)
    return window


@cache
def _filters() -> Floats:
    """Triangles on the mel scale, [257, 80]."""
    mel = 1127 * np.log(1 + np.array([LOWEST, SAMPLE_RATE / 2]) / 700)
    edges = np.linspace(mel[0], mel[1], BANDS + 2)
    bins = 1127 * np.log(1 + np.arange(FFT // 2 + 1) * (SAMPLE_RATE / FFT) / 700)[:, None]
    width = edges[1] - edges[0]
    triangles = np.minimum((bins - edges[:-2]) / width, (edges[2:] - bins) / width)
    triangles[-1] = 0  # Kaldi leaves the last bin out
    kept: Floats = np.maximum(0, triangles).astype(np.float32)
    return kept


def _centred(mels: Floats) -> Floats:
    """Each feature less the mean of the CONTEXT features to each side of it, fewer at the ends."""
    total = np.concatenate([np.zeros((1, BANDS)), np.cumsum(mels, axis=0, dtype=np.float64)])
    here = np.arange(len(mels))
    low, high = np.maximum(here - CONTEXT, 0), np.minimum(here + CONTEXT + 1, len(mels))
    centred: Floats = (mels - (total[high] - total[low]) / (high - low)[:, None]).astype(np.float32)
    return centred
