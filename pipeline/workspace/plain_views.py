"""What templates may be given: plain data, which can neither touch the world nor be changed."""

from __future__ import annotations

from collections.abc import Mapping
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
        if kind in _PLAIN_TYPES or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, View) and _is_frozen(kind):
            waiting += [(f"{kind.__name__}.{name}", item) for name, item in vars(value).items()]
        elif isinstance(value, dict) and kind is dict:
            waiting += [(place, item) for pair in value.items() for item in pair]
        elif isinstance(value, tuple | list) and kind in (tuple, list):
            waiting += [(place, item) for item in value]
        else:
            raise TypeError(f"a template would be given {place}, a {kind.__name__}, which is no plain data")


def _is_frozen(kind: type) -> bool:
    return is_dataclass(kind) and bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]
