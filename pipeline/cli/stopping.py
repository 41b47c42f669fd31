"""Ctrl-C and SIGTERM: whatever goes on, the process ends within a second or so, and says what is kept.

Python hands a signal to the main thread between two steps of its own, and those may be long where a library
computes. So another thread waits for signals, too: it ends the process where the main thread does not. That
is harmless at any moment, since what is on disk is whole, locks end with the process, and nothing else runs.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

GRACE = 1.0  # seconds for the main thread to tidy up
CODE = 130  # as shells have it
KEPT = "Stopped. Finished stages are kept; run again to go on."
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = "\x1b[?25h"
_telling = threading.Lock()


@contextmanager
def stoppable() -> Iterator[None]:
    """The first signal is a KeyboardInterrupt; the second, or GRACE without an end, is the end.

    A signal that is ignored stays so: shells start what runs in the background that way.
    """
    ears, mouth = socket.socketpair()
    mouth.setblocking(False)
    before = {one: signal.getsignal(one) for one in _SIGNALS}
    heeded = [one for one in _SIGNALS if before[one] != signal.SIG_IGN]

    def interrupt(number: int, frame: object) -> None:
        for one in heeded:
            signal.signal(one, lambda number, frame: None)
        raise KeyboardInterrupt

    for one in heeded:
        signal.signal(one, interrupt)
    woken = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(ears,), name="stopping", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for one in heeded:
            signal.signal(one, before[one])
        mouth.close()


def leave(head: str = "") -> NoReturn:
    """End the process without waiting for any thread, and say so, unless that is said or cannot be."""
    if _telling.acquire(blocking=False):
        with suppress(OSError, ValueError):
            if select.select([], [2], [], 0)[1]:  # nobody may be reading what is piped
                os.write(2, f"{head}{KEPT}\n".encode())
    os._exit(CODE)


def _watch(ears: socket.socket) -> None:
    """Each byte is a signal's number; the end of them is that of the program."""
    with ears:
        while (heard := ears.recv(1)) and heard[0] not in _SIGNALS:
            pass
        if not heard:
            return
        ears.settimeout(GRACE)
        with suppress(TimeoutError):
            while (heard := ears.recv(1)) and heard[0] not in _SIGNALS:
                pass
            if not heard:
                return
        leave(f"\n{_SHOW_CURSOR}" if sys.stderr.isatty() else "")
