"""The text of a file, its encoding told from the bytes, and which files are no text at all."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError

# Longer marks first: the UTF-32 LE mark starts with the UTF-16 LE one.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED_ENCODING = re.compile(rb"(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?([\w.-]{1,40})", re.IGNORECASE)
_DECLARED_WITHIN_BYTES = 1024  # as HTML has it
_MIN_UTF16_NUL_SHARE = 0.3  # of the odd or the even bytes: in UTF-16 every Latin letter has one NUL
_MAX_WESTERN_SHARE = 0.3  # of letters outside ASCII, in a text in a Western language
_MAX_CONTROL_SHARE = 0.05  # above this share of control characters a file is binary

_TEXT_REMEDY = "Export it as plain text, SRT, WebVTT or JSON, and run again."
AS_DOCX = "Open it in Word or LibreOffice, save it as a Word document (.docx), and run with that."
_OLE = b"\xd0\xcf\x11\xe0"  # old Office files, and new ones with a password
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
# What a file begins with, what it is, and what to do.
_OTHER_FORMATS = (
    (b"%pdf", "is a PDF, which does not say in what order its words are read", AS_DOCX),
    (b"{\\rtf", "is rich text (RTF)", AS_DOCX),
    (b"mime-version:", "is a saved web page with its pictures (MHTML)", "Save the page as HTML alone."),
)


@dataclass(frozen=True)
class Decoded:
    """A file's text, and notes for the user on how it was decoded."""

    text: str
    notes: tuple[str, ...] = ()


def decode(raw: bytes, path: Path) -> Decoded:
    """The text of a file in UTF-8, UTF-16, UTF-32, Windows-1252 or whatever charset-normalizer detects.

    Raises InputError if it is not text.
    """
    if raw.startswith(_OLE):
        raise _office_error(raw, path)
    start = raw[:64].lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower()
    for magic, what, remedy in _OTHER_FORMATS:
        if start.startswith(magic):
            raise InputError(what, file=path, remedy=remedy)
    encoding, body = _detect_unicode(raw)
    try:
        decoded = Decoded(body.decode(encoding)) if encoding else _guess(raw)
    except UnicodeDecodeError as error:
        raise InputError(f"is broken {encoding.upper()} text", file=path, remedy=_TEXT_REMEDY) from error
    if decoded is None or _is_binary(decoded.text):
        raise InputError("is not text", file=path, remedy=_TEXT_REMEDY)
    return decoded


def _office_error(raw: bytes, path: Path) -> InputError:
    if _PROTECTED in raw:
        remedy = (
            "Open it in Word, take the password off (File, Info, Protect Document), save it, and run again."
        )
        return InputError("is protected by a password", file=path, remedy=remedy)
    what = "is an old Office document (.doc, .xls or .ppt)"
    return InputError(what, file=path, remedy=AS_DOCX)


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
    """UTF-8, even with a few broken characters; what HTML or XML declares; or an older one, with a note."""
    try:
        return Decoded(raw.decode("utf-8"))
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if 10 * broken <= sum(char > "\x7f" for char in text) - broken:
        return Decoded(text.replace("\ufffd", ""), (f"left out {broken} broken characters",))
    if (declared := _as_declared(raw)) is not None:
        return Decoded(declared)
    for encoding, decoded in (("Windows-1252", _decode_western(raw)), _decode_by_statistics(raw)):
        if decoded is not None:
            note = f"is not UTF-8: read as {encoding}; if letters are wrong, save it as UTF-8"
            return Decoded(decoded, (note,))
    return None


def _as_declared(raw: bytes) -> str | None:
    """Markup in the encoding that it declares; None if it declares none, or is not in that."""
    declared = _DECLARED_ENCODING.search(raw[:_DECLARED_WITHIN_BYTES])
    if not (declared and raw.lstrip().startswith(b"<")):
        return None
    try:
        return raw.decode(declared[1].decode("ascii", "ignore"))
    except (LookupError, ValueError):  # unknown, or no encoding of text
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
