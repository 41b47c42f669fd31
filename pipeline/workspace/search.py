"""What may be a talk among files and folders, and what is not taken on the way."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError, InputError
from pipeline.records import MEDIA_SUFFIXES, TRANSCRIPT_SUFFIXES
from pipeline.text import visible
from pipeline.workspace import config, recorders, sidecar, sources, style_sample
from pipeline.workspace.meetings import Contents, Meeting, contents
from pipeline.workspace.talks import Workspace, beside
from pipeline.workspace.tracks import is_tracks, tracks_of

WHAT_IS_A_TALK = f"Put in {sources.READABLE}."
_MOST_NAMED = 12  # files in a notice


@dataclass
class Search:
    """What is looked for among files and folders, and what is not taken on the way.

    `passed_over` are files that are no talks, `unheard` transcripts of what has a recording; `unread` are
    sidecars of files that are part of a talk, with its source; `doubts` are folders that
    look like one meeting, with what speaks against it; `samples` are samples of an author's writing, with the
    file that names them.
    """

    workspace: Workspace
    passed_over: list[Path] = field(default_factory=list)
    unheard: list[Path] = field(default_factory=list)
    unread: dict[Path, Path] = field(default_factory=dict)
    doubts: list[tuple[Path, str]] = field(default_factory=list)
    known: dict[Path, Contents] = field(default_factory=dict)
    members: dict[Path, Meeting] = field(default_factory=dict)
    of_tracks: dict[Path, bool] = field(default_factory=dict)
    samples: dict[Path, Path] = field(default_factory=dict)

    def candidates(self, inputs: Sequence[Path]) -> Iterator[Path | InputError]:
        """What may be a talk, and what was asked for and cannot be one."""
        is_alone = len(inputs) == 1
        for asked in inputs:
            # The folder is resolved, so that one talk has one name; the file is not: a link keeps its own.
            path = asked.parent.resolve() / asked.name
            if talk := tracks_of(path) or self.meeting_with(path):
                yield talk
            elif asked.is_dir():
                yield from self._in_folder(asked.resolve())
            elif path.suffix.lower() == ".toml" or sources.is_never_talk(path.name):
                if is_alone:
                    yield InputError("is not a talk", file=asked, remedy=WHAT_IS_A_TALK)
            elif not path.is_file():
                yield InputError("there is no such file", file=asked, remedy="Check the path.")
            elif remedy := sources.unreadable_remedy(path):
                if is_alone:
                    wrong = f"a {path.suffix.lower()} file is not read as a recording or a transcript"
                    yield InputError(wrong, file=asked, remedy=remedy)
                else:
                    self.passed_over.append(path)
            elif sources.is_plain_text(path):
                if is_alone:
                    wrong = "is text, and its name does not say of what kind"
                    yield InputError(wrong, file=asked, remedy="If it is a transcript, name it .txt.")
                else:
                    self.passed_over.append(path)
            elif is_alone or not sources.is_unrelated(path):
                yield path

    def meeting_with(self, path: Path) -> Path | None:
        """The talk of several files that a path is or is in."""
        for folder in (*self._above(path.parent), path.parent, path):
            self.contents(folder)
            if meeting := self.members.get(path):
                self._note_sidecars(meeting)
                return meeting.source
        return None

    def _above(self, folder: Path) -> list[Path]:
        """The folder above, if this one is Zoom's with the tracks of a meeting."""
        if folder not in self.of_tracks:
            self.of_tracks[folder] = recorders.is_zooms_audio(folder)
        return [folder.parent] if self.of_tracks[folder] else []

    def contents(self, folder: Path) -> Contents:
        """What recorders wrote into a folder; inputs/ and the folders above are no talk."""
        if folder not in self.known:
            found = Contents()
            with suppress(OSError):
                if os.path.isdir(folder) and not is_tracks(folder):
                    may_be_talk = not self.workspace.inputs.is_relative_to(folder.resolve())
                    found = contents(folder, may_be_talk)
            self.known[folder] = found
            for meeting in found.meetings:
                folders = {path.parent for path in meeting.tracks} if found.whole else set()
                for path in {meeting.source, *meeting.files, *folders}:
                    self.members.setdefault(path, meeting)
        return self.known[folder]

    def _in_folder(self, top: Path) -> Iterator[Path]:
        """Talks below a folder, without outputs, voices and *.edits."""
        root, used, taken = self.workspace.root, set[Path](), list[Path]()
        for file in (root / "takeaways.toml", *sidecar.cohort_files(top, self.workspace.inputs)[:-1]):
            self._note_samples(file, self._tables(file))
        for parent, folders, names in os.walk(top):
            here = Path(parent)
            folders[:] = sorted(
                name
                for name in folders
                if name[0] != "." and name != "voices" and name[-6:] != ".edits"
                if here / name != self.workspace.outputs
            )
            if here == self.workspace.outputs:
                break
            found = self.contents(here)
            for meeting in found.meetings:
                self._note_sidecars(meeting)
            if found.whole:
                folders.clear()
                taken.append(here)
                continue
            if found.doubt:
                self.doubts.append((here, found.doubt))
            of_tracks = {name for name in folders if is_tracks(here / name)}
            folders[:] = [
                name for name in folders if name not in of_tracks and here / name not in found.others
            ]
            taken += [here / name for name in sorted(of_tracks)]
            for file in [here / name for name in names if name.endswith(".toml")]:
                tables = self._tables(file)
                used |= _beside(file, tables)
                self._note_samples(file, tables)
            taken += self._taken([here / name for name in sorted(names) if here / name not in used], found)
        self.passed_over = [path for path in self.passed_over if path not in self.samples]
        yield from (path for path in taken if path not in self.samples)

    def _tables(self, file: Path) -> Mapping[str, Any]:
        """The tables of a TOML file, {} if it cannot be read, which is told when a talk is loaded."""
        try:
            return config.read_toml(file)
        except ConfigError:
            return {}

    def _note_samples(self, file: Path, tables: Mapping[str, Any]) -> None:
        """What a file names as samples of an author's writing is no talk."""
        for path in style_sample.files_named(tables, file.parent, self.workspace.root):
            self.samples.setdefault(path, file)

    def _note_sidecars(self, meeting: Meeting) -> None:
        """What is said of single files of a meeting is not read."""
        if meeting.source.is_dir():
            stated = set(meeting.source.glob("*.toml"))
        else:
            stated = {path.with_suffix(".toml") for path in meeting.files if path != meeting.source}
            stated -= {meeting.source.with_suffix(".toml")}
        self.unread |= {path: meeting.source for path in sorted(stated) if path.is_file()}

    def _taken(self, paths: Sequence[Path], found: Contents) -> Iterator[Path]:
        """The files of one folder that may be talks; the others are noted."""
        in_groups = {path for group in found.groups for path in group.files}
        for path in paths:
            # A link that leads nowhere is told when the talk is run; a pipe would make us wait.
            is_there = path.is_file() or not path.exists()
            has_suffix = path.suffix.lower() in MEDIA_SUFFIXES | TRANSCRIPT_SUFFIXES
            may_be = has_suffix and is_there and not sources.is_never_talk(path.name)
            if may_be and path not in found.others and not sources.is_unrelated(path):
                yield path
            elif path.is_file() and path not in in_groups and not sources.is_furniture(path):
                self.passed_over.append(path)

    def notices(self) -> Iterator[str]:
        """What is not taken, a line for each kind."""
        by_remedy: defaultdict[str, list[Path]] = defaultdict(list)
        for path in self.passed_over:
            by_remedy[sources.unreadable_remedy(path) or sources.EXPORT].append(path)
        for remedy, paths in by_remedy.items():
            yield f"passed over, not read as talks: {self._listed(paths)}. {remedy}"
        if self.unheard:
            example = self.unheard[0].name
            yield (
                f"not read, since there is a recording of the same name: {self._listed(self.unheard)}. "
                f'To take one instead of listening: transcript = "{example}" in its talk\'s .toml'
            )
        for path, talk in self.unread.items():
            own = self.workspace.relative(beside(talk, ".toml"))
            yield f"{self.workspace.relative(path)} is not read: what it says of this talk belongs in {own}"
        for folder, why in self.doubts:
            yield f"{self.workspace.relative(folder)} looks like one meeting, but {why}"

        for path, file in self.samples.items():
            if path.is_relative_to(self.workspace.inputs) and path.is_file():
                sample, names_it = map(self.workspace.relative, (path, file))
                yield f"{sample} is not read as a talk: {names_it} names it as a sample of your writing"

    def _listed(self, paths: Sequence[Path]) -> str:
        names = [visible(self.workspace.relative(path)) for path in paths[:_MOST_NAMED]]
        more = len(paths) - _MOST_NAMED
        return ", ".join(names) + f" and {more} more" * (more > 0)


def _beside(sidecar_file: Path, tables: Mapping[str, Any]) -> set[Path]:
    """The files beside a talk's sidecar that it names."""
    if sidecar_file.name == sidecar.COHORT:
        return set()
    names = (tables.get(key) for key in ("transcript", "rttm"))
    return {sidecar_file.parent / name for name in names if isinstance(name, str)}
