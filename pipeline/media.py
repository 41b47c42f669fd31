"""Files that are recordings, told by their names."""

from __future__ import annotations

from pathlib import Path

_AUDIO = "aac aif aiff amr flac m4a m4b mka mp2 mp3 oga ogg opus wav wma weba"
_VIDEO = "avi flv m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv"
MEDIA = frozenset(f".{suffix}" for suffix in f"{_AUDIO} {_VIDEO}".split())
TRACKS = ".tracks"  # of a folder with one file a speaker


def is_media(path: Path) -> bool:
    return path.suffix.lower() in MEDIA


def is_tracks(path: Path) -> bool:
    """Whether it is a folder with a file for each speaker of a talk: NAME.tracks/."""
    try:
        return path.suffix.lower() == TRACKS and path.is_dir()
    except OSError:  # a name that is too long is nobody's
        return False


def in_tracks(folder: Path) -> list[Path]:
    """The recordings in such a folder, by name. Raises OSError."""
    return sorted(path for path in folder.iterdir() if is_media(path) and path.name[0] != ".")


def beside(folder: Path) -> list[Path]:
    """Recordings of the same name beside such a folder: all speakers in one. Raises OSError."""
    return sorted(
        path
        for path in folder.parent.iterdir()
        if path.stem == folder.stem and is_media(path) and path.is_file()
    )
