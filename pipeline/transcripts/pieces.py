"""What a reader makes of a transcript, pieces of speech, and the words that these become.

A piece is what the file gives at once, with a speaker's label and times: a line of text, a caption's cue, a
segment or a single word of a recogniser's JSON. `[00:05] Ann: Hello there.` is
`Piece("Ann", "Hello there.", start=5.0)` and becomes the words " Hello", which starts at 5 s, and " there.".
What several readers need is here, too: times, probabilities, and what is written but not said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from pipeline.records import Word
from pipeline.text import tokens
from pipeline.word_lists import WordLists
from pipeline.workspace.sidecar import parse_moment

_MAX_SECONDS = 1e7  # about 115 days: anything later is not a time in a recording

# Sounds other than speech, described in brackets. They are recognised by these words; round brackets, which
# people also use for asides, may hold fewer words besides. In square brackets capitals are enough.
_SOUND = WordLists.beside(__file__).any_of("sounds", "foreign_sounds")
_SOUND_DESCRIPTION = re.compile(
    rf"[\[\u3010]\s*(?:[\w',-]+\s+){{0,3}}{_SOUND}(?:\s+[\w',-]+){{0,3}}\s*[\]\u3011]"
    rf"|[(\uff08]\s*(?:(?!(?:the|a|an|and|or|no|my|of|in|to|this|that|some)\s)[\w',-]+\s+)?{_SOUND}"
    r"(?:\s+(?:playing|stops|starts|continues|fades|loudly|softly))?\s*[)\uff09]",
    re.IGNORECASE,
)
_CAPITALISED_DESCRIPTION = re.compile(
    r"\[(?!(?:INAUDIBLE|UNINTELLIGIBLE|INDISTINCT|CROSSTALK|REDACTED)\b)[A-Z][A-Z' -]{4,40}\]"
)
_LYRICS = re.compile(r"[\u2669-\u266c][^\u2669-\u266c\n]*[\u2669-\u266c]?")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")


@dataclass(frozen=True)
class Piece:
    """A stretch of one speaker's text with the times (seconds) that the source gives for it.

    `glued`: no space separates it from the piece before, as within a word or in a script without spaces.
    `is_word`: a recogniser gave it as a single word, in any script.
    """

    label: str | None
    text: str
    start: float | None = None
    end: float | None = None
    probability: float | None = None
    glued: bool = False
    is_word: bool = False


@dataclass(frozen=True)
class ParsedTranscript:
    """What a reader made of a file: its speech in order, and notes for the user."""

    pieces: tuple[Piece, ...]
    notes: list[str] = field(default_factory=list)


def strip_sounds(text: str) -> str:
    """`text` without descriptions of sounds ("[Music]", "(laughter)"), lyrics and invisible characters."""
    return _LYRICS.sub(
        " ", _CAPITALISED_DESCRIPTION.sub(" ", _SOUND_DESCRIPTION.sub(" ", strip_invisible(text)))
    )


def strip_invisible(text: str) -> str:
    """`text` without invisible characters: a name with one must equal the name without."""
    return _INVISIBLE.sub("", text)


def unescape_entities(text: str) -> str:
    """`text` with HTML entities replaced by their characters; "&copy=2" in a URL is not one."""
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text)


def parse_seconds(value: Any) -> float | None:
    """Seconds from a number or a clock time ("1:02.5", "00:01:02,500"); None if invalid or over 115 days."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        if isinstance(value, str) and ":" in value:
            value = parse_moment(re.sub(r":(\d)(?!\d)", r":0\1", value.replace(",", ".")))
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < _MAX_SECONDS else None


def parse_milliseconds(value: Any) -> float | None:
    """The seconds of a number of milliseconds; None if it is not a valid time."""
    is_number = (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1000 * _MAX_SECONDS
    )
    return parse_seconds(value / 1000) if is_number else None


def parse_probability(value: Any) -> float | None:
    """A probability from 0 to 1; None if the value is not one."""
    is_probability = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if is_probability and math.isfinite(value) else None


def counted(count: int, noun: str) -> str:
    """ "1 cue", "2 cues"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def format_clock(seconds: float) -> str:
    """hh:mm:ss, for notes."""
    whole_seconds = int(seconds)
    return f"{whole_seconds // 3600:02}:{whole_seconds // 60 % 60:02}:{whole_seconds % 60:02}"


def to_words(pieces: Iterable[Piece]) -> tuple[tuple[Word, ...], list[str]]:
    """The words of all pieces, without times that go backwards, and a note if there were any.

    Cues may overlap: a start is compared with earlier starts only, and an end before another's end is simply
    left out.
    """
    words: list[Word] = []
    backward: list[float] = []
    last_start = last_end = 0.0
    for word in (word for piece in pieces for word in _words(piece)):
        start, end = word.start, word.end
        if start is not None and start < last_start:
            backward.append(start)
            start = None
        last_start = last_start if start is None else start
        end = end if end is not None and end >= max(last_start, last_end) else None
        last_end = last_end if end is None else end
        is_unchanged = (start, end) == (word.start, word.end)
        words.append(word if is_unchanged else word.model_copy(update={"start": start, "end": end}))
    note = (
        f"times go back at {format_clock(backward[0])}: left out {counted(len(backward), 'time')}"
        if backward
        else None
    )
    return tuple(words), [note] if note else []


def _words(piece: Piece) -> Iterator[Word]:
    speech = strip_sounds(piece.text).strip()
    space = "" if piece.glued else " "
    is_single_word = piece.is_word and speech and not any(map(str.isspace, speech))
    texts = [f"{space}{speech}"] if is_single_word else tokens(f"{space}{speech}")
    label = strip_invisible(piece.label or "").strip() or None
    for index, word in enumerate(texts):
        yield Word(
            text=word,
            label=label,
            start=piece.start if index == 0 else None,
            end=piece.end if index == len(texts) - 1 else None,
            probability=piece.probability,
        )
