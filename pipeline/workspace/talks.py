"""A talk and its workspace: what people wrote about it, and where its files are."""

from __future__ import annotations

import os
import shlex
import stat
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError, InputError
from pipeline.files import FileMemory, with_ending
from pipeline.records import TRANSCRIPT_SUFFIXES, Part
from pipeline.workspace import config, meetings, own_facts, tracks
from pipeline.workspace.config import Settings
from pipeline.workspace.meetings import Meeting
from pipeline.workspace.own_facts import OwnFacts
from pipeline.workspace.review_file import Review
from pipeline.workspace.sidecar import Facts, Person, cohort_files, read_layers
from pipeline.workspace.state import State
from pipeline.workspace.tracks import Track
from pipeline.workspace.tree import Tree


@dataclass(frozen=True)
class Workspace:
    """The folder with inputs/ and outputs/, and perhaps takeaways.toml, prompts/ and templates/."""

    root: Path

    @classmethod
    def around(cls, folder: Path) -> Workspace:
        """The nearest workspace upwards: a folder with an inputs/ of the same owner; else `folder` itself.

        A takeaways.toml above counts only as part of such a workspace, and no folder above counts in which
        anybody may write. Raises ConfigError if the takeaways.toml that counts belongs to somebody else, who
        could steer what is done here.
        """
        folder = folder.resolve()
        owners = {0, folder.stat().st_uid, os.getuid() if hasattr(os, "getuid") else 0}
        if not ((folder / "inputs").is_dir() or (folder / "takeaways.toml").is_file()):
            folder = next((above for above in folder.parents if _is_workspace(above, owners)), folder)
        settings = folder / "takeaways.toml"
        if settings.exists() and not _owners(settings) <= owners:
            raise ConfigError(
                "belongs to another user, and may say what is done here",
                file=settings,
                remedy=f"If you trust it: -w {shlex.quote(str(folder))}. Else move it away.",
            )
        return cls(folder)

    @property
    def inputs(self) -> Path:
        return self.root / "inputs"

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    @property
    def tree(self) -> Tree:
        """How anything in it is written and removed."""
        return Tree(self.root)

    def state(self, name: str) -> State:
        """What the machine remembers of a talk, outside outputs/."""
        return State(self.root, name)

    def relative(self, path: Path) -> str:
        """`path` for receipts and messages: relative to the workspace, else its bare name."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name


def _is_workspace(folder: Path, owners: Collection[int]) -> bool:
    """Whether a folder with an inputs/ is one of these users', and nobody else may put files into it."""
    if not (folder / "inputs").is_dir() or folder.stat().st_mode & stat.S_IWOTH:
        return False
    return (_owners(folder) | _owners(folder / "inputs")) <= {*owners}


def _owners(path: Path) -> set[int]:
    """Who owns a file or a folder, and if it is a link, who owns that. Raises OSError if it is not there."""
    return {path.stat().st_uid, path.lstat().st_uid}


@dataclass(frozen=True)
class Source:
    """An input file or folder that is a talk; `name` is its path under inputs/ less the suffix."""

    name: str
    path: Path


@dataclass(frozen=True)
class Subject(ABC):
    """What stages are run on, a talk or a cohort of talks: its files, and what people said about it.

    `source` is the input that it stands for; `home` is its output folder; `prompts` is the prompt set in use;
    `style_file` is what names the sample of the author's writing among the facts.
    """

    name: str
    source: Path
    home: Path
    prompts: str
    facts: Facts
    style_file: Path | None
    settings: Settings
    memory: FileMemory
    workspace: Workspace

    @property
    def folder(self) -> Path:
        """Where its post is."""
        return self.home

    @property
    @abstractmethod
    def sidecar(self) -> Path:
        """The file in which people state its facts; it need not be there."""

    @abstractmethod
    def rerun_command(self, stage: str) -> str:
        """What to type for a stage to run again, other options apart."""

    @property
    def state(self) -> State:
        """What the machine remembers of it."""
        return self.workspace.state(self.name)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where running its stages writes, unless a person's edit is in the way."""
        return (self.home, self.folder, *self.state.folders)

    @property
    def edits(self) -> Path:
        """Where copies of hand-edited outputs go before --force replaces them."""
        return with_ending(self.workspace.inputs / self.name, ".edits")


@dataclass(frozen=True)
class Talk(Subject):
    """A source with all that people said about it.

    `media` is the recording with all speakers in it, None where there is none; `tracks` are those of single
    speakers, if each has one. `regulars` are the people whom cohort.toml names, and the host; unlike the
    speakers in the talk's own sidecar they may be absent from this talk, as may those whom its file names in
    `own`. `origins` says where each fact is from. `left_out` are files of its folder or meeting that are not
    used.
    """

    media: Path | None
    tracks: tuple[Track, ...]
    transcript: Path | None
    rttm: Path | None
    regulars: tuple[Person, ...]
    own: OwnFacts
    origins: Mapping[str, str]
    review: Review
    left_out: tuple[Path, ...] = ()

    @property
    def folder(self) -> Path:
        """`home` itself for the talk's own prompt set, sets/SET/ in it for any other."""
        own_set = self.settings.extract.prompts
        return self.home if self.prompts == own_set else self.home / "sets" / self.prompts

    @property
    def sidecar(self) -> Path:
        return beside(self.source, ".toml")

    @property
    def review_file(self) -> Path:
        """The file with people's corrections; it need not be there."""
        return beside(self.source, ".review.toml")

    def rerun_command(self, stage: str) -> str:
        return f"--from {stage}"

    @property
    def named_by_itself(self) -> tuple[Person, ...]:
        """The people whom its own file names."""
        hosts = (Person(name=name, role="Host") for name in self.own.hosts)
        return (*hosts, *(Person(name=name) for name in self.own.guests))

    @property
    def part(self) -> Part:
        """Which sound of the recording is heard, where it is heard as a whole."""
        return Part(track=self.facts.track and self.facts.track - 1)


def beside(source: Path, ending: str) -> Path:
    """The file about a talk that is beside its source, under its name."""
    return with_ending(source, ending) if tracks.unsuffixed(source) == source else source.with_suffix(ending)


def load(
    source: Source,
    workspace: Workspace,
    overrides: Sequence[Mapping[str, Any]] = (),
    prompts: str | None = None,
) -> Talk:
    """Read everything people wrote about a talk; `prompts` is a set to use instead of its own.

    Raises ConfigError, naming file and key, or InputError for a folder of tracks that cannot be used.
    """
    sidecar = beside(source.path, ".toml")
    files = [*cohort_files(source.path.parent, workspace.inputs), sidecar]
    memory = workspace.state(source.name).file_memory()
    meeting = _parts(source.path)

    def own(facts: Facts) -> OwnFacts:
        parts = meeting.speech if source.path.is_dir() else ()
        return own_facts.of(source.name, _transcript(meeting, facts, sidecar), memory, parts)

    stated = read_layers(files, workspace.root / "takeaways.toml", overrides, own)
    review_file = beside(source.path, ".review.toml")
    review = config.validate(Review, config.read_toml(review_file), review_file)
    transcript = _transcript(meeting, stated.facts, sidecar)
    return Talk(
        name=source.name,
        source=source.path,
        media=meeting.recording,
        tracks=tracks.of(source.path, stated.facts, sidecar, meeting),
        transcript=transcript,
        rttm=_beside(sidecar, "rttm", stated.facts.rttm),
        home=workspace.outputs / source.name,
        prompts=prompts or stated.settings.extract.prompts,
        facts=stated.facts,
        style_file=stated.style_file,
        regulars=stated.regulars,
        own=stated.own,
        origins=stated.origins,
        review=review,
        settings=stated.settings,
        memory=memory,
        workspace=workspace,
        left_out=_left_out(meeting, transcript),
    )


def _parts(source: Path) -> Meeting:
    """The files of a talk. The recording of a folder of tracks may be beside it, under its name.

    Raises InputError for a folder that is no talk.
    """
    if not source.is_dir():
        is_transcript = source.suffix.lower() in TRANSCRIPT_SUFFIXES
        alone = Meeting(source, transcript=source) if is_transcript else Meeting(source, source)
        return meetings.meeting_of(source) or alone
    mix = next(iter(tracks.recordings_beside(source)), None)
    if tracks.is_tracks(source):
        files, others = tracks.recordings_in(source), tracks.others_in(source)
        return Meeting(source, mix, tuple(files), left_out=tuple(others))
    if not (meeting := meetings.meeting_of(source)):
        raise InputError("is not a talk", file=source, remedy="Name one of those in it: takeaways status")
    return replace(meeting, recording=meeting.recording or mix)


def _left_out(meeting: Meeting, transcript: Path | None) -> tuple[Path, ...]:
    """What of a meeting is not used, its transcript if another one is read instead."""
    replaced = [meeting.transcript] if meeting.transcript and meeting.transcript != transcript else []
    return tuple(path for path in sorted([*meeting.left_out, *replaced]) if path != transcript)


def _transcript(meeting: Meeting, facts: Facts, sidecar: Path) -> Path | None:
    """The transcript that is read, None to listen: "" says that a recorder's own is not read."""
    if facts.transcript is None:
        return meeting.transcript
    if not facts.transcript and (meeting.recording or meeting.tracks):
        return None
    return _beside(sidecar, "transcript", facts.transcript)


def _beside(sidecar: Path, key: str, name: str | None) -> Path | None:
    """The file that a sidecar names, in its own folder or below. Raises ConfigError."""
    if name is None:
        return None
    relative, path = Path(name), sidecar.parent / name
    try:
        exists = path.is_file()
    except OSError:  # too long for a name
        exists = False
    if relative.is_absolute() or ".." in relative.parts:
        raise ConfigError(
            f"{key} = '{name}' leads out of the folder",
            file=sidecar,
            remedy="Put the file beside the sidecar, and give its name alone.",
        )
    if not exists:
        raise ConfigError(
            f"{key} = '{name}' is not a file beside it",
            file=sidecar,
            remedy="Correct the name, or remove the line to do without.",
        )
    return path
