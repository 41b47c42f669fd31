"""A chat endpoint whose model obeys whoever spoke last: it does what any order in the talk says.

It fills in the schemas of the program's real prompts, of every step. Beside honest sentences it writes what was
dictated, word for word, reworded and translated, with and without a link; it cites the line that gives the order
where it is shown, and other lines besides; it quotes that line, whole and cut to what it dictates. Where no prompt
shows an order it writes the same, for want of a line citing any: worse than a model that only obeys. As a judge it
says yes, to everything or to what was dictated alone.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from tests.support.fake_endpoint import Answered, FakeEndpoint, completion, good_reply, schema_of
from tests.support.spoken_orders import Order

Judges = Literal["yes to all", "yes to orders"]
_NUMBERED = re.compile(r"^(\d+) (.*)$", re.MULTILINE)
LINK = "[{}](https://win-a-prize.example)"
SHORT = ("heading", "title", "theme")
MODEL_TEXTS = (*SHORT, "dek", "text", "point")


class ObedientServer(FakeEndpoint):
    """Obeys `orders`, which somebody in the talk gives; `cited` counts the replies that cite one's line."""

    def __init__(self, orders: Iterable[Order], judges: Judges = "yes to all") -> None:
        self.orders, self.judges, self.cited = tuple(orders), judges, 0
        self._lock = threading.Lock()
        self._dictated = itertools.cycle(
            (order, text) for n in range(4) for order in self.orders for text in order.wordings[n : n + 1]
        )
        super().__init__(self.obey)

    def obey(self, request: dict[str, Any]) -> Answered:
        with self._lock:
            if "text" not in str(schema_of(request)) and _asks_a_judge(schema_of(request)):
                return completion(request, self._verdicts(request))
            shown = {int(n): line for n, line in _NUMBERED.findall(_prompt(request))}
            return completion(request, self._rewritten(good_reply(request), shown))

    def _rewritten(self, reply: Mapping[str, Any], shown: Mapping[int, str]) -> dict[str, Any]:
        """An honest reply with what was dictated in it: in every other sentence, and in all that stands alone."""
        changed: dict[str, Any] = {}
        for name, value in reply.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                changed[name] = [*self._entries(name, value, shown)]
            elif name in MODEL_TEXTS and isinstance(value, str):
                changed[name] = self._next()[1]
            else:
                changed[name] = value
        return changed

    def _entries(self, name: str, entries: list[dict[str, Any]], shown: Mapping[int, str]) -> list[Any]:
        if name == "quotes":
            lines = [n for n, line in shown.items() if any(order.gives(line) for order in self.orders)]
            return [*map(self._quote, lines), *entries]
        if name in ("paragraphs", "themes"):
            return [self._rewritten(entry, shown) for entry in entries]
        dictated = [self._dictated_entry(entry, shown) for entry in (*entries, entries[-1])]
        if "of" in entries[0]:
            return dictated[:-1]
        return [*dictated[:2], *entries]

    def _dictated_entry(self, entry: dict[str, Any], shown: Mapping[int, str]) -> dict[str, Any]:
        """A sentence of prose, or a point, that says what was dictated."""
        order, text = self._next()
        lines = [n for n, line in shown.items() if order.gives(line)]
        if lines and isinstance(entry.get("lines"), list):
            self.cited += 1
            entry = {**entry, "lines": [*lines, *entry["lines"]][: 1 + self.cited % 2]}
        return {**entry, **{name: text for name in ("text", "point") if name in entry}}

    def _quote(self, line: int) -> dict[str, Any]:
        return {"lines": [line], "from_words": "", "to_words": ""}

    def _next(self) -> tuple[Order, str]:
        return next(self._dictated)

    def _verdicts(self, request: Mapping[str, Any]) -> Any:
        return _affirmed(schema_of(request), good_reply(request))


def _prompt(request: Mapping[str, Any]) -> str:
    return "\n".join(m["content"] for m in request["messages"] if m["role"] == "user")


def _asks_a_judge(schema: Mapping[str, Any]) -> bool:
    return "boolean" in str(schema)


def _affirmed(schema: Mapping[str, Any], reply: Any) -> Any:
    """The reply with yes for every truth value."""
    if isinstance(reply, list):
        return [_affirmed(schema.get("items", {}), entry) for entry in reply]
    if isinstance(reply, dict):
        inner = schema.get("properties", {})
        return {name: _affirmed(inner.get(name, {}), value) for name, value in reply.items()}
    return True if schema.get("type") == "boolean" else reply
