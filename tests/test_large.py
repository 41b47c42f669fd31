"""The default model of `writer = "local"`, on talks with orders in them: minutes, by `make test-large`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import artifacts
from pipeline.records import Takeaways, Turns
from pipeline.stages import EXTRACT, SEGMENT
from pipeline.talks import Workspace
from tests.helpers import load, run
from tests.talks_with_orders import ORDERS, talk
from tests.test_local import check

pytestmark = pytest.mark.large


@pytest.mark.parametrize(("order", "word"), ORDERS)
def test_orders_change_nothing(tmp_path: Path, order: str, word: str) -> None:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    (place.inputs / "talk.md").write_text(talk(order), "utf-8")
    run(place, "talk.md", sets=({"extract": {"writer": "local", "context": 4096}},))
    talked = load(place, "talk.md")
    turns, made = artifacts.load(talked, SEGMENT), artifacts.load(talked, EXTRACT)
    assert isinstance(turns, Turns)
    assert isinstance(made, Takeaways)
    check(made, turns)
    assert made.writer == "local"
    assert any(theme.paragraphs for theme in made.themes)
    assert word not in (place.outputs / "talk" / "post.md").read_text("utf-8")
