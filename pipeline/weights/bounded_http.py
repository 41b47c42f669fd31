"""Bounds for the replies of servers: how long one may be, and how long it may take.

HTTP clients have neither: a few kilobytes may decompress to gigabytes, and time-outs begin anew with each
byte that arrives.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Self

MAX_REPLY_MB = 16
CLOSING = {"Connection": "close"}  # headers for a request with a Deadline


class TooLongError(Exception):
    """A reply is longer than it may be; the message says how long that is."""


class Deadline:
    """Shuts the connections of a call after so many seconds; `has_passed` tells whether it did.

    `with Deadline(5) as deadline`, and `trace` as the extension of that name of an httpx request. It knows
    the connections that are opened for the call, so the client should keep none open (see CLOSING).
    """

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._sockets.append(info["return_value"].get_extra_info("socket"))
            if self.has_passed:
                self._pass()

    def _pass(self) -> None:
        with self._lock:
            self.has_passed = True
            for opened in self._sockets:
                with suppress(OSError):  # closed by now, or replaced by its encrypted successor
                    socket.socket.shutdown(opened, socket.SHUT_RDWR)


def read(chunks: Iterable[bytes], max_mb: int = MAX_REPLY_MB) -> bytes:
    """A decompressed body, read to its end. Raises TooLongError."""
    body = bytearray()  # not a list of chunks, of which there may be one for each byte
    for chunk in chunks:
        body += chunk
        if len(body) > max_mb * 2**20:
            raise TooLongError(f"longer than {max_mb} MB")
    return bytes(body)
