"""Transcripts that people already have, in whatever form their recorder or service gave them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.records import Word
from pipeline.transcripts import captions, json_forms, labelled, meeting_exports, pieces, whisper_json
from pipeline.transcripts.pieces import Found
from pipeline.transcripts.text_encoding import decode

__all__ = ["Reading", "read", "reading"]

# Which reader takes a file: the first that fits its text and its suffix; what is left is text.
_CAPTIONS: tuple[tuple[str, Callable[[str, str], bool], Callable[[str, Path], Found]], ...] = (
    ("WebVTT", captions.is_webvtt, captions.read_webvtt),
    ("SRT", captions.is_srt, captions.read_srt),
)
_JSON: tuple[tuple[str, Callable[[Any], bool], Callable[[Any], Found]], ...] = (
    ("Podcasting 2.0 JSON", json_forms.is_podcast, json_forms.read_podcast),
    ("whisper.cpp JSON", json_forms.is_whisper_cpp, json_forms.read_whisper_cpp),
    ("AssemblyAI JSON", whisper_json.is_assemblyai, whisper_json.read_assemblyai),
    ("Whisper JSON", whisper_json.is_whisper, whisper_json.read_whisper),
)

_LIKE_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*\{\s*")')
_REMEDY = "Write each turn as `Name: what they said` (or `**Name:** …`), with a blank line between turns."


@dataclass(frozen=True)
class Reading:
    """A transcript as read: its words, which form it has, and what people should know."""

    words: tuple[Word, ...]
    form: str
    notes: tuple[str, ...]


def read(path: Path) -> tuple[Word, ...]:
    """The words of a transcript file; see `reading`."""
    return reading(path).words


def reading(path: Path) -> Reading:
    """The words of a transcript file, labelled and timed as far as the file says.

    A stamp gives the first word after it a start; a cue gives its first word a start and its last one an
    end. Times that go back are left out. Without any label, all is one speaker's. Raises InputError if the
    file is empty, not text, malformed, or of no form that is known.
    """
    try:
        decoded = decode(path.read_bytes(), path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, remedy="Check the file.") from error
    if not decoded.text.strip():
        raise InputError("the transcript is empty", file=path, remedy=_REMEDY)
    form, found = _found(pieces.seen(decoded.text), path)
    words, gone_back = pieces.words(found.pieces)
    if not words:
        raise InputError("no words are in it", file=path, remedy="Export the transcript again.")
    return Reading(words, form, (*decoded.notes, *found.notes, *gone_back))


def _found(text: str, path: Path) -> tuple[str, Found]:
    suffix = path.suffix.lower()
    if suffix == ".json" or (suffix not in (".vtt", ".srt") and _LIKE_JSON.match(text)):
        return _json(text, path)
    for form, fits, reads in _CAPTIONS:
        if fits(text, suffix):
            return form, reads(text, path)
    if suffix == ".vtt":
        raise InputError(
            "not valid WebVTT (its first line is another)",
            file=path,
            remedy="Its first line must be WEBVTT; export it again.",
        )
    if suffix == ".srt":
        raise InputError(
            "not valid SRT: no line has times such as 00:00:01,000 --> 00:00:02,500",
            file=path,
            remedy="Export it again, or name it .txt if it is text.",
        )
    rewritten, notes = meeting_exports.house_form(text)
    found = labelled.read(rewritten)
    return "text", Found(found.pieces, [*notes, *found.notes])


def _json(text: str, path: Path) -> tuple[str, Found]:
    content = json_forms.parsed(text, path)
    for form, fits, reads in _JSON:
        if fits(content):
            return form, reads(content)
    raise json_forms.unknown(content, path)
