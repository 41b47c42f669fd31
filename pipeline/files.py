"""Files written whole or not at all, and known by their SHA-256 digests ("sha256:…")."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

MAX_NAME_BYTES = 255  # in the file systems in common use
_TEMPORARY_SUFFIX = ".takeaways.tmp"

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

    Returns the identity of the file with these bytes, None if another has already taken its place. `private`:
    only its owner may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several machines may share the folder, so process and thread numbers would not do.
    temporary = path.parent / f".{_tag(path)}{secrets.token_hex(8)}{_TEMPORARY_SUFFIX}"
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
        if isinstance(error, OSError) and error.errno:  # it names the temporary file, or on a full disk none
            error.filename, error.filename2 = str(path), None
        raise
    return identity_after_rename(path, written)


def identity_after_rename(path: Path, written: os.stat_result) -> FileIdentity | None:
    """The identity of a file after it was renamed, which changes its inode's time and nothing else.

    `written` is the status of its temporary file; None if another file is at `path` by now.
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
    for leftover in folder.glob(f".*{_TEMPORARY_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def remove_leftovers_of(folder: Path, names: Iterable[str]) -> None:
    """Remove temporary files that were to become `names`. Call it only while nobody else writes those."""
    tags = tuple(f".{_tag(folder / name)}" for name in names)
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(tags) and entry.name.endswith(_TEMPORARY_SUFFIX):
                Path(entry.path).unlink(missing_ok=True)


def _tag(path: Path) -> str:
    """Tells what a temporary file was to become. The name itself may leave no room for a suffix."""
    return hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16] + "-"


# Digests tell whether a stage's inputs are what they were. Hashing a long recording takes seconds, so
# `FileMemory` keeps its digest for as long as the file's size, times and inode stay the same.

FORMAT = 2  # of the memory file; one in another format is ignored


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_bytes(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_value(value: Any) -> str:
    """Digest of a JSON value, over its canonical form."""
    return digest_bytes(canonical(value))


def digest_file(path: Path) -> str:
    """Digest of a file's bytes, read in a stream. Raises OSError."""
    return _digested(path)[0]


def _digested(path: Path) -> tuple[str, FileIdentity | None]:
    """The digest of a file, and its identity or None if somebody wrote to it meanwhile."""
    with path.open("rb") as file:
        before = identity(os.fstat(file.fileno()))
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
        return digest, before if before == identity(os.fstat(file.fileno())) else None


class FileMemory:
    """Facts about files that hold as long as their identity (size, times, inode) stays the same.

    A changed identity means "look again", not "stale": `touch` costs a hash, never a rerun. A fact is tied to
    the very file that it was learnt from: one that replaced it is read anew. The memory is a cache in one
    JSON file; losing it costs only time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = False
        self._facts: dict[str, Any] = {}
        try:
            stored = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return
        if isinstance(stored, dict) and stored.get("format") == FORMAT:
            facts = stored.get("facts")
            if isinstance(facts, dict) and stored.get("digest") == _checksum(facts):  # else it is damaged
                self._facts = facts

    def recall(self, path: Path) -> Any:
        """What was remembered of this very file, or None. Raises OSError if there is no such file."""
        current = list(identity(path.stat()))
        entry = self._facts.get(str(path))
        return entry.get("fact") if isinstance(entry, dict) and entry.get("stat") == current else None

    def remember(self, path: Path, fact: Any, source: FileIdentity) -> None:
        """Remember what was learnt from the file of that identity."""
        self._facts[str(path)] = {"stat": list(source), "fact": fact}
        self._changed = True

    def forget(self, path: Path) -> None:
        """Have it looked up anew when it is next asked for."""
        self._facts.pop(str(path), None)
        self._changed = True

    def digest(self, path: Path) -> str:
        """`digest_file`, computed again only if the file's identity changed. Raises OSError."""
        fact = self.recall(path)
        if not (isinstance(fact, str) and fact.startswith("sha256:")):
            fact, source = _digested(path)
            if source:
                self.remember(path, fact, source)
        return fact

    def save(self) -> None:
        """Keep what is known for the next process; a folder that cannot be written costs only speed."""
        if self._changed:
            try:
                stored = {"format": FORMAT, "digest": _checksum(self._facts), "facts": self._facts}
                write_atomically(self._path, json.dumps(stored).encode())
            except OSError:
                return
            self._changed = False


def _checksum(facts: Mapping[str, Any]) -> str:
    """Shows whether a memory was damaged. Paths may hold bytes that are not UTF-8, hence the escapes."""
    return digest_bytes(json.dumps(facts, sort_keys=True).encode())
