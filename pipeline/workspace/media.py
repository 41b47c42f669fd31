"""Files that are recordings, told by their names."""

from __future__ import annotations

from pathlib import Path

_AUDIO = (
    "aac ac3 aif aiff amr ape au bwf caf eac3 flac m4a m4b m4r mka mp2 mp3 oga ogg opus rf64 tta w64 wav weba"
    " wma wv"
)
_VIDEO = "3g2 3gp asf avi f4v flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts vob webm wmv"
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
    return sorted(path for path in _shown(folder) if is_media(path) and path.is_file())


def beside_tracks(folder: Path) -> list[Path]:
    """What else is in such a folder, and is not heard. Raises OSError."""
    return sorted(set(_shown(folder)) - set(in_tracks(folder)))


def tracks_of(path: Path) -> Path | None:
    """The folder of tracks that a path is or is in, or that is beside a file under its name."""
    inside = next((folder for folder in (path, *path.parents) if is_tracks(folder)), None)
    if inside or not path.is_file():
        return inside
    same = (other for other in sorted(path.parent.iterdir()) if other.stem == path.stem)
    return next((other for other in same if is_tracks(other)), None)


def beside(folder: Path) -> list[Path]:
    """Recordings of the same name beside such a folder, with all speakers in each. Raises OSError."""
    return sorted(
        path
        for path in folder.parent.iterdir()
        if path.stem == folder.stem and is_media(path) and path.is_file()
    )


def _shown(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]
