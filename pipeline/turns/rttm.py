"""RTTM (NIST Rich Transcription): who speaks when, written for other tools and read from them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.errors import InputError
from pipeline.files import read_bytes
from pipeline.records import Sentence, Transcript, Turns, Word
from pipeline.text import plain
from pipeline.transcripts.text_decoding import decode
from pipeline.turns.time_index import TimeIndex

_MAX_PAUSE_MS = 500  # a shorter silence does not end a span
_MISSING = "<NA>"  # what RTTM writes for a field that has no value

_MillisecondSpan = tuple[int, int]  # start, end


class Named(Protocol):
    """A speaker: a unique `id`, and a `name`, which may be `guessed`."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def guessed(self) -> bool: ...


def rttm(file: str, turns: Turns, transcript: Transcript, people: Mapping[str, Named]) -> str:
    """A SPEAKER line for each span of speech, in order of time; empty for a talk without times.

    `people` maps speaker ids to people. A guessed name ends in "?".
    """
    spans_of: dict[Named, list[_MillisecondSpan]] = {}
    for sentence in turns.sentences():
        spans_of.setdefault(people[sentence.speaker], []).extend(_spans(sentence, transcript))
    tokens = _tokens(spans_of)
    lines = sorted(
        (start, tokens[person.id], end - start)
        for person, spans in spans_of.items()
        for start, end in _bridge_pauses(spans)
    )
    file_field = _token(file) or "talk"
    return "".join(
        f"SPEAKER {file_field} 1 {start / 1000:.3f} {length / 1000:.3f} <NA> <NA> {name} <NA> <NA>\n"
        for start, name, length in lines
    )


def _spans(sentence: Sentence, transcript: Transcript) -> Iterator[_MillisecondSpan]:
    """The words' own times if all have them, else the sentence's, else those of the words that have times."""
    words = transcript.words[slice(*sentence.words)]
    times = [(w.start, w.end) for w in words if w.start is not None and w.end is not None]
    is_timed = sentence.start is not None and sentence.end is not None and sentence.end > sentence.start
    if is_timed and len(times) < max(len(words), 1):
        times = [(sentence.start or 0.0, sentence.end or 0.0)]
    for start, end in times:
        first, last = round(start * 1000), round(end * 1000)
        if last > first:
            yield first, last


def _bridge_pauses(spans: Iterable[_MillisecondSpan]) -> list[_MillisecondSpan]:
    """Spans in order of time; those that overlap, or have only a short pause between them, are joined."""
    joined: list[_MillisecondSpan] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] < _MAX_PAUSE_MS:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _tokens(people: Iterable[Named]) -> dict[str, str]:
    """Person id to a name without white space, different for different people."""
    tokens: dict[str, str] = {}
    taken: set[str] = set()
    copies: Counter[str] = Counter()
    for person in people:
        name, mark = _token(person.name) or "speaker", "?" * person.guessed
        token = name + mark
        while token in taken:
            copies[name + mark] += 1
            token = f"{name}_{copies[name + mark] + 1}{mark}"
        taken.add(token)
        tokens[person.id] = token
    return tokens


def _token(text: str) -> str:
    token = re.sub(r"\s+", "_", plain(text))
    return token.strip("<>") if token == _MISSING else token


NEAR_SECONDS = 1.0  # a word this near to a span is still its speaker's

_REMEDY = "Each line is: SPEAKER file 1 start length <NA> <NA> name <NA> <NA>, in seconds."


@dataclass(frozen=True)
class Span:
    """Somebody's speech, in seconds of the recording."""

    start: float
    end: float
    label: str


def read(path: Path, recording: str = "") -> tuple[Span, ...]:
    """The SPEAKER lines of an RTTM file, in order of time; other types of lines are skipped.

    If the file covers several recordings, the one named `recording` counts (a file name without extension).
    Raises InputError for an unreadable file, a malformed line (which it names), no SPEAKER lines, or several
    recordings none of which has that name.
    """
    try:
        text = decode(read_bytes(path), path).text
    except OSError as error:
        raise InputError(f"cannot be read ({error})", file=path, remedy="Export it again.") from error
    spans_of: dict[str, list[Span]] = {}
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
        spans_of.setdefault(fields[1], []).append(Span(start, start + length, label))
    if not spans_of:
        raise InputError("no line of it begins with SPEAKER", file=path, remedy=_REMEDY)
    if len(spans_of) > 1 and recording not in spans_of:
        raise InputError(
            f'is of several recordings ({", ".join(list(spans_of)[:5])}), of which none is "{recording}"',
            file=path,
            remedy="Write the recording's name, without its ending, into the second field of its lines.",
        )
    spans = spans_of[recording] if len(spans_of) > 1 else next(iter(spans_of.values()))
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.label)))


def label_words(words: Sequence[Word], spans: Sequence[Span]) -> list[Word]:
    """Each word with the label of the span that overlaps it most, else of the nearest within NEAR_SECONDS.

    A word without times, or far from all spans, gets no label. `spans` are in order of their starts.
    """
    labelled, index = [], TimeIndex((span.start, span.end) for span in spans)
    for word in words:
        if word.start is None:
            labelled.append(word.model_copy(update={"label": None}))
            continue
        start, end = word.start, max(word.end or word.start, word.start)
        near = [spans[number] for number in index.between(start - NEAR_SECONDS, end + NEAR_SECONDS)]
        best = max(near, key=lambda span: min(span.end, end) - max(span.start, start), default=None)
        labelled.append(word.model_copy(update={"label": best.label if best else None}))
    return labelled
