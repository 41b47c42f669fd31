"""What a reader makes of a transcript, pieces of speech, and the words that these become.

A piece is what the file gives at once, with a speaker's label and times: a line of text, a caption's cue, a
segment or a single word of a recogniser's JSON. `[00:05] Ann: Hello there.` is
`Piece("Ann", "Hello there.", start=5.0)` and becomes the words " Hello", which starts at 5 s, and " there.".
What several readers need is here, too: times, probabilities, and what is written but not said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from pipeline.records import LeftOut, Word
from pipeline.text import tokens
from pipeline.word_lists import WordLists

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")
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
    r"\[(?!(?:INAUDIBLE|UNINTELLIGIBLE|INDISTINCT|CROSSTALK|REDACTED)\b)[A-Z][A-Z'-]*(?: [A-Z'-]+){1,5}\]"
)
_LYRICS = re.compile(r"[\u2669-\u266c][^\u2669-\u266c\n]*[\u2669-\u266c]?")
_SOUND_SIGN = re.compile(r"[\[\u3010(\uff08\u2669-\u266c]")  # what each of these begins with
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")


@dataclass(frozen=True, slots=True)
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
    """What a reader made of a file: its speech in order, and notes for the user.

    `left_out` is what it holds besides speech; `roles` are those that stand beside labels.
    """

    pieces: tuple[Piece, ...]
    notes: list[str] = field(default_factory=list)
    left_out: tuple[LeftOut, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)


def strip_sounds(text: str) -> str:
    """`text` without descriptions of sounds ("[Music]", "(laughter)"), lyrics and invisible characters."""
    text = strip_invisible(text)
    if not _SOUND_SIGN.search(text):
        return text
    return _LYRICS.sub(" ", _CAPITALISED_DESCRIPTION.sub(" ", _SOUND_DESCRIPTION.sub(" ", text)))


def sounds(text: str) -> list[str]:
    """The descriptions of sounds in a text, which `strip_sounds` takes out."""
    return [match[0] for match in _SOUND_DESCRIPTION.finditer(text)] if _SOUND_SIGN.search(text) else []


def is_sound(text: str) -> bool:
    """Whether a text in brackets describes a sound: "[Music]", "(laughter)"."""
    return bool(_SOUND_DESCRIPTION.fullmatch(text.strip()))


def strip_invisible(text: str) -> str:
    """`text` without invisible characters: a name with one must equal the name without."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def unescape_entities(text: str) -> str:
    """`text` with HTML entities replaced by their characters; "&copy=2" in a URL is not one."""
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text) if "&" in text else text


def parse_seconds(value: Any) -> float | None:
    """Seconds from a number or a clock time ("1:02.5", "00:01:02,500"); None if invalid or over 115 days."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
            seconds = float(clock[3].replace(",", "."))
            number = int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + seconds if seconds < 60 else -1.0
        else:
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


# One for all words: a set of its own takes 216 bytes a word, nearly half of it.
_WORD_FIELDS = set(Word.model_fields)


def to_words(pieces: Iterable[Piece]) -> tuple[tuple[Word, ...], list[str]]:
    """The words of all pieces, without times that go backwards, and a note if there were any.

    Cues may overlap: a start is compared with earlier starts only, and an end before another's end is simply
    left out.
    """
    words: list[Word] = []
    backward: list[float] = []
    last_start = last_end = 0.0
    labels: dict[str | None, str | None] = {}
    shared_texts: dict[str, str] = {}
    for piece in pieces:
        texts = _word_texts(piece)
        if not texts:
            continue
        if piece.label not in labels:
            labels[piece.label] = strip_invisible(piece.label or "").strip() or None
        label, last_index = labels[piece.label], len(texts) - 1
        start, end = _to_milliseconds(piece.start), _to_milliseconds(piece.end)
        if start is not None and start < last_start:
            backward.append(start)
            start = None
        last_start = last_start if start is None else start
        end = end if end is not None and end >= max(last_start, last_end) else None
        last_end = last_end if end is None else end
        for index, text in enumerate(texts):
            word = Word(
                text=shared_texts.setdefault(text, text),
                label=label,
                start=start if index == 0 else None,
                end=end if index == last_index else None,
                probability=piece.probability,
            )
            object.__setattr__(word, "__pydantic_fields_set__", _WORD_FIELDS)
            words.append(word)
    note = (
        f"times go back at {format_clock(backward[0])}: left out {counted(len(backward), 'time')}"
        if backward
        else None
    )
    return tuple(words), [note] if note else []


def _to_milliseconds(seconds: float | None) -> float | None:
    """Seconds as a `Word` holds them."""
    return None if seconds is None else round(seconds, 3)


def _word_texts(piece: Piece) -> list[str]:
    speech = strip_sounds(piece.text).strip()
    space = "" if piece.glued else " "
    if piece.is_word and speech and not any(map(str.isspace, speech)):
        return [f"{space}{speech}"]
    return tokens(f"{space}{speech}")
