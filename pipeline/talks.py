"""What is a talk, and where its files are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import config
from pipeline.config import Settings
from pipeline.digests import Memory
from pipeline.errors import ConfigError, InputError
from pipeline.facts import Facts, Review

MEDIA = frozenset(
    f".{suffix}"
    for suffix in (
        *(
            "aac",
            "aif",
            "aiff",
            "amr",
            "flac",
            "m4a",
            "m4b",
            "mka",
            "mp2",
            "mp3",
            "oga",
            "ogg",
            "opus",
            "wav",
        ),
        *(
            "avi",
            "flv",
            "m4v",
            "mkv",
            "mov",
            "mp4",
            "mpeg",
            "mpg",
            "mts",
            "ogv",
            "ts",
            "weba",
            "webm",
            "wma",
            "wmv",
        ),
    )
)
TRANSCRIPTS = frozenset({".md", ".txt", ".vtt"})
_NOT_TALKS = frozenset({"readme", "license", "licence", "copying", "notice"})


@dataclass(frozen=True)
class Workspace:
    """The folder with inputs/ and outputs/, and perhaps takeaways.toml, prompts/ and templates/."""

    root: Path

    @classmethod
    def around(cls, folder: Path) -> Workspace:
        """The nearest folder upwards that has a takeaways.toml, else `folder` itself."""
        folder = folder.resolve()
        return cls(next((f for f in (folder, *folder.parents) if (f / "takeaways.toml").is_file()), folder))

    @property
    def inputs(self) -> Path:
        return self.root / "inputs"

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    def state(self, name: str, suffix: str) -> Path:
        """A file of the machine's own about a talk (lock, memory), outside outputs/."""
        return self.root / ".takeaways" / "talks" / f"{name}{suffix}"

    def relative(self, path: Path) -> str:
        """`path` for receipts and messages: relative to the workspace, else its bare name."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name


@dataclass(frozen=True)
class Source:
    """An input file that is a talk. `name` is its path under inputs/ without the suffix."""

    name: str
    path: Path


@dataclass(frozen=True)
class Talk:
    """A source with all that people said about it."""

    name: str
    source: Path
    transcript: Path | None
    folder: Path
    facts: Facts
    review: Review
    settings: Settings
    memory: Memory
    workspace: Workspace

    @property
    def media(self) -> Path | None:
        """The recording, None where the source is a transcript alone."""
        return None if self.source.suffix.lower() in TRANSCRIPTS else self.source

    @property
    def edits(self) -> Path:
        """Where copies of hand-edited outputs go before --force replaces them."""
        return self.workspace.inputs / f"{self.name}.edits"


def discover(inputs: Sequence[Path], workspace: Workspace) -> list[Source]:
    """The talks among files and folders, in a stable order. Raises InputError (missing, none, a clash)."""
    found: dict[str, Path] = {}
    for given in inputs:
        paths = _in_folder(given) if given.is_dir() else [given]
        if not paths:
            raise InputError("no recording or transcript in this folder", file=given, remedy=_WHAT_COUNTS)
        for path in map(_absolute, paths):
            if not path.is_file():
                raise InputError("there is no such file", file=given, remedy="Check the path.")
            name = _name(path, workspace)
            other = found.setdefault(name, path)
            if other != path:
                raise InputError(
                    f"has the same output folder as {workspace.relative(other)}: outputs/{name}",
                    file=workspace.relative(path),
                    remedy="Rename one of the two.",
                )
    return [Source(name, path) for name, path in sorted(found.items())]


_WHAT_COUNTS = "Put in media files, or transcripts ending in .md, .txt or .vtt."


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # not resolve(): a symlink keeps the name that its owner gave it


def _name(path: Path, workspace: Workspace) -> str:
    if path.is_relative_to(workspace.inputs):
        return path.relative_to(workspace.inputs).with_suffix("").as_posix()
    return path.stem


def _in_folder(folder: Path) -> list[Path]:
    """Talks below a folder; a recording wins over a transcript of the same stem."""
    by_stem: dict[Path, Path] = {}
    for path in sorted(_files(folder), key=lambda p: (p.suffix.lower() in TRANSCRIPTS, p)):
        by_stem.setdefault(path.with_suffix(""), path)
    return sorted(by_stem.values())


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and f != "voices" and f[-6:] != ".edits"
        )
        for name in names:
            path = Path(parent, name)
            hidden = name.startswith(".") or path.stem.lower() in _NOT_TALKS
            if not hidden and path.suffix.lower() in MEDIA | TRANSCRIPTS:
                yield path


def load(source: Source, workspace: Workspace, overrides: Sequence[Mapping[str, Any]] = ()) -> Talk:
    """Read everything people wrote about a talk. Raises ConfigError, naming file and key."""
    sidecar = source.path.with_suffix(".toml")
    layers: list[tuple[Path | str, dict[str, Any]]] = []
    facts: dict[str, Any] = {}
    for path in (*_cohort_files(source.path, workspace), sidecar):
        tables = config.read_toml(path)
        layers.append((path, {key: tables.pop(key) for key in config.STAGE_TABLES if key in tables}))
        stated = config.validate(Facts, tables, path)
        glossary = (*facts.get("glossary", ()), *stated.glossary)
        facts.update(stated.model_dump(exclude_unset=True), glossary=glossary)
    base = workspace.root / "takeaways.toml"
    settings = config.merge(
        [(base, config.read_toml(base)), *layers, *(("--set", dict(override)) for override in overrides)]
    )
    review_file = source.path.with_suffix(".review.toml")
    review = config.validate(Review, config.read_toml(review_file), review_file)
    known = config.validate(Facts, facts, sidecar)
    return Talk(
        name=source.name,
        source=source.path,
        transcript=_transcript(source.path, known, sidecar),
        folder=workspace.outputs / source.name,
        facts=known,
        review=review,
        settings=settings,
        memory=Memory(workspace.state(source.name, ".json")),
        workspace=workspace,
    )


def _cohort_files(path: Path, workspace: Workspace) -> list[Path]:
    """cohort.toml of the source's folder and of those above it inside inputs/, outermost first."""
    folders = [path.parent]
    while folders[0] != workspace.inputs and folders[0].is_relative_to(workspace.inputs):
        folders.insert(0, folders[0].parent)
    return [folder / "cohort.toml" for folder in folders]


def _transcript(source: Path, facts: Facts, sidecar: Path) -> Path | None:
    if facts.transcript is None:
        return source if source.suffix.lower() in TRANSCRIPTS else None
    path = source.parent / facts.transcript
    if not path.is_file():
        raise ConfigError(
            f"transcript = '{facts.transcript}' is not a file beside it",
            file=sidecar,
            remedy="Correct the name, or remove the line to have the recording transcribed.",
        )
    return path
