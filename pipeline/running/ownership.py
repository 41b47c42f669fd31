"""Who may write: one run at a time on a talk or a cohort, and one source to an output folder."""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pipeline.errors import BusyError, InputError, PlaceError
from pipeline.files import folded, leftovers, read_bytes, with_ending
from pipeline.stage_names import TalkStage
from pipeline.text import visible
from pipeline.workspace import meetings
from pipeline.workspace.sidecar import COHORT
from pipeline.workspace.state import Forgotten, State
from pipeline.workspace.talks import Subject, Workspace
from pipeline.workspace.tracks import is_tracks, unsuffixed

_CLAIMING = threading.Lock()  # the talks of a run claim one after another
_OF_A_SET = re.compile(r"(.+)/sets/[\w-]+")  # the folder of a prompt set, in that of a talk


@contextmanager
def held(subject: Subject, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock of a talk or a cohort, and keep what was learnt of its files.

    Raises BusyError if another run still has it after `patience` seconds, PlaceError if a link is where its
    files are to be written, InputError if another talk's page is.
    """
    check(subject)
    with locked(subject.state, patience):
        try:
            yield
        finally:
            subject.memory.save()


@contextmanager
def locked(state: State, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock of the talk or cohort of that name. Raises BusyError, PlaceError, OSError."""
    from filelock import FileLock, Timeout

    state.tree.make_folder(state.lock.parent)
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(os.lstat(state.lock).st_mode):
            raise PlaceError("is not a file", file=state.lock, remedy="Remove it, and run again.")
    lock = FileLock(state.lock, mode=0o600)
    try:
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise BusyError(
            "another run is working on it", file=state.name, remedy="Wait for it to end."
        ) from error
    try:
        yield
    finally:
        lock.release()


def check(subject: Subject) -> None:
    """Whether everything may be written where it belongs. Raises PlaceError, InputError."""
    workspace = subject.workspace
    outputs = workspace.outputs
    for page in (subject.folder, *subject.folder.parents):
        if outputs not in page.parent.parents:
            break
        is_page = page.is_file() and not page.is_symlink()
        if is_page and (owner := _owner(workspace, page.parent.relative_to(outputs).as_posix())):
            raise InputError(
                f"is to have a folder where {visible(str(owner))} has a page: {workspace.relative(page)}",
                file=subject.source,
                remedy="Rename one of the two.",
            )
    for folder in subject.folders:
        workspace.tree.check(folder)


def claim(subject: Subject) -> None:
    """An output folder belongs to one source; another one of the same name must not replace its post.

    Raises InputError.
    """
    workspace, source = subject.workspace, subject.source
    names = _names(subject)
    inside = source.relative_to(workspace.root) if source.is_relative_to(workspace.root) else source
    note = os.fsencode(inside)  # so that a workspace can be moved
    with _CLAIMING:
        unclaimed = [name for name in names if _note(workspace, name) != note]
        for name in unclaimed:
            owner = _owner(workspace, name)
            if owner and not _are_one(owner, source):
                raise InputError(
                    f"has the same output folder as {visible(str(owner))}: outputs/{name}",
                    file=source,
                    remedy="Rename one of the two.",
                )
        if subject.name in unclaimed:
            _refuse_twin(subject)
        for name in unclaimed:
            state = workspace.state(name)
            state.tree.write(state.source, note)


def _names(subject: Subject) -> list[str]:
    """The names under which it is noted whose its folders are: its own, and that of a prompt set's folder."""
    of_set = subject.folder.relative_to(subject.workspace.outputs).as_posix()
    return [subject.name, *([of_set] if subject.folder != subject.home else [])]


def _refuse_twin(subject: Subject) -> None:
    """Raises InputError if another talk's folder has nearly the same name."""
    workspace = subject.workspace
    ending = "/cohort" if subject.source.name == COHORT else ""
    home = subject.home.relative_to(workspace.outputs)
    places = [workspace.outputs]
    for part in home.parts:
        places = [twin for place in places for twin in _twins(place, part)]
    for place in places:
        twin = place.relative_to(workspace.outputs)
        owner = _owner(workspace, f"{twin.as_posix()}{ending}") if twin != home else None
        if owner and not _are_one(owner, subject.source):
            raise InputError(
                f"differs from {visible(str(owner))} only in case or in how letters are encoded, and some "
                f"file systems take outputs/{home.as_posix()} and outputs/{twin.as_posix()} for one folder",
                file=subject.source,
                remedy="Rename one of the two.",
            )


def _twins(folder: Path, name: str) -> Iterator[Path]:
    """The folders inside one that some file systems take for that name."""
    with suppress(OSError), os.scandir(folder) as entries:
        yield from (
            folder / entry.name for entry in entries if folded(entry.name) == folded(name) and entry.is_dir()
        )


def _note(workspace: Workspace, name: str) -> bytes:
    """What is noted of whose a folder in outputs/ is, b"" if nothing; it may be damaged."""
    with suppress(OSError):
        return read_bytes(workspace.state(name).source)
    return b""


def _owner(workspace: Workspace, name: str) -> Path | None:
    """The source that a folder in outputs/ belongs to, if that is there."""
    note, of_set = _note(workspace, name), _OF_A_SET.fullmatch(name)
    if not note and of_set and (workspace.outputs / name / TalkStage.EXTRACT.artifact).is_file():
        note = _note(workspace, of_set[1])  # earlier versions did not note whose a set's is
    owner = workspace.root / os.fsdecode(note)
    with suppress(OSError, ValueError):  # not a valid path
        if owner.parent.is_dir() if owner.name == COHORT else owner.is_file() or _is_talk(owner):
            return owner
    return None


def _is_talk(folder: Path) -> bool:
    return is_tracks(folder) or (folder.is_dir() and meetings.meeting_of(folder) is not None)


def _are_one(owner: Path, source: Path) -> bool:
    """Whether both are files of one talk; where case does not count, a file may have been renamed."""
    if unsuffixed(owner) == unsuffixed(source):
        return True
    if folded(str(owner)) != folded(str(source)):
        return False
    paths = [path.parent if path.name == COHORT else path for path in (owner, source)]
    with suppress(OSError):
        return os.path.samefile(*paths)
    return False


def forget(name: str, workspace: Workspace) -> Forgotten:
    """Remove all that quotes, hears or answers of a talk or a cohort, be its source there or gone.

    Raises BusyError if a run holds it, PlaceError, OSError.
    """
    state, home = workspace.state(name), workspace.outputs / name
    sets = sorted(home.glob("sets/*/"))
    if home.name == "cohort":
        home, sets = home.parent, []
    folders = [home, *sets, with_ending(workspace.inputs / name, ".edits")]
    for folder in (*state.folders, home):
        workspace.tree.check(folder)
    if not (state.exists or any(map(leftovers, folders))):
        return Forgotten()
    with locked(state):
        count = sum(_remove_leftovers(workspace, name, folder) for folder in folders)
        removed = state.forget()
    removed.leftovers += count
    return removed


def tidy(subject: Subject) -> None:
    """Remove what killed runs of it left behind. Call it under the lock. Raises OSError."""
    for folder in {subject.home, subject.folder, subject.edits}:
        _remove_leftovers(subject.workspace, subject.name, folder)
    for name in _names(subject):
        subject.workspace.state(name).tidy()


def _remove_leftovers(workspace: Workspace, name: str, folder: Path) -> int:
    """Remove what killed runs left in a folder, and say how many; none while another writes there, too.

    A talk, the cohort of its namesake folder, and a talk in a folder sets/ may share an output folder. Raises
    OSError.
    """
    writers = set[str]()
    if folder.is_relative_to(workspace.outputs):
        inside = folder.relative_to(workspace.outputs)
        of_set = _OF_A_SET.fullmatch(inside.as_posix())
        writers = {inside.as_posix(), (inside / "cohort").as_posix(), *([of_set[1]] if of_set else [])}
    with suppress(PlaceError, BusyError), ExitStack() as others:  # a link: nothing was written there
        if leftovers(folder):
            for state in map(workspace.state, sorted(writers - {name, "."})):
                if state.lock.is_file():
                    others.enter_context(locked(state))
            return workspace.tree.remove_leftovers(folder)
    return 0
