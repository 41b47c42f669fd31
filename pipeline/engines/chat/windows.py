"""How many tokens fit into a model's window, asked of its server: what runs, not what the model was made for.

Each kind of server tells it in its own way:

- in its list of models, GET /models: `max_model_len` (vLLM; SGLang, pull request 4809), `context_length`
  (OpenRouter, also below `top_provider`; Together), `context_window` (Groq), `max_context_length` (Mistral),
  `meta.n_ctx` (llama.cpp; `n_ctx_train` is the model's);
- llama.cpp, GET /props: `default_generation_settings.n_ctx`, of one slot (tools/server/README.md);
- Ollama, GET /api/ps: `context_length` of a model that is loaded (docs.ollama.com/api/ps), which POST
  /api/generate without a prompt does; older versions tell only the Modelfile's `num_ctx`, in POST /api/show.
  Its default is 2,048 or 4,096 tokens, and it cuts longer prompts without a word (ollama issue 9221);
- LM Studio, GET /api/v0/models/NAME: `loaded_context_length`, and the model's own as `max_context_length`
  (lmstudio.ai/docs, "REST API v0");
- Text Generation Inference, GET /info: `max_total_tokens`, `max_input_tokens`;
- LiteLLM, GET /model/info: `model_info.max_input_tokens` of each of a model's deployments.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from pipeline.engines.openai_client import Server, connect
from pipeline.engines.prices import known_window
from pipeline.errors import ConfigError, PlaceError
from pipeline.files import digest_value
from pipeline.records import Record
from pipeline.workspace.api_keys import OPENAI
from pipeline.workspace.state import ByteCache

DEFAULT_TOKENS = 8192  # where nobody says
MAX_LEARNT_TOKENS = 200_000  # a day of talk; beyond it, some providers read less or charge more for it
_PLAUSIBLE_TOKENS = range(256, 10**8)
_OLLAMA_OLD_TOKENS = 2048  # the default of its older versions, which do not tell
_OLLAMA_TOKENS = 4096  # its default with less than 24 GiB of memory for graphics
_QUESTION_SECONDS = 2.0
_MAX_SECONDS = 5.0  # in which questions are begun
_NAMES = ("id", "name", "model", "model_name", "key")
_INNER = ("meta", "top_provider", "model_info")
_FIELDS = (
    *("max_model_len", "context_length", "context_window", "max_context_length", "loaded_context_length"),
    *("max_input_tokens", "n_ctx"),
)
_NUM_CTX = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)


class Window(Record):
    """The tokens that prompt and reply may have together. `source` says in words who says so.

    It is not `certain` if it is only what most servers have at least.
    """

    tokens: int
    source: str
    certain: bool = True

    @property
    def described(self) -> str:
        return f"{self.tokens:,} tokens, {self.source}"


class LearntWindow:
    """The window of the model behind a server, learnt when it is first looked at. Thread-safe.

    `server` gives the server with its key, as for a call; it may raise ConfigError, and then nothing is
    asked. What a server said is kept in `kept` and holds while it cannot be asked. With `load_seconds` a
    model that is not loaded is, as the first call would do anyway.
    """

    def __init__(
        self,
        server: Callable[[], Server],
        address: str,
        model: str,
        kept: ByteCache | None = None,
        load_seconds: float | None = None,
    ) -> None:
        self._server, self._address, self._model = server, address, model
        self._kept, self._load_seconds = kept, load_seconds
        self._key = digest_value(["window", address, model])
        self._lock = threading.Lock()
        self.found: Window | None = None

    @property
    def window(self) -> Window:
        with self._lock:
            if self.found is None:
                self.found = self._learn()
            return self.found

    def _learn(self) -> Window:
        listed = known_window(self._model, self._address)
        known = Window(tokens=listed, source="by the tables of known models") if listed else None
        asked = self._ask(is_hosted=known is not None)
        if not (asked and asked.certain):  # as of a model that is not loaded: what ran before will run again
            asked = self._recalled() or asked
        windows = [window for window in (asked, known) if window] or [assumed()]
        window = min(windows, key=lambda window: window.tokens)
        return window.model_copy(update={"tokens": min(window.tokens, MAX_LEARNT_TOKENS)})

    def _ask(self, is_hosted: bool) -> Window | None:
        if self._address == OPENAI:  # its list of models says nothing of windows
            return None
        try:
            window = ask(self._server(), is_hosted, self._load_seconds)
        except ConfigError:  # a call would raise it, too, and is perhaps not needed
            return None
        if window and window.certain and self._kept:
            with suppress(OSError, PlaceError):
                self._kept.keep(self._key, window.model_dump_json().encode())
        return window

    def _recalled(self) -> Window | None:
        try:
            kept = Window.model_validate_json((self._kept and self._kept.recall(self._key)) or b"")
        except ValidationError:
            return None
        return kept.model_copy(update={"source": f"{kept.source}, when it was last asked"})


def assumed() -> Window:
    """What is taken where nobody says."""
    return Window(tokens=DEFAULT_TOKENS, source="assumed: neither server nor tables say", certain=False)


def ask(server: Server, is_hosted: bool = False, load_seconds: float | None = None) -> Window | None:
    """The window that a server tells of its model; None if it does not, or not within seconds.

    A hosted service has only the list of models, below its address; servers that one runs oneself have other
    places for it beside /v1, where that is the whole path.
    """
    questions = _Questions(server)
    address = server.base_url.rstrip("/")
    listing = questions.ask(f"{address}/models")
    tokens = _listed(listing, server.model)
    if not tokens and not is_hosted:
        entry = questions.ask(f"{address}/models/{quote(server.model, safe='')}")
        tokens = _listed({"data": [entry]}, server.model)
    if tokens:
        return Window(tokens=tokens, source="by the server's list of models")
    if is_hosted or urlsplit(address).path not in ("", "/v1"):
        return None
    root = address.removesuffix("/v1")
    found = (way(questions, root, server.model) for way in (_llama_cpp, _lm_studio, _inference, _lite_llm))
    return next(filter(None, found), None) or _ollama(questions, root, server, load_seconds)


class _Questions:
    """Small questions to a server; once one is not answered in time, or all took too long, no more are."""

    def __init__(self, server: Server) -> None:
        self._client = connect(server, _QUESTION_SECONDS, retries=0)
        self._end = time.monotonic() + _MAX_SECONDS

    def ask(self, address: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """The JSON object of an answer, {} without one; a list becomes the object's `data`."""
        import openai

        if time.monotonic() > self._end:
            return {}
        try:
            if body is None:
                reply = self._client.get(address, cast_to=str)
            else:
                reply = self._client.post(address, body=body, cast_to=str)
            value = json.loads(reply)
        except openai.APIConnectionError:
            self._end = 0.0
            return {}
        except (openai.OpenAIError, ValueError, RecursionError):
            return {}
        if isinstance(value, list):
            return {"data": value}
        return value if isinstance(value, dict) else {}


def _listed(listing: Mapping[str, Any], model: str) -> int | None:
    """The smallest window of the entries of a model: there may be several, on different machines."""
    return min((tokens for entry in _entries(listing, model) for tokens in _windows(entry)), default=None)


def _entries(listing: Mapping[str, Any], model: str) -> Iterator[Mapping[str, Any]]:
    """The entries of a list of models that are about one of them."""
    names = (model, f"{model}:latest")  # Ollama's way to name them
    for lists in ("data", "models"):
        entries = listing.get(lists)
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict) and any(entry.get(name) in names for name in _NAMES):
                yield entry


def _windows(entry: Mapping[str, Any]) -> Iterator[int]:
    """Every window that an entry tells of what runs."""
    if entry.get("state", "loaded") != "loaded":  # LM Studio, which then tells what the model was made for
        return
    for place in (entry, *(entry.get(name) for name in _INNER)):
        told = place if isinstance(place, dict) else {}
        yield from filter(None, (_tokens(told.get(field)) for field in _FIELDS))


def _tokens(value: Any) -> int | None:
    return value if type(value) is int and value in _PLAUSIBLE_TOKENS else None


def _llama_cpp(questions: _Questions, root: str, model: str) -> Window | None:
    settings = questions.ask(f"{root}/props").get("default_generation_settings")
    tokens = _tokens(settings.get("n_ctx")) if isinstance(settings, dict) else None
    return Window(tokens=tokens, source="by llama.cpp's properties") if tokens else None


def _lm_studio(questions: _Questions, root: str, model: str) -> Window | None:
    entry = questions.ask(f"{root}/api/v0/models/{quote(model, safe='')}")
    tokens = _listed({"data": [entry]}, model) if "loaded_context_length" in entry else None
    return Window(tokens=tokens, source="by LM Studio, as it is loaded") if tokens else None


def _inference(questions: _Questions, root: str, model: str) -> Window | None:
    facts = questions.ask(f"{root}/info")
    told = [
        tokens for field in ("max_total_tokens", "max_input_tokens") if (tokens := _tokens(facts.get(field)))
    ]
    return Window(tokens=min(told), source="by Text Generation Inference") if told else None


def _lite_llm(questions: _Questions, root: str, model: str) -> Window | None:
    tokens = _listed(questions.ask(f"{root}/model/info"), model)
    return Window(tokens=tokens, source="by LiteLLM") if tokens else None


def _ollama(questions: _Questions, root: str, server: Server, load_seconds: float | None) -> Window | None:
    """What Ollama gives a model that is loaded; else what it will, as far as that can be known."""
    running = questions.ask(f"{root}/api/ps")
    if not isinstance(running.get("models"), list):
        return None
    if load_seconds and not list(_entries(running, server.model)):
        _load(server, root, load_seconds)
        questions = _Questions(server)
        running = questions.ask(f"{root}/api/ps")
    if tokens := _listed(running, server.model):
        return Window(tokens=tokens, source="by Ollama, as it is loaded")
    shown = questions.ask(f"{root}/api/show", {"model": server.model})
    details = shown.get("model_info")
    made_for = [
        tokens
        for name, value in (details if isinstance(details, dict) else {}).items()
        if str(name).endswith(".context_length") and (tokens := _tokens(value))
    ]
    stated = _NUM_CTX.search(parameters) if isinstance(parameters := shown.get("parameters"), str) else None
    if stated and (tokens := _tokens(int(stated[1]))):
        return Window(tokens=min([tokens, *made_for]), source="by the model's num_ctx in Ollama")
    is_old = bool(list(_entries(running, server.model)))
    default = _OLLAMA_OLD_TOKENS if is_old else _OLLAMA_TOKENS
    source = "assumed: Ollama's default, as it does not say" if is_old else "assumed: Ollama's default"
    return Window(tokens=min([default, *made_for]), source=source, certain=False)


def _load(server: Server, root: str, seconds: float) -> None:
    """Have Ollama load a model; if it cannot, the first call will tell."""
    import openai

    body = {"model": server.model, "stream": False}
    with suppress(openai.OpenAIError):
        connect(server, seconds, retries=0).post(f"{root}/api/generate", body=body, cast_to=str)
