"""What becomes of a recording, decoded in a process of its own that may crash, hang or fill memory."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import av  # noqa: F401 - loaded before children are forked

from pipeline.engines import SAMPLE_RATE
from pipeline.engines.audio.decoding import Sound, probe, shortfall
from pipeline.errors import InputError
from pipeline.records import Part

PATIENCE_SECONDS = 30.0  # of processor time, or three times as much by the clock
MAX_BYTES = 2 << 30
MAX_SOUND_SECONDS = 5 * 3600.0  # of files that hold 2.5 s, and may have gaps


@dataclass(frozen=True)
class Outcome:
    """What became of a file: `kind` is decoded, refused, crash, hang, memory, endless or unforeseen.

    `seconds` of sound were decoded; `peak` is the memory that it took, in MB.
    """

    kind: str
    detail: str
    seconds: float
    peak: float

    @property
    def is_good(self) -> bool:
        return self.kind in ("decoded", "refused")


def outcome_of(path: Path) -> Outcome:
    """Probe and decode a file, whole and one channel of it, in a forked child."""
    receiver, sender = os.pipe()
    before = _pages(1)  # which the child has, too
    if not (child := os.fork()):
        os.close(receiver)
        _child(path, sender)
    os.close(sender)
    said = b""
    with os.fdopen(receiver, "rb", buffering=0) as pipe:
        until = time.monotonic() + 3 * PATIENCE_SECONDS
        while (left := until - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
            if not (data := pipe.read(65536)):
                break
            said += data
    if left <= 0:
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    kind, detail, seconds = json.loads(said) if said else ("crash", "it said nothing", 0.0)
    if left <= 0:
        kind = "hang"
    elif os.WIFSIGNALED(status):
        ended_by = signal.Signals(os.WTERMSIG(status))
        kind, detail = "hang" if ended_by == signal.SIGXCPU else "crash", ended_by.name
    taken = usage.ru_maxrss * 1024 - before
    if taken > MAX_BYTES and kind in ("decoded", "refused"):
        kind = "memory"
    return Outcome(kind, detail, seconds, max(0, taken) / 1e6)


def _pages(number: int) -> int:
    """The bytes of address space (0) or of memory (1) that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[number]) * resource.getpagesize()


def _child(path: Path, sender: int) -> None:
    limit = _pages(0) + MAX_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(PATIENCE_SECONDS), int(2 * PATIENCE_SECONDS)))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    seconds, kind, detail = 0.0, "decoded", ""
    try:
        facts = probe(path)
        for part in (Part(track=0, channel=0), Part()):
            sound, seconds = Sound(path, part), 0.0
            for chunk in sound:
                seconds += len(chunk) / SAMPLE_RATE
                if seconds > MAX_SOUND_SECONDS:
                    kind = "endless"
                    break
            shortfall(seconds, facts.duration, sound.lost)
    except InputError as error:
        kind, detail = "refused", error.what
    except BaseException:
        kind, detail = "unforeseen", traceback.format_exc()[-1500:]
    os.write(sender, json.dumps((kind, detail, seconds)).encode())
    os._exit(0)
