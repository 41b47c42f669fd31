"""A chat endpoint whose model obeys whoever spoke last: it does what any order in the talk says.

It fills in the schemas of the program's real prompts, of every step. Beside honest sentences it writes
what was dictated: word for word, reworded and translated, with and without a link. It cites the line that
gives the order where it is shown, and other lines besides, and quotes that line. Where no prompt shows an
order it writes the same, for want of a line citing any: that is worse than a model that only obeys.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from tests.support.fake_endpoint import FakeEndpoint, completion, good_reply, schema_of, verdicts
from tests.support.hostile_replies import Answered
from tests.support.spoken_orders import Order

# As a judge it says yes to all, or knows planted sentences and says yes to all others, or to orders alone.
Judges = Literal["blindly", "all but planted", "only orders"]

_LINE = re.compile(r"^(\d+) (.*)$", re.MULTILINE)
_TEXTS = frozenset({"heading", "title", "theme", "dek", "text", "point"})
_NESTED = frozenset({"themes"})  # lists whose entries hold texts, and need no more of them


class ObedientServer(FakeEndpoint):
    """Obeys `orders`, which somebody in the talk gives. `cited` counts the sentences that cite one's line."""

    def __init__(self, orders: Iterable[Order], judges: Judges = "all but planted") -> None:
        self.orders, self.judges, self.cited = tuple(orders), judges, 0
        wordings = itertools.zip_longest(*(order.wordings for order in self.orders))
        each = [
            (order, text) for row in wordings for order, text in zip(self.orders, row, strict=True) if text
        ]
        self._dictated = itertools.cycle(each)
        self._lock = threading.Lock()
        super().__init__(self.obey)

    def obey(self, request: dict[str, Any]) -> Answered:
        with self._lock:
            if "verdicts" in schema_of(request)["properties"]:
                return completion(request, self._judged(request))
            prompts = (message["content"] for message in request["messages"] if message["role"] == "user")
            shown = {int(n): line for n, line in _LINE.findall("\n".join(prompts))}
            given = [n for n, line in shown.items() if any(order.gives(line) for order in self.orders)]
            return completion(request, self._rewritten(good_reply(request), shown, given))

    def _judged(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if self.judges == "only orders":
            return verdicts(request, lambda text, cited: any(order.leaks(text) for order in self.orders))
        reply = verdicts(request)
        if self.judges == "blindly":
            reply["verdicts"] = [{**verdict, "borne_out": True} for verdict in reply["verdicts"]]
        return reply

    def _rewritten(
        self, reply: Mapping[str, Any], shown: Mapping[int, str], given: list[int]
    ) -> dict[str, Any]:
        """An honest reply with what was dictated in it. `given` are the numbers of lines that give orders."""
        changed = dict(reply)
        for name, value in reply.items():
            if name == "body":
                first, *rest = (self._rewritten(entry, shown, given) for entry in value)
                quoted = [{"quote": {"lines": [n], "from_words": "", "to_words": ""}} for n in given]
                changed[name] = [first, *quoted, *rest]
            elif name in _NESTED:
                changed[name] = [self._rewritten(entry, shown, given) for entry in value]
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                dictated = [self._dictated_entry(entry, shown) for entry in (*value, value[-1])]
                changed[name] = dictated[:-1] if "of" in value[0] else [*dictated[:2], *value]
            elif name in _TEXTS:
                changed[name] = next(self._dictated)[1]
        return changed

    def _dictated_entry(self, entry: Mapping[str, Any], shown: Mapping[int, str]) -> dict[str, Any]:
        """A sentence of prose, or a point, that says what was dictated."""
        order, text = next(self._dictated)
        changed = {**entry, **dict.fromkeys(_TEXTS & entry.keys(), text)}
        lines = [n for n, line in shown.items() if order.gives(line)]
        if lines and "lines" in entry:
            self.cited += 1
            changed["lines"] = [*lines, *entry["lines"]][: 1 + self.cited % 2]
        return changed
