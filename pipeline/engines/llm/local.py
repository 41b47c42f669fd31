"""llama.cpp inside this process: its own server on loopback, asked like any other endpoint."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline import models
from pipeline.engines.llm.chat import Chat, Endpoint
from pipeline.errors import EndpointError, ModelError


class Local:
    """A GGUF model; loaded when it is first asked. Raises ModelError if llama.cpp is not installed."""

    def __init__(self, model: str | None, identity: str, context: int, timeout: float) -> None:
        """`model` is what `extract.model` says: a path, a known name, or None for the default."""
        self._name, self._timeout = model, timeout
        self.identity, self.context, self.concurrency = identity, context, 1
        self.where = f"llama.cpp with {model or 'the default model'}"
        self._chat: Chat | None = None
        self._lock = threading.Lock()
        installed()

    def chat(self) -> Chat:
        """A client of the server, which is started now if it does not run."""
        with self._lock:
            if self._chat is None:
                path = models.locate_gguf(self._name)
                server, key = _started(path, self.context)
                address = f"{server.listening_address}/v1"
                endpoint = Endpoint(address, path.stem, self.identity, self.context, api_key=key)
                self._chat = Chat(endpoint, self._timeout, retries=0)
            return self._chat

    def close(self) -> None:
        """The server stays for the talks that follow."""
        with self._lock:
            self._chat = None


@lru_cache(maxsize=1)
def _started(model: Path, context: int) -> tuple[Any, str]:
    """A server and its key, kept until another model is wanted: it stops with its last reference."""
    import xllamacpp

    key = secrets.token_urlsafe(24)  # other users of this machine are not to ask it

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx, params.n_parallel = context, 1
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.api_keys, params.ui, params.verbosity = [key], False, 0
    try:
        return xllamacpp.Server(params), key
    except Exception as error:  # the binding raises RuntimeError and others for any failure to load
        raise EndpointError(
            f"llama.cpp cannot load this model ({error})",
            file=model,
            remedy="Check that it is a GGUF of a chat model, and that there is memory for it.",
        ) from error


def installed() -> None:
    """Raises ModelError if the extra is missing."""
    from importlib.util import find_spec

    if find_spec("xllamacpp") is None:
        raise ModelError(
            "llama.cpp is not installed, which extract.writer = 'local' runs",
            remedy="Run: pip install 'takeaways[local]'",
        )


class Remote:
    """An endpoint somewhere else."""

    def __init__(self, endpoint: Endpoint, key: Callable[[str], str], timeout: float, retries: int) -> None:
        """`key` gives the key for an address when one is needed; it may raise ConfigError."""
        self._endpoint, self._key, self._timeout, self._retries = endpoint, key, timeout, retries
        self.identity, self.where = endpoint.identity, endpoint.base_url
        self.context, self.concurrency = endpoint.context, endpoint.concurrency
        self._chat: Chat | None = None
        self._lock = threading.Lock()

    def chat(self) -> Chat:
        with self._lock:
            if self._chat is None:
                keyed = replace(self._endpoint, api_key=self._key(self._endpoint.base_url))
                self._chat = Chat(keyed, self._timeout, self._retries)
            return self._chat

    def close(self) -> None:
        with self._lock:
            self._chat = None
