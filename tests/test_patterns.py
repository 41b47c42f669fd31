"""Regular expressions are run over text that anybody may have written: none may take long over any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.patterns import uses
from tests.support.pumps import slow_over

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("method", "pattern"),
    [
        ("match", r"(<!--.*?-->\s*)*<html"),
        ("search", r"(?:so,? )*I"),
        ("search", r"\s*x"),
        ("finditer", r"<a[^>]*>"),
        ("finditer", r"^[\W_]+|[\W_]+$"),
        ("search", r",\W*\w+$"),
    ],
)
def test_a_slow_pattern_is_found(method: str, pattern: str) -> None:
    assert slow_over(re.compile(pattern), method)


@pytest.mark.parametrize(
    ("method", "pattern"),
    [
        ("match", r"\s*x"),
        ("search", r"(?<!\s)\s*x"),
        ("match", r"(?:so,? )*I"),
        ("finditer", r"<a[^<>]*>"),
        ("finditer", r"<a[^>]{0,60}>"),
        ("search", r"\b(?:might|may|maybe|perhaps|possibly|\w+n't)\b"),
    ],
)
def test_a_fast_pattern_passes(method: str, pattern: str) -> None:
    assert slow_over(re.compile(pattern), method) is None


def test_every_pattern_takes_linear_time() -> None:
    found = uses(ROOT)
    assert len(found) > 250
    slow = [f"{use}\n  is slow over {text}" for use in found if (text := slow_over(use.pattern, use.method))]
    assert not slow, "\n".join(slow)
