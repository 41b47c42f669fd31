"""Features for speaker embeddings are Kaldi's, whichever library computes them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.decoding import Sound
from pipeline.engines.diarization import encoder
from pipeline.engines.diarization.encoder import SpeakerEncoder, features
from tests.support import DATA

FFT_SIZE = 512
LOWEST_HZ = 20.0
PREEMPHASIS = 0.97
MAX_DIFFERENCE = 0.01  # of log energies, in bands with next to nothing in them
MIN_COSINE = 0.999999


def written_out(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Kaldi's log-mel energies in NumPy, from its feature-window.cc and mel-computations.cc."""
    windows = np.lib.stride_tricks.sliding_window_view(samples * 32768.0, encoder.WINDOW_SAMPLES)
    batch = windows[:: encoder.HOP_SAMPLES] - windows[:: encoder.HOP_SAMPLES].mean(axis=1, keepdims=True)
    batch[:, 1:] -= PREEMPHASIS * batch[:, :-1].copy()
    batch[:, 0] *= 1 - PREEMPHASIS
    size = encoder.WINDOW_SAMPLES
    povey = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / (size - 1))) ** 0.85
    power = np.abs(np.fft.rfft(batch * povey, FFT_SIZE)) ** 2
    low, high = 1127 * np.log(1 + np.array([LOWEST_HZ, SAMPLE_RATE / 2]) / 700)
    edges, width = np.linspace(low, high, encoder.MEL_BANDS + 2, retstep=True)
    bins = 1127 * np.log(1 + np.arange(FFT_SIZE // 2 + 1) * (SAMPLE_RATE / FFT_SIZE) / 700)[:, None]
    triangles = np.minimum((bins - edges[:-2]) / width, (edges[2:] - bins) / width).clip(0)
    triangles[-1] = 0  # Kaldi leaves the last bin out
    return np.log((power @ triangles).clip(np.finfo(np.float32).eps)).astype(np.float32)


@pytest.mark.parametrize("name", ["jfk.flac", "phone.wav", "ami-dev00.flac"])
def test_features_and_embeddings_are_those_of_kaldi(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.concatenate(list(Sound(DATA / name)))
    ours, expected = features(samples), written_out(samples)
    assert ours.shape == expected.shape
    assert np.abs(ours - expected).max() < MAX_DIFFERENCE
    speaker_encoder = SpeakerEncoder()
    rows = []
    for function in (features, written_out):
        monkeypatch.setattr(encoder, "features", function)
        frames = speaker_encoder.frames(samples)
        windows = np.repeat(np.eye(4, dtype=np.float32), frames.shape[1] // 4, axis=1)
        rows.append(speaker_encoder.pool(frames[:, : windows.shape[1]], windows))
    assert (rows[0] * rows[1]).sum(axis=1).min() > MIN_COSINE
