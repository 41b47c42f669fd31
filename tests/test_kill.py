"""Killed at random moments, a run leaves nothing that a later run does not put right."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from helpers import panel

KILLS = 20
DATA = Path(__file__).parent / "data"


def start(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "inputs", *arguments]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def contents(root: Path) -> dict[str, bytes]:
    """Every output file: artifacts by their data, the others by their bytes."""
    found = {}
    for path in sorted(path for path in (root / "outputs").rglob("*") if path.is_file()):
        raw = path.read_bytes()
        name = path.relative_to(root).as_posix()
        found[name] = json.dumps(json.loads(raw)["data"]).encode() if path.suffix == ".json" else raw
    return found


def workspace(root: Path) -> Path:
    place = panel(root, lines=30)
    shutil.copy(DATA / "chaincode.opus", place.inputs / "audio.opus")
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
