"""What every reader makes of its format: pieces of speech; and the words of these."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from pipeline.records import Word
from pipeline.text import tokens
from pipeline.workspace.sidecar_facts import parse_moment

_LATEST = 1e7  # seconds; what is beyond is no time in a recording

# What somebody heard that is no speech, in brackets: by its words (fewer beside them in round ones, which
# people also write for asides), in square ones by its capitals, too. "[inaudible]" stays: a quote must show
# that something is missing.
_SOUND = (
    r"music|applau\w+|applaus|laugh\w*|chuckl\w*|giggl\w*|cheer(?:s|ing)|clap(?:s|ping)|sighs?|sighing"
    r"|cough(?:s|ing)?|silence|long pause|pause|noise|noises|beep(?:s|ing)?|static|blank_audio|gasps?|sniffs?"
    r"|inhales|exhales|singing|sings|whistl\w+|door \w+|phone \w+|snorts?|groans?|sound|no audio"
    r"|musik|lachen|gel\u00e4chter|beifall|musique|rires?|applaudissements|m\u00fasica|risas|aplausos"
    r"|musica|risate|applausi|risos|muziek|gelach|\u97f3\u697d|\u62cd\u624b|\u7b11\u3044?|\u7b11\u58f0"
)
_HEARD = re.compile(
    rf"[\[\u3010]\s*(?:[\w',-]+\s+){{0,3}}(?:{_SOUND})(?:\s+[\w',-]+){{0,3}}\s*[\]\u3011]"
    rf"|[(\uff08]\s*(?:(?!(?:the|a|an|and|or|no|my|of|in|to|this|that|some)\s)[\w',-]+\s+)?(?:{_SOUND})"
    r"(?:\s+(?:playing|stops|starts|continues|fades|loudly|softly))?\s*[)\uff09]",
    re.IGNORECASE,
)
_CAPITALS = re.compile(
    r"\[(?!(?:INAUDIBLE|UNINTELLIGIBLE|INDISTINCT|CROSSTALK|REDACTED)\b)[A-Z][A-Z' -]{4,40}\]"
)
_SUNG = re.compile(r"[\u2669-\u266c][^\u2669-\u266c\n]*[\u2669-\u266c]?")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")


@dataclass(frozen=True)
class Piece:
    """A stretch of one speaker's text with the times (seconds) that the source gives for it.

    `glued`: no space parts it from the piece before, as within a word or in a script without spaces.
    `whole`: it is one word as a recogniser gave it, in any script.
    """

    label: str | None
    text: str
    start: float | None = None
    end: float | None = None
    probability: float | None = None
    glued: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Found:
    """What a reader made of a file: its speech in order, and what people should know."""

    pieces: tuple[Piece, ...]
    notes: list[str] = field(default_factory=list)


def spoken(text: str) -> str:
    """`text` without descriptions of sounds ("[Music]", "(laughter)", what is sung) and unseen characters."""
    return _SUNG.sub(" ", _CAPITALS.sub(" ", _HEARD.sub(" ", seen(text))))


def seen(text: str) -> str:
    """`text` without characters that nobody sees: a name with one must be the same as without."""
    return _UNSEEN.sub("", text)


def unescaped(text: str) -> str:
    """`text` with the characters that HTML's entities stand for; "&copy=2" in an address is none."""
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text)


def seconds(value: Any) -> float | None:
    """A time as a number or a clock ("1:02.5", "00:01:02,500"); None if it is none within 115 days."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        if isinstance(value, str) and ":" in value:
            value = parse_moment(re.sub(r":(\d)(?!\d)", r":0\1", value.replace(",", ".")))
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < _LATEST else None


def milliseconds(value: Any) -> float | None:
    """The seconds of a number of milliseconds; None if it is no time."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1000 * _LATEST
    return seconds(value / 1000) if number else None


def share(value: Any) -> float | None:
    """A probability from 0 to 1; None if it is none."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if good and math.isfinite(value) else None


def many(count: int, what: str) -> str:
    """ "1 cue", "2 cues"."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def clock(moment: float) -> str:
    """hh:mm:ss, for notes."""
    whole = int(moment)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def words(pieces: Iterable[Piece]) -> tuple[tuple[Word, ...], list[str]]:
    """The words of all pieces, without times that go back, and a note on these.

    Cues may overlap: a start is held against starts only, and an end that is before another is no trouble.
    """
    found: list[Word] = []
    back: list[float] = []
    started = ended = 0.0
    for word in (word for piece in pieces for word in _words(piece)):
        start, end = word.start, word.end
        if start is not None and start < started:
            back.append(start)
            start = None
        started = started if start is None else start
        end = end if end is not None and end >= max(started, ended) else None
        ended = ended if end is None else end
        same = (start, end) == (word.start, word.end)
        found.append(word if same else word.model_copy(update={"start": start, "end": end}))
    note = f"times go back at {clock(back[0])}: left out {many(len(back), 'time')}" if back else None
    return tuple(found), [note] if note else []


def _words(piece: Piece) -> Iterator[Word]:
    text = spoken(piece.text).strip()
    space = "" if piece.glued else " "
    whole = piece.whole and text and not any(map(str.isspace, text))
    found = [f"{space}{text}"] if whole else tokens(f"{space}{text}")
    label = seen(piece.label or "").strip() or None
    for index, token in enumerate(found):
        yield Word(
            text=token,
            label=label,
            start=piece.start if index == 0 else None,
            end=piece.end if index == len(found) - 1 else None,
            probability=piece.probability,
        )
