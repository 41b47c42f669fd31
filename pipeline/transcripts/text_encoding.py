"""Bytes to text: what encoding a transcript is in, told by its bytes alone."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError

# The longer marks first: that of UTF-16 LE begins that of UTF-32 LE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHERS = (
    (b"PK\x03\x04", "a Word document or an archive"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"{\\rtf", "rich text (RTF)"),
    (b"%PDF", "a PDF"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)
_PLAINLY = 0.3  # share of NULs at odd or even bytes from which text is UTF-16: every Latin letter has one
_WESTERN = 0.3  # share of letters beyond ASCII up to which a text may be in a Western language
_BINARY = 0.05  # share of control characters from which a file is no text

_REMEDY = "Export it as plain text, SRT, WebVTT or JSON, and run again."


@dataclass(frozen=True)
class Decoded:
    """A file's text, and what people should know about how it was read."""

    text: str
    notes: tuple[str, ...] = ()


def decode(raw: bytes, path: Path) -> Decoded:
    """The text of a file in UTF-8, UTF-16, UTF-32, Windows-1252 or what charset-normalizer makes of it.

    Raises InputError if it is no text.
    """
    start = raw[:64].lstrip().lower()
    for magic, what in _OTHERS:
        if raw.startswith(magic) or start.startswith(magic):
            raise InputError(f"is {what}, not plain text", file=path, remedy=_REMEDY)
    encoding, body = _marked(raw)
    try:
        found = Decoded(body.decode(encoding)) if encoding else _guessed(raw)
    except UnicodeDecodeError as error:
        raise InputError(f"is broken {encoding.upper()} text", file=path, remedy=_REMEDY) from error
    if found is None or _is_binary(found.text):
        raise InputError("is not text", file=path, remedy=_REMEDY)
    return found


def _marked(raw: bytes) -> tuple[str, bytes]:
    """The encoding that a mark at the start or the place of NULs gives away, "" if none, and the rest."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return encoding, raw[len(mark) :]
    even, odd = raw[:4096:2], raw[1:4096:2]
    nuls = even.count(0) / max(1, len(even)), odd.count(0) / max(1, len(odd))
    if max(nuls) > _PLAINLY and min(nuls) < 0.05:
        return ("utf-16-be" if nuls[0] > nuls[1] else "utf-16-le"), raw
    return "", raw


def _guessed(raw: bytes) -> Decoded | None:
    """UTF-8, also with a few broken characters; else an older encoding, with a note."""
    try:
        return Decoded(raw.decode("utf-8"))
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if 10 * broken <= sum(char > "\x7f" for char in text) - broken:
        return Decoded(text.replace("\ufffd", ""), (f"left out {broken} broken characters",))
    for encoding, read in (("Windows-1252", _western(raw)), _normalised(raw)):
        if read is not None:
            note = f"is not UTF-8: read as {encoding}; if letters are wrong, save it as UTF-8"
            return Decoded(read, (note,))
    return None


def _western(raw: bytes) -> str | None:
    """`raw` as Windows-1252 (which has Latin-1), None if that gives no Western text.

    A rule, since charset-normalizer takes a few lines of French for Baltic or Hungarian.
    """
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    letters = [char for char in text if char.isalpha()]
    foreign = sum(char > "\x7f" for char in letters)
    return text if letters and foreign <= _WESTERN * len(letters) else None


def _normalised(raw: bytes) -> tuple[str, str | None]:
    from charset_normalizer import from_bytes

    best = from_bytes(raw).best()
    return (best.encoding, str(best)) if best else ("", None)


def _is_binary(text: str) -> bool:
    controls = sum(char < " " and char not in "\t\n\r\f\v" for char in text)
    return controls > _BINARY * len(text)
