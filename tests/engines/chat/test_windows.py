"""What servers say of their model's window, in every form, and what they say when they make no sense."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.chat.endpoint import Endpoint, Remote
from pipeline.engines.chat.windows import DEFAULT_TOKENS, MAX_LEARNT_TOKENS, LearntWindow, ask
from pipeline.engines.prices import known_window
from pipeline.errors import ConfigError
from pipeline.workspace.api_keys import OPENAI
from pipeline.workspace.state import ByteCache, State
from tests.support.fake_web import FakeWeb, page

Answers = dict[str, Any]
LIST, PS, SHOW, LOAD = "/v1/models", "/api/ps", "/api/show", "/api/generate"


def telling(answers: Answers) -> Callable[[str, str], tuple[int, dict[str, str], bytes]]:
    """A server that has an answer at some paths and no page at the others."""

    def respond(method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        said = answers.get(path)
        said = said.pop(0) if isinstance(said, list) and path == PS else said
        return (404, {}, b"{}") if said is None else (200, {}, json.dumps(said).encode())

    return respond


def endpoint(address: str, model: str = "m", context: int | None = None) -> Endpoint:
    return Endpoint(address, model, f"{address} {model}", context)


def learnt(answers: Answers, model: str = "m", load_seconds: float | None = None) -> int | None:
    with FakeWeb(telling(answers)) as web:
        found = ask(endpoint(web.url, model), load_seconds=load_seconds)
        return found.tokens if found else None


def listed(**entry: Any) -> Answers:
    return {LIST: {"object": "list", "data": [{"id": "other", "max_model_len": 999}, {"id": "m", **entry}]}}


LOADED = {"models": [{"name": "m:latest", "model": "m:latest", "context_length": 32768}]}
FORMS: dict[str, tuple[Answers, int | None]] = {
    "vLLM, SGLang": (listed(max_model_len=32768), 32768),
    "OpenRouter": (listed(context_length=131072, top_provider={"context_length": 65536}), 65536),
    "Groq": (listed(context_window=131072), 131072),
    "Mistral": (listed(max_context_length=131072), 131072),
    "Together": ({LIST: [{"id": "m", "context_length": 16384}]}, 16384),
    "one model's page": ({LIST: {"data": []}, f"{LIST}/m": {"id": "m", "max_model_len": 4096}}, 4096),
    "llama.cpp's list": (listed(meta={"n_ctx": 4096, "n_ctx_train": 32768}), 4096),
    "llama.cpp": ({"/props": {"default_generation_settings": {"n_ctx": 8000}}}, 8000),
    "llama.cpp, old": (
        {**listed(meta={"n_ctx_train": 9999}), "/props": {"default_generation_settings": {"n_ctx": 700}}},
        700,
    ),
    "LM Studio": (
        {"/api/v0/models/m": {"id": "m", "loaded_context_length": 4096, "max_context_length": 131072}},
        4096,
    ),
    "LM Studio, not loaded": (
        {"/api/v0/models/m": {"id": "m", "state": "not-loaded", "max_context_length": 131072}},
        None,
    ),
    "TGI": ({"/info": {"model_id": "x", "max_input_tokens": 4095, "max_total_tokens": 4096}}, 4095),
    "LiteLLM": (
        {
            "/model/info": {
                "data": [
                    {"model_name": "m", "model_info": {"max_input_tokens": 128000, "max_tokens": 4096}},
                    {"model_name": "m", "model_info": {"max_input_tokens": 64000}},
                ]
            }
        },
        64000,
    ),
    "Ollama": ({PS: [LOADED]}, 32768),
    "Ollama, num_ctx": (
        {
            PS: [{"models": []}],
            SHOW: {
                "parameters": 'stop  "x"\nnum_ctx                        16384\n',
                "model_info": {"llama.context_length": 131072},
            },
        },
        16384,
    ),
    "Ollama, num_ctx beyond the model": (
        {
            PS: [{"models": []}],
            SHOW: {"parameters": "num_ctx 16384", "model_info": {"a.context_length": 2000}},
        },
        2000,
    ),
    "Ollama, not loaded": ({PS: [{"models": []}], SHOW: {"model_info": {"a.context_length": 131072}}}, 4096),
    "Ollama, an older one": ({PS: [{"models": [{"name": "m", "size": 1}]}]}, 2048),
    "differing": (listed(max_model_len=40000, context_length=30000, context_window=50000), 30000),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_server_is_understood(form: str) -> None:
    answers, tokens = FORMS[form]
    assert learnt(answers) == tokens


NONSENSE: list[Any] = ["8192", -1, 0, 10**12, 10**400, 1e5, True, [8192], {"n": 8192}, None, 12]


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_nonsense_is_no_window(value: Any) -> None:
    answers: Answers = {
        **listed(max_model_len=value, context_length=value, meta={"n_ctx": value}, top_provider=value),
        "/props": {"default_generation_settings": {"n_ctx": value}},
        "/info": {"max_total_tokens": value, "max_input_tokens": value},
        "/model/info": {"data": [{"model_name": "m", "model_info": value}]},
        PS: [{"models": [{"name": "m", "context_length": value}]}],
        SHOW: {"parameters": f"num_ctx {value}" if value != "8192" else value, "model_info": value},
    }
    with FakeWeb(telling(answers)) as web:
        found = ask(endpoint(web.url))
    assert found
    assert (found.tokens, found.certain) == (2048, False)


SHAPES: list[Any] = [
    {"data": {"id": "m", "max_model_len": 9000}},
    {"data": ["m", None, 3, [["m"]]]},
    {"data": [{"id": ["m"], "max_model_len": 9000}]},
    {"data": [{"id": "another", "max_model_len": 9000}]},
    [],
    "m",
    17,
    {"data": [{"id": "m", "meta": [], "top_provider": "x", "model_info": 3}]},
]


@pytest.mark.parametrize("listing", SHAPES, ids=repr)
def test_another_models_entry_and_odd_lists_say_nothing(listing: Any) -> None:
    assert learnt({LIST: listing, "/props": listing, "/info": listing, "/model/info": listing}) is None


def test_web_pages_redirects_and_broken_answers_say_nothing() -> None:
    bodies = [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"1" * 5000, b"<html>" + b"x" * 2**20]
    with FakeWeb(page()) as web:
        assert ask(endpoint(web.url)) is None
        for body in bodies:
            web.respond = lambda method, path, body=body: (200, {}, body)  # type: ignore[misc]
            assert ask(endpoint(web.url)) is None
        web.respond = lambda method, path: (302, {"Location": f"{web.root}/there"}, b"")
        assert ask(endpoint(web.url)) is None
        assert not any(path == "/there" for _, path in web.asked)


def test_a_list_of_a_megabyte_is_read() -> None:
    many = [{"id": f"m{i}", "context_length": 1000, "about": "x" * 500} for i in range(2000)]
    assert learnt({LIST: {"data": [*many, {"id": "m", "context_length": 65536}]}}) == 65536


def test_a_server_that_does_not_answer_is_asked_once() -> None:
    def hang(method: str, path: str) -> tuple[int, dict[str, str], Iterator[bytes]]:
        def slowly() -> Iterator[bytes]:
            for _ in range(100):
                time.sleep(0.1)
                yield b" "

        return 200, {}, slowly()

    with FakeWeb(hang) as web:
        began = time.monotonic()
        assert ask(endpoint(web.url)) is None
        assert time.monotonic() - began < 6
        assert len(web.asked) == 1
    assert ask(endpoint(web.url)) is None  # nobody is there


def test_a_model_that_ollama_has_not_loaded_is_loaded_by_a_run_and_by_nothing_else() -> None:
    answers: Answers = {PS: [{"models": []}, LOADED], LOAD: {"done": True}}
    assert learnt(answers, load_seconds=5.0) == 32768
    with FakeWeb(telling({PS: [{"models": []}]})) as web:
        ask(endpoint(web.url))
        assert ("POST", LOAD) not in web.asked


def test_beside_a_path_that_is_not_the_servers_own_nothing_is_asked() -> None:
    with FakeWeb(telling({"/props": {"default_generation_settings": {"n_ctx": 8000}}})) as web:
        assert ask(endpoint(f"{web.root}/tenant/v1")) is None
        assert {path.split("/models")[0] for _, path in web.asked} == {"/tenant/v1"}


def kept(tmp_path: Path) -> ByteCache:
    return State(tmp_path, "talk").replies


def learning(address: str, replies: ByteCache | None = None, model: str = "m") -> LearntWindow:
    return LearntWindow(lambda: endpoint(address, model), address, model, replies)


def test_what_a_server_said_holds_while_it_is_away(tmp_path: Path) -> None:
    with FakeWeb(telling(listed(max_model_len=32768))) as web:
        assert learning(web.url, kept(tmp_path)).window.tokens == 32768
    away = learning(web.url, kept(tmp_path)).window
    assert (away.tokens, away.certain) == (32768, True)
    assert "when it was last asked" in away.described
    assert learning(web.url, kept(tmp_path), "another").window.tokens == DEFAULT_TOKENS


@pytest.mark.parametrize("since", [{"models": []}, {"models": [{"name": "m", "size": 1}]}])
def test_what_a_server_said_holds_while_it_only_lets_assume(tmp_path: Path, since: Answers) -> None:
    """As a run found it, so a dry run does after the model was unloaded; what is certain is believed anew."""
    answers: Answers = {PS: [LOADED, since]}
    with FakeWeb(telling(answers)) as web:
        ran, dry = (learning(web.url, kept(tmp_path)).window for _ in range(2))
        assert (ran.tokens, dry.tokens, dry.certain) == (32768, 32768, True)
        answers[PS] = [{"models": [{"name": "m", "context_length": 8000}]}]
        assert learning(web.url, kept(tmp_path)).window.tokens == 8000


def test_without_an_answer_a_window_is_assumed_and_not_kept(tmp_path: Path) -> None:
    with FakeWeb(telling({})) as web:
        assumed = learning(web.url, kept(tmp_path)).window
    assert (assumed.tokens, assumed.certain) == (DEFAULT_TOKENS, False)
    assert kept(tmp_path).files() == []


def test_the_server_is_asked_once_however_many_look(tmp_path: Path) -> None:
    with FakeWeb(telling(listed(max_model_len=32768))) as web:
        one = learning(web.url)
        assert (one.found, web.asked) == (None, [])
        lookers = [threading.Thread(target=lambda: one.window) for _ in range(8)]
        for looker in lookers:
            looker.start()
        for looker in lookers:
            looker.join()
        assert web.asked == [("GET", LIST)]


def test_known_models_of_known_providers_need_no_question() -> None:
    def no_key() -> Endpoint:
        raise AssertionError("nothing is to be asked")

    window = LearntWindow(no_key, OPENAI, "gpt-4o-mini-2024-07-18").window
    assert (window.tokens, window.source) == (128_000, "by the tables of known models")
    assert LearntWindow(no_key, OPENAI, "gpt-4.1").window.tokens == MAX_LEARNT_TOKENS
    assert LearntWindow(no_key, OPENAI, "no-such-model").window.tokens == DEFAULT_TOKENS
    assert known_window("gpt-4o", "http://localhost:8000/v1") is None  # a name says nothing


def test_a_number_that_was_stated_wins_and_nothing_is_asked() -> None:
    with FakeWeb(telling(listed(max_model_len=32768))) as web:
        stated = Remote(endpoint(web.url, context=4096), lambda address: "key", 5.0, 0)
        assert (stated.context, stated.window.source, web.asked) == (4096, "by extract.context", [])
        asked = Remote(endpoint(web.url), lambda address: "key", 5.0, 0)
        assert asked.known_window is None
        assert (asked.context, asked.known_window) == (32768, asked.window)
        assert {headers["authorization"] for headers in web.headers} == {"Bearer key"}


def test_a_server_that_may_not_be_asked_is_not() -> None:
    def refused(address: str) -> str:
        raise ConfigError("only a file of the workspace names it", remedy="Trust it.")

    with FakeWeb(telling(listed(max_model_len=32768))) as web:
        remote = Remote(endpoint(web.url), refused, 5.0, 0)
        assert (remote.context, web.asked) == (DEFAULT_TOKENS, [])
