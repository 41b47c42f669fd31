"""Read existing transcripts, in whatever form a recorder or service exported them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.files import read_bytes
from pipeline.records import LeftOut, Word
from pipeline.transcripts import json_forms, json_search, pieces
from pipeline.transcripts.captions import cue_formats, cue_labels, cues, ttml
from pipeline.transcripts.documents import web_pages, word_files
from pipeline.transcripts.lines import labelled
from pipeline.transcripts.pieces import ParsedTranscript
from pipeline.transcripts.text_decoding import decode

# The first reader that matches a file's text and suffix parses it; everything else is read as text.
_CUES: tuple[
    tuple[str, Callable[[str, str], bool], Callable[[str, Path], tuple[list[cues.Cue], list[str]]]], ...
] = (
    ("WebVTT", cues.is_webvtt, cues.read_webvtt),
    ("TTML", ttml.is_ttml, ttml.read_ttml),
    ("SBV", cue_formats.is_sbv, cue_formats.read_sbv),
    ("SRT", cues.is_srt, cues.read_srt),
    ("table", cue_formats.is_table, cue_formats.read_table),
)
_JSON: tuple[tuple[str, Callable[[Any], bool], Callable[[Any], ParsedTranscript]], ...] = (
    ("Podcasting 2.0 JSON", json_forms.is_podcast, json_forms.read_podcast),
    ("whisper.cpp JSON", json_forms.is_whisper_cpp, json_forms.read_whisper_cpp),
    ("AssemblyAI JSON", json_forms.is_assemblyai, json_forms.read_assemblyai),
    ("Whisper JSON", json_forms.is_whisper, json_forms.read_whisper),
)
# Files with these suffixes whose text says otherwise: what is missing in them, and what to do.
_EXPORT_AGAIN = "Export it again, or name it .txt if it is text."
_NOT_VALID = {
    ".vtt": (
        "not valid WebVTT (its first line is another)",
        "Its first line must be WEBVTT; export it again.",
    ),
    ".srt": ("not valid SRT: no line has times such as 00:00:01,000 --> 00:00:02,500", _EXPORT_AGAIN),
    ".sbv": ("not valid SBV: its first line has no times such as 0:00:01.000,0:00:02.500", _EXPORT_AGAIN),
    ".tsv": (
        "not a table of captions: its first line must be start, end, text, with tabs",
        _EXPORT_AGAIN,
    ),
    ".ttml": ("not TTML: it does not begin with <tt>", _EXPORT_AGAIN),
}
_NOT_VALID[".dfxp"] = _NOT_VALID[".xml"] = _NOT_VALID[".ttml"]

_LOOKS_LIKE_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*\{\s*")')
_REMEDY = "Write each turn as `Name: what they said` (or `**Name:** …`), with a blank line between turns."


READER_VERSION = 2  # grows when the same files come out otherwise: what was read before is then stale


@dataclass(frozen=True)
class Reading:
    """A transcript as read: its words, the name of its form, notes for the user, what is no speech, roles."""

    words: tuple[Word, ...]
    form: str
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)


def read(path: Path) -> Reading:
    """The words of a transcript file, labelled and timed as far as the file says.

    A stamp gives the first word after it a start; a cue gives its first word a start and its last an end.
    Times that go backwards are left out. Without any label, everything is one speaker's. Raises InputError if
    the file is empty, not text, malformed, or of no known form.
    """
    try:
        raw = read_bytes(path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, remedy="Check the file.") from error
    if word_files.is_package(raw):
        form, parsed = "Word", _parse_markdown(word_files.read_word(raw, path), path)
        return _reading(form, parsed, (), path)
    decoded = decode(raw, path)
    if not decoded.text.strip():
        raise InputError("the transcript is empty", file=path, remedy=_REMEDY)
    form, parsed = _parse(pieces.strip_invisible(decoded.text), path)
    return _reading(form, parsed, decoded.notes, path)


def _reading(form: str, parsed: ParsedTranscript, notes: tuple[str, ...], path: Path) -> Reading:
    words, time_notes = pieces.to_words(parsed.pieces)
    if not words:
        raise InputError("no words are in it", file=path, remedy="Export the transcript again.")
    all_notes = (*notes, *parsed.notes, *time_notes)
    return Reading(words, form, all_notes, parsed.left_out, dict(parsed.roles))


def _parse(text: str, path: Path) -> tuple[str, ParsedTranscript]:
    """The name of the text's form and what it says. What the text looks like counts before its suffix."""
    suffix = path.suffix.lower()
    if web_pages.is_page(text):
        return _parse_page(text, path)
    if _LOOKS_LIKE_JSON.match(text) or suffix == ".json":
        return _parse_json(text, path)
    if parsed := _parse_cues(text, path, suffix):
        return parsed
    if suffix in (".html", ".htm") and web_pages.has_tags(text):
        return _parse_page(text, path)
    if suffix in _NOT_VALID:
        what, remedy = _NOT_VALID[suffix]
        raise InputError(what, file=path, remedy=remedy)
    return "text", labelled.read(text)


def _parse_page(text: str, path: Path) -> tuple[str, ParsedTranscript]:
    shown, notes = web_pages.read_page(text)
    parsed = _parse_markdown(shown, path)
    return "web page", replace(parsed, notes=[*notes, *parsed.notes])


def _parse_markdown(text: str, path: Path) -> ParsedTranscript:
    """What a document shows: turns, or cues that somebody pasted into it."""
    text = pieces.strip_invisible(text)
    found = _parse_cues(text, path, ".txt")
    return found[1] if found else labelled.read(text)


def _parse_cues(text: str, path: Path, suffix: str) -> tuple[str, ParsedTranscript] | None:
    for form, matches, read_cues in _CUES:
        if matches(text, suffix):
            found, notes = read_cues(text, path)
            if not found:
                remedy = "Export the transcript again."
                raise InputError("no cue in it says anything", file=path, remedy=remedy)
            return form, cue_labels.label(found, notes)
    return None


def _parse_json(text: str, path: Path) -> tuple[str, ParsedTranscript]:
    content = json_forms.parse_json(text, path)
    for form, matches, parse in _JSON:
        if matches(content):
            return form, parse(content)
    if found := json_search.find(content):
        return "JSON", json_search.read(found)
    raise json_forms.unknown_form_error(content, path)
