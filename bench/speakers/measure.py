"""One system over many recordings in a process of its own, so that its memory is its own.

    python -m bench.speakers.measure SYSTEM FOLDER RECORDING...

Answers go to FOLDER/NAME.json as they are found; what the process needed goes to FOLDER/process.json.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench.speakers.clips import ROOT

WARM_UP = ROOT / "tests" / "data" / "librispeech" / "2033" / "2033-164914-0004.flac"


def resident() -> float:
    """Peak resident size of this process, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():  # the other figure may still be that of the process that started this one
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def start(system: str, folder: Path, recordings: list[Path]) -> subprocess.Popen[bytes]:
    """Start the measuring process; it reads the recordings' names from its input, as there may be many."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "bench.speakers.measure", system, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write("\n".join(str(path.resolve()) for path in recordings).encode())
    process.stdin.close()
    return process


def main() -> None:
    system, folder = sys.argv[1], Path(sys.argv[2])
    recordings = [Path(line) for line in sys.stdin.read().splitlines()]
    started = time.monotonic()
    answer: Callable[[Path], list[tuple[float, float, str]]]
    answer = getattr(import_module(f"bench.speakers.{system}"), system)
    answer(WARM_UP)
    loading, loaded_mb = time.monotonic() - started, resident()
    for number, path in enumerate(recordings, 1):
        started, processor_started = time.monotonic(), time.process_time()
        spans = answer(path)
        result = {
            "seconds": round(time.monotonic() - started, 3),
            "processor": round(time.process_time() - processor_started, 3),
            "spans": [(round(start, 3), round(end, 3), speaker) for start, end, speaker in spans],
        }
        partial = folder / f".{path.stem}.{os.getpid()}"
        partial.write_text(json.dumps(result), "utf-8")
        partial.rename(folder / f"{path.stem}.json")
        print(f"\r{system} {number}/{len(recordings)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    process = {"loading": round(loading, 2), "loaded_mb": round(loaded_mb), "peak_mb": round(resident())}
    (folder / "process.json").write_text(json.dumps(process), "utf-8")


if __name__ == "__main__":
    main()
