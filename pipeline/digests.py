"""SHA-256 digests of bytes, JSON values and files ("sha256:…"), and a memory of those of unchanged files.

Digests tell whether a stage's inputs are what they were. To hash a long recording takes seconds, so
`FileMemory` keeps its digest for as long as the file's size, times and inode stay the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.files import FileIdentity, identity, write_atomically

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

    A changed identity means "look again", not "stale": `touch` costs a hash, never a rerun. A fact is
    tied to the very file that it was learnt from: one that replaced it is read anew. The
    memory is a cache in one JSON file; losing it loses only time.
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
    """Shows whether a memory was damaged. Paths may hold bytes that are no UTF-8, hence the escapes."""
    return digest_bytes(json.dumps(facts, sort_keys=True).encode())
