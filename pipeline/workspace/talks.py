"""What is a talk, and where its files are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import records
from pipeline.digests import Memory
from pipeline.errors import ConfigError, InputError
from pipeline.files import with_ending
from pipeline.records import Part
from pipeline.text import visible
from pipeline.workspace import config, media, sidecars, tracks
from pipeline.workspace.config import Settings
from pipeline.workspace.facts import Facts, Person, Review
from pipeline.workspace.tracks import Track

TRANSCRIPT_SUFFIXES = records.TRANSCRIPT_SUFFIXES
WHISPERS = (".json", ".vtt", ".srt", ".txt")  # forms of one transcript, what holds most first
_NOT_TALKS = frozenset({"readme", "license", "licence", "copying", "notice"})


@dataclass(frozen=True)
class Workspace:
    """The folder with inputs/ and outputs/, and perhaps takeaways.toml, prompts/ and templates/."""

    root: Path

    @classmethod
    def around(cls, folder: Path) -> Workspace:
        """The nearest folder upwards with a takeaways.toml, else with an inputs/, else `folder` itself."""
        upwards = (folder.resolve(), *folder.resolve().parents)
        settled = (f for f in upwards if (f / "takeaways.toml").is_file())
        started = (f for f in upwards if (f / "inputs").is_dir())
        return cls(next(settled, None) or next(started, upwards[0]))

    @property
    def inputs(self) -> Path:
        return self.root / "inputs"

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    def state(self, name: str, suffix: str) -> Path:
        """A file of the machine's own about a talk (lock, memory), outside outputs/."""
        return with_ending(self.root / ".takeaways" / "talks" / name, suffix)

    def replies(self, name: str) -> Path:
        """The folder of what servers and language models answered about a talk."""
        return with_ending(self.root / ".takeaways" / "cache" / name, ".replies")

    def relative(self, path: Path) -> str:
        """`path` for receipts and messages: relative to the workspace, else its bare name."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name


@dataclass(frozen=True)
class Source:
    """An input file or folder of tracks that is a talk; `name` is its path under inputs/ less the suffix."""

    name: str
    path: Path


@dataclass(frozen=True)
class Talk:
    """A source with all that people said about it.

    `regulars` are the people whom cohort.toml names; unlike those of the talk's own sidecar they may be
    absent from this talk. `media` is the recording with all speakers in it, None where there is none;
    `tracks` are those of single speakers, if each has one. `home` is its output folder; `prompts` the prompt
    set in use, and `folder` where that set's post is: at home for the talk's own set, in sets/SET/ for any
    other.
    """

    name: str
    source: Path
    media: Path | None
    tracks: tuple[Track, ...]
    transcript: Path | None
    rttm: Path | None
    home: Path
    prompts: str
    facts: Facts
    regulars: tuple[Person, ...]
    review: Review
    settings: Settings
    memory: Memory
    workspace: Workspace

    @property
    def part(self) -> Part:
        """What of the recording is heard, where it is heard as a whole."""
        return Part(track=self.facts.track and self.facts.track - 1)

    @property
    def folder(self) -> Path:
        own = self.settings.extract.prompts
        return self.home if self.prompts == own else self.home / "sets" / self.prompts

    @property
    def edits(self) -> Path:
        """Where copies of hand-edited outputs go before --force replaces them."""
        return with_ending(self.workspace.inputs / self.name, ".edits")


def discover(inputs: Sequence[Path], workspace: Workspace) -> tuple[list[Source], list[InputError]]:
    """The talks among files and folders, in a stable order, and what is wrong with the others.

    Sidecars and other files that are no talks are passed over among several. Of one stem a folder of tracks
    wins over a recording and a recording over a transcript, and of the forms in which Whisper writes the same
    talk the one that holds most; other clashes are errors. Raises InputError if there is nothing at all.
    """
    problems: list[InputError] = []
    claims: dict[str, list[Path]] = {}
    for path in dict.fromkeys(_candidates(inputs, workspace, problems)):
        name = _name(path, workspace)
        if name == visible(name):
            claims.setdefault(name, []).append(path)
        else:
            what, remedy = "its name has a character that cannot be shown", "Rename it."
            problems.append(InputError(what, file=visible(workspace.relative(path)), remedy=remedy))
    sources = []
    for name, paths in sorted(claims.items()):
        folders = [path for path in paths if media.is_tracks(path)]
        recordings = [path for path in paths if path.suffix.lower() not in TRANSCRIPT_SUFFIXES]
        path, *others = folders or recordings or _richest(paths)
        if others or any(p.parent != path.parent for p in paths):
            clash = ", ".join(workspace.relative(p) for p in paths if p != path)
            problems.append(
                InputError(
                    f"has the same output folder as {clash}: outputs/{name}",
                    file=workspace.relative(path),
                    remedy="Rename one of them.",
                )
            )
        elif path.stem.lower() == "cohort":
            problems.append(
                InputError(
                    "has the name of what belongs to its whole folder: cohort.toml, cohort.json, …",
                    file=workspace.relative(path),
                    remedy="Give it another name.",
                )
            )
        else:
            sources.append(Source(name, path))
    if not sources and not problems:
        given = ", ".join(map(str, inputs))
        raise InputError("no recording or transcript there", file=given, remedy=_WHAT_COUNTS)
    return sources, problems


def _richest(paths: list[Path]) -> list[Path]:
    """One of the files that Whisper writes side by side; all paths, if they are not just that."""
    ranks = [WHISPERS.index(suffix) if (suffix := path.suffix.lower()) in WHISPERS else -1 for path in paths]
    same_place = len({path.parent for path in paths}) == 1
    return [paths[ranks.index(min(ranks))]] if same_place and min(ranks) >= 0 else paths


_WHAT_COUNTS = "Put in media files, or transcripts ending in .md, .txt, .vtt, .srt or .json."


def _candidates(inputs: Sequence[Path], workspace: Workspace, problems: list[InputError]) -> Iterator[Path]:
    for given in inputs:
        # The folder is resolved, so that one talk has one name; the file is not: a link keeps its own name.
        path = given.parent.resolve() / given.name
        if folder := media.tracks_of(path):
            yield folder
        elif given.is_dir():
            yield from _in_folder(given.resolve(), workspace)
        elif path.suffix.lower() == ".toml" or _hidden(path.name):
            if len(inputs) == 1:
                problems.append(InputError("is not a talk", file=given, remedy=_WHAT_COUNTS))
        elif path.is_file():
            if len(inputs) == 1 or not _unrelated(path):
                yield path
        else:
            problems.append(InputError("there is no such file", file=given, remedy="Check the path."))


def _unrelated(path: Path) -> bool:
    """Whether a file with a transcript's suffix is none, as package.json; told when it is given alone."""
    return path.suffix.lower() in TRANSCRIPT_SUFFIXES and not media.is_transcript(path)


def _hidden(name: str) -> bool:
    return name.startswith(".") or Path(name).stem.lower() in _NOT_TALKS


def _name(path: Path, workspace: Workspace) -> str:
    if path.is_relative_to(workspace.inputs):
        return path.relative_to(workspace.inputs).with_suffix("").as_posix()
    return path.stem


def _in_folder(folder: Path, workspace: Workspace) -> Iterator[Path]:
    """Files below a folder that look like talks; not what the machine wrote, nor voices and kept edits."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name[0] != "." and name != "voices" and name[-6:] != ".edits"
            if Path(parent, name) != workspace.outputs
        )
        if Path(parent) == workspace.outputs:
            return
        of_tracks = {name for name in folders if media.is_tracks(Path(parent, name))}
        folders[:] = [name for name in folders if name not in of_tracks]
        yield from (Path(parent, name) for name in sorted(of_tracks))
        used = {
            _named_transcript(Path(parent, name))
            for name in names
            if name.endswith(".toml") and name != sidecars.COHORT
        }
        for name in sorted(set(names) - used):
            path = Path(parent, name)
            if _hidden(name) or path.suffix.lower() not in records.MEDIA_SUFFIXES | TRANSCRIPT_SUFFIXES:
                continue
            # A link that leads nowhere is told when the talk is run; a pipe would make us wait.
            if not _unrelated(path) if path.is_file() else not path.exists():
                yield path


def _named_transcript(sidecar: Path) -> str:
    """The file that a sidecar names as its recording's transcript, which is then no talk of its own."""
    try:
        return str(config.read_toml(sidecar).get("transcript"))
    except ConfigError:
        return ""  # told when the talk is loaded


def load(
    source: Source,
    workspace: Workspace,
    overrides: Sequence[Mapping[str, Any]] = (),
    prompts: str | None = None,
) -> Talk:
    """Read everything people wrote about a talk; `prompts` is a set other than its own.

    Raises ConfigError, naming file and key, or InputError for a folder of tracks without any.
    """
    sidecar = source.path.with_suffix(".toml")
    files = [*sidecars.above(source.path.parent, workspace.inputs), sidecar]
    stated = sidecars.read(files, workspace.root / "takeaways.toml", overrides)
    review_file = source.path.with_suffix(".review.toml")
    review = config.validate(Review, config.read_toml(review_file), review_file)
    return Talk(
        name=source.name,
        source=source.path,
        media=_recording(source.path),
        tracks=tracks.of(source.path, stated.facts, sidecar),
        transcript=_transcript(source.path, stated.facts, sidecar),
        rttm=_beside(sidecar, "rttm", stated.facts.rttm),
        home=workspace.outputs / source.name,
        prompts=prompts or stated.settings.extract.prompts,
        facts=stated.facts,
        regulars=stated.regulars,
        review=review,
        settings=stated.settings,
        memory=Memory(workspace.state(source.name, ".json")),
        workspace=workspace,
    )


def _recording(source: Path) -> Path | None:
    """The file with all speakers in it. Beside a folder of tracks it is the one of the same name."""
    if media.is_tracks(source):
        return next(iter(media.beside(source)), None)
    return None if source.suffix.lower() in TRANSCRIPT_SUFFIXES else source


def _transcript(source: Path, facts: Facts, sidecar: Path) -> Path | None:
    if facts.transcript is None:
        return source if source.suffix.lower() in TRANSCRIPT_SUFFIXES else None
    return _beside(sidecar, "transcript", facts.transcript)


def _beside(sidecar: Path, key: str, name: str | None) -> Path | None:
    """The file that a sidecar names, in its own folder or below. Raises ConfigError."""
    if name is None:
        return None
    inside, path = Path(name), sidecar.parent / name
    try:
        there = path.is_file()
    except OSError:  # too long for a name
        there = False
    if inside.is_absolute() or ".." in inside.parts:
        raise ConfigError(
            f"{key} = '{name}' leads out of the folder",
            file=sidecar,
            remedy="Put the file beside the sidecar, and give its name alone.",
        )
    if not there:
        raise ConfigError(
            f"{key} = '{name}' is not a file beside it",
            file=sidecar,
            remedy="Correct the name, or remove the line to do without.",
        )
    return path
