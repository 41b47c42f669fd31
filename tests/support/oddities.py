"""Random damage of the kind that people may do to files, for property tests."""

from __future__ import annotations

import copy
import json
import os
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Example = TypeVar("Example")

MINUTES = float(os.environ.get("TAKEAWAYS_FUZZ_MINUTES", "0"))  # for all properties together
PROPERTIES = 15

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10**6, 10**18, 10**400, -(10**400), 0.5, -0.5, 1e308, 1e-320),
    *(float("nan"), float("inf"), float("-inf")),
    *(
        "",
        " ",
        "S1",
        "s0",
        "{S1}",
        "{S99}",
        "\ud800",
        "\x00",
        "\n---\n",
        "<b>&amp;",
        "../../x",
        "x" * 5000,
        "é",
    ),
    *([], {}, [[]], [0, 0], [5, 2], [-1, 3], [0, 10**9], [None], {"a": 1}),
)


def fuzz(strategy: st.SearchStrategy[Example], check: Callable[[Example], None], examples: int) -> None:
    """Run `check` on some examples; with TAKEAWAYS_FUZZ_MINUTES, on more until time is up."""

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def once(example: Example) -> None:
        check(example)

    deadline = time.monotonic() + 60 * MINUTES / PROPERTIES
    once()
    while time.monotonic() < deadline:
        once()


def mutated(value: Any, rng: random.Random, edits: int) -> Any:
    """A JSON value with some of what is in it, at any depth, replaced, removed or doubled."""
    root = {"": copy.deepcopy(value)}
    for _ in range(edits):
        holder, key = _place(root, rng)
        kind = rng.choice(["replace", "replace", "remove", "double", "swap"])
        if kind == "remove" and holder is not root:
            del holder[key]
        elif kind == "double" and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif kind == "swap" and isinstance(holder, list):
            other = rng.randrange(len(holder))
            holder[key], holder[other] = holder[other], holder[key]
        elif kind == "double" and isinstance(holder, dict) and holder is not root:
            holder[rng.choice(["zzz", "id", "words", "\ud800"])] = copy.deepcopy(holder[key])
        else:
            holder[key] = copy.deepcopy(rng.choice(ODD))
    return root[""]


def _place(root: dict[str, Any], rng: random.Random) -> tuple[Any, Any]:
    """A random container inside `root`, and the key or index of a value in it."""
    holder: Any = root
    key: Any = ""
    while True:
        inside = holder[key]
        if not isinstance(inside, dict | list) or not inside or rng.random() < 0.12:
            return holder, key
        holder = inside
        key = rng.choice(list(inside)) if isinstance(inside, dict) else rng.randrange(len(inside))


def torn(data: bytes, rng: random.Random, edits: int) -> bytes:
    """Bytes with some of them cut, doubled or replaced."""
    torn_data = bytearray(data)
    for _ in range(edits):
        at = rng.randrange(len(torn_data) + 1)
        piece = rng.choice(
            [b"", b"\n", b'"', b"[" * 5000, b"{", b"9" * 5000, b"-", b"\x00", b"\xe9", b"\xff\xfe"]
        )
        torn_data[at : at + rng.choice([0, 1, 5, 200])] = rng.choice([piece, bytes(torn_data[:at][-40:])])
    return bytes(torn_data)


def toml(tables: dict[str, Any]) -> bytes:
    """TOML of tables, all values inline."""
    return "".join(f"{_string(key)} = {_inline(value)}\n" for key, value in tables.items()).encode(
        errors="replace"
    )


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_string(k)} = {_inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _string(value) if isinstance(value, str) else repr(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        *("00:05", "1:00:00", "99:99", "new", "new 1", "Ann", "S1", "Ann Lee", "SPEAKER_00", "https://a.org"),
        *(
            "http://[::1",
            "https://youtu.be/x",
            "javascript:alert(1)",
            "a.vtt",
            "..",
            "/etc/passwd",
            "x" * 300,
        ),
        *("2024-13-45", "en", "</script>", "---\nx: y", "\u202e", "\x1b[31m", "a\u2028b"),
    ]
)
SCALARS = (
    st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.integers(0, 100)
    | st.floats()
    | st.floats(0, 60)
    | TEXTS
)


def tables(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Tables whose keys are known for the most part, and whose values are anything."""
    names = st.sampled_from(keys) | TEXTS
    values = st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4)
    )
    return st.dictionaries(names, values, max_size=5)
