"""Ctrl-C and SIGTERM: whatever is going on, the process ends within a second or so, and says what is kept.

Python runs a signal handler in the main thread between two bytecode instructions, which may be far apart
while a library computes. So another thread waits for signals as well, and ends the process if the main
thread does not. That is safe at any moment: files on disk are always whole, and locks and child processes
end with this one.
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

GRACE_SECONDS = 1.0  # for the main thread to clean up
STOPPED_EXIT_CODE = 130  # what shells report after Ctrl-C (128 + SIGINT); for SIGTERM, too
STOPPED_MESSAGE = "Stopped. Finished stages are kept; run again to go on."
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = "\x1b[?25h"
_message_lock = threading.Lock()


@contextmanager
def stoppable() -> Iterator[None]:
    """The first signal raises KeyboardInterrupt; the second ends the process, as does GRACE_SECONDS passing.

    An ignored signal stays ignored: that is how shells start background jobs.
    """
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    previous_handlers = {signum: signal.getsignal(signum) for signum in _SIGNALS}
    handled_signals = [signum for signum in _SIGNALS if previous_handlers[signum] != signal.SIG_IGN]

    def interrupt(number: int, frame: object) -> None:
        for signum in handled_signals:
            signal.signal(signum, lambda number, frame: None)
        raise KeyboardInterrupt

    for signum in handled_signals:
        signal.signal(signum, interrupt)
    previous_fd = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(receiver,), name="stopping", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(previous_fd)
        for signum in handled_signals:
            signal.signal(signum, previous_handlers[signum])
        sender.close()


def exit_now(prefix: str = "") -> NoReturn:
    """End the process without waiting for any thread, and say so, once, if standard error can take it."""
    if _message_lock.acquire(blocking=False):
        with suppress(OSError, ValueError):
            if select.select([], [2], [], 0)[1]:  # a full pipe that nobody reads would block us
                os.write(2, f"{prefix}{STOPPED_MESSAGE}\n".encode())
    os._exit(STOPPED_EXIT_CODE)


def _watch(receiver: socket.socket) -> None:
    """Wait for signals: each byte is a signal number, and the end of the stream means a normal exit."""
    with receiver:
        while (received := receiver.recv(1)) and received[0] not in _SIGNALS:
            pass
        if not received:
            return
        receiver.settimeout(GRACE_SECONDS)
        with suppress(TimeoutError):
            while (received := receiver.recv(1)) and received[0] not in _SIGNALS:
                pass
            if not received:
                return
        exit_now(f"\n{_SHOW_CURSOR}" if sys.stderr.isatty() else "")
