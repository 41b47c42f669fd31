"""RTTM (NIST Rich Transcription): who speaks when, written for others and read from others."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.errors import InputError
from pipeline.records import Sentence, Transcript, Turns, Word
from pipeline.text import plain
from pipeline.transcripts.text_encoding import decode

_PAUSE = 500  # milliseconds of silence inside a span
_MISSING = "<NA>"  # what RTTM writes for a field that has no value

_Milliseconds = tuple[int, int]


class Named(Protocol):
    """Somebody who spoke: an `id` of their own, and a `name`, which may be a guess."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def guessed(self) -> bool: ...


def rttm(file: str, turns: Turns, transcript: Transcript, people: Mapping[str, Named]) -> str:
    """A SPEAKER line for each span of speech, by time; empty for a talk without times.

    `people` says whose voice a speaker id is. A name that is a guess ends in "?".
    """
    spoken: dict[Named, list[_Milliseconds]] = {}
    for sentence in turns.sentences():
        spoken.setdefault(people[sentence.speaker], []).extend(_spans(sentence, transcript))
    tokens = _tokens(spoken)
    lines = sorted(
        (start, tokens[person.id], end - start)
        for person, spans in spoken.items()
        for start, end in _bridged(spans)
    )
    place = _token(file) or "talk"
    return "".join(
        f"SPEAKER {place} 1 {start / 1000:.3f} {length / 1000:.3f} <NA> <NA> {name} <NA> <NA>\n"
        for start, name, length in lines
    )


def _spans(sentence: Sentence, transcript: Transcript) -> Iterator[_Milliseconds]:
    """The words' own times where all have them, else the sentence's, else those of the words that have."""
    words = transcript.words[slice(*sentence.words)]
    times = [(w.start, w.end) for w in words if w.start is not None and w.end is not None]
    whole = sentence.start is not None and sentence.end is not None and sentence.end > sentence.start
    if whole and len(times) < max(len(words), 1):
        times = [(sentence.start or 0.0, sentence.end or 0.0)]
    for start, end in times:
        first, last = round(start * 1000), round(end * 1000)
        if last > first:
            yield first, last


def _bridged(spans: Iterable[_Milliseconds]) -> list[_Milliseconds]:
    """Spans in order, those that overlap or are near to each other as one."""
    found: list[_Milliseconds] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] < _PAUSE:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _tokens(people: Iterable[Named]) -> dict[str, str]:
    """For each person's id a word without white space, different for different people."""
    tokens: dict[str, str] = {}
    for person in people:
        name, mark = _token(person.name) or "speaker", "?" * person.guessed
        token, copy = name + mark, 2
        while token in tokens.values():
            token, copy = f"{name}_{copy}{mark}", copy + 1
        tokens[person.id] = token
    return tokens


def _token(text: str) -> str:
    token = re.sub(r"\s+", "_", plain(text))
    return token.strip("<>") if token == _MISSING else token


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
