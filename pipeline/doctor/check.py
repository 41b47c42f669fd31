"""The result of one check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import explained, unforeseen


@dataclass(frozen=True)
class Check:
    """One thing checked; `detail` says what was found or what to do."""

    name: str
    ok: bool
    detail: str


def run_check(name: str, probe: Callable[[], str]) -> Check:
    """Run `probe`: what it returns is the detail of a passed check, what it raises that of a failed one."""
    try:
        return Check(name, True, probe())
    except Exception as error:
        return Check(name, False, explained(error) or unforeseen(error))
