"""The embedded diarizer: windows of speech are embedded, the embeddings grouped, a group is a voice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import SAMPLE_RATE, Block, Counts, Progress, Voices
from pipeline.engines.clustering import centroids
from pipeline.engines.encoder import FRAMES_A_SECOND

if TYPE_CHECKING:
    from pipeline.engines.encoder import SpeakerEncoder

Floats = NDArray[np.float32]

STEP = 0.1  # seconds; the grid of the answer
WINDOW, HOP = 2.0, 0.5  # seconds of speech in a window, and at most between the starts of two
SHORTEST = 0.5  # seconds; shorter speech is heard with what is around it
CLEAR = 1.4  # seconds; shorter windows have a say in who speaks, not in how many speakers there are


@dataclass(frozen=True)
class _Stretch:
    """Uninterrupted speech. Times in seconds; `rows` are its windows' unit embeddings [windows, 192]."""

    start: float
    end: float
    centres: NDArray[np.float64]
    rows: Floats
    length: float


class EmbeddedDiarizer:
    """Finds who speaks when from sound alone. Keeps 192 numbers a window, whatever the recording's length."""

    def __init__(self, threads: int | None = None) -> None:
        """`threads`: as many as there are processors, unless told."""
        self._threads = threads
        self._encoder: SpeakerEncoder | None = None

    def diarize(self, blocks: Iterable[Block], counts: Counts, progress: Progress) -> Voices:
        """How well each voice fits each tenth of a second; speakers in order of first appearance.

        Without speech the scores have shape [steps, 0].
        """
        stretches: list[_Stretch] = []
        end = 0.0
        for block in blocks:
            stretches += self._stretches(block)
            end = block.start + len(block.samples) / SAMPLE_RATE
            progress(end)
        return Voices(STEP, _scores(stretches, _speakers(stretches, counts), end))

    def _stretches(self, block: Block) -> Iterable[_Stretch]:
        if self._encoder is None and block.speech:
            from pipeline.engines.encoder import SpeakerEncoder

            self._encoder = SpeakerEncoder(self._threads)
        for start, end in block.speech:
            samples, offset = _heard(block, start, end)
            frames = len(samples) // (SAMPLE_RATE // FRAMES_A_SECOND)
            length = min(frames, int(WINDOW * FRAMES_A_SECOND))
            if self._encoder is None or frames < SHORTEST * FRAMES_A_SECOND / 2:
                continue  # a block that is itself shorter than any voice
            windows = 1 + int(np.ceil((frames - length) / (HOP * FRAMES_A_SECOND)))
            starts = np.linspace(0, frames - length, windows).astype(int)
            centres = offset + (starts + length / 2) / FRAMES_A_SECOND
            rows = self._encoder.embed(samples, starts, length)
            yield _Stretch(start, end, centres, rows, length / FRAMES_A_SECOND)


def _heard(block: Block, start: float, end: float) -> tuple[Floats, float]:
    """The samples of [start, end) seconds, SHORTEST at least where the block has them, and their start."""
    margin = max(0.0, SHORTEST - (end - start)) / 2
    first = max(0, round((start - margin - block.start) * SAMPLE_RATE))
    last = round((end + margin - block.start) * SAMPLE_RATE)
    return block.samples[first:last], block.start + first / SAMPLE_RATE


def _speakers(stretches: list[_Stretch], counts: Counts) -> Floats:
    """Unit centroids [speakers, 192] from the clear windows, or from all where too few are clear."""
    longest = max((s.length for s in stretches), default=0.0)
    clear = [s for s in stretches if s.length >= min(CLEAR, longest)]
    if sum(len(s.rows) for s in clear) < (counts.exact or counts.least):
        clear = stretches
    if not clear:
        return np.empty((0, 192), np.float32)
    rows, times = np.concatenate([s.rows for s in clear]), np.concatenate([s.centres for s in clear])
    return centroids(rows, times, WINDOW, counts)


def _scores(stretches: list[_Stretch], speakers: Floats, end: float) -> Floats:
    """Cosines [steps, speakers], linear between the centres of windows; nan outside speech."""
    scores = np.full((int(np.ceil(end / STEP)), len(speakers)), np.nan, np.float32)
    for stretch in stretches:
        steps = np.arange(round(stretch.start / STEP), min(round(stretch.end / STEP), len(scores)))
        cosines = stretch.rows @ speakers.T
        for k in range(len(speakers)):
            scores[steps, k] = np.interp((steps + 0.5) * STEP, stretch.centres, cosines[:, k])
    return scores
