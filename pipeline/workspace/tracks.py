"""One track a speaker: files of a folder NAME.tracks/, or the audio tracks or channels of one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from pipeline.engines import Part
from pipeline.errors import ConfigError, InputError
from pipeline.text import visible
from pipeline.transcripts import SUFFIXES
from pipeline.workspace import track_names
from pipeline.workspace.facts import Facts
from pipeline.workspace.media import beside, beside_tracks, in_tracks, is_tracks


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


def of(source: Path, facts: Facts, sidecar: Path) -> tuple[Track, ...]:
    """The tracks of a talk, () for one that is heard as a whole. Raises ConfigError, InputError."""
    if is_tracks(source):
        return _files(source, facts, sidecar)
    stated = [key for key in ("track", "tracks", "channels", "offsets") if getattr(facts, key)]
    if stated and (source.suffix.lower() in SUFFIXES or facts.offsets):
        whose = "files in a folder of tracks" if facts.offsets else "a recording"
        what = f"'{stated[-1]}' is of {whose}, and {source.name} is none"
        raise ConfigError(what, file=sidecar, remedy=f"Remove {stated[-1]}.")
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


def _files(folder: Path, facts: Facts, sidecar: Path) -> tuple[Track, ...]:
    files = in_tracks(folder)
    _check(folder, files)
    if stated := facts.tracks or facts.channels or facts.track:
        raise ConfigError(
            f"{stated!r} chooses tracks or channels of one file, and {folder.name}/ has a file a speaker",
            file=sidecar,
            remedy="Name speakers under [speakers], by their files' names as labels.",
        )
    offsets = {normalize("NFC", name): offset for name, offset in facts.offsets.items()}
    if strange := sorted(set(offsets) - {normalize("NFC", path.name) for path in files}):
        raise ConfigError(
            f"offsets: there is no '{strange[0]}' in {folder.name}/",
            file=sidecar,
            remedy=f"There are: {', '.join(path.name for path in files)}.",
        )
    return tuple(
        Track(f"{folder.name}/{path.name}", path, Part(), label, offsets.get(normalize("NFC", path.name)))
        for path, label in zip(files, track_names.labels([path.stem for path in files]), strict=True)
    )


def _check(folder: Path, files: list[Path]) -> None:
    """Raises InputError if there are none, if one cannot be named, or if others are a level deeper."""
    deeper = [path for path in beside_tracks(folder) if path.is_dir() and in_tracks(path)]
    if not files or deeper:
        what = f"the recordings are in {deeper[0].name}/" if deeper else "there is no recording in it"
        raise InputError(what, file=folder, remedy=f"Put one file a speaker into {folder.name}/ itself.")
    if odd := [path for path in files if path.name != visible(path.name)]:
        what, name = "its name has a character that cannot be shown", visible(f"{folder.name}/{odd[0].name}")
        raise InputError(what, file=name, remedy="Rename it.")
    if len(twice := beside(folder)) > 1:
        listed = ", ".join(path.name for path in twice)
        raise InputError(
            f"there are two recordings of all beside it: {listed}", file=folder, remedy="Leave one of them."
        )
