"""Writing files so that a kill at any moment leaves the old one or the new one, never half of one."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

MAX_NAME_BYTES = 255  # in the file systems in common use

# st_size, st_mtime_ns, st_ctime_ns and st_ino: as long as these stay the same, so do the bytes.
FileIdentity = tuple[int, int, int, int]


def identity(stat: os.stat_result) -> FileIdentity:
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def read_whole(path: Path) -> tuple[bytes, FileIdentity | None]:
    """The bytes of a file, and its identity or None if somebody wrote to it meanwhile. Raises OSError."""
    with path.open("rb") as file:
        before = identity(os.fstat(file.fileno()))
        data = file.read()
        return data, before if before == identity(os.fstat(file.fileno())) else None


def write_atomically(path: Path, data: bytes, private: bool = False) -> FileIdentity | None:
    """Write to a temporary file in the same folder, flush it to disk, rename. Raises OSError.

    Returns the identity of the file with these bytes, None if another one is there already. `private`: only
    its owner may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several machines may share the folder, so process and thread numbers would not do.
    temporary = path.parent / f".{_tag(path)}{secrets.token_hex(8)}{_SUFFIX}"
    try:
        with open(temporary, "xb", opener=partial(os.open, mode=0o600 if private else 0o666)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            written = os.fstat(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno:  # a full disk names no file, others the temporary one
            error.filename, error.filename2 = str(path), None
        raise
    return placed(path, written)


def placed(path: Path, written: os.stat_result) -> FileIdentity | None:
    """The identity of a file after it was renamed, which changes its inode's time and nothing else.

    `written` is the status of its temporary file; None if another file stands at `path` by now.
    """
    with suppress(OSError):
        current = identity(path.stat())
        if (*current[:2], current[3]) == (written.st_size, written.st_mtime_ns, written.st_ino):
            return current
    return None


def with_ending(path: Path, ending: str) -> Path:
    """`path` with `ending` appended; a name that would be too long is cut, with a digest of it at the cut."""
    name = os.fsencode(path.name)
    if len(name) + len(ending) <= MAX_NAME_BYTES:
        return path.with_name(path.name + ending)
    digest = f"-{hashlib.sha256(name).hexdigest()[:16]}{ending}"
    return path.with_name(name[: MAX_NAME_BYTES - len(digest)].decode("utf-8", "ignore") + digest)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files of writers that were killed. Call it only while nobody else writes there."""
    for leftover in folder.glob(f".*{_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def remove_leftovers_of(folder: Path, names: Iterable[str]) -> None:
    """Remove temporary files that were to become `names`. Call it only while nobody else writes those."""
    tags = tuple(f".{_tag(folder / name)}" for name in names)
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(tags) and entry.name.endswith(_SUFFIX):
                Path(entry.path).unlink(missing_ok=True)


def _tag(path: Path) -> str:
    """Tells whose a temporary file is. The name itself may be as long as names may be."""
    return hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16] + "-"


_SUFFIX = ".takeaways.tmp"
