"""Checks of memory and disk: how much there is, which models fit, and whether files can be written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.doctor.check import Check, run_check
from pipeline.errors import ModelError, TakeawaysError
from pipeline.weights import models
from pipeline.workspace import state
from pipeline.workspace.config import Settings
from pipeline.workspace.talks import Workspace

BYTES_PER_GB = 1e9
# This program with its small models and a block of sound; LOG.md has the measurements.
OVERHEAD_GB = 1.0
# (name, millions of parameters), from Whisper's paper and model cards; MIT. An int8 model takes a byte per
# parameter, and while it is loaded, its float16 file, with two bytes per parameter, is in memory as well.
WHISPER_SIZES = (
    ("tiny", 39),
    ("base", 74),
    ("small", 244),
    ("medium", 769),
    ("large-v3-turbo", 809),
    ("large-v3", 1550),
)


@dataclass(frozen=True)
class Writer:
    """A GGUF language model: the size of its file (Q4_K_M) and the shape of its key-value cache."""

    name: str
    licence: str
    file_gb: float
    layers: int
    kv_heads: int  # each with keys and values of 128 dimensions

    def memory_gb(self, context: int) -> float:
        """GB that the model takes with a float16 key-value cache for `context` tokens."""
        return self.file_gb + 2 * 2 * 128 * self.layers * self.kv_heads * context / BYTES_PER_GB + OVERHEAD_GB


# File sizes as listed by the publishers, shapes from each model's config.json.
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
    available = f", {free / BYTES_PER_GB:.1f} GB of it available" if free else ""
    yield Check("memory", True, f"{total / BYTES_PER_GB:.1f} GB{available}")
    yield Check("suggestion", True, suggestion((free or total) / BYTES_PER_GB, settings.extract.context))


def suggestion(available_gb: float, context: int) -> str:
    """The largest models that fit into `available_gb` of memory, and how to select them."""
    whisper_needs = [(name, 3 * millions / 1000 + OVERHEAD_GB) for name, millions in WHISPER_SIZES]
    whisper_fits = [
        f"Whisper {name} (about {needed_gb:.1f} GB: --set transcribe.model={name})"
        for name, needed_gb in whisper_needs
        if needed_gb <= available_gb
    ]
    writer_fits = [
        f"{writer.name} as a Q4_K_M GGUF ({writer.licence}, about {writer.memory_gb(context):.1f} GB: "
        "--set extract.writer=local --set extract.model=PATH)"
        for writer in WRITERS
        if writer.memory_gb(context) <= available_gb
    ]
    if not whisper_fits:
        return (
            f"{available_gb:.1f} GB is little even for Whisper tiny: close other programs, "
            "or let a server listen"
        )
    choices = [
        f"to listen {whisper_fits[-1]}",
        f"to write {writer_fits[-1]}" if writer_fits else "no language model to write",
    ]
    return (
        f"what fits is {'; '.join(choices)}. Computed from file sizes and a window of {context} tokens, not "
        "measured; one twice as large takes twice as long"
    )


def memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> tuple[int, int | None]:
    """Total and available bytes of memory; available is None if unknown, and (0, None) means both are.

    The limit of a container or cgroup counts if it is lower.
    """
    total, free = _machine_memory(proc)
    for limit, used in _cgroup_memory(proc, cgroups):
        total, unused = min(total, limit), max(0, limit - used)
        free = unused if free is None else min(free, unused)
    return total, free


def _machine_memory(proc: Path) -> tuple[int, int | None]:
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


def _cgroup_memory(proc: Path, cgroups: Path) -> Iterator[tuple[int, int]]:
    """(limit, used) in bytes for each cgroup (v2 or v1) of this process, from the innermost outwards."""
    try:
        entries = [line.split(":", 2) for line in (proc / "self" / "cgroup").read_text().splitlines()]
    except OSError:
        return
    for _, controllers, path in (entry for entry in entries if len(entry) == 3):
        if controllers and "memory" not in controllers.split(","):
            continue
        mount = cgroups / "memory" if controllers else cgroups
        file_names = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes")
            if controllers
            else ("memory.max", "memory.current")
        )
        group = Path(path.lstrip("/"))
        for folder in dict.fromkeys((mount / group, *(mount / parent for parent in group.parents), mount)):
            try:
                limit, used = (int((folder / file_name).read_text()) for file_name in file_names)
            except (OSError, ValueError):  # no such file, or no limit ("max")
                continue
            yield limit, used - _reclaimable_bytes(folder)


def _reclaimable_bytes(folder: Path) -> int:
    """Bytes of cached files that the kernel can reclaim from the cgroup at once."""
    try:
        pairs = (line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return int(dict(pairs).get("inactive_file", 0))
    except (OSError, ValueError):
        return 0


# Disk: is there enough free space, and can the folders be written to?

MIN_FREE_BYTES = 2 << 30  # less may not hold a long recording's artifacts and models
MIN_TEMPORARY_BYTES = 100 << 20


def disk_checks(workspace: Workspace, models_complete: bool) -> Iterator[Check]:
    """Check each folder that a run writes to, without creating those that do not exist yet.

    With `models_complete` nothing more is downloaded, so a full or read-only model cache does no harm.
    """
    yield run_check(
        "outputs", lambda: _free_space(workspace.outputs, MIN_FREE_BYTES, "choose another workspace (-w)")
    )
    yield run_check(
        "memory of runs",
        lambda: _free_space(
            state.folder(workspace.root), MIN_TEMPORARY_BYTES, "choose another workspace (-w)"
        ),
    )
    cache_check = run_check(
        "model cache",
        lambda: _free_space(models.cache_folder(), MIN_FREE_BYTES, "set TAKEAWAYS_CACHE to another"),
    )
    excused = replace(cache_check, ok=True, detail=f"{cache_check.detail} No need now: every model is here.")
    yield excused if models_complete and not cache_check.ok else cache_check
    yield run_check("temporary files", _temporary_space)


def _temporary_space() -> str:
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        raise ModelError(f"{error.strerror}", remedy="Set TMPDIR to a folder that can be written.") from error
    return _free_space(folder, MIN_TEMPORARY_BYTES, "set TMPDIR to another folder")


def _free_space(folder: Path, min_bytes: int, remedy: str) -> str:
    """The free space in `folder`, after a trial write. Raises TakeawaysError if read-only or too full."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=existing, prefix=".takeaways-") as file:
            file.write(b"?" * 4096)
            file.flush()
    except OSError as error:
        problem = f"nothing can be written there ({error.strerror})"
        raise TakeawaysError(
            problem, file=existing, remedy=f"Change its permissions, or {remedy}."
        ) from error
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < min_bytes:
        problem = f"only {free_bytes / 1e9:.1f} GB are free, of {min_bytes / 1e9:.1f} GB that may be needed"
        raise TakeawaysError(problem, file=existing, remedy=f"Free some, or {remedy}.")
    return f"{free_bytes / 1e9:.1f} GB free in {folder}"
