"""Which of up to three speakers speak in each moment of ten seconds: pyannote's segmentation on ONNX Runtime.

A. Plaquet and H. Bredin 2023, https://arxiv.org/abs/2310.13025; weights: see pipeline/weights/README.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import WEIGHTS
from pipeline.engines.onnx import session

Floats = NDArray[np.float32]

CHUNK = 160_000  # samples in a chunk, 10 s at 16 kHz
FRAMES, STRIDE, FIRST = 589, 270, 495  # frames a chunk, samples between them, the one frame 0 is centred on
SPEAKERS = 3  # told apart in a chunk; who is who in another chunk is not known
BATCH = 4


class SpeakerSegmentation:
    """Hears who speaks when, ten seconds at a time. Several threads may ask at once."""

    def __init__(self) -> None:
        self._session = session(WEIGHTS / "speaker_segmentation.onnx", arena=False)

    def activity(self, chunks: Floats) -> Floats:
        """[chunks, CHUNK] samples to the probability that each speaks, [chunks, FRAMES, SPEAKERS]."""
        found = np.empty((len(chunks), FRAMES, SPEAKERS), np.float32)
        for i in range(0, len(chunks), BATCH):
            batch = np.ascontiguousarray(chunks[i : i + BATCH])
            (found[i : i + BATCH],) = self._session.run(None, {"samples": batch})
        return found
