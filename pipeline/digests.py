"""SHA-256 digests, tagged ("sha256:…"), and a memory of those of files that have not changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pipeline.files import write_atomically

FORMAT = 1  # of the memory file; another one is forgotten


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
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


class Memory:
    """Facts about files that hold as long as (size, mtime_ns, ctime_ns, inode) stay the same.

    A changed stat means "look again", not "stale": `touch` costs a hash, never a rerun. The memory is a
    cache in one JSON file; losing it loses only time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = False
        self._facts: dict[str, Any] = {}
        try:
            kept = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return
        if isinstance(kept, dict) and kept.get("format") == FORMAT and isinstance(kept.get("facts"), dict):
            self._facts = kept["facts"]

    def recall(self, path: Path) -> Any:
        """What was remembered of this very file, or None. Raises OSError if there is no such file."""
        stat = _stat(path)
        known = self._facts.get(str(path))
        return known.get("fact") if isinstance(known, dict) and known.get("stat") == stat else None

    def remember(self, path: Path, fact: Any) -> None:
        self._facts[str(path)] = {"stat": _stat(path), "fact": fact}
        self._changed = True

    def digest(self, path: Path) -> str:
        """`digest_file`, computed again only if the file's stat changed. Raises OSError."""
        fact = self.recall(path)
        if not (isinstance(fact, str) and fact.startswith("sha256:")):
            fact = digest_file(path)
            self.remember(path, fact)
        return fact

    def save(self) -> None:
        """Keep what is known for the next process; a folder that cannot be written costs only speed."""
        if self._changed:
            try:
                write_atomically(self._path, json.dumps({"format": FORMAT, "facts": self._facts}).encode())
            except OSError:
                return
            self._changed = False


def _stat(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
