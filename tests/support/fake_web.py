"""Servers on loopback: a Hugging Face Hub, a login page, a list of models, one that never answers."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.support.fake_server import FakeServer, Handler
from tests.support.hostile_replies import Answered

LOGIN = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Please log in.</body></html>"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeWeb(FakeServer):
    """`with FakeWeb(respond) as server`: `respond` gets the method and the path with its query.

    `asked` is every call as (method, path), `headers` what came with each. Status 0 drops the connection;
    after `patience` calls, if that is set, each is refused.
    """

    def __init__(self, respond: Callable[[str, str], Answered]) -> None:
        self.respond = respond
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.patience: int | None = None
        super().__init__(_handler(self))

    @property
    def root(self) -> str:
        """The address without /v1."""
        return self.url.removesuffix("/v1")


def _handler(web: FakeWeb) -> type[BaseHTTPRequestHandler]:
    class Answering(Handler):
        def _answer_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            web.asked.append((self.command, self.path))
            web.headers.append({name.lower(): value for name, value in self.headers.items()})
            is_refused = web.patience is not None and len(web.asked) > web.patience
            status, headers, body = (403, {}, b"{}") if is_refused else web.respond(self.command, self.path)
            self.answer(status, headers, body)

        do_GET = do_HEAD = do_POST = _answer_any  # noqa: N815

    return Answering


def page(body: bytes = LOGIN) -> Callable[[str, str], Answered]:
    """A server that answers every request with a web page and status 200."""
    return lambda method, path: (200, {"Content-Type": "text/html"}, body)


def listing(*models: str) -> Callable[[str, str], Answered]:
    """A server that says which models it has."""
    body = json.dumps({"object": "list", "data": [{"id": name} for name in models]}).encode()
    return lambda method, path: (200, {}, body) if path == "/v1/models" else (404, {}, b"{}")


def hub(files: Mapping[str, bytes]) -> Callable[[str, str], Answered]:
    """A Hub whose every repository holds these files; those over 100 bytes as large ones."""

    def respond(method: str, path: str) -> Answered:
        route, name = path.split("?")[0], path.rsplit("/", 1)[-1]
        if "/tree/" in route:
            entries = [_entry(file_name, data) for file_name, data in files.items()]
            return 200, {}, json.dumps(entries).encode()
        if "/resolve/" in route and name in files:
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{_etag(files[name])}"'}
            return 200, {**headers, "Content-Type": "application/octet-stream"}, files[name]
        if route.startswith("/api/models/"):
            return 200, {}, json.dumps({"id": "any/any", "sha": COMMIT, "siblings": []}).encode()
        return 404, {"X-Error-Code": "EntryNotFound"}, b"{}"

    return respond


def _etag(data: bytes) -> str:
    """SHA-256 of large files, Git's own digest of small ones, as the Hub has it."""
    if len(data) > 100:
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _entry(name: str, data: bytes) -> dict[str, object]:
    entry: dict[str, object] = {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
    if len(data) > 100:
        entry["lfs"] = {"oid": _etag(data), "size": len(data), "pointerSize": 134}
    return entry


@contextmanager
def hole() -> Iterator[str]:
    """The address of a server that accepts every connection and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
