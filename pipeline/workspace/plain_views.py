"""What templates may be given: plain data, which can neither touch the world nor be changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass

_PLAIN_TYPES = frozenset({str, int, float, bool, type(None)})


class View:
    """Base of the frozen dataclasses that templates are given. Properties only compute; there are no methods.

    Raises TypeError for a subclass with a public method: templates may call whatever they can reach.
    """

    def __init_subclass__(cls) -> None:
        for name, value in vars(cls).items():
            if not name.startswith("_") and (callable(value) or isinstance(value, classmethod)):
                raise TypeError(f"{cls.__name__} is a view, and {name} is a method. Make it a function.")


def require_plain(context: Mapping[str, object]) -> None:
    """Raises TypeError if anything in it is neither a view nor made of text, numbers, None and containers."""
    waiting: list[tuple[str, object]] = list(context.items())
    seen: set[int] = set()
    while waiting:
        place, value = waiting.pop()
        kind = type(value)
        if id(value) in seen or kind in _PLAIN_TYPES:
            continue
        seen.add(id(value))
        items: Iterable[object]
        if isinstance(value, View) and _is_frozen(kind):
            items = vars(value).values()
        elif isinstance(value, dict) and kind is dict:
            items = (*value, *value.values())
        elif isinstance(value, tuple | list) and kind in (tuple, list):
            items = value
        else:
            raise TypeError(f"a template would be given a {kind.__name__} ({place}), which is not plain data")
        below = place if kind in (dict, tuple, list) else kind.__name__
        waiting += [(below, item) for item in items if type(item) not in _PLAIN_TYPES]


def _is_frozen(kind: type) -> bool:
    return is_dataclass(kind) and bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]
