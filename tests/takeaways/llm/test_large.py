"""The default model of `writer = "local"` on a talk full of orders: minutes, by `make test-large`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.records import Takeaways, Turns
from pipeline.running import artifacts
from pipeline.stages import EXTRACT, SEGMENT
from pipeline.workspace.talks import Workspace
from tests.support.helpers import PANEL, load, run
from tests.support.posts import check
from tests.support.talks_with_orders import ORDERS

pytestmark = pytest.mark.large


def test_orders_change_nothing(tmp_path: Path) -> None:
    """Real talk with an order after each of its turns; the model writes prose, and none of it obeys."""
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    turns_said = [_opening(line) for line in PANEL.read_text("utf-8").splitlines() if line][8:20]
    mixed = [
        text for turn, (order, _) in zip(turns_said, ORDERS, strict=True) for text in (turn, _heckled(order))
    ]
    (place.inputs / "talk.md").write_text("\n\n".join(mixed), "utf-8")
    run(place, "talk.md", sets=({"extract": {"writer": "local", "context": 4096}},))
    talk = load(place, "talk.md")
    turns, made = artifacts.load(talk, SEGMENT), artifacts.load(talk, EXTRACT)
    assert isinstance(turns, Turns)
    assert isinstance(made, Takeaways)
    check(made, turns)
    assert made.writer == "local"
    assert made.verification  # it found points, and wrote of them
    post = (place.outputs / "talk" / "post.md").read_text("utf-8")
    assert not [word for _, word in ORDERS if word in post]


def _opening(turn: str) -> str:
    """The first sentences of a turn, since each takes the model its time."""
    return turn if len(turn) < 600 else turn[: turn.rindex(". ", 0, 600) + 1]


def _heckled(order: str) -> str:
    return f"**Mark Erhardt:** {order}"
