"""The figures as tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from statistics import mean
from typing import Any

Figures = dict[str, float]
Results = dict[str, dict[str, dict[str, dict[str, Figures]]]]  # kind, talk, "cuts" or "writers", system

PACKAGES = ("numpy", "scipy", "onnxruntime", "sumy", "nltk", "rouge_score")
CUTS = {"Pk": "pk", "F1": "f1", "topics found": "found", "stretches": "count", "marked": "wanted"}
WRITERS = {
    "themes": "themes",
    "sentences": "sentences",
    "words": "words",
    "own theme": "own",
    "pure": "pure",
    "topics quoted": "covered",
    "outside": "outside",
    "short": "short",
    "falters": "falters",
    "hangs": "hangs",
    "word for word": "verbatim",
    "right speaker": "attributed",
}
WHOLE = {"themes", "sentences", "words", "count", "wanted"}  # means of counts, not shares
PERCENT = {
    "own",
    "pure",
    "covered",
    "outside",
    "short",
    "falters",
    "hangs",
    "verbatim",
    "attributed",
    "found",
}
THEMED = {"themes", "own", "pure"}  # means nothing for a mere choice of sentences
NONE = "-"
CHOICES = {"TextRank", "longest", "spaced"}


def text(results: Results, timed: bool) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    head = f"# Themes and quotes\n\n{os.cpu_count()} cores, Python {platform.python_version()}, {packages}."
    kinds = ", ".join(f"{len(talks)} {kind}" for kind, talks in results.items())
    parts = [head, f"Means over talks: {kinds}. What the columns mean is in [README.md](README.md)."]
    parts.append("## Where topics change\n\n" + _cuts(results))
    parts.append("## What is quoted\n\n" + _writers(results, timed))
    parts.append("## Footnote: ROUGE\n\n" + ROUGE + "\n\n" + _rouge(results))
    return "\n\n".join(parts) + "\n"


ROUGE = """\
F1 of the chosen sentences as they stand against the newsletter's text (podcasts) or the summary of the whole
meeting (the best where there are several). References are written prose; what suits a summary does
not make a good quote, and the measure rewards length."""


def _mean(results: Results, kind: str, part: str) -> dict[str, Figures]:
    """Mean figures of every system over the talks that it has."""
    talks = [talk[part] for talk in results[kind].values()]
    systems = dict.fromkeys(system for talk in talks for system in talk)
    means = {}
    for system in systems:
        rows = [talk[system] for talk in talks if system in talk]
        means[system] = {name: mean(row[name] for row in rows) for name in rows[0]}
    return means


def _cuts(results: Results) -> str:
    rows = [
        [kind, system, *(_figure(name, figures[name]) for name in CUTS.values())]
        for kind in results
        for system, figures in _mean(results, kind, "cuts").items()
    ]
    return _table(("talks", "system", *CUTS), rows)


def _writers(results: Results, timed: bool) -> str:
    rows = []
    for kind in results:
        means = _mean(results, kind, "writers")
        for system, figures in means.items():
            seconds = figures.get("seconds")
            ratio = NONE if seconds is None or not timed else f"{seconds / means['TextRank']['seconds']:.2f}"
            blank = THEMED if system in CHOICES else set()
            shown = [NONE if name in blank else _figure(name, figures[name]) for name in WRITERS.values()]
            rows.append([kind, system, *shown, ratio])
    return _table(("talks", "system", *WRITERS, "time"), rows)


def _rouge(results: Results) -> str:
    rows = [
        [kind, system, *(f"{figures[name]:.3f}" for name in ("rouge1", "rouge2"))]
        for kind in results
        for system, figures in _mean(results, kind, "writers").items()
    ]
    return _table(("talks", "system", "ROUGE-1", "ROUGE-2"), rows)


def _figure(name: str, value: float) -> str:
    if name in PERCENT:
        return f"{value * 100:.0f} %"
    return f"{value:.1f}" if name in WHOLE else f"{value:.3f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", "---", *["---:"] * (len(head) - 2)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rounded(value: Any) -> Any:
    """Everything, for other programs; four digits after the point."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value
