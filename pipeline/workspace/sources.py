"""Which files may be talks, told by their names and their first and last kilobytes."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from pipeline.files import open_regular
from pipeline.records import MEDIA_SUFFIXES, TRANSCRIPT_SUFFIXES
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_NOT_TALKS = _LISTS.word_set("not_talks")
_FURNITURE = _LISTS.word_set("system_files")
_PICTURES = _LISTS.word_set("pictures")
_PEEK_BYTES = 8192  # read at either end of a file
_TEXT_KEY = re.compile(r'"(?:text|word|body)"\s*:')
_TIME_KEY = re.compile(r'"(?:start|startTime|offsets|timestamps?)"\s*:')
# Of a form that is not known, it has all three: words, times, and whoever says them.
_ANY_KEYS = tuple(
    re.compile(rf'"{names}"\s*:', re.IGNORECASE)
    for names in (
        r"(?:text|raw_?text|sentence|transcript|content|body|utterance)",
        r"(?:start|begin)(?:_?(?:time|ms|timestamp))*",
        r"(?:speaker(?:_?(?:name|id|label))?|participant(?:_?name)?)",
    )
)
_TRANSCRIPT_START = re.compile(
    r'\s*\[\s*\{|\s*\{\s*"text"\s*:|.*"(?:segments|transcription|word_segments|chunks|utterances|words)"',
    re.DOTALL,
)
_STARTS = {  # of a table of captions, and of TTML
    ".tsv": re.compile(r"\s*(?:[^\n]*\b(?i:start\b[^\n]*\bend\b[^\n]*\btext)\b|\d+[.:][\d.:]+\t\d)"),
    ".xml": re.compile(r"(?:[^<]|<[?!][^<]*)*+<(?:[\w-]+:)?tt[\s>]"),
}
READABLE = f"media files, or transcripts ending in {', '.join(sorted(TRANSCRIPT_SUFFIXES))}"
EXPORT = "Export transcripts as Word documents (.docx), text (.txt), WebVTT or SRT."
_REMEDIES = {
    "documents": EXPORT,
    "archives": "Unpack archives first.",
    "unconverted": "Double-click .zoom files, and Zoom converts them to recordings.",
    "playlists": "Give the recordings themselves.",
    "pictures": f"Put in {READABLE}.",
}


def may_be_talk(path: Path) -> bool:
    """Whether a file has the name of a recording or a transcript, and none that never is one."""
    return not is_never_talk(path.name) and (path.suffix.lower() in MEDIA_SUFFIXES or is_transcript(path))


def is_never_talk(name: str) -> bool:
    """Whether it is hidden or a README or the like."""
    return name.startswith(".") or Path(name).stem.lower() in _NOT_TALKS


def is_furniture(path: Path) -> bool:
    """Whether nobody misses a file that is not read: a sidecar, a picture, a README."""
    name, suffix = path.name.lower(), path.suffix.lower().removeprefix(".")
    return is_never_talk(name) or suffix == "toml" or suffix in _PICTURES or name in _FURNITURE


def unreadable_remedy(path: Path) -> str | None:
    """What to do with a file whose suffix says that it is no recording and no transcript that is read."""
    suffix = path.suffix.lower()
    if suffix in MEDIA_SUFFIXES | TRANSCRIPT_SUFFIXES:
        return None
    kinds = (kind for kind in _REMEDIES if suffix[1:] in _LISTS.word_set(kind))
    return next((_REMEDIES[kind] for kind in kinds), None) if suffix else None


def is_plain_text(path: Path) -> bool:
    """Whether there is text in a file whose name says nothing of what is in it."""
    if path.suffix.lower() in MEDIA_SUFFIXES | TRANSCRIPT_SUFFIXES:
        return False
    try:
        with open_regular(path) as file:
            head = file.read(_PEEK_BYTES)
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except (OSError, ValueError):
        return False
    return bool(text.strip()) and all(char.isprintable() or char.isspace() for char in text)


def is_unrelated(path: Path) -> bool:
    """Whether a file only has a transcript's suffix, like package.json."""
    return path.suffix.lower() in TRANSCRIPT_SUFFIXES and not is_transcript(path)


def is_transcript(path: Path) -> bool:
    """Whether a file is a transcript, by its suffix; .json, .tsv and .xml by what is in them."""
    suffix = path.suffix.lower()
    if suffix not in (".json", ".tsv", ".xml"):
        return suffix in TRANSCRIPT_SUFFIXES
    try:
        head, tail = _ends(path)
    except OSError:
        return True  # told when it is read
    return bool(_STARTS[suffix].match(head)) if suffix in _STARTS else _holds_a_transcript(head, tail)


def _ends(path: Path) -> tuple[str, str]:
    """The text at either end of a file, as far as it is ASCII. Raises OSError."""
    with open_regular(path) as file:
        head = file.read(_PEEK_BYTES)
        file.seek(max(0, path.stat().st_size - _PEEK_BYTES))
        parts = (head, file.read(_PEEK_BYTES))
    first, last = (part.replace(b"\0", b"").decode("ascii", "ignore") for part in parts)  # UTF-16 has NULs
    return first, last


def _holds_a_transcript(head: str, tail: str) -> bool:
    """Whether a .json file has the keys of a transcript, whoever wrote it."""
    text = head + tail
    if _TRANSCRIPT_START.match(text) and _TEXT_KEY.search(text) and _TIME_KEY.search(text):
        return True
    return all(pattern.search(text) for pattern in _ANY_KEYS)
