"""Models and the heavy libraries that run them: imported lazily, behind small protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.records import Dropped, Word

SAMPLE_RATE = 16_000  # Hz; all audio inside the program is mono float32 at this rate

Progress = Callable[[float], None]  # called with the second of the recording that has been reached
# Embeds texts: rows of unit length, float32 [texts, dimensions], whose dot products are cosine similarities.
Embed: TypeAlias = "Callable[[Sequence[str]], NDArray[np.float32]]"


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a parsed sentence, text[start:end] of it.

    `pos` is its Universal part of speech, `tag` the language's own, `dependency` its label, and `head` the
    index of its head (its own for a root).
    """

    text: str
    start: int
    end: int
    lemma: str
    pos: str
    tag: str
    dependency: str
    head: int


# Parses texts: the tokens of each.
Parse: TypeAlias = "Callable[[Sequence[str]], list[tuple[Token, ...]]]"


@dataclass(frozen=True)
class Block:
    """A stretch of a recording, cut at a silence. `speech` holds (start, end) in seconds of the recording."""

    start: float
    samples: NDArray[np.float32]
    speech: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Transcription:
    """What a transcriber heard: words in order with absolute times, and what its guards rejected."""

    language: str
    words: tuple[Word, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True)
class SpeakerCount:
    """What is known about the number of speakers."""

    exact: int | None = None
    least: int = 1
    most: int = 20


@dataclass(frozen=True)
class LocalDiarization:
    """Segmentation and embeddings, before speakers are told apart: the costly part of diarization.

    Time is cut into chunks of a few seconds, in each of which up to three local speakers are told apart;
    which of them is who in another chunk is not known yet. Frames are `step` seconds apart, the first
    begins at `start`. `activity[i, l]` (uint8, 255 is certainty) is the probability that local speaker l
    speaks in frame i, which is in chunk `stretch[i]`. A window is a little of one local speaker's speech:
    around frame `frame[w]`, of local speaker `local[w]`, with `clean[w]` seconds in which nobody else spoke;
    `rows[w]` (float16, unit length, [windows, 192]) is its speaker embedding. Windows are in order of time.
    """

    seconds: float
    start: float
    step: float
    activity: NDArray[np.uint8]
    stretch: NDArray[np.int32]
    frame: NDArray[np.int32]
    local: NDArray[np.uint8]
    clean: NDArray[np.float32]
    rows: NDArray[np.float16]

    @property
    def times(self) -> NDArray[np.float64]:
        """The second at which the frame in each window's middle begins."""
        return self.start + self.step * self.frame.astype(float)


@dataclass(frozen=True)
class Diarization:
    """Who speaks when, and how well each speaker's voice fits.

    Row k covers [start + k * step, start + (k + 1) * step) seconds; all arrays are float32.
    `scores[k, s]` is the cosine between what is heard there and speaker s, nan where nobody speaks;
    `activity[k, s]` is the probability that s speaks, `overlap[k]` that two people do. `voices[s]` is the
    unit embedding of a speaker. Speakers are in order of first appearance.
    """

    start: float
    step: float
    scores: NDArray[np.float32]
    activity: NDArray[np.float32]
    overlap: NDArray[np.float32]
    voices: NDArray[np.float32]


class Transcriber(Protocol):
    """Turns blocks of audio into words."""

    def transcribe(
        self, blocks: Iterable[Block], language: str | None, glossary: tuple[str, ...], progress: Progress
    ) -> Transcription: ...


class Diarizer(Protocol):
    """The costly part. What is left to clustering (engines.diarization.clustering) takes a second."""

    def local_diarization(
        self, sound: Iterable[NDArray[np.float32]], progress: Progress
    ) -> LocalDiarization: ...


def session(path: Path, threads: int = 1, arena: bool = True) -> Any:
    """An ONNX Runtime inference session on the CPU.

    With one thread, the number of processors changes no result. Without an `arena` it releases memory after
    each run, and is a little slower.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors are raised, and need not be printed as well
    options.intra_op_num_threads = threads
    options.enable_mem_pattern = False  # inputs vary in length: plans would only pile up
    options.enable_cpu_mem_arena = arena
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # no busy waiting
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
