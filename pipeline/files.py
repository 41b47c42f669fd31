"""Files read without waiting, written whole or not at all, and known by their digests ("sha256:…")."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import secrets
import stat
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.errors import PlaceError

MAX_NAME_BYTES = 255  # in the file systems in common use
MAX_READ_BYTES = 1 << 27  # of a file that is read into memory; an hour of talk is about a megabyte of JSON
_RECENT_NANOSECONDS = 2_000_000_000  # the coarsest clock of a file system in use, that of FAT
_TEMPORARY_SUFFIX = ".takeaways.tmp"
_CUT_DIGEST = re.compile(rb"-[0-9a-f]{16}\Z")


@dataclass(frozen=True)
class FileIdentity:
    """As long as these four stay the same, so do a file's bytes: unless it is `recent`.

    A file that had changed less than two seconds before it was looked at may change again in the same tick of
    the clock, and nothing shows. Its `digest`, where known, tells.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    recent: bool = field(default=True, compare=False)
    digest: str | None = field(default=None, compare=False)

    def numbers(self) -> list[int]:
        return [self.size, self.mtime_ns, self.ctime_ns, self.inode]


def identity(status: os.stat_result, digest: str | None = None) -> FileIdentity:
    """The identity of a file whose status was taken just now. One from the future is `recent`, too."""
    recent = status.st_ctime_ns > time.time_ns() - _RECENT_NANOSECONDS
    return FileIdentity(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, recent, digest)


# Reading.


@contextmanager
def open_regular(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file. Raises OSError, also for a pipe or a device, which could make us wait or never end."""
    _refuse_irregular(os.stat(path), path)
    at_once = getattr(os, "O_NONBLOCK", 0)  # a pipe may have taken its place
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | at_once)) as file:
        _refuse_irregular(os.fstat(file.fileno()), path)
        yield file


def _refuse_irregular(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "It is a pipe, a socket or a device", str(path))


def read_whole(path: Path, max_bytes: int = MAX_READ_BYTES) -> tuple[bytes, FileIdentity | None]:
    """The bytes of a file, and its identity or None if somebody wrote to it meanwhile.

    Raises OSError, also if there are more than `max_bytes`.
    """
    with open_regular(path) as file:
        before = identity(os.fstat(file.fileno()))
        data = file.read(before.size + 1) if before.size <= max_bytes else b""
        if len(data) > before.size:  # it grew, or is of a file system that states no sizes
            data += file.read(max_bytes + 1 - len(data))
        if max(before.size, len(data)) > max_bytes:
            raise OSError(errno.EFBIG, f"It has more than {max_bytes >> 20} MB", str(path))
        after = identity(os.fstat(file.fileno()))
    return data, _known(before, after, digest_bytes(data) if before.recent else None)


def read_head(path: Path, max_bytes: int) -> tuple[bytes, FileIdentity | None]:
    """The first bytes of a file, and its identity as `read_whole` gives it. Raises OSError."""
    with open_regular(path) as file:
        before = identity(os.fstat(file.fileno()))
        data = file.read(max_bytes)
        return data, _known(before, identity(os.fstat(file.fileno())), None)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises OSError, as `read_whole` does."""
    return read_whole(path)[0]


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, each line ending in "\\n". Raises OSError, UnicodeDecodeError."""
    return read_bytes(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _known(before: FileIdentity, after: FileIdentity, digest: str | None) -> FileIdentity | None:
    """The identity of a file that was read, None if that changed meanwhile."""
    return replace(before, digest=digest) if before == after else None


# Writing.


def write_atomically(path: Path, data: bytes, mode: int | None = None) -> FileIdentity | None:
    """Write to a temporary file in the same folder, flush it to disk, rename. Raises OSError.

    Returns the identity of the file with these bytes, None if another has already taken its place. Without a
    `mode`, it has that of the file that it replaces, or what the umask leaves.
    """
    # Several machines may share the folder, so process and thread numbers would not do.
    temporary = path.parent / f".{_tag(path.name)}{secrets.token_hex(8)}{_TEMPORARY_SUFFIX}"
    mode = _mode_of(path) if mode is None else mode
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        created_with = 0o666 if mode is None else mode & 0o600  # never more than it is to have
        with open(temporary, "xb", opener=partial(os.open, mode=created_with)) as file:
            file.write(data)
            if mode is not None and mode != created_with:
                os.chmod(temporary, mode)
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
    return identity_after_rename(path, written, digest_bytes(data))


def _mode_of(path: Path) -> int | None:
    """The permissions of a file, None if there is none."""
    with suppress(OSError):
        status = os.lstat(path)
        if stat.S_ISREG(status.st_mode):
            return status.st_mode & 0o777
    return None


def identity_after_rename(
    path: Path, written: os.stat_result, digest: str | None = None
) -> FileIdentity | None:
    """The identity of a file after it was renamed, which changes its inode's time and nothing else.

    `written` is the status of its temporary file; None if another file is at `path` by now.
    """
    with suppress(OSError):
        current = path.stat()
        if (current.st_size, current.st_mtime_ns, current.st_ino) == (
            written.st_size,
            written.st_mtime_ns,
            written.st_ino,
        ):
            return identity(current, digest)
    return None


def with_ending(path: Path, ending: str) -> Path:
    """`path` with `ending` appended; a name that would be too long is cut, with a digest of it at the cut.

    A name that looks as if it had been cut gets one, too, so that no two names become one.
    """
    name = os.fsencode(path.name)
    length = len(name) + len(ending)
    if length <= MAX_NAME_BYTES - 4 or (length <= MAX_NAME_BYTES and not _CUT_DIGEST.search(name)):
        return path.with_name(path.name + ending)
    digest = f"-{hashlib.sha256(name).hexdigest()[:16]}{ending}"
    return path.with_name(name[: MAX_NAME_BYTES - len(digest)].decode("utf-8", "ignore") + digest)


def folded(name: str) -> str:
    """Equal for names that some file systems take for one, as they heed neither case nor normal form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())


def leftovers(folder: Path, names: Iterable[str] | None = None) -> list[Path]:
    """Temporary files of writers that were killed, or that are writing now (that are to become `names`).

    Raises OSError.
    """
    tags = ("." if names is None else tuple(f".{_tag(name)}" for name in names),)
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.name.startswith(*tags) and entry.name.endswith(_TEMPORARY_SUFFIX)
            if not entry.is_dir(follow_symlinks=False)
        ]
    return []


def _tag(name: str) -> str:
    """Tells what a temporary file was to become. The name itself may leave no room for a suffix."""
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:16] + "-"


# Digests tell whether a stage's inputs are what they were. Hashing a long recording takes seconds, so
# `FileMemory` keeps its digest for as long as the file's size, times and inode stay the same.

FORMAT = 3  # of the memory file; one in another format is ignored


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
    with open_regular(path) as file:
        before = identity(os.fstat(file.fileno()))
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
        return digest, _known(before, identity(os.fstat(file.fileno())), digest)


class FileMemory:
    """Facts about files that hold as long as their identity (size, times, inode) stays the same.

    Of each file there may be a fact a topic; that without one is its digest, or what an artifact says.

    A changed identity means "look again", not "stale": `touch` costs a hash, never a rerun. A fact is tied to
    the very file that it was learnt from: one that replaced it is read anew. What was learnt of a recent file
    holds if its digest is still the same. The memory is a cache in a JSON file that `write` writes; losing it
    costs only time.
    """

    def __init__(self, path: Path, write: Callable[[Path, bytes], object] = write_atomically) -> None:
        self._path, self._write = path, write
        self._changed = False
        self._facts: dict[str, Any] = {}
        try:
            stored = json.loads(read_bytes(path))
        except (OSError, ValueError, RecursionError):
            return
        if isinstance(stored, dict) and stored.get("format") == FORMAT:
            facts = stored.get("facts")
            if isinstance(facts, dict) and stored.get("digest") == _checksum(facts):  # else it is damaged
                self._facts = facts

    def recall(self, path: Path, topic: str = "") -> Any:
        """What was remembered of this very file, or None. Raises OSError if there is no such file."""
        current, entry = identity(path.stat()), self._facts.get(_key(path, topic))
        if not isinstance(entry, dict) or entry.get("stat") != current.numbers():
            return None
        fact = entry.get("fact")
        if "digest" in entry:
            digest, source = _digested(path)
            if source is None or digest != entry["digest"]:
                return None
            self.remember(path, fact, source, topic)
        return fact

    def remember(self, path: Path, fact: Any, source: FileIdentity, topic: str = "") -> None:
        """Remember what was learnt from the file of that identity."""
        digest = source.digest or (fact if _is_digest(fact) else None)
        if source.recent and digest is None:
            return self.forget(path, topic)
        recent = {"digest": digest} if source.recent else {}
        self._facts[_key(path, topic)] = {"stat": source.numbers(), "fact": fact, **recent}
        self._changed = True
        return None

    def forget(self, path: Path, topic: str = "") -> None:
        """Have it looked up anew when it is next asked for."""
        self._facts.pop(_key(path, topic), None)
        self._changed = True

    def digest(self, path: Path) -> str:
        """`digest_file`, computed again only if the file's identity changed. Raises OSError."""
        fact = self.recall(path)
        if not _is_digest(fact):
            fact, source = _digested(path)
            if source:
                self.remember(path, fact, source)
        return str(fact)

    def save(self) -> None:
        """Keep what is known for the next process; a folder that cannot be written costs only speed."""
        if self._changed:
            try:
                stored = {"format": FORMAT, "digest": _checksum(self._facts), "facts": self._facts}
                self._write(self._path, json.dumps(stored).encode())
            except (OSError, PlaceError):
                return
            self._changed = False


def _key(path: Path, topic: str) -> str:
    return f"{path}\0{topic}" if topic else str(path)


def _is_digest(fact: Any) -> bool:
    return isinstance(fact, str) and fact.startswith("sha256:")


def _checksum(facts: Mapping[str, Any]) -> str:
    """Shows whether a memory was damaged. Paths may hold bytes that are not UTF-8, hence the escapes."""
    return digest_bytes(json.dumps(facts, sort_keys=True).encode())
