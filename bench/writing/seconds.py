"""How long a changed prompt takes on an hour's talk, besides the model's own time.

    python -m bench.writing.seconds --data DIR [--talk NAME] [--times 5]

The model is a recording, which answers at once. First all is made; then the prompt is changed and the same
command runs again, so that transcript, turns and vectors are at hand, as they are for somebody who tries
prompts. The whole command counts, from start to end, beside it the time of all cores that it takes, which
other work on the machine changes little, and what Python needs to start.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.writing import talks
from bench.writing.played import ROOT, play
from tests.support.recorded_model import RecordedModel

PROMPT = "whole.md"


def changed_prompt(root: Path, number: int) -> None:
    """The workspace's own copy of the prompt, another one each time."""
    own = root / "prompts" / "recap"
    own.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "prompts" / "recap" / PROMPT, own / PROMPT)
    with (own / PROMPT).open("a", encoding="utf-8") as file:
        file.write(f"\nThis is wording {number}.\n")


def model_of(name: str) -> RecordedModel:
    recorded = RecordedModel.read(talks.recording(name))
    return RecordedModel(recorded.post, judges_all=True, gives_up=True)


def start_seconds() -> float:
    """What the program needs before it does anything."""
    began = perf_counter()
    subprocess.run(
        [sys.executable, "-c", "from pipeline.cli.main import main; main()", "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    return perf_counter() - began


def core_seconds() -> float:
    """What all programs that were started from here, and have ended, took of all cores."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.writing.seconds")
    parser.add_argument("--data", type=Path, required=True, help="folder with the folder transcripts/")
    parser.add_argument("--talk", choices=talks.SOURCES, default="optech")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="seconds-") as folder:
        root = Path(folder)
        talks.make(options.talk, options.data, root)
        play(options.talk, root, model_of(options.talk))
        whole, stage, cores = [], [], []
        for number in range(options.times):
            changed_prompt(root, number)
            began, used = perf_counter(), core_seconds()
            played = play(options.talk, root, model_of(options.talk))
            whole.append(perf_counter() - began - played.meter.seconds)
            stage.append(played.seconds)
            cores.append(core_seconds() - used)
    starts = [start_seconds() for _ in range(options.times)]
    rows = {
        "the command": whole, "of all cores": cores, "the stage extract": stage, "start alone": starts,
    }  # fmt: skip
    for what, seconds in rows.items():
        print(f"{what}: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    main()
