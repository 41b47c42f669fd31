"""Ctrl-C and SIGTERM in the middle of anything: a quick end, one message, and nothing lost or halved."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import DATA
from tests.support.helpers import contents, panel
from tests.support.stopped import KEPT, PATIENCE, PROGRAM, call, start, stop, stoppable, until, wait_for

QUICK = 10.0  # seconds; two are promised, on a machine that has nothing else to do
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
# Stage, talk, seconds into it: of those that take long, where they compute.
STAGES = (
    ("transcribe", "audio.opus", 1.5),
    ("segment", "audio.opus", 0.5),
    ("extract", "panel.md", 0.2),
    ("render", "panel.md", 0.0),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cohort of a recording and a transcript, all done."""
    place = panel(tmp_path_factory.mktemp("stopped"), lines=30)
    shutil.copy(DATA / "chaincode.opus", place.inputs / "audio.opus")
    (place.inputs / "cohort.toml").write_text('title = "All"\n')
    done = call(place.root, "run", "inputs")
    assert done.returncode == 0, done.stderr
    return place.root


def check(root: Path, process: subprocess.Popen[str], number: int, before: dict[str, bytes]) -> str:
    """Stop it; it ends soon, says what is kept, and has changed nothing. Gives what else it told."""
    seconds, told = stop(process, number)
    print(f"ended in {seconds:.2f} s")
    assert process.returncode == 130, told
    assert told.endswith(KEPT)
    assert "Traceback" not in told
    assert seconds < QUICK
    assert contents(root) == before
    return told.removesuffix(KEPT)


@SIGNALS
@pytest.mark.parametrize(("stage", "talk", "after"), STAGES, ids=[stage for stage, _, _ in STAGES])
def test_a_stage(root: Path, stage: str, talk: str, after: float, number: int) -> None:
    before = contents(root)
    for kept in (root / ".takeaways").rglob("*.voices/*.npz"):
        kept.unlink()
    process = start(root, "run", f"inputs/{talk}", "--only", stage, "--force")
    wait_for(process, f": {stage}: ")
    time.sleep(after)
    check(root, process, number, before)


@SIGNALS
@pytest.mark.parametrize("jobs", ["1", "4"])
def test_several_talks_at_once(root: Path, jobs: str, number: int) -> None:
    before = contents(root)
    process = start(root, "run", "inputs", "--force", "--to", "transcribe", "--jobs", jobs)
    wait_for(process, "audio: transcribe: forced")
    check(root, process, number, before)


@SIGNALS
@pytest.mark.parametrize("stage", ["cohort", "site"])
def test_what_talks_have_in_common(root: Path, stage: str, number: int) -> None:
    before = contents(root)
    process = start(root, "cohort", "inputs", "--force")
    wait_for(process, f": {stage}: forced")
    seconds, told = stop(process, number)
    print(f"ended in {seconds:.2f} s")
    assert (process.returncode, told[-len(KEPT) :]) == (130, KEPT)
    assert seconds < QUICK
    assert set(contents(root)) == set(before)


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes calls and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


@SIGNALS
@pytest.mark.parametrize(("stage", "talk"), [("transcribe", "audio.opus"), ("extract", "panel.md")])
def test_waiting_for_a_server(root: Path, silent: socket.socket, stage: str, talk: str, number: int) -> None:
    before = contents(root)
    settings = [f"{stage}.base_url=http://127.0.0.1:{silent.getsockname()[1]}/v1", f"{stage}.model=any"]
    settings += ["transcribe.engine=openai"] if stage == "transcribe" else []
    sets = [part for one in settings for part in ("--set", one)]
    process = start(root, "run", f"inputs/{talk}", "--only", stage, "--force", *sets)
    caller, _ = silent.accept()
    with caller:
        assert caller.recv(1)
        check(root, process, number, before)


def test_a_language_model_that_is_being_loaded_here_is_left_behind(root: Path, tmp_path: Path) -> None:
    """Loading holds the interpreter, as llama.cpp's binding does; the loading process ends all the same."""
    (tmp_path / "xllamacpp.py").write_text(
        "import ctypes, os, pathlib\n"
        "class CommonParams:\n    class model: path = ''\n"
        "def Server(params):\n"
        f"    pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
        "    ctypes.PyDLL(None).sleep(600)\n"
    )
    model = tmp_path / "a.gguf"
    model.write_bytes(b"GGUF")
    sets = ("--set", "extract.writer=local", "--set", f"extract.model={model}")
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    before = contents(root)
    process = start(root, "run", "inputs/panel.md", "--only", "extract", "--force", *sets, PYTHONPATH=path)
    until(lambda: (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text() != "")
    loading = int((tmp_path / "pid").read_text())
    assert loading != process.pid
    check(root, process, signal.SIGINT, before)
    until(lambda: not Path(f"/proc/{loading}/exe").exists())


def program(body: str) -> tuple[str, ...]:
    """A program that may be stopped; its body begins with one that computes in C, for minutes."""
    lines = (
        "import hashlib, sys, time",
        "from pipeline.cli import stopping",
        "compute = lambda: hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)",
        "with stopping.stoppable():",
        "    try:",
        "        print('begun', file=sys.stderr, flush=True)",
        *(f"        {line}" for line in body.splitlines()),
        "    except KeyboardInterrupt:",
        "        print('tidies', file=sys.stderr, flush=True)",
        "        time.sleep(600)",
    )
    return (sys.executable, "-c", "\n".join(lines))


def wait_until_it_computes(pid: int) -> None:
    """A signal that came before would be heeded by Python at once."""

    def busy() -> float:
        """Processor seconds in user mode so far (proc(5))."""
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]) / os.sysconf(
            "SC_CLK_TCK"
        )

    begun = busy()
    until(lambda: busy() > begun + 0.1)


@SIGNALS
def test_a_main_thread_that_computes_is_not_waited_for(tmp_path: Path, number: int) -> None:
    process = start(tmp_path, program=program("compute()"))
    wait_for(process, "begun")
    wait_until_it_computes(process.pid)
    seconds, told = stop(process, number)
    assert (process.returncode, told) == (130, KEPT)
    assert seconds < QUICK


def test_tidying_that_takes_too_long_is_cut_off(tmp_path: Path) -> None:
    process = start(tmp_path, program=program("time.sleep(600)"))
    wait_for(process, "begun")
    seconds, told = stop(process, signal.SIGINT)
    assert (process.returncode, told) == (130, f"tidies\n{KEPT}")
    assert seconds < QUICK


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_one_ends_it_at_once(tmp_path: Path, second: int) -> None:
    process = start(tmp_path, program=program("stopping.GRACE_SECONDS = 600\ntime.sleep(600)"))
    wait_for(process, "begun")
    process.send_signal(signal.SIGINT)
    wait_for(process, "tidies")
    assert process.poll() is None
    _, told = stop(process, second)
    assert (process.returncode, told) == (130, KEPT)


def test_one_that_is_ignored_stays_so(tmp_path: Path) -> None:
    """As shells start what runs in the background."""
    ignoring = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
    code = program("stopping.GRACE_SECONDS = 0.1\ntime.sleep(600)")
    process = start(tmp_path, program=code, under=ignoring)
    wait_for(process, "begun")
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    assert stop(process, signal.SIGTERM)[1].endswith(KEPT)


def test_nobody_reading_what_it_tells_does_not_hold_it_up(tmp_path: Path) -> None:
    fill = "import os\nos.set_blocking(2, False)\ntry:\n    while True: os.write(2, b'x' * 4096)"
    fill += "\nexcept BlockingIOError: pass\nos.set_blocking(2, True)\n"
    process = start(tmp_path, program=program(f"{fill}open('full', 'w').close()\ncompute()"))
    until((tmp_path / "full").exists)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130


def test_after_all_is_done_signals_are_as_before() -> None:
    from pipeline.cli import main

    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    with main.stoppable():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before


def test_on_a_terminal_the_table_goes_and_the_cursor_comes_back(root: Path) -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}

    def own_terminal() -> None:
        import fcntl
        import termios

        stoppable()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [*PROGRAM, "run", "inputs", "--force", "--to", "transcribe"],
        cwd=root, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, preexec_fn=own_terminal,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b"transcribe" not in shown:
        shown += read(ours)
    os.write(ours, b"\x03")
    while some := read(ours):
        shown += some
    assert process.wait(PATIENCE) == 130
    os.close(ours)
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    assert shown.replace(b"\r\n", b"\n").endswith(KEPT.encode())
    assert b"Traceback" not in shown


def read(terminal: int) -> bytes:
    """What a terminal shows next; nothing once its program is gone."""
    assert select.select([terminal], [], [], PATIENCE)[0]
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
