"""Only plain data and views are given to templates, whoever asks for them to be rendered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from pipeline.records import Verification
from pipeline.workspace import output_templates
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.plain_views import View, require_plain
from pipeline.workspace.talks import Workspace


@dataclass(frozen=True)
class PlaceView(View):
    name: str
    inside: object = None

    @property
    def title(self) -> str:
        return self.name.title()


@dataclass
class LooseView(View):
    name: str


@dataclass(frozen=True)
class Frozen:
    name: str


class Colour(StrEnum):
    RED = "red"


def numbers() -> Iterator[int]:
    yield 1


PLAIN = ("a", 1, 1.5, True, None, (), [1], {"a": {"b": ("c",)}}, PlaceView("a", (PlaceView("b"),)))
ODD = (
    *(Path("/"), Workspace(Path("/")), Verification(checked=1, passed=1), open, str, "a".upper, numbers()),
    *({1}, frozenset({1}), b"a", bytearray(b"a"), Counter("a"), Colour.RED, object(), range(3), Exception()),
    *(Frozen("a"), LooseView("a"), PlaceView, pytest),
)


@pytest.mark.parametrize("value", PLAIN)
def test_plain_data_may_be_given(tmp_path: Path, value: object) -> None:
    require_plain({"value": value})
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "mine.txt.j2").write_text("{{ value is defined }}", "utf-8")
    assert Templates.of(tmp_path).render("mine.txt", value=value) == "True"


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_nothing_else_may_be_wherever_it_is(tmp_path: Path, odd: object) -> None:
    wraps = (
        odd,
        (1, odd),
        [[odd]],
        {"a": {"b": odd}},
        PlaceView("a", odd),
        PlaceView("a", [PlaceView("b", odd)]),
    )
    for value in wraps:
        with pytest.raises(TypeError, match=f"a template would be given an? {type(odd).__name__}"):
            require_plain({"fine": 1, "value": value})
    for built_in in ("post.html", "_speakers.svg"):
        with pytest.raises(TypeError, match="not plain data"):
            Templates.of(tmp_path).render(built_in, post=odd, timeline=odd)
    with pytest.raises(TypeError, match="not plain data"):
        output_templates.render_text("{{ value }}", {"value": odd}, is_built_in=True)


def test_what_holds_itself_is_looked_at_once() -> None:
    circle: list[object] = ["a"]
    circle.append(circle)
    require_plain({"circle": circle})


def method(self: object) -> None:
    """What a template could call."""


@pytest.mark.parametrize("member", [method, classmethod(method), staticmethod(method), Path, len])
def test_a_view_has_no_methods(member: object) -> None:
    with pytest.raises(TypeError, match="OddView is a view, and do is a method"):
        type("OddView", (View,), {"do": member})
    type("FineView", (View,), {"do": property(method), "_do": member, "default": 3})
