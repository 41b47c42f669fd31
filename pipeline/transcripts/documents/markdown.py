"""Formatted paragraphs, wherever they come from, as Markdown for the reader of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# What would mean something in Markdown and is not meant to. "_" within a word ("SPEAKER_00") means nothing,
# "[" only before a link's address.
_SPECIAL = re.compile(r"[\\*`]|(?<!\w)_|_(?!\w)|(?<=\])\(|<(?=[/!?\w])|&(?=#?\w+;)")
_SPECIAL_AT_START = re.compile(r"#{1,6}(?=\s|$)|>(?!>)|\||~~~")


class Run(NamedTuple):
    """A stretch of text with one look."""

    text: str
    bold: bool = False
    italic: bool = False


def paragraph(runs: Iterable[Run]) -> str:
    """Runs as lines of Markdown, with emphasis that ends before the line does and has no blanks inside."""
    lines = (_line(line).strip() for line in _lines(runs))
    return "\n".join(filter(None, lines))


def _lines(runs: Iterable[Run]) -> Iterator[list[Run]]:
    line: list[Run] = []
    for text, bold, italic in runs:
        first, *others = text.split("\n")
        line.append(Run(first, bold, italic))
        for other in others:
            yield line
            line = [Run(other, bold, italic)]
    yield line


def _line(runs: Iterable[Run]) -> str:
    merged: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        is_blank = not run.text.strip()
        if merged and (is_blank or run[1:] == merged[-1][1:]):
            merged[-1] = merged[-1]._replace(text=merged[-1].text + run.text)
        else:
            merged.append(Run(run.text) if is_blank else run)
    return "".join(_emphasised(run, is_first=index == 0) for index, run in enumerate(merged))


def _emphasised(run: Run, *, is_first: bool) -> str:
    text = run.text.strip()
    before, after = run.text[: len(run.text) - len(run.text.lstrip())], run.text[len(run.text.rstrip()) :]
    escaped = _SPECIAL.sub(lambda match: f"\\{match[0]}", text)
    mark = "**" * run.bold + "*" * run.italic
    if not mark and is_first and _SPECIAL_AT_START.match(escaped):
        escaped = f"\\{escaped}"
    return f"{before}{mark}{escaped}{mark}{after}" if text else run.text


def prefixed(block: str, prefix: str) -> str:
    """A paragraph; with "# " or "- " before it, a heading or a list's item, whose lines are then one."""
    return f"{prefix}{' '.join(block.splitlines())}" if prefix else block
