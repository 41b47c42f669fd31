"""Transcripts in JSON of a form that is not known: the list in it that holds timed text, wherever it stands.

Meeting tools name things each in their own way: `sentences` with `speaker_name`, `paragraphs` with
`start_ms`, `monologues` with `participant`. What such lists have in common is that most of their entries have
a text, and a time or a speaker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.text import count_words
from pipeline.transcripts.pieces import ParsedTranscript, Piece, parse_seconds
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_TEXT_KEYS, _START_KEYS = _LISTS["texts"], _LISTS["starts"]
_END_KEYS, _SPEAKER_KEYS = _LISTS["ends"], _LISTS["speakers"]
_MAX_DEPTH = 8  # of lists and objects in one another
_MIN_ENTRIES = 2
_MIN_SHARE = 0.8  # of a list's entries have a text, and a time or a speaker
_MIN_WORDS_PER_SECOND = 0.05  # people say two or three; with fewer, times are in milliseconds


@dataclass(frozen=True)
class Found:
    """A list of entries with text, and the keys that lead to it, for the user."""

    path: str
    entries: Sequence[Mapping[str, Any]]


def find(content: Any) -> Found | None:
    """The list that holds most text of all that look like a transcript; None if there is none."""
    return max(_lists(content, "", 0), key=lambda found: _size(found.entries), default=None)


def read(found: Found) -> ParsedTranscript:
    """One piece for each entry; an entry without a speaker goes on with the one before."""
    starts = [parse_seconds(_first(entry, _START_KEYS)) for entry in found.entries]
    ends = [parse_seconds(_first(entry, _END_KEYS)) for entry in found.entries]
    latest = max((time for time in (*starts, *ends) if time is not None), default=0.0)
    divisor = 1000 if latest and _size(found.entries) < _MIN_WORDS_PER_SECOND * latest else 1
    pieces: list[Piece] = []
    speaker: str | None = None
    for entry, start, end in zip(found.entries, starts, ends, strict=True):
        speaker = _speaker(entry) or speaker
        if text := _text(entry):
            pieces.append(Piece(speaker, text, _divided(start, divisor), _divided(end, divisor)))
    note = f'its form is not known: taken from the list "{found.path}"'
    return ParsedTranscript(tuple(pieces), [note])


def _lists(value: Any, path: str, depth: int) -> Iterator[Found]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _lists(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        entries = [entry for entry in value if isinstance(entry, dict)]
        told = [entry for entry in entries if _text(entry) and _is_placed(entry)]
        if len(told) >= max(_MIN_ENTRIES, _MIN_SHARE * len(value)):
            yield Found(path or "the whole file", entries)
        else:
            for inner in value:
                yield from _lists(inner, path, depth + 1)


def _is_placed(entry: Mapping[str, Any]) -> bool:
    return _first(entry, _START_KEYS) is not None or _speaker(entry) is not None


def _size(entries: Sequence[Mapping[str, Any]]) -> int:
    return sum(count_words(_text(entry)) for entry in entries)


def _text(entry: Mapping[str, Any]) -> str:
    value = _first(entry, _TEXT_KEYS)
    return value if isinstance(value, str) else ""


def _speaker(entry: Mapping[str, Any]) -> str | None:
    value = _first(entry, _SPEAKER_KEYS)
    if isinstance(value, dict):
        value = _first(value, _SPEAKER_KEYS)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"Speaker {value}"
    return value.strip() or None if isinstance(value, str) else None


def _first(entry: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """The value of the first of these keys that the entry has; case and underscores do not matter."""
    plain = {key.replace("_", "").casefold(): value for key, value in entry.items()}
    return next((plain[key] for key in keys if plain.get(key) is not None), None)


def _divided(seconds: float | None, divisor: int) -> float | None:
    return None if seconds is None else seconds / divisor
