"""A server on loopback in a thread, for tests of networks and hostile servers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Handler(BaseHTTPRequestHandler):
    """Answers once and closes; status 0 drops the connection, and with a negative one the body is all."""

    protocol_version = "HTTP/1.1"

    def answer(self, status: int, headers: Mapping[str, str], body: bytes | Iterator[bytes]) -> None:
        """Several pieces of a body are sent until they end or the other side goes away."""
        self.close_connection = True
        if not status:
            return
        if status > 0:
            length = {"Content-Length": str(len(body))} if isinstance(body, bytes) else {}
            self.send_response(status)
            usual = {"Content-Type": "application/json", **length}
            for name, value in {**usual, **headers, "Connection": "close"}.items():
                self.send_header(name, value)
            self.end_headers()
        pieces = [body] if isinstance(body, bytes) else body
        with suppress(ConnectionError):
            for piece in pieces:
                self.wfile.write(b"" if self.command == "HEAD" else piece)

    def log_message(self, format: str, *args: object) -> None:
        pass


class FakeServer:
    """`with Server(…) as server`; `server.url` is a base_url."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        # A short poll, so that a test does not wait for the server to end.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
