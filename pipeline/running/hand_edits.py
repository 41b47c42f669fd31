"""Telling a person's edits in outputs/ from the machine's own files, and never losing them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.digests import digest_bytes
from pipeline.files import write_atomically
from pipeline.workspace.talks import Talk


def keep_aside(talk: Talk, folder: Path, names: Iterable[str]) -> list[tuple[str, str]]:
    """Copy files of a folder to inputs/NAME.edits/, under names that are free there: (name, copy).

    Raises OSError.
    """
    copies = []
    talk.edits.mkdir(parents=True, exist_ok=True)
    for name in names:
        copy, number = talk.edits / name, 1
        while copy.exists():
            number += 1
            copy = talk.edits / f"{number}-{name}"
        shutil.copy2(folder / name, copy)
        copies.append((name, talk.workspace.relative(copy)))
    return copies


def digest_if_there(talk: Talk, name: str) -> str | None:
    path = talk.folder / name
    return talk.memory.digest(path) if path.is_file() else None


def intend(talk: Talk, files: Mapping[str, bytes]) -> None:
    """Note what is about to be written, so that after a kill it is not taken for a person's work."""
    digests = {*intended(talk), *map(digest_bytes, files.values())}
    write_atomically(talk.state.intent, json.dumps(sorted(digests)).encode())


def intended(talk: Talk) -> frozenset[str]:
    """Digests that an unfinished write meant to write; empty once its receipt is there."""
    try:
        return frozenset(json.loads(talk.state.intent.read_bytes()))
    except (OSError, ValueError, TypeError, RecursionError):
        return frozenset()


def settle(talk: Talk) -> None:
    """The receipt is written and tells the same; forget the intent."""
    talk.state.intent.unlink(missing_ok=True)
