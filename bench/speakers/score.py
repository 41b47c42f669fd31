"""What went wrong in an answer, in seconds: missed speech, false alarms, the wrong voice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

Span = tuple[float, float, str]

COLLAR_SECONDS = 0.25  # on either side of a boundary; pyannote.metrics counts both sides together


@dataclass(frozen=True)
class Error:
    """Seconds of speech in the reference, and what was got wrong of them."""

    speech: float
    missed: float
    false: float
    confused: float

    @property
    def rate(self) -> float:
        return (self.missed + self.false + self.confused) / self.speech if self.speech else 0.0

    @staticmethod
    def pooled(errors: Sequence[Error]) -> Error:
        return Error(
            sum(e.speech for e in errors),
            sum(e.missed for e in errors),
            sum(e.false for e in errors),
            sum(e.confused for e in errors),
        )


@dataclass(frozen=True)
class Score:
    """One answer beside its truth. `lenient` leaves out 0.25 s around boundaries and all overlap."""

    lenient: Error
    strict: Error
    speakers: int
    found: int
    length: float
    seconds: float
    processor: float


def scored(
    truth: Iterable[Span], answer: Iterable[Span], length: float, seconds: float, processor: float
) -> Score:
    reference, hypothesis = _annotation(truth, length), _annotation(answer, length)
    whole = Timeline([Segment(0, length)])
    lenient = _error(reference, hypothesis, whole, 2 * COLLAR_SECONDS, skip_overlap=True)
    strict = _error(reference, hypothesis, whole, 0.0, skip_overlap=False)
    speakers, found = len(reference.labels()), len(hypothesis.labels())
    return Score(lenient, strict, speakers, found, length, seconds, processor)


def _error(
    reference: Annotation, hypothesis: Annotation, whole: Timeline, collar: float, skip_overlap: bool
) -> Error:
    metric = DiarizationErrorRate(collar=collar, skip_overlap=skip_overlap)
    parts = metric.compute_components(reference, hypothesis, uem=whole)
    return Error(parts["total"], parts["missed detection"], parts["false alarm"], parts["confusion"])


def _annotation(spans: Iterable[Span], length: float) -> Annotation:
    """The spans, clipped to the recording; those of one speaker that touch or overlap are joined."""
    annotation = Annotation()
    for number, (start, end, speaker) in enumerate(spans):
        if min(end, length) > start:
            annotation[Segment(start, min(end, length)), number] = speaker
    return annotation.support()


def middle(scores: Sequence[Score]) -> float:
    """The median lenient error rate."""
    return median(score.lenient.rate for score in scores)


def rttm(path: Path) -> list[Span]:
    fields = (line.split() for line in path.read_text("utf-8").splitlines() if line.strip())
    return [(float(f[3]), float(f[3]) + float(f[4]), f[7]) for f in fields]


def stm(path: Path) -> list[Span]:
    fields = (line.split() for line in path.read_text("utf-8").splitlines() if line.strip())
    return [(float(f[3]), float(f[4]), f[2]) for f in fields]
