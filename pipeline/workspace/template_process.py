"""Templates of a workspace's own are rendered in a child process, within limits of time and memory.

The sandbox keeps a template from files and from the network. It does not keep it from running for ever or
from asking for a terabyte, perhaps in a single call of a function in C, which only the system can stop.
"""

from __future__ import annotations

import faulthandler
import json
import os
import pickle
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path

from pipeline.workspace.template_language import DO_LESS, JinjaError, Page, Renderer, too_slow


@dataclass(frozen=True)
class Limits:
    """`seconds` are for each page; `memory_bytes` come on top of what holds the context."""

    seconds: float = 30.0
    memory_bytes: int = 1 << 30


LIMITS = Limits()
_START_SECONDS = 60.0  # for Python to start, and to read what it is handed
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {} import main; main()"
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")  # and so no keys nor tokens
_TIMEOUT = re.compile(r"^Timeout \(", re.MULTILINE)  # as faulthandler has it
_DUMPED_FRAME = re.compile(r'^  File "(.*)", line (\d+) in ', re.MULTILINE)
_MAX_DUMPED_CHARACTERS = 500  # of a file's name, by faulthandler


def render_apart(sources: Mapping[str, str], pages: Sequence[Page]) -> list[str]:
    """The texts of the pages, in order; `sources` are templates by name. Raises JinjaError."""
    limits = LIMITS
    path = [os.path.abspath(entry) for entry in sys.path if entry]
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-B", "-c", _START.format(__name__), json.dumps(path)],
            input=pickle.dumps((dict(sources), list(pages), limits)),
            capture_output=True,
            timeout=_START_SECONDS + limits.seconds * len(pages),
            cwd=Path(sys.executable).anchor,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
        )
    except subprocess.TimeoutExpired as error:
        raise JinjaError("its process does not answer", "Try again.", pages[0].template) from error
    texts = _texts(child.stdout)
    if len(texts) < len(pages):
        raise _unfinished(child, Renderer(sources), pages[len(texts)], limits)
    return texts


def _texts(answers: bytes) -> list[str]:
    """The texts that the child finished. Raises the JinjaError that is its last answer, if it is one."""
    stream, texts = BytesIO(answers), []
    while header := stream.readline():
        answer = json.loads(header)
        if not isinstance(answer, int):
            raise JinjaError(*answer)
        if len(text := stream.read(answer)) == answer:
            texts.append(text.decode())
    return texts


def _unfinished(
    child: subprocess.CompletedProcess[bytes], renderer: Renderer, page: Page, limits: Limits
) -> JinjaError:
    """Why a child ended early, and in which line, from the frames that it wrote, the innermost first."""
    dump = child.stderr.decode("ascii", "replace")
    names = {_dumped(name): name for name in renderer.sources}
    frames = ((names[file], int(line)) for file, line in _DUMPED_FRAME.findall(dump) if file in names)
    name, compiled_line = next(frames, (page.template, None))
    line = renderer.line(name, compiled_line) if compiled_line else None
    if _TIMEOUT.search(dump):
        return too_slow(limits.seconds, name, line)
    return JinjaError(f"ended the process that renders it (with {child.returncode})", DO_LESS, name, line)


def _dumped(name: str) -> str:
    """A file's name as faulthandler writes it."""
    cut = name[:_MAX_DUMPED_CHARACTERS].encode("ascii", "backslashreplace").decode()
    return cut + "..." * (len(name) > _MAX_DUMPED_CHARACTERS)


# The child.

_GRACE_SECONDS = 1.0  # for a function in C to return
_BALLAST_BYTES = 16 << 20  # let go when memory runs out, to have some for saying so
# By Jinja2, its filters and markupsafe, when no file can be opened any more.
_LATE_IMPORTS = (
    *("html", "jinja2.debug", "pprint", "textwrap"),
    *("encodings.ascii", "encodings.latin_1", "encodings.unicode_escape"),
)
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Answer for each page its text, after a line with the number of its bytes, or a line with an error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent as well, which ends this process
    _end_with_parent()
    faulthandler.enable()
    sources, pages, limits = pickle.load(sys.stdin.buffer)
    renderer = Renderer(sources)
    ballast = [bytearray(_BALLAST_BYTES)]
    for module in _LATE_IMPORTS:
        import_module(module)
    _confine(limits)
    for page in pages:
        _alarm(limits.seconds)
        try:
            text = renderer.text(page).encode()
            _alarm(None)
        except Exception as error:  # a template may fail in any way
            _alarm(None)
            ballast.clear()
            print(json.dumps(renderer.explained(error, page).args))
            return
        sys.stdout.buffer.write(b"%d\n%b" % (len(text), text))
        sys.stdout.buffer.flush()


def _alarm(seconds: float | None) -> None:
    """Raises JinjaError in so many seconds, or no more; what is stuck in C then ends with the process."""

    def stop(number: int, frame: object) -> None:
        raise too_slow(seconds or 0.0)

    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds or 0.0)
    if seconds is None:
        faulthandler.cancel_dump_traceback_later()
    else:  # its watchdog is a thread in C, which needs no lock of Python's
        faulthandler.dump_traceback_later(seconds + _GRACE_SECONDS, exit=True)


def _end_with_parent() -> None:
    """Where the system can do that; elsewhere the limit on time ends a child that is left alone."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _confine(limits: Limits) -> None:
    """No more files or sockets, no core dump, and a bound on memory, where the system has such limits."""
    with suppress(ImportError):  # on Windows
        import resource

        bounds = dict.fromkeys((resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE), 0)
        with suppress(OSError):  # where there is no /proc
            pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
            bounds[resource.RLIMIT_AS] = pages * resource.getpagesize() + limits.memory_bytes
        for kind, most in bounds.items():
            with suppress(OSError, ValueError):  # over the limit that there is already
                resource.setrlimit(kind, (most, most))
