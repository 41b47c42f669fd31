"""One track a speaker: files of a folder NAME.tracks/, or audio tracks or channels of one file; and whose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from unicodedata import normalize

from pipeline.errors import ConfigError, InputError
from pipeline.records import MEDIA_SUFFIXES, TRANSCRIPT_SUFFIXES, Part
from pipeline.text import visible
from pipeline.word_lists import WordLists
from pipeline.workspace.meetings import Meeting
from pipeline.workspace.recorders import speaker_named
from pipeline.workspace.sidecar import Facts

TRACKS_SUFFIX = ".tracks"  # of a folder with one file for each speaker


@dataclass(frozen=True)
class Track:
    """One speaker's own sound.

    `name` is its file's name relative to the talk's folder; `label` whose it is; `offset` how many seconds
    after the others it begins, None if nobody said so.
    """

    name: str
    path: Path
    part: Part
    label: str
    offset: float | None = None


def of(source: Path, facts: Facts, sidecar: Path, meeting: Meeting) -> tuple[Track, ...]:
    """The tracks of a talk, () for one that is heard as a whole. Raises ConfigError, InputError."""
    if is_tracks(source):
        _check_folder(source)
    if meeting.tracks:
        return _tracks_in(source, meeting.tracks, facts, sidecar)
    source = meeting.main
    stated = [key for key in ("track", "tracks", "channels", "offsets") if getattr(facts, key)]
    if stated and (source.suffix.lower() in TRANSCRIPT_SUFFIXES or facts.offsets):
        owner = "files in a folder of tracks" if facts.offsets else "a recording"
        reason = f"'{stated[-1]}' is of {owner}, and {source.name} is none"
        raise ConfigError(reason, file=sidecar, remedy=f"Remove {stated[-1]}.")
    labels = facts.tracks or facts.channels
    if labels and not any(labels):
        raise ConfigError("all of it is nobody's", file=sidecar, remedy=f"Name somebody in {stated[-1]}.")
    first = facts.track and facts.track - 1
    parts = [Part(track=number) for number in range(len(facts.tracks))]
    parts = parts or [Part(first, channel) for channel in range(len(facts.channels))]
    return tuple(
        Track(source.name, source, part, label)
        for part, label in zip(parts, labels, strict=True)
        if label  # "" is nobody: music, or a mix
    )


def _tracks_in(source: Path, files: Sequence[Path], facts: Facts, sidecar: Path) -> tuple[Track, ...]:
    place = f"{source.name}/" if source.is_dir() else source.name
    if stated := facts.tracks or facts.channels or facts.track:
        raise ConfigError(
            f"{stated!r} chooses tracks or channels of one file, and {place} has a file a speaker",
            file=sidecar,
            remedy="Name speakers under [speakers], by their files' names as labels.",
        )
    offsets = {normalize("NFC", name): offset for name, offset in facts.offsets.items()}
    if unknown := sorted(set(offsets) - {normalize("NFC", path.name) for path in files}):
        raise ConfigError(
            f"offsets: there is no '{unknown[0]}' in {place}",
            file=sidecar,
            remedy=f"There are: {', '.join(path.name for path in files)}.",
        )
    return tuple(
        Track(
            path.relative_to(source.parent).as_posix(),
            path,
            Part(),
            label,
            offsets.get(normalize("NFC", path.name)),
        )
        for path, label in zip(files, labels([path.stem for path in files]), strict=True)
    )


def _check_folder(folder: Path) -> None:
    """Raises InputError if it has none, if one cannot be named, or if others are a level deeper."""
    files = recordings_in(folder)
    deeper = [path for path in others_in(folder) if path.is_dir() and recordings_in(path)]
    if not files or deeper:
        reason = f"the recordings are in {deeper[0].name}/" if deeper else "there is no recording in it"
        raise InputError(reason, file=folder, remedy=f"Put one file a speaker into {folder.name}/ itself.")
    if unprintable := [path for path in files if path.name != visible(path.name)]:
        name = visible(f"{folder.name}/{unprintable[0].name}")
        raise InputError("its name has a character that cannot be shown", file=name, remedy="Rename it.")
    if len(recordings := recordings_beside(folder)) > 1:
        listed = ", ".join(path.name for path in recordings)
        raise InputError(
            f"there are two recordings of all beside it: {listed}", file=folder, remedy="Leave one of them."
        )


# The folder NAME.tracks/.


def _is_media(path: Path) -> bool:
    return path.suffix.lower() in MEDIA_SUFFIXES


def is_tracks(path: Path) -> bool:
    """Whether it is a folder with a file for each speaker of a talk: NAME.tracks/."""
    try:
        return path.suffix.lower() == TRACKS_SUFFIX and path.is_dir()
    except OSError:  # a name that is too long is nobody's
        return False


def unsuffixed(source: Path) -> Path:
    """`source` less its suffix. The dots in the name of a folder that a recorder wrote are no suffix."""
    return source if os.path.isdir(source) and not is_tracks(source) else source.with_suffix("")


def recordings_in(folder: Path) -> list[Path]:
    """The recordings in such a folder, by name. Raises OSError."""
    return sorted(path for path in _visible_files(folder) if _is_media(path) and path.is_file())


def others_in(folder: Path) -> list[Path]:
    """What else is in such a folder, and is not heard. Raises OSError."""
    return sorted(set(_visible_files(folder)) - set(recordings_in(folder)))


def tracks_of(path: Path) -> Path | None:
    """The folder of tracks that a path is or is in, or that is beside a file under its name."""
    inside = next((folder for folder in (path, *path.parents) if is_tracks(folder)), None)
    if inside or not os.path.isfile(path):
        return inside
    names = sorted(name for name in os.listdir(path.parent) if name.lower().endswith(TRACKS_SUFFIX))
    namesakes = (other for name in names if (other := path.with_name(name)).stem == path.stem)
    return next((other for other in namesakes if is_tracks(other)), None)


def recordings_beside(folder: Path) -> list[Path]:
    """Recordings of the same name beside a folder, with all speakers in each. Raises OSError."""
    return sorted(
        path
        for path in folder.parent.iterdir()
        if path.stem == unsuffixed(folder).name and _is_media(path) and path.is_file()
    )


def _visible_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


# Whose track it is, told from the names that recorders give to files.

_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d(?!\d)")
_NOT_NAMES = frozenset(WordLists.beside(__file__)["not_names"])
Fields = list[list[str]]  # of words; an underscore or a free-standing hyphen parts fields


def labels(stems: Sequence[str]) -> list[str]:
    """A label for each file, from its name without the suffix: a person's name as far as there is one.

    Fields that all files have in common (a show, a date) are nobody's name. Where nothing is left it is
    "Speaker 1", a stranger. Files with the same label are one person's.
    """
    stems = [normalize("NFC", stem) for stem in stems]
    recorded = [[word for field in _fields(speaker_named(stem)) for word in field] for stem in stems]
    others = _distinctive([_fields(stem) for stem, name in zip(stems, recorded, strict=True) if not name])
    words = [name or _name_words([word for field in next(others) for word in field]) for name in recorded]
    return [" ".join(map(_capitalised, name)) or f"Speaker {number}" for number, name in enumerate(words, 1)]


def _fields(stem: str) -> Fields:
    """A hyphen joins a name (Jean-Luc) only where something else parts words."""
    undated = _DATE.sub(" ", re.sub(r"[()\[\]]", " ", stem)).strip(" _-")
    between_words = r"\s+" if re.search(r"[_\s]", undated) else r"[\s-]+"
    fields = [
        [stripped for word in re.split(between_words, field) if (stripped := word.strip("-."))]
        for field in re.split(r"_+|(?<!\s)\s+-+\s+|--+", undated)
    ]
    return [words for words in fields if words]


def _distinctive(names: list[Fields]) -> Iterator[Fields]:
    """The fields that not all names have, at their beginnings and ends; but two words may be a name."""
    folded = [[" ".join(words).casefold() for words in fields] for fields in names]
    start, stop = _count_common(folded), _count_common([fields[::-1] for fields in folded])
    shortest = min(map(len, folded), default=0)
    have_two_words = all(sum(map(len, fields)) == 2 for fields in names)
    for fields in names:
        may_be_name = have_two_words and not any(
            re.search(r"[\d-]", word) for words in fields for word in words
        )
        is_whole = len(names) < 2 or shortest <= start + stop or may_be_name
        yield fields if is_whole else fields[start : len(fields) - stop]


def _count_common(names: Sequence[Sequence[str]]) -> int:
    """How many fields from the first on are the same in all."""
    return sum(1 for _ in takewhile(lambda field: len(set(field)) == 1, zip(*names, strict=False)))


def _name_words(words: Sequence[str]) -> list[str]:
    """Without numbers and without words that name no one."""
    unnumbered = [re.sub(r"^\d+-(?=\D)|(?<=\D)-?\d+$", "", word) for word in words]
    return [
        word for word in unnumbered if word and not word.isdecimal() and word.casefold() not in _NOT_NAMES
    ]


def _capitalised(word: str) -> str:
    has_one_case = word.islower() or (word.isupper() and len(word) > 2)
    parts = word.split("-")
    return "-".join(part[:1].upper() + part[1:].lower() for part in parts) if has_one_case else word
