"""Telling a person's edits in outputs/ from the machine's own files, and never losing them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.digests import digest_bytes
from pipeline.files import write_atomically
from pipeline.running import artifacts
from pipeline.running.artifacts import Artifact
from pipeline.running.stage import Stage
from pipeline.workspace.talks import Talk


def edited_files(talk: Talk, stage: Stage, had: Artifact | None) -> tuple[str, ...]:
    """Files of a stage that a person changed: its artifact's data, or a rendered file."""
    if had is None:
        return ()
    ours = intended(talk)
    changed = [stage.artifact] if had.edited else []
    for name, digest in had.files.items():
        now = digest_if_there(talk, name)
        if now is not None and now != digest and now not in ours:
            changed.append(name)
    return tuple(changed)


def endangered(talk: Talk, stage: Stage, files: Mapping[str, bytes], had: Artifact | None) -> list[str]:
    """What writing `files` and the stage's artifact would destroy of a person's work, as of now.

    A file is the machine's own if its bytes are those of the last receipt, of an interrupted write, or
    just what would be written.
    """
    now = artifacts.inspect(talk, stage)
    lost = [stage.artifact] if now and now.edited else []
    ours = intended(talk)
    for name, data in files.items():
        found = digest_if_there(talk, name)
        known = {None, digest_bytes(data), had.files.get(name) if had else None}
        if found not in known and found not in ours:
            lost.append(name)
    return lost


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
    write_atomically(_note(talk), json.dumps(sorted(digests)).encode())


def intended(talk: Talk) -> frozenset[str]:
    """Digests that an unfinished write meant to write; empty once its receipt is there."""
    try:
        return frozenset(json.loads(_note(talk).read_bytes()))
    except (OSError, ValueError, TypeError, RecursionError):
        return frozenset()


def settle(talk: Talk) -> None:
    """The receipt is written and tells the same; forget the intent."""
    _note(talk).unlink(missing_ok=True)


def _note(talk: Talk) -> Path:
    return talk.workspace.state(talk.name, ".writing")
