"""Why a claim did not pass."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """A reason: its `code`, and a `detail` that a person and a model understand, in one sentence."""

    code: str
    detail: str
