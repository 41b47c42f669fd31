"""Checks what works on this machine, and says how to fix what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pipeline.doctor import machine, model_access
from pipeline.doctor.machine import Check
from pipeline.workspace.api_keys import known_keys, without
from pipeline.workspace.config import Settings
from pipeline.workspace.talks import Workspace

__all__ = ["Check", "examine"]


def _ignore(message: str) -> None:
    pass


def examine(
    workspace: Workspace, settings: Settings, fetch: bool, notify: Callable[[str], None] = _ignore
) -> Iterator[Check]:
    """Check everything that these settings need, one check at a time.

    With `fetch`, missing and damaged models are downloaded first; `notify` is called as each download begins.
    Keys from the environment are redacted from every detail.
    """
    for check in _checks(workspace, settings, fetch, notify):
        detail = check.detail
        for key in known_keys():
            detail = without(key, detail)
        yield replace(check, detail=detail)


def _checks(
    workspace: Workspace, settings: Settings, fetch: bool, notify: Callable[[str], None]
) -> Iterator[Check]:
    yield from machine.package_checks(settings)
    yield machine.decoder_check()
    models_complete = True
    for check in model_access.file_checks(settings, fetch, notify):
        models_complete &= check.ok
        yield check
    yield from model_access.server_checks(settings, fetch)
    yield from machine.disk_checks(workspace, models_complete)
    yield from machine.memory_checks(settings)
