"""Speaker embeddings: what a voice sounds like, as a unit vector of 192 numbers. CAM++ on ONNX Runtime.

H. Wang et al. 2023, https://arxiv.org/abs/2303.00332; weights: see pipeline/weights/README.md. Features are
Kaldi's fbank (25 ms Povey windows every 10 ms, pre-emphasis 0.97, 80 mel bands), less their local mean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, session
from pipeline.weights import BUNDLED

Floats = NDArray[np.float32]

# As in training.
HOP_SAMPLES = SAMPLE_RATE // 100
WINDOW_SAMPLES = SAMPLE_RATE // 40
MEL_BANDS = 80
CONTEXT_FEATURES = 150  # on each side of a feature vector: their mean is subtracted from it
STRIDE_SAMPLES = 2 * HOP_SAMPLES  # between the encoder's frames
FIRST_CENTRE = WINDOW_SAMPLES // 2  # the sample that frame 0 is centred on


class SpeakerEncoder:
    """Computes frames once for a whole sound, and pools any number of embeddings from them. Thread-safe."""

    def __init__(self) -> None:
        self._frames = session(BUNDLED / "speaker_frames.onnx", arena=False)
        self._pooling = session(BUNDLED / "speaker_pooling.onnx", arena=False)

    def frames(self, samples: Floats) -> Floats:
        """[512, frames] from 16 kHz mono samples; [512, 0] if there are too few.

        Frame j is centred on sample FIRST_CENTRE + j * STRIDE_SAMPLES.
        """
        if len(samples) < WINDOW_SAMPLES:
            return np.empty((512, 0), np.float32)
        (frames,) = self._frames.run(None, {"features": _subtract_local_mean(features(samples))})
        encoded: Floats = frames
        return encoded

    def pool(self, frames: Floats, weights: Floats) -> Floats:
        """Unit rows [windows, 192]: an embedding of the voice in the frames for each row of `weights`.

        `weights` are [windows, frames]. A row of zeros gives a meaningless embedding.
        """
        (rows,) = self._pooling.run(None, {"frames": frames, "weights": weights})
        unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-9))
        return unit


def features(samples: Floats) -> Floats:
    """Log-mel energies, [features, 80]; feature vector i begins at sample i * HOP_SAMPLES.

    There are 1 + (len(samples) - WINDOW_SAMPLES) // HOP_SAMPLES vectors; at least WINDOW_SAMPLES are needed.
    """
    from kaldi_native_fbank import FbankOptions, OnlineFbank

    options = FbankOptions()  # the encoder was trained on Kaldi's defaults but for these
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = MEL_BANDS
    fbank = OnlineFbank(options)
    fbank.accept_waveform(SAMPLE_RATE, np.asarray(samples, np.float32) * np.float32(32768))
    fbank.input_finished()
    energies: Floats = np.stack([fbank.get_frame(index) for index in range(fbank.num_frames_ready)])
    return energies


def _subtract_local_mean(mels: Floats) -> Floats:
    """Each feature vector minus the mean of itself and CONTEXT_FEATURES on each side, fewer at the ends."""
    cumulative = np.concatenate([np.zeros((1, MEL_BANDS)), np.cumsum(mels, axis=0, dtype=np.float64)])
    index = np.arange(len(mels))
    low, high = np.maximum(index - CONTEXT_FEATURES, 0), np.minimum(index + CONTEXT_FEATURES + 1, len(mels))
    centred: Floats = (mels - (cumulative[high] - cumulative[low]) / (high - low)[:, None]).astype(np.float32)
    return centred
