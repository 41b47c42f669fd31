"""Writing files so that a kill at any moment leaves the old one or the new one, never half of one."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

_LONGEST_NAME = 255  # bytes, in the file systems in common use


def write_atomically(path: Path, data: bytes, private: bool = False) -> None:
    """Write to a temporary file in the same folder, flush it to disk, rename. Raises OSError.

    `private`: only its owner may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several machines may share the folder, so process and thread numbers would not do.
    temporary = path.parent / f".{_tag(path)}{secrets.token_hex(8)}{_SUFFIX}"
    try:
        with temporary.open("wb") as file:
            if private:
                temporary.chmod(0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno:  # a full disk names no file, others the temporary one
            error.filename, error.filename2 = str(path), None
        raise


def with_ending(path: Path, ending: str) -> Path:
    """`path` with `ending` after its name; of a name that would be too long a part, and a digest of it."""
    whole = os.fsencode(path.name)
    if len(whole) + len(ending) <= _LONGEST_NAME:
        return path.with_name(path.name + ending)
    own = f"-{hashlib.sha256(whole).hexdigest()[:16]}{ending}"
    return path.with_name(whole[: _LONGEST_NAME - len(own)].decode("utf-8", "ignore") + own)


def keep_private(root: Path) -> None:
    """Keep what the machine remembers in a workspace out of version control. Raises OSError."""
    ignore = root / ".takeaways" / ".gitignore"
    if not ignore.exists():
        write_atomically(ignore, b"*\n")


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files of writers that were killed. Call it only while nobody else writes there."""
    for leftover in folder.glob(f".*{_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def remove_leftovers_of(path: Path) -> None:
    """The same of one file. Call it only while nobody else writes that."""
    for leftover in path.parent.glob(f".{_tag(path)}*{_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def _tag(path: Path) -> str:
    """Tells whose a temporary file is. The name itself may be as long as names may be."""
    return hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16] + "-"


_SUFFIX = ".takeaways.tmp"
