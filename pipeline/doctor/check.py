"""What a look at one thing gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import explained, unforeseen


@dataclass(frozen=True)
class Check:
    """One thing looked at; `detail` says what was found or what to do."""

    name: str
    ok: bool
    detail: str


def tried(name: str, look: Callable[[], str]) -> Check:
    """The check that a look gives: whatever it raises is what is wrong."""
    try:
        return Check(name, True, look())
    except Exception as error:
        return Check(name, False, explained(error) or unforeseen(error))
