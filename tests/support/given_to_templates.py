"""What templates are given, and what they can reach from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from pipeline.workspace import output_templates
from pipeline.workspace.plain_views import View, require_plain

PLAIN = (str, int, float, bool, type(None))


@contextmanager
def contexts() -> Iterator[list[Mapping[str, object]]]:
    """Every context that anything is rendered with meanwhile."""
    given: list[Mapping[str, object]] = []

    def remember(context: Mapping[str, object]) -> None:
        given.append(context)
        require_plain(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output_templates, "require_plain", remember)
        yield given


def reachable(context: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Each value, with its path, that can be reached by items, fields, properties and other attributes."""
    waiting: list[tuple[str, object]] = list(context.items())
    seen = {}
    while waiting:
        path, value = waiting.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value  # kept, so that no other value gets its id
        yield path, value
        if isinstance(value, dict):
            waiting += [(f"{path}[{key!r}]", item) for key, item in value.items()]
            waiting += [(f"{path} key", key) for key in value]
        elif isinstance(value, tuple | list | set | frozenset):
            waiting += [(f"{path}[{at}]", item) for at, item in enumerate(value)]
        elif type(value) not in PLAIN:
            names = [name for name in dir(value) if not name.startswith("_")]
            waiting += [(f"{path}.{name}", getattr(value, name)) for name in names]


def not_plain(context: Mapping[str, object]) -> list[str]:
    """The paths of what is neither plain data nor a view."""
    return [
        f"{path}: {type(value).__name__}"
        for path, value in reachable(context)
        if callable(value) or not (isinstance(value, View) or type(value) in (*PLAIN, tuple, list, dict))
    ]
