"""Which files in inputs/ are talks, and which talk is meant by a name."""

from __future__ import annotations

import difflib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.files import folded
from pipeline.records import MEDIA_SUFFIXES, TRANSCRIPT_SUFFIXES
from pipeline.text import visible
from pipeline.workspace import meetings, state
from pipeline.workspace.search import WHAT_IS_A_TALK, Search
from pipeline.workspace.sources import is_transcript as is_transcript
from pipeline.workspace.talks import Source, Workspace
from pipeline.workspace.tracks import TRACKS_SUFFIX, is_tracks, tracks_of, unsuffixed

# Of files that programs write for one talk, Whisper among them, the most complete first.
WHISPER_SUFFIXES = (".json", ".ttml", ".dfxp", ".vtt", ".srt", ".sbv", ".tsv", ".txt")


class Survey(NamedTuple):
    """Talks, what is wrong with others, and in a line each what is not taken and would be missed."""

    sources: list[Source]
    problems: list[InputError]
    notices: list[str]


def discover(inputs: Sequence[Path], workspace: Workspace) -> tuple[list[Source], list[InputError]]:
    """The talks among files and folders, in a stable order, and what is wrong with the others.

    Sidecars and other files that are no talks are passed over among several. Of files with the same name a
    folder of tracks wins over a recording and a recording over a transcript; of the formats that Whisper
    writes for one talk, the most complete wins. Other clashes are errors, as are names that some file systems
    do not keep apart. Raises InputError if there is nothing at all.
    """
    found = survey(inputs, workspace)
    return found.sources, found.problems


def survey(inputs: Sequence[Path], workspace: Workspace) -> Survey:
    """What `discover` finds, and what it passes over. Raises InputError if there is nothing at all."""
    search = Search(workspace)
    candidates = list(dict.fromkeys(search.candidates(inputs)))
    problems = [problem for problem in candidates if isinstance(problem, InputError)]
    paths_by_name: defaultdict[str, list[Path]] = defaultdict(list)
    for path in candidates:
        if isinstance(path, InputError):
            continue
        name = _name(path, workspace)
        if name == visible(name):
            paths_by_name[name].append(path)
        else:
            reason, remedy = "its name has a character that cannot be shown", "Rename it."
            problems.append(InputError(reason, file=visible(workspace.relative(path)), remedy=remedy))
    talks = []
    for name, paths in sorted(paths_by_name.items()):
        try:
            talks.append(Source(name, _chosen(name, paths, workspace)))
        except InputError as clash:
            problems.append(clash)
            continue
        if talks[-1].path.suffix.lower() not in TRANSCRIPT_SUFFIXES or talks[-1].path.is_dir():
            search.unheard += [path for path in paths if path.suffix.lower() in TRANSCRIPT_SUFFIXES]
    twins = list(_twins(talks, workspace))
    talks = [source for source in talks if source not in (twin for twin, _ in twins)]
    problems += [_twin_error(twin, first, workspace) for twin, first in twins]
    notices = list(search.notices())
    if not talks and not problems:
        listed = ", ".join(map(str, inputs))
        remedy = " ".join((WHAT_IS_A_TALK, *notices))
        raise InputError("no recording or transcript there", file=listed, remedy=remedy)
    return Survey(talks, problems, notices)


def _twins(sources: Sequence[Source], workspace: Workspace) -> Iterator[tuple[Source, Source]]:
    """Talks without outputs that some file systems take for others, each with that other."""
    by_name: dict[str, Source] = {}
    for source in sorted(sources, key=lambda source: not (workspace.outputs / source.name).is_dir()):
        first = by_name.setdefault(folded(source.name), source)
        if first != source and not (workspace.outputs / source.name).is_dir():
            yield source, first


def _twin_error(source: Source, first: Source, workspace: Workspace) -> InputError:
    return InputError(
        f"differs from {workspace.relative(first.path)} only in case or in how letters are encoded, and "
        f"some file systems take outputs/{source.name} and outputs/{first.name} for one folder",
        file=workspace.relative(source.path),
        remedy="Rename one of them.",
    )


def _chosen(name: str, paths: Sequence[Path], workspace: Workspace) -> Path:
    """Which of the files of one name is the talk.

    Raises InputError if several could be, or if the name is reserved.
    """
    folders = [path for path in paths if path.is_dir()]
    recordings = [path for path in paths if path.suffix.lower() not in TRANSCRIPT_SUFFIXES]
    chosen, *others = folders or recordings or _richest(paths)
    if folders and not is_tracks(chosen) and (whole := meetings.meeting_of(chosen)) and whole.recording:
        others = [path for path in recordings if path != chosen]
    if others or any(path.parent != chosen.parent for path in paths):
        rivals = ", ".join(workspace.relative(path) for path in paths if path != chosen)
        raise InputError(
            f"has the same output folder as {rivals}: outputs/{name}",
            file=workspace.relative(chosen),
            remedy="Rename one of them.",
        )
    if unsuffixed(chosen).name.lower() == "cohort":
        raise InputError(
            "has the name of what belongs to its whole folder: cohort.toml, cohort.json, …",
            file=workspace.relative(chosen),
            remedy="Give it another name.",
        )
    return chosen


def _richest(paths: Sequence[Path]) -> Sequence[Path]:
    """The most complete of the files that Whisper writes of one talk; else all paths."""
    ranks = [
        WHISPER_SUFFIXES.index(suffix) if (suffix := path.suffix.lower()) in WHISPER_SUFFIXES else -1
        for path in paths
    ]
    is_one_place = len({path.parent for path in paths}) == 1
    return [paths[ranks.index(min(ranks))]] if is_one_place and min(ranks) >= 0 else paths


def _name(path: Path, workspace: Workspace) -> str:
    bare = unsuffixed(path)
    if path.is_relative_to(workspace.inputs):
        return bare.relative_to(workspace.inputs).as_posix()
    return bare.name


def find(asked: str, workspace: Workspace) -> Source:
    """The talk that is meant by an input file or by its name. Raises InputError."""
    path = Path(asked)
    if os.path.isfile(path) or is_tracks(path) or _meeting_at(path, workspace):
        found, problems = discover([path], workspace)
        if problems:
            raise problems[0]
        return found[0]
    known = discover([workspace.inputs], workspace)[0] if workspace.inputs.is_dir() else []
    by_name = {source.name: source for source in known}
    if asked in by_name:
        return by_name[asked]
    suggestions = difflib.get_close_matches(asked, by_name, n=3, cutoff=0.5) or sorted(by_name)[:3]
    raise InputError(
        "there is no talk of that name, and no such file",
        file=asked,
        remedy=f"Did you mean {' or '.join(suggestions)}? " * bool(suggestions)
        + "takeaways status lists all talks.",
    )


def find_name(asked: str, workspace: Workspace) -> str:
    """The name of a talk or a cohort of which something may be remembered, though its source be gone.

    It is asked for by a path, there or gone, or by its name. Raises InputError if nothing is known of it.
    """
    names = [name for name in dict.fromkeys(_possible_names(asked, workspace)) if _is_name(name)]
    if name := next((name for name in names if workspace.state(name).exists), None):
        return name
    if Path(asked).resolve().is_relative_to(workspace.inputs) and os.path.isdir(asked):
        return names[0]
    with suppress(InputError):
        return find(asked, workspace).name
    known = set(state.names(workspace.root))
    with suppress(InputError):
        known |= {source.name for source in discover([workspace.inputs], workspace)[0]}
    wanted = {folded(name) for name in names}
    if len(same := [name for name in known if folded(name) in wanted]) == 1:
        return same[0]
    suggestions = difflib.get_close_matches(asked, known, n=3, cutoff=0.5) or sorted(known)[:3]
    raise InputError(
        "no talk and no cohort of that name is known here",
        file=visible(asked),
        remedy=f"Did you mean {' or '.join(suggestions)}? " * bool(suggestions)
        + "takeaways status lists all talks.",
    )


def _meeting_at(path: Path, workspace: Workspace) -> Path | None:
    """The talk of several files that a path is or is in."""
    return Search(workspace).meeting_with(path.parent.resolve() / path.name)


def _is_name(name: str) -> bool:
    return bool(Path(name).name) and not Path(name).is_absolute() and ".." not in Path(name).parts


def _possible_names(asked: str, workspace: Workspace) -> Iterator[str]:
    """What may be meant, the likeliest first: what is there, then what a path stood for, then a name."""
    path = Path(asked).parent.resolve() / Path(asked).name
    inside = path.relative_to(workspace.inputs) if path.is_relative_to(workspace.inputs) else None
    if talk := tracks_of(path) or _meeting_at(path, workspace):
        yield _name(talk, workspace)
    elif os.path.isdir(path):
        top = workspace.inputs if path.resolve().is_relative_to(workspace.inputs) else path.resolve().parent
        yield (path.resolve().relative_to(top) / "cohort").as_posix()
    elif os.path.isfile(path):
        yield _name(path, workspace)
    named = [inside, Path(asked)] if _is_source(path) else [Path(asked), inside]
    for name in filter(None, named):
        if _is_source(name) and name == inside:
            yield name.with_suffix("").as_posix()
        yield name.as_posix()
        if _is_source(name):
            yield from (name.with_suffix("").as_posix(), name.stem)
    yield from ((name / "cohort").as_posix() for name in (*filter(None, named), Path(path.name)))


def _is_source(path: Path) -> bool:
    """Whether it is the path of a source by its ending."""
    return path.suffix.lower() in {*MEDIA_SUFFIXES, *TRANSCRIPT_SUFFIXES, TRACKS_SUFFIX}
