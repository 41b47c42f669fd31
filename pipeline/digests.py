"""SHA-256 digests, tagged ("sha256:…"), and a memory of those of files that have not changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pipeline.files import write_atomically


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
        try:
            facts = json.loads(path.read_bytes())
        except (OSError, ValueError):
            facts = {}
        self._facts: dict[str, dict[str, Any]] = facts if isinstance(facts, dict) else {}

    def recall(self, path: Path) -> Any:
        """What was remembered of this very file, or None. Raises OSError if there is no such file."""
        stat = _stat(path)
        known = self._facts.get(str(path))
        return known["fact"] if isinstance(known, dict) and known.get("stat") == stat else None

    def remember(self, path: Path, fact: Any) -> None:
        self._facts[str(path)] = {"stat": _stat(path), "fact": fact}
        self._changed = True

    def digest(self, path: Path) -> str:
        """`digest_file`, computed again only if the file's stat changed. Raises OSError."""
        fact = self.recall(path)
        if not isinstance(fact, str):
            fact = digest_file(path)
            self.remember(path, fact)
        return fact

    def intend(self, path: Path, digest: str) -> None:
        """Note down what is about to be written, so that after a kill it is not taken for a person's work."""
        self._facts[_intent(path)] = {"fact": [*self._intended(path)[-8:], digest]}
        self._changed = True

    def wrote(self, path: Path, digest: str) -> bool:
        """Whether bytes of that digest were ever meant to be written to that path."""
        return digest in self._intended(path)

    def _intended(self, path: Path) -> list[str]:
        known = self._facts.get(_intent(path))
        return list(known["fact"]) if known else []

    def save(self) -> None:
        """Keep what is known for the next process; a folder that cannot be written costs only speed."""
        if self._changed:
            try:
                write_atomically(self._path, json.dumps(self._facts).encode())
            except OSError:
                return
            self._changed = False


def _intent(path: Path) -> str:
    return f"written {path}"


def _stat(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
