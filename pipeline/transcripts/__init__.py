"""Read existing transcripts, in whatever form a recorder or service exported them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.files import read_bytes
from pipeline.records import Word
from pipeline.transcripts import captions, json_forms, labelled, meeting_exports, pieces
from pipeline.transcripts.pieces import ParsedTranscript

# The first reader that matches a file's text and suffix parses it; everything else is read as text.
_CAPTIONS: tuple[tuple[str, Callable[[str, str], bool], Callable[[str, Path], ParsedTranscript]], ...] = (
    ("WebVTT", captions.is_webvtt, captions.read_webvtt),
    ("SRT", captions.is_srt, captions.read_srt),
)
_JSON: tuple[tuple[str, Callable[[Any], bool], Callable[[Any], ParsedTranscript]], ...] = (
    ("Podcasting 2.0 JSON", json_forms.is_podcast, json_forms.read_podcast),
    ("whisper.cpp JSON", json_forms.is_whisper_cpp, json_forms.read_whisper_cpp),
    ("AssemblyAI JSON", json_forms.is_assemblyai, json_forms.read_assemblyai),
    ("Whisper JSON", json_forms.is_whisper, json_forms.read_whisper),
)

_LOOKS_LIKE_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*\{\s*")')
_REMEDY = "Write each turn as `Name: what they said` (or `**Name:** …`), with a blank line between turns."


@dataclass(frozen=True)
class Reading:
    """A transcript as read: its words, the name of its form, and notes for the user."""

    words: tuple[Word, ...]
    form: str
    notes: tuple[str, ...]


def read(path: Path) -> Reading:
    """The words of a transcript file, labelled and timed as far as the file says.

    A stamp gives the first word after it a start; a cue gives its first word a start and its last an end.
    Times that go backwards are left out. Without any label, everything is one speaker's. Raises InputError if
    the file is empty, not text, malformed, or of no known form.
    """
    try:
        decoded = decode(read_bytes(path), path)
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


# The text of a file, its encoding told from the bytes alone.

# Longer marks first: the UTF-32 LE mark starts with the UTF-16 LE one.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", "a Word document or an archive"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"{\\rtf", "rich text (RTF)"),
    (b"%PDF", "a PDF"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)
_MIN_UTF16_NUL_SHARE = 0.3  # of the odd or the even bytes: in UTF-16 every Latin letter has one NUL
_MAX_WESTERN_SHARE = 0.3  # of letters outside ASCII, in a text in a Western language
_MAX_CONTROL_SHARE = 0.05  # above this share of control characters a file is binary

_TEXT_REMEDY = "Export it as plain text, SRT, WebVTT or JSON, and run again."


@dataclass(frozen=True)
class Decoded:
    """A file's text, and notes for the user on how it was decoded."""

    text: str
    notes: tuple[str, ...] = ()


def decode(raw: bytes, path: Path) -> Decoded:
    """The text of a file in UTF-8, UTF-16, UTF-32, Windows-1252 or whatever charset-normalizer detects.

    Raises InputError if it is not text.
    """
    start = raw[:64].lstrip().lower()
    for magic, format_name in _OTHER_FORMATS:
        if raw.startswith(magic) or start.startswith(magic):
            raise InputError(f"is {format_name}, not plain text", file=path, remedy=_TEXT_REMEDY)
    encoding, body = _detect_unicode(raw)
    try:
        decoded = Decoded(body.decode(encoding)) if encoding else _guess(raw)
    except UnicodeDecodeError as error:
        raise InputError(f"is broken {encoding.upper()} text", file=path, remedy=_TEXT_REMEDY) from error
    if decoded is None or _is_binary(decoded.text):
        raise InputError("is not text", file=path, remedy=_TEXT_REMEDY)
    return decoded


def _detect_unicode(raw: bytes) -> tuple[str, bytes]:
    """The encoding that a byte order mark or the position of NULs shows (else ""), and the text's bytes."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return encoding, raw[len(mark) :]
    even, odd = raw[:4096:2], raw[1:4096:2]
    nul_shares = even.count(0) / max(1, len(even)), odd.count(0) / max(1, len(odd))
    if max(nul_shares) > _MIN_UTF16_NUL_SHARE and min(nul_shares) < 0.05:
        return ("utf-16-be" if nul_shares[0] > nul_shares[1] else "utf-16-le"), raw
    return "", raw


def _guess(raw: bytes) -> Decoded | None:
    """UTF-8, even with a few broken characters; otherwise an older encoding, with a note."""
    try:
        return Decoded(raw.decode("utf-8"))
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if 10 * broken <= sum(char > "\x7f" for char in text) - broken:
        return Decoded(text.replace("\ufffd", ""), (f"left out {broken} broken characters",))
    for encoding, decoded in (("Windows-1252", _decode_western(raw)), _decode_by_statistics(raw)):
        if decoded is not None:
            note = f"is not UTF-8: read as {encoding}; if letters are wrong, save it as UTF-8"
            return Decoded(decoded, (note,))
    return None


def _decode_western(raw: bytes) -> str | None:
    """`raw` as Windows-1252 (a superset of Latin-1); None if the result is not Western text.

    A rule of our own, because charset-normalizer takes a few lines of French for Baltic or Hungarian.
    """
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    letters = [char for char in text if char.isalpha()]
    accented = sum(char > "\x7f" for char in letters)
    return text if letters and accented <= _MAX_WESTERN_SHARE * len(letters) else None


def _decode_by_statistics(raw: bytes) -> tuple[str, str | None]:
    from charset_normalizer import from_bytes

    best = from_bytes(raw).best()
    return (best.encoding, str(best)) if best else ("", None)


def _is_binary(text: str) -> bool:
    controls = sum(char < " " and char not in "\t\n\r\f\v" for char in text)
    return controls > _MAX_CONTROL_SHARE * len(text)
