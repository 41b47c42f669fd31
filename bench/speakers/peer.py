"""The peer: Resemblyzer's d-vectors grouped by spectralcluster.

The clusterer is the library's `configs.icassp2018_clusterer`, made for d-vectors of an LSTM as these are (two
to seven voices: no recording here has fewer or more), but for `p_percentile` 0.90: with its 0.95 it heard two
voices in each of three conversations of three to five, a poor peer. Speech is what the program's own detector
finds, levelled alike, so that only telling voices apart differs. Four windows of 1.6 s begin a second.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from resemblyzer import VoiceEncoder, sampling_rate, wav_to_mel_spectrogram
from spectralcluster import RefinementOptions, SpectralClusterer
from spectralcluster.configs import icassp2018_refinement_options as paper

from pipeline.engines.audio import speech_blocks
from pipeline.engines.audio.decoding import Sound

Span = tuple[float, float, str]

WINDOWS_PER_SECOND = 4.0  # the library's demonstration has 16, too many to cluster in reasonable time
BATCH_WINDOWS = 64

torch.set_num_threads(1)  # with two threads this small network is slower
_encoder = VoiceEncoder("cpu", verbose=False)
_clusterer = SpectralClusterer(
    min_clusters=2,
    max_clusters=7,
    refinement_options=RefinementOptions(
        gaussian_blur_sigma=paper.gaussian_blur_sigma,
        p_percentile=0.90,
        thresholding_soft_multiplier=paper.thresholding_soft_multiplier,
        thresholding_type=paper.thresholding_type,
        refinement_sequence=paper.refinement_sequence,
    ),
    custom_dist="cosine",
)


def peer(path: Path) -> list[Span]:
    """(start, end, speaker) in seconds."""
    mels: list[np.ndarray] = []
    pieces: list[tuple[float, float]] = []
    for block in speech_blocks.blocks(speech_blocks.levelled(Sound(path))):
        for start, end in block.speech:
            first = round((start - block.start) * sampling_rate)
            last = round((end - block.start) * sampling_rate)
            window_mels, centres = _windows(block.samples[first:last])
            mels += window_mels
            pieces += _pieces(start, end, [start + centre for centre in centres])
    if len(pieces) < 2:
        return [(start, end, "voice0") for start, end in pieces]
    labels = _clusterer.predict(_embedded(mels))
    return [(start, end, f"voice{label}") for (start, end), label in zip(pieces, labels, strict=True)]


def _windows(samples: np.ndarray) -> tuple[list[np.ndarray], list[float]]:
    """Mel spectrograms of a stretch's windows, and their centres, as in `VoiceEncoder.embed_utterance`."""
    slices, mel_slices = _encoder.compute_partial_slices(len(samples), WINDOWS_PER_SECOND, 0.75)
    padded = np.pad(samples, (0, max(0, slices[-1].stop - len(samples))))
    mel = wav_to_mel_spectrogram(padded)
    return [mel[s] for s in mel_slices], [(s.start + s.stop) / 2 / sampling_rate for s in slices]


def _embedded(mels: list[np.ndarray]) -> np.ndarray:
    """Many windows at a time: one stretch at a time the encoder is several times slower."""
    with torch.inference_mode():
        rows = [
            _encoder(torch.from_numpy(np.stack(mels[first : first + BATCH_WINDOWS])))
            for first in range(0, len(mels), BATCH_WINDOWS)
        ]
    return torch.cat(rows).numpy()


def _pieces(start: float, end: float, centres: list[float]) -> list[tuple[float, float]]:
    """A stretch cut midway between the centres of its windows."""
    return list(pairwise([start, *(min((a + b) / 2, end) for a, b in pairwise(centres)), end]))
