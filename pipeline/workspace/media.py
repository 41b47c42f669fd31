"""Which files are recordings or transcripts: by their names, JSON by its contents."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.records import MEDIA_SUFFIXES, TRANSCRIPT_SUFFIXES

TRACKS_SUFFIX = ".tracks"  # of a folder with one file for each speaker


def is_media(path: Path) -> bool:
    return path.suffix.lower() in MEDIA_SUFFIXES


def is_tracks(path: Path) -> bool:
    """Whether it is a folder with a file for each speaker of a talk: NAME.tracks/."""
    try:
        return path.suffix.lower() == TRACKS_SUFFIX and path.is_dir()
    except OSError:  # a name that is too long is nobody's
        return False


def in_tracks(folder: Path) -> list[Path]:
    """The recordings in such a folder, by name. Raises OSError."""
    return sorted(path for path in _shown(folder) if is_media(path) and path.is_file())


def beside_tracks(folder: Path) -> list[Path]:
    """What else is in such a folder, and is not heard. Raises OSError."""
    return sorted(set(_shown(folder)) - set(in_tracks(folder)))


def tracks_of(path: Path) -> Path | None:
    """The folder of tracks that a path is or is in, or that is beside a file under its name."""
    inside = next((folder for folder in (path, *path.parents) if is_tracks(folder)), None)
    if inside or not path.is_file():
        return inside
    namesakes = (other for other in sorted(path.parent.iterdir()) if other.stem == path.stem)
    return next((other for other in namesakes if is_tracks(other)), None)


def beside(folder: Path) -> list[Path]:
    """Recordings of the same name beside such a folder, with all speakers in each. Raises OSError."""
    return sorted(
        path
        for path in folder.parent.iterdir()
        if path.stem == folder.stem and is_media(path) and path.is_file()
    )


def _shown(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


_PEEK_BYTES = 8192  # read at either end of a file
_TEXT_KEY = re.compile(r'"(?:text|word|body)"\s*:')
_TIME_KEY = re.compile(r'"(?:start|startTime|offsets|timestamps?)"\s*:')
_TRANSCRIPT_START = re.compile(
    r'\s*\[\s*\{|\s*\{\s*"text"\s*:|.*"(?:segments|transcription|word_segments|chunks|utterances|words)"',
    re.DOTALL,
)


def is_transcript(path: Path) -> bool:
    """Whether a file is a transcript, by its suffix; a .json file by its first and last kilobytes."""
    suffix = path.suffix.lower()
    return suffix in TRANSCRIPT_SUFFIXES and (suffix != ".json" or _holds_a_transcript(path))


def _holds_a_transcript(path: Path) -> bool:
    """Whether a .json file has the keys of a transcript, whoever wrote it."""
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK_BYTES)
            file.seek(max(0, path.stat().st_size - _PEEK_BYTES))
            tail = file.read(_PEEK_BYTES)
    except OSError:
        return True  # told when it is read
    utf_16 = b"\0" in head
    text = "".join(part.replace(b"\0", b"").decode("utf-8", "ignore") for part in (head, tail))
    text = text.lstrip("\ufeff") if not utf_16 else text[text.find("{") :]
    return bool(_TRANSCRIPT_START.match(text) and _TEXT_KEY.search(text) and _TIME_KEY.search(text))
