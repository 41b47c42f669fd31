"""Runs the program in a process of its own, waits for a line of its output, and stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PROGRAM = (sys.executable, "-c", "from pipeline.cli.main import main; main()")
PATIENCE = 90.0  # seconds; generous, for a machine that has other things to do
KEPT = "Stopped. Finished stages are kept; run again to go on.\n"


def stoppable() -> None:
    """Tests may run in the background, where interrupts are ignored; the program is not to inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(
    root: Path, *arguments: str, program: Sequence[str] = PROGRAM, under: Sequence[str] = (), **more: str
) -> subprocess.Popen[str]:
    """Start the program in a session of its own; its standard error is to be read."""
    return subprocess.Popen(
        [*under, *program, *arguments],
        cwd=root,
        env=os.environ | more,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=stoppable,
    )


def call(
    root: Path, *arguments: str, under: Sequence[str] = (), without: Sequence[str] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    environment: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if name not in without
    } | more
    return subprocess.run(
        [*under, *PROGRAM, *arguments],
        cwd=root,
        env=environment,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
    )


def wait_for(process: subprocess.Popen[str], told: str) -> str:
    """Read its standard error up to a line that contains `told`, and return that."""
    assert process.stderr
    lines = []
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    try:
        for line in process.stderr:
            lines.append(line)
            if told in line:
                return "".join(lines)
    finally:
        watch.cancel()
    raise AssertionError(f"it never told {told!r}, but:\n{''.join(lines)}")


def stop(process: subprocess.Popen[str], number: int) -> tuple[float, str]:
    """Send a signal; return the seconds until the program ended, and the rest of its standard error."""
    assert process.stderr
    started = time.monotonic()
    process.send_signal(number)
    try:
        rest = process.communicate(timeout=PATIENCE)[1]
    finally:
        process.kill()
    return time.monotonic() - started, rest


def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
