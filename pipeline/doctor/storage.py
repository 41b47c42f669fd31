"""Disk: how much of it is free, and whether it can be written where that is needed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.doctor.check import Check, tried
from pipeline.errors import ModelError, TakeawaysError
from pipeline.weights import models
from pipeline.workspace.talks import Workspace

SPARE = 2 << 30  # bytes; below this a long recording's artifacts and models may not fit
LITTLE = 100 << 20  # bytes of temporary files


def checks(workspace: Workspace, whole: bool) -> Iterator[Check]:
    """Each folder that is written to; those that do not exist yet would be made, and are not made here.

    `whole`: every model is here, so that a cache that is full or read-only does no harm.
    """
    yield tried("outputs", lambda: _room(workspace.outputs, SPARE, "choose another workspace (-w)"))
    yield tried(
        "memory of runs",
        lambda: _room(workspace.root / ".takeaways", LITTLE, "choose another workspace (-w)"),
    )
    cache = tried(
        "model cache", lambda: _room(models.cache_folder(), SPARE, "set TAKEAWAYS_CACHE to another")
    )
    spared = replace(cache, ok=True, detail=f"{cache.detail} No need now: every model is here.")
    yield spared if whole and not cache.ok else cache
    yield tried("temporary files", _temporary)


def _temporary() -> str:
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        raise ModelError(f"{error.strerror}", remedy="Set TMPDIR to a folder that can be written.") from error
    return _room(folder, LITTLE, "set TMPDIR to another folder")


def _room(folder: Path, least: int, remedy: str) -> str:
    """Free space, told after a file was written and removed again. Raises TakeawaysError."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".takeaways-") as file:
            file.write(b"?" * 4096)
            file.flush()
    except OSError as error:
        what = f"nothing can be written there ({error.strerror})"
        raise TakeawaysError(what, file=there, remedy=f"Change its permissions, or {remedy}.") from error
    free = shutil.disk_usage(there).free
    if free < least:
        what = f"only {free / 1e9:.1f} GB are free, of {least / 1e9:.1f} GB that may be needed"
        raise TakeawaysError(what, file=there, remedy=f"Free some, or {remedy}.")
    return f"{free / 1e9:.1f} GB free in {folder}"
