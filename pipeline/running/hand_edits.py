"""Telling a person's edits in outputs/ from the machine's own files, and never losing them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.digests import digest_bytes
from pipeline.files import write_atomically
from pipeline.workspace.talks import Subject


def keep_aside(subject: Subject, folder: Path, names: Iterable[str]) -> list[tuple[str, str]]:
    """Copy files of a folder to inputs/NAME.edits/, under names that are free there: (name, copy).

    Raises OSError.
    """
    copies = []
    subject.edits.mkdir(parents=True, exist_ok=True)
    for name in names:
        copy, number = subject.edits / name, 1
        while copy.exists():
            number += 1
            copy = subject.edits / f"{number}-{name}"
        shutil.copy2(folder / name, copy)
        copies.append((name, subject.workspace.relative(copy)))
    return copies


def digest_if_there(subject: Subject, name: str) -> str | None:
    path = subject.folder / name
    return subject.memory.digest(path) if path.is_file() else None


def intend(subject: Subject, files: Mapping[str, bytes]) -> None:
    """Note what is about to be written, so that after a kill it is not taken for a person's work."""
    digests = {*intended(subject), *map(digest_bytes, files.values())}
    write_atomically(subject.state.intent, json.dumps(sorted(digests)).encode())


def intended(subject: Subject) -> frozenset[str]:
    """Digests that an unfinished write meant to write; empty once its receipt is there."""
    try:
        return frozenset(json.loads(subject.state.intent.read_bytes()))
    except (OSError, ValueError, TypeError, RecursionError):
        return frozenset()


def settle(subject: Subject) -> None:
    """The receipt is written and tells the same; forget the intent."""
    subject.state.intent.unlink(missing_ok=True)
