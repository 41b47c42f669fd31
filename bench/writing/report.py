"""The tables of results.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Results = Mapping[str, Mapping[str, Any]]

COSTS = ("calls", "read", "written", "seconds")
FATES = ("checked", "passed", "doubted", "mended", "lost")
QUOTES = ("quotes asked", "quotes kept", "cuts asked", "cuts made")
SHAPE = ("words", "words seen", "ratio", "links", "own words")


def text(results: Results) -> str:
    """results.md: what the columns mean is in README.md."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    yield "# Posts by a strong writer, as the program makes them\n"
    yield "What the columns mean is in [README.md](README.md). The posts are in [posts](posts).\n"
    yield from _table(results, COSTS)
    yield from _table(results, FATES)
    yield from _table(results, QUOTES)
    yield from _table(results, SHAPE)
    yield "## Full names in the prose\n"
    for talk, figures in results.items():
        counted = ", ".join(f"{name} {count}" for name, count in figures["full names"].items())
        yield f"- {talk}: {counted or 'none'}"
    yield "\n## Sentences that were sent back\n"
    labels = Counter(one["label"] or "not labelled" for found in results.values() for one in found["refused"])
    checked, lost = (sum(found[fate] for found in results.values()) for fate in ("checked", "lost"))
    how = ", ".join(f"{count} {label}" for label, count in sorted(labels.items()))
    yield f"Of {checked} texts {labels.total()} were sent back ({how}), and {lost} were lost.\n"
    for talk, figures in results.items():
        yield f"### {talk}\n"
        yield from map(_sent_back, figures["refused"])
        yield "" if figures["refused"] else "None.\n"
    yield "## What was left out\n"
    for talk, figures in results.items():
        yield f"### {talk}\n"
        yield from (f"- {one['what']} ({one['why']})" for one in figures["left out"])
        yield "" if figures["left out"] else "Nothing.\n"


def _table(results: Results, columns: tuple[str, ...]) -> Iterator[str]:
    yield f"| talk | {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * len(columns)}"
    for talk, figures in results.items():
        yield f"| {talk} | {' | '.join(str(figures[column]) for column in columns)} |"
    yield ""


def _sent_back(one: Mapping[str, str]) -> str:
    instead = f'Now: "{one["became"]}"' if one["became"] else "Left out."
    return f'- **{one.get("label") or "?"}**: "{one["text"]}": {one["why"]}. {instead}'
