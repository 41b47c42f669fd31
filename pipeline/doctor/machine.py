"""Checks of this machine: installed packages, decoders, memory and disk."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.engines.chat.windows import DEFAULT_TOKENS
from pipeline.errors import ModelError, TakeawaysError, explained, unforeseen
from pipeline.takeaways.writers import choose
from pipeline.weights import models
from pipeline.workspace import state
from pipeline.workspace.config import Settings
from pipeline.workspace.talks import Workspace


@dataclass(frozen=True)
class Check:
    """One thing checked; `detail` says what was found or what to do."""

    name: str
    ok: bool
    detail: str


def run_check(name: str, probe: Callable[[], str]) -> Check:
    """Run `probe`: what it returns is the detail of a passed check, what it raises that of a failed one."""
    try:
        return Check(name, True, probe())
    except Exception as error:
        return Check(name, False, explained(error) or unforeseen(error))


# Packages, and which kinds of recording can be decoded.

ENGINE_PACKAGES = (
    "av", "faster-whisper", "ctranslate2", "onnxruntime", "kaldi-native-fbank", "sentencex",
    "spacy", "jinja2", "openai", "pydub", "tiktoken",
)  # fmt: skip


def package_checks(settings: Settings) -> Iterator[Check]:
    """Python, the engine packages with their versions, and the ffmpeg program, which is optional."""
    yield Check("python", True, f"{platform.python_version()} on {platform.machine()}")
    requirements = {package: package for package in ENGINE_PACKAGES}
    if choose(settings.extract).kind == "local":
        requirements["xllamacpp"] = "'takeaways[local]'"
    if settings.run.dask:
        requirements["distributed"] = "'takeaways[dask]'"
    for package, requirement in requirements.items():
        try:
            yield Check(package, True, version(package))
        except PackageNotFoundError:
            yield Check(package, False, f"not installed. Run: pip install {requirement}")
    ffmpeg = shutil.which("ffmpeg")
    yield Check("ffmpeg", True, ffmpeg or "not installed; not needed, PyAV brings its own codecs")


def decoder_check() -> Check:
    """One check for all the usual kinds of recording: a short file of each is written and decoded."""
    try:
        from pipeline.engines.audio import encoding

        problems = dict(encoding.problems_by_format())
    except ImportError as error:
        return Check("decoders", False, f"{error}. Install takeaways again.")
    except OSError as error:
        return Check("decoders", False, f"not tried: {explained(error)}")
    readable = ", ".join(name for name, problem in problems.items() if problem is None)
    unreadable = "; ".join(f"{name}: {problem}" for name, problem in problems.items() if problem)
    if not unreadable:
        return Check("decoders", True, readable)
    remedy = "Run: pip install --force-reinstall av"
    return Check(
        "decoders", False, f"{unreadable}. {remedy}{f' ({readable} can be read)' if readable else ''}"
    )


# Memory: how much there is, and what fits into it.

BYTES_PER_GB = 1e9
# This program with its small models and a block of sound; LOG.md has the measurements.
OVERHEAD_GB = 1.0
# (name, millions of parameters), from Whisper's paper and model cards. An int8 model takes a byte per
# parameter, and while it is loaded, its float16 file, with two bytes per parameter, is in memory as well.
WHISPER_SIZES = (
    ("tiny", 39),
    ("base", 74),
    ("small", 244),
    ("medium", 769),
    ("large-v3-turbo", 809),
    ("large-v3", 1550),
)
# Of a float16 key-value cache: 2 bytes, for keys and values of 128 dimensions, in 8 heads of 48 layers, as
# models of 14 billion parameters have them; smaller ones take less.
CACHE_GB_PER_TOKEN = 2 * 2 * 128 * 8 * 48 / BYTES_PER_GB
GB_PER_BILLION = 0.62  # of parameters in a Q4_K_M file, as publishers list files of 7 to 24 billion
MIN_WRITER_GB = 1.0  # of the file: smaller models do not write well enough


def memory_checks(settings: Settings) -> Iterator[Check]:
    total, free = memory()
    if not total:
        yield Check("memory", True, "not known on this system")
        return
    available = f", {free / BYTES_PER_GB:.1f} GB of it available" if free else ""
    yield Check("memory", True, f"{total / BYTES_PER_GB:.1f} GB{available}")
    yield Check(
        "suggestion",
        True,
        suggestion((free or total) / BYTES_PER_GB, settings.extract.context or DEFAULT_TOKENS),
    )


def suggestion(available_gb: float, context: int) -> str:
    """The models that fit into `available_gb` of memory, and how to select them."""
    whisper_needs = [(name, 3 * millions / 1000 + OVERHEAD_GB) for name, millions in WHISPER_SIZES]
    whisper_fits = [
        f"Whisper {name} (about {needed_gb:.1f} GB: --set transcribe.model={name})"
        for name, needed_gb in whisper_needs
        if needed_gb <= available_gb
    ]
    if not whisper_fits:
        return (
            f"{available_gb:.1f} GB is little even for Whisper tiny: close other programs, "
            "or let a server listen"
        )
    file_gb = available_gb - OVERHEAD_GB - context * CACHE_GB_PER_TOKEN
    writer = "no language model"
    if file_gb >= MIN_WRITER_GB:
        writer = (
            f"an instruct model in a GGUF file of up to {file_gb:.1f} GB (Q4_K_M: about "
            f"{file_gb / GB_PER_BILLION:.0f} billion parameters; --set extract.writer=local "
            "--set extract.model=PATH)"
        )
    return (
        f"what fits is {whisper_fits[-1]} to listen, and {writer} to write. Computed from file sizes and a "
        f"window of {context} tokens, not measured; a model twice as large takes twice as long"
    )


def memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> tuple[int, int | None]:
    """Total and available bytes of memory; available is None if unknown, and (0, None) means both are.

    The limit of a cgroup, as containers have it, counts if it is lower.
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
    """(limit, used and not reclaimable) in bytes for each limited cgroup of this process, innermost first."""
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

MIN_FREE_BYTES = 2 << 30  # with less, a long recording's artifacts and the models may not fit
MIN_TEMPORARY_BYTES = 100 << 20


def disk_checks(workspace: Workspace, models_complete: bool) -> Iterator[Check]:
    """Check each folder that a run writes to, without creating those that do not exist yet.

    With `models_complete` nothing more is downloaded, so a full or read-only model cache does no harm.
    """
    folders = (
        ("outputs", workspace.outputs, MIN_FREE_BYTES),
        ("memory of runs", state.folder(workspace.root), MIN_TEMPORARY_BYTES),
    )
    for name, folder, min_bytes in folders:
        yield run_check(name, partial(_free_space_in, workspace, folder, min_bytes))
    cache_check = run_check(
        "model cache",
        lambda: _free_space(models.cache_folder(), MIN_FREE_BYTES, "set TAKEAWAYS_CACHE to another"),
    )
    passed = replace(cache_check, ok=True, detail=f"{cache_check.detail} No need now: every model is here.")
    yield passed if models_complete and not cache_check.ok else cache_check
    yield run_check("temporary files", _temporary_space)


def _temporary_space() -> str:
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        raise ModelError(f"{error.strerror}", remedy="Set TMPDIR to a folder that can be written.") from error
    return _free_space(folder, MIN_TEMPORARY_BYTES, "set TMPDIR to another folder")


def _free_space_in(workspace: Workspace, folder: Path, min_bytes: int) -> str:
    workspace.tree.check(folder)
    return _free_space(folder, min_bytes, "choose another workspace (-w)")


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
