"""What works on this machine, and what to do about what does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

from pipeline.doctor import installation, machine, model_files, network
from pipeline.doctor.check import Check
from pipeline.workspace.api_keys import KEY, without
from pipeline.workspace.config import Settings
from pipeline.workspace.talks import Workspace

__all__ = ["Check", "examine"]


def _silent(message: str) -> None:
    pass


def examine(
    workspace: Workspace, settings: Settings, fetch: bool, told: Callable[[str], None] = _silent
) -> Iterator[Check]:
    """What these settings need, one check at a time; the key of the environment is in none of them.

    With `fetch` missing and damaged models are got first, and `told` which, as each begins.
    """
    key = os.environ.get(KEY, "").strip()
    for check in _checks(workspace, settings, fetch, told):
        yield replace(check, detail=without(key, check.detail))


def _checks(
    workspace: Workspace, settings: Settings, fetch: bool, told: Callable[[str], None]
) -> Iterator[Check]:
    yield from installation.checks(settings)
    yield installation.check()
    whole = True
    for check in model_files.checks(settings, fetch, told):
        whole &= check.ok
        yield check
    yield from network.checks(settings, fetch)
    yield from machine.disk_checks(workspace, whole)
    yield from machine.memory_checks(settings)
