"""Diarization from elsewhere: an RTTM file (NIST Rich Transcription) says who speaks when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.records import Word
from pipeline.transcripts.text_encoding import decode

NEAR = 1.0  # seconds from a span within which a word is still its speaker's

_REMEDY = "Each line is: SPEAKER file 1 start length <NA> <NA> name <NA> <NA>, in seconds."


@dataclass(frozen=True)
class Span:
    """Somebody's speech, in seconds of the recording."""

    start: float
    end: float
    label: str


def read(path: Path, recording: str = "") -> tuple[Span, ...]:
    """The SPEAKER lines of an RTTM file, by time; other types of lines are passed over.

    Of several recordings in one file the one named `recording` counts (a file's name without its ending).
    Raises InputError that names the line, or if nobody speaks in it.
    """
    try:
        text = decode(path.read_bytes(), path).text
    except OSError as error:
        raise InputError(f"cannot be read ({error})", file=path, remedy="Export it again.") from error
    found: dict[str, list[Span]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields or fields[0].upper() != "SPEAKER":
            continue
        try:
            start, length, label = float(fields[3]), float(fields[4]), fields[7]
            if not (0 <= start < float("inf") and 0 <= length < float("inf")):
                raise ValueError
        except (IndexError, ValueError):
            raise InputError(f"line {number} is not RTTM: {line[:80]}", file=path, remedy=_REMEDY) from None
        found.setdefault(fields[1], []).append(Span(start, start + length, label))
    if not found:
        raise InputError("no line of it begins with SPEAKER", file=path, remedy=_REMEDY)
    if len(found) > 1 and recording not in found:
        raise InputError(
            f'is of several recordings ({", ".join(list(found)[:5])}), of which none is "{recording}"',
            file=path,
            remedy="Write the recording's name, without its ending, into the second field of its lines.",
        )
    spans = found[recording] if len(found) > 1 else next(iter(found.values()))
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.label)))


def labelled(words: Sequence[Word], spans: Sequence[Span]) -> list[Word]:
    """The words with the label of the span that has most of each, else of the nearest within NEAR seconds.

    A word without times, or far from all spans, has no label.
    """
    found, starts = [], [span.start for span in spans]
    for word in words:
        if word.start is None:
            found.append(word.model_copy(update={"label": None}))
            continue
        start, end = word.start, max(word.end or word.start, word.start)
        reach = bisect_right(starts, end + NEAR)
        near = [span for span in spans[:reach] if span.end >= start - NEAR]
        best = max(near, key=lambda span: min(span.end, end) - max(span.start, start), default=None)
        found.append(word.model_copy(update={"label": best.label if best else None}))
    return found
