"""Which files in inputs/ are talks, and which talk is meant by a name."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.errors import ConfigError, InputError
from pipeline.files import folded, open_regular
from pipeline.records import MEDIA_SUFFIXES, TRANSCRIPT_SUFFIXES
from pipeline.text import visible
from pipeline.workspace import config, sidecar, state
from pipeline.workspace.talks import Source, Workspace
from pipeline.workspace.tracks import TRACKS_SUFFIX, is_tracks, tracks_of

WHISPER_SUFFIXES = (".json", ".vtt", ".srt", ".txt")  # what Whisper writes for one talk, most complete first
_PEEK_BYTES = 8192  # read at either end of a file
_TEXT_KEY = re.compile(r'"(?:text|word|body)"\s*:')
_TIME_KEY = re.compile(r'"(?:start|startTime|offsets|timestamps?)"\s*:')
_TRANSCRIPT_START = re.compile(
    r'\s*\[\s*\{|\s*\{\s*"text"\s*:|.*"(?:segments|transcription|word_segments|chunks|utterances|words)"',
    re.DOTALL,
)
_NOT_TALKS = frozenset({"readme", "license", "licence", "copying", "notice"})


def discover(inputs: Sequence[Path], workspace: Workspace) -> tuple[list[Source], list[InputError]]:
    """The talks among files and folders, in a stable order, and what is wrong with the others.

    Sidecars and other files that are no talks are passed over among several. Of files with the same name a
    folder of tracks wins over a recording and a recording over a transcript; of the formats that Whisper
    writes for one talk, the most complete wins. Other clashes are errors, as are names that some file systems
    do not keep apart. Raises InputError if there is nothing at all.
    """
    candidates = list(dict.fromkeys(_candidates(inputs, workspace)))
    problems = [problem for problem in candidates if isinstance(problem, InputError)]
    paths_by_name: dict[str, list[Path]] = {}
    for path in candidates:
        if isinstance(path, InputError):
            continue
        name = _name(path, workspace)
        if name == visible(name):
            paths_by_name.setdefault(name, []).append(path)
        else:
            reason, remedy = "its name has a character that cannot be shown", "Rename it."
            problems.append(InputError(reason, file=visible(workspace.relative(path)), remedy=remedy))
    sources = []
    for name, paths in sorted(paths_by_name.items()):
        try:
            sources.append(Source(name, _chosen(name, paths, workspace)))
        except InputError as clash:
            problems.append(clash)
    twins = list(_twins(sources, workspace))
    sources = [source for source in sources if source not in (twin for twin, _ in twins)]
    problems += [_twin_error(twin, first, workspace) for twin, first in twins]
    if not sources and not problems:
        listed = ", ".join(map(str, inputs))
        raise InputError("no recording or transcript there", file=listed, remedy=_WHAT_IS_A_TALK)
    return sources, problems


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
    folders = [path for path in paths if is_tracks(path)]
    recordings = [path for path in paths if path.suffix.lower() not in TRANSCRIPT_SUFFIXES]
    chosen, *others = folders or recordings or _richest(paths)
    if others or any(path.parent != chosen.parent for path in paths):
        rivals = ", ".join(workspace.relative(path) for path in paths if path != chosen)
        raise InputError(
            f"has the same output folder as {rivals}: outputs/{name}",
            file=workspace.relative(chosen),
            remedy="Rename one of them.",
        )
    if chosen.stem.lower() == "cohort":
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


_WHAT_IS_A_TALK = "Put in media files, or transcripts ending in .md, .txt, .vtt, .srt or .json."


def _candidates(inputs: Sequence[Path], workspace: Workspace) -> Iterator[Path | InputError]:
    """What may be a talk, and what was asked for and cannot be one."""
    for asked in inputs:
        # The folder is resolved, so that one talk has one name; the file is not: a link keeps its own name.
        path = asked.parent.resolve() / asked.name
        if folder := tracks_of(path):
            yield folder
        elif asked.is_dir():
            yield from _in_folder(asked.resolve(), workspace)
        elif path.suffix.lower() == ".toml" or _is_passed_over(path.name):
            if len(inputs) == 1:
                yield InputError("is not a talk", file=asked, remedy=_WHAT_IS_A_TALK)
        elif path.is_file():
            if len(inputs) == 1 or not _is_unrelated(path):
                yield path
        else:
            yield InputError("there is no such file", file=asked, remedy="Check the path.")


def _is_unrelated(path: Path) -> bool:
    """Whether a file only has a transcript's suffix, like package.json. Given alone, it is reported."""
    return path.suffix.lower() in TRANSCRIPT_SUFFIXES and not is_transcript(path)


def is_transcript(path: Path) -> bool:
    """Whether a file is a transcript, by its suffix; a .json file by its first and last kilobytes."""
    suffix = path.suffix.lower()
    return suffix in TRANSCRIPT_SUFFIXES and (suffix != ".json" or _holds_a_transcript(path))


def _holds_a_transcript(path: Path) -> bool:
    """Whether a .json file has the keys of a transcript, whoever wrote it."""
    try:
        with open_regular(path) as file:
            head = file.read(_PEEK_BYTES)
            file.seek(max(0, path.stat().st_size - _PEEK_BYTES))
            tail = file.read(_PEEK_BYTES)
    except OSError:
        return True  # told when it is read
    is_utf_16 = b"\0" in head
    text = "".join(part.replace(b"\0", b"").decode("utf-8", "ignore") for part in (head, tail))
    text = text.lstrip("\ufeff") if not is_utf_16 else text[text.find("{") :]
    return bool(_TRANSCRIPT_START.match(text) and _TEXT_KEY.search(text) and _TIME_KEY.search(text))


def _is_passed_over(name: str) -> bool:
    return name.startswith(".") or Path(name).stem.lower() in _NOT_TALKS


def _name(path: Path, workspace: Workspace) -> str:
    if path.is_relative_to(workspace.inputs):
        return path.relative_to(workspace.inputs).with_suffix("").as_posix()
    return path.stem


def _in_folder(folder: Path, workspace: Workspace) -> Iterator[Path]:
    """Files and track folders below a folder that look like talks, without outputs, voices and *.edits."""
    used = set[Path | None]()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name[0] != "." and name != "voices" and name[-6:] != ".edits"
            if Path(parent, name) != workspace.outputs
        )
        if Path(parent) == workspace.outputs:
            return
        of_tracks = {name for name in folders if is_tracks(Path(parent, name))}
        folders[:] = [name for name in folders if name not in of_tracks]
        yield from (Path(parent, name) for name in sorted(of_tracks))
        sidecars = (name for name in names if name.endswith(".toml") and name != sidecar.COHORT)
        used |= {_named_transcript(Path(parent, name)) for name in sidecars}
        for name in sorted(names):
            path = Path(parent, name)
            if (
                path in used
                or _is_passed_over(name)
                or path.suffix.lower() not in MEDIA_SUFFIXES | TRANSCRIPT_SUFFIXES
            ):
                continue
            # A link that leads nowhere is told when the talk is run; a pipe would make us wait.
            if not _is_unrelated(path) if path.is_file() else not path.exists():
                yield path


def _named_transcript(sidecar_file: Path) -> Path | None:
    """The transcript that a sidecar names, which is then no talk of its own; None if it names none."""
    try:
        name = config.read_toml(sidecar_file).get("transcript")
    except ConfigError:
        return None  # told when the talk is loaded
    return sidecar_file.parent / name if isinstance(name, str) else None


def find(asked: str, workspace: Workspace) -> Source:
    """The talk that is meant by an input file or by its name. Raises InputError."""
    path = Path(asked)
    if os.path.isfile(path) or is_tracks(path):
        sources, problems = discover([path], workspace)
        if problems:
            raise problems[0]
        return sources[0]
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


def _is_name(name: str) -> bool:
    return bool(Path(name).name) and not Path(name).is_absolute() and ".." not in Path(name).parts


def _possible_names(asked: str, workspace: Workspace) -> Iterator[str]:
    """What may be meant, the likeliest first: what is there, then what a path stood for, then a name."""
    path = Path(asked).parent.resolve() / Path(asked).name
    inside = path.relative_to(workspace.inputs) if path.is_relative_to(workspace.inputs) else None
    if folder := tracks_of(path):
        yield _name(folder, workspace)
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
