"""Chat with a model on this machine: llama.cpp as a server on loopback, in a process of its own."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from pipeline.engines.chat import llama_cpp_server
from pipeline.engines.chat.completions import Answer
from pipeline.engines.chat.endpoint import Chat, Endpoint, Request
from pipeline.engines.chat.windows import DEFAULT_TOKENS, Window
from pipeline.errors import EndpointError, ModelError
from pipeline.weights import models


class Local:
    """A GGUF model, loaded on first use. Raises ModelError if llama.cpp is not installed."""

    def __init__(self, model: str | None, identity: str, context: int | None, timeout: float) -> None:
        """`model` is what `extract.model` says: a path, a known name, or None for the default."""
        self._name, self._timeout = model, timeout
        self.identity, self.context, self.concurrency = identity, context or DEFAULT_TOKENS, 1
        source = "by extract.context" if context else "as llama.cpp is started here; extract.context sets it"
        self.window = self.known_window = Window(tokens=self.context, source=source)
        self.where = f"llama.cpp with {model or 'the default model'}"
        self._chat: Chat | None = None
        self._lock = threading.Lock()
        require_installed()

    def chat(self) -> Chat:
        """A client of the server, which is started if it is not running."""
        with self._lock:
            if self._chat is None:
                path = models.locate_gguf(self._name)
                server = _running(path, self.context)
                address = f"{server.address}/v1"
                endpoint = Endpoint(address, path.stem, self.identity, self.context, api_key=server.key)
                self._chat = _Chat(server, endpoint, self._timeout)
            return self._chat

    def close(self) -> None:
        """Forget the client; the server stays for the talks that follow."""
        with self._lock:
            self._chat = None


class _Server:
    """A server process and its key. It ends with the last reference to this object, or with this process."""

    def __init__(self, model: Path, context: int) -> None:
        """Start it, and wait until the model is loaded. Raises EndpointError."""
        self.key = secrets.token_urlsafe(24)  # keeps out other users of this machine
        request = {"model": str(model), "context": context, "key": self.key}
        self.process = subprocess.Popen(
            [sys.executable, "-P", llama_cpp_server.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin
        assert self.process.stdout
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{json.dumps(request)}\n".encode())
            self.process.stdin.flush()
        reply = self.process.stdout.readline()
        answer = json.loads(reply) if reply else {"error": _ending(self.process.wait())}
        if "error" in answer:
            raise EndpointError(
                f"llama.cpp cannot load this model ({answer['error']})",
                file=model,
                remedy="Check that it is a GGUF of a chat model, and that there is memory for it.",
            )
        self.model, self.address = model, answer["address"]

    def check(self) -> None:
        """Raises EndpointError if it has died."""
        if (code := self.process.poll()) is not None:
            raise EndpointError(
                f"llama.cpp has died with this model ({_ending(code)})",
                file=self.model,
                remedy="Close other programs, use a smaller model or a smaller extract.context, and run "
                "again: what was answered is kept.",
            )


def _ending(code: int) -> str:
    """How a process ended, in words, from its exit code, which is negative for a signal."""
    return "it was killed, probably for want of memory" if code < 0 else f"it ended with {code}"


class _Chat(Chat):
    """A client that says so if the local server has died of a request."""

    def __init__(self, server: _Server, endpoint: Endpoint, timeout: float) -> None:
        super().__init__(endpoint, timeout, retries=0)
        self._server = server

    def complete(self, request: Request) -> Answer:
        try:
            return super().complete(request)
        except EndpointError:
            with suppress(subprocess.TimeoutExpired):
                self._server.process.wait(1)  # its connections close before it has ended
            self._server.check()
            raise


@lru_cache(maxsize=1)
def _started(model: Path, context: int) -> _Server:
    """A server, kept until another model or context is wanted."""
    return _Server(model, context)


def _running(model: Path, context: int) -> _Server:
    """The server that was started, or a new one if it has died."""
    if _started(model, context).process.poll() is not None:
        _started.cache_clear()
    return _started(model, context)


def require_installed() -> None:
    """Raises ModelError if the extra is missing."""
    from importlib.util import find_spec

    if find_spec("xllamacpp") is None:
        raise ModelError(
            "llama.cpp is not installed, which extract.writer = 'local' runs",
            remedy="Run: pip install 'takeaways[local]'",
        )
