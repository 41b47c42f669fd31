"""Read existing transcripts, in whatever form a recorder or service exported them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.records import Word
from pipeline.transcripts import captions, json_forms, labelled, meeting_exports, pieces, whisper_json
from pipeline.transcripts.pieces import ParsedTranscript
from pipeline.transcripts.text_encoding import decode

__all__ = ["Reading", "read", "read_with_notes"]

# The first reader that matches a file's text and suffix parses it; everything else is read as text.
_CAPTIONS: tuple[tuple[str, Callable[[str, str], bool], Callable[[str, Path], ParsedTranscript]], ...] = (
    ("WebVTT", captions.is_webvtt, captions.read_webvtt),
    ("SRT", captions.is_srt, captions.read_srt),
)
_JSON: tuple[tuple[str, Callable[[Any], bool], Callable[[Any], ParsedTranscript]], ...] = (
    ("Podcasting 2.0 JSON", json_forms.is_podcast, json_forms.read_podcast),
    ("whisper.cpp JSON", json_forms.is_whisper_cpp, json_forms.read_whisper_cpp),
    ("AssemblyAI JSON", whisper_json.is_assemblyai, whisper_json.read_assemblyai),
    ("Whisper JSON", whisper_json.is_whisper, whisper_json.read_whisper),
)

_LOOKS_LIKE_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*\{\s*")')
_REMEDY = "Write each turn as `Name: what they said` (or `**Name:** …`), with a blank line between turns."


@dataclass(frozen=True)
class Reading:
    """A transcript as read: its words, the name of its form, and notes for the user."""

    words: tuple[Word, ...]
    form: str
    notes: tuple[str, ...]


def read(path: Path) -> tuple[Word, ...]:
    """The words of a transcript file; see `read_with_notes`."""
    return read_with_notes(path).words


def read_with_notes(path: Path) -> Reading:
    """The words of a transcript file, labelled and timed as far as the file says.

    A stamp gives the first word after it a start; a cue gives its first word a start and its last an end.
    Times that go backwards are left out. Without any label, everything is one speaker's. Raises InputError if
    the file is empty, not text, malformed, or of no known form.
    """
    try:
        decoded = decode(path.read_bytes(), path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, remedy="Check the file.") from error
    if not decoded.text.strip():
        raise InputError("the transcript is empty", file=path, remedy=_REMEDY)
    form, parsed = _parse(pieces.strip_invisible(decoded.text), path)
    words, time_notes = pieces.to_words(parsed.pieces)
    if not words:
        raise InputError("no words are in it", file=path, remedy="Export the transcript again.")
    return Reading(words, form, (*decoded.notes, *parsed.notes, *time_notes))


def _parse(text: str, path: Path) -> tuple[str, ParsedTranscript]:
    suffix = path.suffix.lower()
    if suffix == ".json" or (suffix not in (".vtt", ".srt") and _LOOKS_LIKE_JSON.match(text)):
        return _parse_json(text, path)
    for form, matches, parse in _CAPTIONS:
        if matches(text, suffix):
            return form, parse(text, path)
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
    rewritten, house_notes = meeting_exports.to_house_form(text)
    parsed = labelled.read(rewritten)
    return "text", ParsedTranscript(parsed.pieces, [*house_notes, *parsed.notes])


def _parse_json(text: str, path: Path) -> tuple[str, ParsedTranscript]:
    content = json_forms.parse_json(text, path)
    for form, matches, parse in _JSON:
        if matches(content):
            return form, parse(content)
    raise json_forms.unknown_form_error(content, path)
