"""Killed at random moments, a run leaves nothing that a later run does not put right."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support import DATA
from tests.support.helpers import contents, panel, temporaries
from tests.support.stopped import PROGRAM, call, wait_for
from tests.support.stopped import start as started

KILLS = 14


def start(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [*PROGRAM, "run", "inputs", *arguments]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def workspace(root: Path) -> Path:
    place = panel(root, lines=30)
    shutil.copy(DATA / "jfk.flac", place.inputs)
    return root


def test_killed_at_random_and_then_finished_everything_is_as_if_undisturbed(tmp_path: Path) -> None:
    calm, rough = workspace(tmp_path / "calm"), workspace(tmp_path / "rough")
    began = time.monotonic()
    assert start(calm).wait() == 0
    usual = time.monotonic() - began
    chance, killed = random.Random(7), 0
    for _ in range(KILLS):
        process = start(rough, "--force")
        time.sleep(chance.uniform(0.05, 0.95) * usual)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed > KILLS / 2
    assert start(rough).wait() == 0
    assert contents(rough) == contents(calm)
    assert start(rough).wait() == 0
    assert not list((rough / "outputs").rglob(".*"))


def test_killed_in_each_stage_the_next_run_goes_on(tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    for root in (calm, rough):
        (root / "inputs").mkdir(parents=True)
        shutil.copy(DATA / "jfk.flac", root / "inputs")
    assert start(calm).wait() == 0
    for stage in ("transcribe", "segment", "extract", "render"):
        process = started(rough, "run", "inputs")
        wait_for(process, f"jfk: {stage}: not made yet")
        process.kill()
        assert process.wait() == -signal.SIGKILL
        status = call(rough, "status")
        assert (status.returncode, status.stderr) == (1, "")
        assert f"{stage} missing" in status.stdout
    assert start(rough).wait() == 0
    assert contents(rough) == contents(calm)
    assert call(rough, "status").returncode == 0
    assert not temporaries(rough)


# Killed by itself where it would put a file it has written into its place: at the one of that number.
KILLED = """
import os, signal, sys
from pipeline.cli.main import main
put, left = os.replace, [int(sys.argv.pop(1))]
def replace(*names, **more):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    put(*names, **more)
os.replace = replace
main()
"""


def killed_at_write(number: int, root: Path, *arguments: str, **more: str) -> bool:
    """Whether it was, as it does not come to that many."""
    program = (sys.executable, "-c", KILLED, str(number))
    process = started(root, *arguments, program=program, **more)
    told = process.communicate()[1]
    assert process.returncode in (0, -signal.SIGKILL), told
    return process.returncode != 0


def test_killed_at_each_write_the_next_run_goes_on_and_leaves_no_half_file(tmp_path: Path) -> None:
    calm, rough = panel(tmp_path / "calm", lines=14).root, panel(tmp_path / "rough", lines=14).root
    assert start(calm).wait() == 0
    number = 1
    while killed_at_write(number, rough, "run", "inputs", "--force"):
        assert temporaries(rough)
        number += 1
    assert number > 8
    assert contents(rough) == contents(calm)
    assert not temporaries(rough)


def test_what_a_kill_leaves_of_a_model_is_removed_when_it_is_fetched_again(tmp_path: Path) -> None:
    place, cache = panel(tmp_path, lines=14), tmp_path / "cache"
    assert call(place.root, "run", "inputs", "--to", "segment").returncode == 0
    assert killed_at_write(1, place.root, "run", "inputs", TAKEAWAYS_CACHE=str(cache))
    assert len(temporaries(cache)) == 1
    assert not list(cache.rglob("model.onnx"))
    assert call(place.root, "run", "inputs", TAKEAWAYS_CACHE=str(cache)).returncode == 0
    assert len(list(cache.rglob("model.onnx"))) == 1
    assert not temporaries(cache)


def test_killed_at_each_write_of_a_model_nothing_is_left_of_it(tmp_path: Path) -> None:
    place, number = panel(tmp_path, lines=14), 1
    assert call(place.root, "run", "inputs", "--to", "segment").returncode == 0
    while True:
        cache = tmp_path / f"cache{number}"
        run = ("run", "inputs", "--only", "extract", "--force")
        assert killed_at_write(number, place.root, *run, TAKEAWAYS_CACHE=str(cache))
        if not temporaries(cache):
            break
        assert call(place.root, *run, TAKEAWAYS_CACHE=str(cache)).returncode == 0
        assert not temporaries(cache)
        number += 1
    assert number > 2


def test_killed_at_each_write_a_new_workspace_is_completed(tmp_path: Path) -> None:
    number = 1
    while killed_at_write(number, tmp_path, "init", f"new{number}"):
        assert call(tmp_path, "init", f"new{number}").returncode == 0
        number += 1
    assert number == 3
    for new in tmp_path.iterdir():
        files = {path.name for path in new.iterdir() if path.is_file()}
        assert files == {"takeaways.toml", ".gitignore"}
