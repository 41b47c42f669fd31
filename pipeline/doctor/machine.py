"""Memory and disk: how much there is, which models would fit, and whether files can be written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.doctor.check import Check, tried
from pipeline.errors import ModelError, TakeawaysError
from pipeline.weights import models
from pipeline.workspace import state
from pipeline.workspace.config import Settings
from pipeline.workspace.talks import Workspace

GB = 1e9
REST = 1.0  # GB: this program with its small models and a block of sound; LOG.md has what was measured
# Whisper's sizes and their parameters in millions, from its paper and model cards; MIT. int8 takes a byte for
# each, and while a model is loaded its file, float16 with two bytes for each, is held beside that.
WHISPER = (
    ("tiny", 39),
    ("base", 74),
    ("small", 244),
    ("medium", 769),
    ("large-v3-turbo", 809),
    ("large-v3", 1550),
)


@dataclass(frozen=True)
class Writer:
    """A GGUF that writes: its file (Q4_K_M) in GB, and what sets the memory that each token takes."""

    name: str
    licence: str
    file: float
    layers: int
    heads: int  # of keys and values, each of 128 numbers

    def needs(self, context: int) -> float:
        """GB for the file, and for keys and values of `context` tokens in float16."""
        return self.file + 2 * 2 * 128 * self.layers * self.heads * context / GB + REST


# File sizes as publishers list them, shapes from each model's config.json.
WRITERS = (
    Writer("Qwen2.5-Coder-1.5B-Instruct", "Apache-2.0", 1.1, 28, 2),
    Writer("Qwen3-4B-Instruct-2507", "Apache-2.0", 2.5, 36, 8),
    Writer("Qwen2.5-7B-Instruct", "Apache-2.0", 4.7, 28, 4),
    Writer("Qwen2.5-14B-Instruct", "Apache-2.0", 9.0, 48, 8),
    Writer("Mistral-Small-24B-Instruct-2501", "Apache-2.0", 14.4, 40, 8),
)


def memory_checks(settings: Settings) -> Iterator[Check]:
    total, free = memory()
    if not total:
        yield Check("memory", True, "not known on this system")
        return
    known = f", {free / GB:.1f} GB of it available" if free else ""
    yield Check("memory", True, f"{total / GB:.1f} GB{known}")
    yield Check("suggestion", True, suggestion((free or total) / GB, settings.extract.context))


def suggestion(room: float, context: int) -> str:
    """The largest models that fit into so many GB, and how to use them."""
    sizes = [(name, 3 * millions / 1000 + REST) for name, millions in WHISPER]
    heard = [
        f"Whisper {name} (about {need:.1f} GB: --set transcribe.model={name})"
        for name, need in sizes
        if need <= room
    ]
    wrote = [
        f"{one.name} as a Q4_K_M GGUF ({one.licence}, about {one.needs(context):.1f} GB: "
        "--set extract.writer=local --set extract.model=PATH)"
        for one in WRITERS
        if one.needs(context) <= room
    ]
    if not heard:
        return f"{room:.1f} GB is little even for Whisper tiny: close other programs, or let a server listen"
    parts = [f"to listen {heard[-1]}", f"to write {wrote[-1]}" if wrote else "no language model to write"]
    return (
        f"what fits is {'; '.join(parts)}. Computed from file sizes and a window of {context} tokens, not "
        "measured; one twice as large takes twice as long"
    )


def memory(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> tuple[int, int | None]:
    """Bytes of memory, and those available, None where that is not known; (0, None) if nothing is.

    What a container or a cgroup allows counts, if it is less.
    """
    total, free = _of_the_machine(proc)
    for most, used in _allowed(proc, groups):
        total, left = min(total, most), max(0, most - used)
        free = left if free is None else min(free, left)
    return total, free


def _of_the_machine(proc: Path) -> tuple[int, int | None]:
    try:
        lines = (line.split() for line in (proc / "meminfo").read_text("ascii").splitlines())
        kilobytes = {line[0]: int(line[1]) for line in lines if len(line) > 1}
        return kilobytes["MemTotal:"] * 1024, kilobytes["MemAvailable:"] * 1024
    except (OSError, ValueError, KeyError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), None
    except (AttributeError, OSError, ValueError):
        return 0, None


def _allowed(proc: Path, groups: Path) -> Iterator[tuple[int, int]]:
    """(limit, used) of each cgroup that this process is in, of version 2 or 1, up to the outermost."""
    try:
        entries = [line.split(":", 2) for line in (proc / "self" / "cgroup").read_text().splitlines()]
    except OSError:
        return
    for _, kinds, path in (entry for entry in entries if len(entry) == 3):
        if kinds and "memory" not in kinds.split(","):
            continue
        top = groups / "memory" if kinds else groups
        names = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes") if kinds else ("memory.max", "memory.current")
        )
        inner = Path(path.lstrip("/"))
        for folder in dict.fromkeys((top / inner, *(top / parent for parent in inner.parents), top)):
            try:
                most, used = (int((folder / name).read_text()) for name in names)
            except (OSError, ValueError):  # not there, or "max"
                continue
            yield most, used - _given_back(folder)


def _given_back(folder: Path) -> int:
    """Bytes of files that the group could do without at once."""
    try:
        pairs = (line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return int(dict(pairs).get("inactive_file", 0))
    except (OSError, ValueError):
        return 0


# Disk: how much of it is free, and whether it can be written where that is needed.

SPARE = 2 << 30  # bytes; below this a long recording's artifacts and models may not fit
LITTLE = 100 << 20  # bytes of temporary files


def disk_checks(workspace: Workspace, whole: bool) -> Iterator[Check]:
    """Each folder that is written to; those that do not exist yet would be made, and are not made here.

    `whole`: every model is here, so that a cache that is full or read-only does no harm.
    """
    yield tried("outputs", lambda: _room(workspace.outputs, SPARE, "choose another workspace (-w)"))
    yield tried(
        "memory of runs",
        lambda: _room(state.folder(workspace.root), LITTLE, "choose another workspace (-w)"),
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
