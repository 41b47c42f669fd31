"""What has to hold after a kill."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.kills.scenarios import EDITED

Contents = dict[str, bytes]


def temporaries(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in root.rglob("*.tmp")]


def contents(root: Path) -> Contents:
    """The files of a workspace that people see, without what varies from run to run, and copies of edits."""
    found = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".tmp"):
        name = path.relative_to(root).as_posix()
        if name.startswith((".takeaways/", "models/")) or ".edits/" in name:
            continue
        data = path.read_bytes()
        if path.name == "compare.html":  # it shows seconds, and how many replies were cached
            data = re.sub(rb"[0-9.,]+", b"0", data)
        elif path.suffix == ".json" and name.startswith("outputs/"):
            with suppress(ValueError):  # if it is torn, its bytes will tell
                artifact = json.loads(data)
                artifact.pop("used", None)
                data = json.dumps(artifact).encode()
        found[name] = data
    return found


def edits_in(root: Path, state: str) -> Contents:
    """The files that a person edited in a state."""
    return {name: (root / name).read_bytes() for name in EDITED.get(state, ())}


def faults(root: Path, before: Contents, after: Contents, edits: Contents) -> Iterator[str]:
    """Files that are neither as before nor as after the command, and edits of which nothing is left."""
    now = contents(root)
    for name in sorted({*now, *before, *after}):
        if now.get(name) not in (before.get(name), after.get(name)):
            yield f"{name} is neither old nor new" if name in now else f"{name} is gone"
    copies = [path for path in (root / "inputs").rglob("*.edits/*") if path.suffix != ".tmp"]
    for path in copies:
        if path.read_bytes() not in edits.values():
            yield f"{path.relative_to(root)} is no copy of an edit"
    for name, edit in edits.items():
        kept = [root / name, *copies]
        if edit not in (path.read_bytes() for path in kept if path.is_file()):
            yield f"the edit of {name} is lost"


def remembered(root: Path, prefix: str = "") -> list[str]:
    """What is remembered of what was said, heard and answered, in caches whose name begins so."""
    cache = root / ".takeaways/cache"
    return [str(path.relative_to(cache)) for path in cache.rglob(f"{prefix}*/*") if path.is_file()]
