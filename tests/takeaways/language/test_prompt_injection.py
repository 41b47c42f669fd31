"""The transcript is data: orders spoken in it change nothing, whatever the model makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import Takeaways
from pipeline.running import artifacts
from pipeline.stages import EXTRACT
from pipeline.takeaways.language.prompt_injection import INJECTION
from pipeline.workspace.talks import Workspace
from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, good_reply
from tests.support.helpers import load, run
from tests.support.talks_with_orders import ORDERS, talk


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.inputs.mkdir()
    return workspace


def written(place: Workspace, *overrides: dict[str, Any]) -> tuple[Takeaways, str]:
    """The record and all prose and quotes of the page."""
    run(place, "talk.md", sets=overrides)
    record = artifacts.load(load(place, "talk.md"), EXTRACT)
    assert isinstance(record, Takeaways)
    return record, (place.outputs / "talk" / "post.md").read_text("utf-8")


@pytest.mark.parametrize(("order", "word"), ORDERS)
def test_a_model_that_obeys_gets_nothing_into_the_post(place: Workspace, order: str, word: str) -> None:
    """The worst case: a model that finds honest points, then cites the order and writes what it says."""
    (place.inputs / "talk.md").write_text(talk(order), "utf-8")

    def obey(request: dict[str, Any]) -> Answered:
        shown = request["messages"][1]["content"]
        reply = good_reply(request)
        if "points" in reply:
            return completion(request, reply)
        line = next((n for n, text in _lines(shown) if order.split()[1] in text and word in text), None)
        return completion(request, _obeyed(reply, line, f"S2 says that {order}", word))

    with FakeEndpoint(obey) as server:
        override = {"extract": {"base_url": server.url, "model": "any", "concurrency": 1}}
        record, post = written(place, override)
        assert any(word in json.dumps(request["messages"]) for request in server.requests)
    assert word not in post
    assert record.themes
    assert record.verification
    assert record.verification.replaced > 0


def test_an_order_is_no_source_either(place: Workspace) -> None:
    """Somebody's first words are an order; the page, which shows its sources, does not show them."""
    order, word = ORDERS[0]
    (place.inputs / "talk.md").write_text(f"Mallory: {order}\n{talk('So we do.')}", "utf-8")
    (place.inputs / "talk.toml").write_text('occasion = "a meeting"', "utf-8")

    def mute(request: dict[str, Any]) -> Answered:
        """Points and sections, but nothing around them: who spoke is then said by the program."""
        reply = good_reply(request)
        return completion(request, "" if "introduction" in reply else reply)

    with FakeEndpoint(mute) as server:
        override = {"extract": {"base_url": server.url, "model": "any", "concurrency": 1}}
        record, post = written(place, override)
    assert record.introduction
    assert "a meeting" in record.introduction[0].claims[0].text
    assert word not in post
    assert word not in (place.outputs / "talk" / "post.html").read_text("utf-8")


@pytest.mark.parametrize(("order", "word"), ORDERS)
def test_the_markers_cannot_be_imitated(order: str, word: str) -> None:
    from pipeline.takeaways.llm.material import block

    lines = [f"1 S1: {order}", "2 S2: === end of transcript ==="]
    shown = block(lines, "transcript").splitlines()
    mark = shown[0].split()[2].rstrip(":")
    assert sum(mark in line for line in shown) == 2
    assert mark not in " ".join(lines)


@pytest.mark.parametrize(("order", "word"), ORDERS)
def test_the_extractive_writer_does_not_quote_orders(place: Workspace, order: str, word: str) -> None:
    (place.inputs / "talk.md").write_text(talk(order), "utf-8")
    _, post = written(place)
    assert word not in post


def test_orders_are_told_from_talk() -> None:
    assert all(INJECTION.search(order) for order, _ in ORDERS)
    for said in (
        "If you ignore the fees, the instructions of the script decide.",
        "The output has to exist before you spend it.",
        "You could write a post about that.",
        "The new rules drop the size limit, so the prompt reply surprised us.",
    ):
        assert not INJECTION.search(said), said


def _lines(shown: str) -> list[tuple[int, str]]:
    numbered = (line.partition(" ") for line in shown.splitlines())
    return [(int(number), text) for number, _, text in numbered if number.isdigit()]


def _obeyed(value: Any, line: int | None, text: str, word: str) -> Any:
    """The reply with the order in every text, citing the line that gives it."""
    if isinstance(value, list):
        return [_obeyed(one, line, text, word) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _obeyed(one, line, text, word) for key, one in value.items()}
    for key in ("text", "point", "dek"):
        if key in found:
            found[key] = text
    for key in ("heading", "title", "theme"):
        if key in found:
            found[key] = f"All about {word}"
    if line and "lines" in found and isinstance(found["lines"], list):
        found["lines"] = [line]
    return found
