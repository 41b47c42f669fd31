"""One track a speaker: files of a folder NAME.tracks/, or the audio tracks or channels of one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.engines import Part
from pipeline.errors import ConfigError, InputError
from pipeline.facts import Facts
from pipeline.media import in_tracks, is_media, is_tracks
from pipeline.tracks import names


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
    if not is_media(source):
        return ()
    if facts.offsets:
        raise ConfigError(
            f"[offsets] are of the files in {source.stem}.tracks/, and there is no such folder",
            file=sidecar,
            remedy="Remove [offsets].",
        )
    first = facts.track and facts.track - 1
    parts = [Part(track=number) for number in range(len(facts.tracks))]
    parts = parts or [Part(first, channel) for channel in range(len(facts.channels))]
    labels = facts.tracks or facts.channels
    return tuple(
        Track(source.name, source, part, label)
        for part, label in zip(parts, labels, strict=True)
        if label  # "" is nobody: music, or a mix
    )


def _files(folder: Path, facts: Facts, sidecar: Path) -> tuple[Track, ...]:
    files = in_tracks(folder)
    if not files:
        raise InputError(
            "there is no recording in this folder", file=folder, remedy="Put one file a speaker into it."
        )
    if stated := facts.tracks or facts.channels or facts.track:
        raise ConfigError(
            f"{stated!r} chooses tracks or channels of one file, and {folder.name}/ has a file a speaker",
            file=sidecar,
            remedy="Name speakers under [speakers], by their files' names as labels.",
        )
    if strange := sorted(set(facts.offsets) - {path.name for path in files}):
        raise ConfigError(
            f"offsets: there is no '{strange[0]}' in {folder.name}/",
            file=sidecar,
            remedy=f"There are: {', '.join(path.name for path in files)}.",
        )
    return tuple(
        Track(f"{folder.name}/{path.name}", path, Part(), label, facts.offsets.get(path.name))
        for path, label in zip(files, names.labels([path.stem for path in files]), strict=True)
    )
