"""Everything third-party or heavy, imported lazily, behind three small protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.records import Dropped, Takeaways, Turns, Word

SAMPLE_RATE = 16_000  # Hz; all audio inside the program is mono float32 at this rate

Progress = Callable[[float], None]  # called with the second of the recording that was reached


@dataclass(frozen=True)
class Block:
    """A stretch of a recording, cut at a silence. `speech` holds (start, end) in seconds of the recording."""

    start: float
    samples: NDArray[np.float32]
    speech: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Heard:
    """What a transcriber heard: words in order with absolute times, and what its guards threw out."""

    language: str
    words: tuple[Word, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True)
class Counts:
    """What is known of the number of speakers."""

    exact: int | None = None
    least: int = 1
    most: int = 12


@dataclass(frozen=True)
class Voices:
    """How well each speaker's voice fits each moment.

    `scores[k, s]` is the cosine between the windows around [k * step, (k + 1) * step) seconds and speaker
    s; nan where nobody speaks. Shape [steps, speakers], float32.
    """

    step: float
    scores: NDArray[np.float32]


class Transcriber(Protocol):
    """Turns blocks of audio into words."""

    def transcribe(
        self, blocks: Iterable[Block], language: str | None, glossary: tuple[str, ...], progress: Progress
    ) -> Heard: ...


class Diarizer(Protocol):
    """Says which voice speaks when."""

    def diarize(self, blocks: Iterable[Block], counts: Counts, progress: Progress) -> Voices: ...


class Writer(Protocol):
    """Turns a talk's turns into themed takeaways."""

    def write(self, turns: Turns, glossary: tuple[str, ...]) -> Takeaways: ...


WEIGHTS = Path(__file__).parent.parent / "weights"  # small files that live in the package
