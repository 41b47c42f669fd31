"""A cohort as its stages see it: what people said about it, and the talks that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cohort import excerpts
from pipeline.cohort.cohort_records import Excerpt
from pipeline.errors import InputError, TakeawaysError, explained
from pipeline.workspace import discovery, talks
from pipeline.workspace.sidecar import COHORT, cohort_files, read_layers
from pipeline.workspace.talks import Subject, Talk, Workspace

MAX_TALKS = 2_000


@dataclass(frozen=True)
class Cohort(Subject):
    """A folder of talks; `source` is its cohort.toml, `name` the folder's path under inputs/ and "cohort".

    `members` have takeaways; `keys` are digests of what each one's excerpt is made from. `absent` are the
    talks that are left out, each with the reason.
    """

    members: tuple[Talk, ...]
    keys: tuple[str, ...]
    absent: tuple[tuple[str, str], ...]

    @property
    def sidecar(self) -> Path:
        return self.source

    def rerun_command(self, stage: str) -> str:
        """Its stages run together, by a command of their own."""
        return f"takeaways cohort {self.workspace.relative(self.source.parent)}"


def load(folder: Path, workspace: Workspace, overrides: Sequence[Mapping[str, Any]] = ()) -> Cohort:
    """The cohort of the talks in a folder.

    Raises InputError if it is no folder, is empty, one talk or more than MAX_TALKS; ConfigError.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise InputError("is not a folder", file=folder, remedy="A cohort is a folder of recordings.")
    files = cohort_files(folder, workspace.inputs)
    stated = read_layers(files, workspace.root / "takeaways.toml", overrides)
    sources, problems = discovery.discover([folder], workspace)
    if any(source.path == folder for source in sources):
        remedy = f"Make its post: takeaways run {workspace.relative(folder)}"
        raise InputError("is one talk, and no cohort", file=folder, remedy=remedy)
    if len(sources) > MAX_TALKS:
        raise InputError(
            f"has {len(sources):,} talks, of at most {MAX_TALKS:,} that can be compared",
            file=folder,
            remedy="Divide it into folders with a cohort.toml each.",
        )
    members, keys = [], []
    absent = [(str(error.file), str(error)) for error in problems]
    for source in sources:
        try:
            talk = talks.load(source, workspace, overrides)
            key = excerpts.prepare(talk)
            talk.memory.save()
        except (TakeawaysError, OSError) as error:
            absent.append((source.name, explained(error) or str(error)))
            continue
        if key:
            members.append(talk)
            keys.append(key)
        else:
            absent.append((source.name, "it has no takeaways yet"))
    is_inside = folder.is_relative_to(workspace.inputs)
    relative_path = folder.relative_to(workspace.inputs) if is_inside else Path(folder.name)
    name = (relative_path / "cohort").as_posix()
    return Cohort(
        name=name,
        source=folder / COHORT,
        home=workspace.outputs / relative_path,
        prompts=stated.settings.cohort.prompts,
        facts=stated.facts,
        style_file=stated.style_file,
        settings=stated.settings,
        memory=workspace.state(name).file_memory(),
        workspace=workspace,
        members=tuple(members),
        keys=tuple(keys),
        absent=tuple(absent),
    )


def excerpts_of(cohort: Cohort) -> list[Excerpt]:
    """What each member contributes. Raises what `excerpts.load` does."""
    return [excerpts.load(talk, key) for talk, key in zip(cohort.members, cohort.keys, strict=True)]


def min_quoted_talks(talks: int) -> int:
    """How many of a cohort's talks a theme must quote to be a common one."""
    return 3 if talks >= 10 else 2
