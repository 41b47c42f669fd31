"""Timed cues of YouTube Studio's .sbv, and of tables with a start, an end and a text in each row.

Whisper writes a table (.tsv) with start and end in milliseconds below a line of headings; Audacity's labels
are seconds without headings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import InputError
from pipeline.transcripts.captions.cues import Cue, CueTimes
from pipeline.transcripts.pieces import parse_seconds

_SBV_CLOCK = r"\d{1,4}:\d\d:\d\d\.\d{1,3}"
_SBV_TIMES = re.compile(rf"\s*({_SBV_CLOCK})\s*,\s*({_SBV_CLOCK})\s*")
_HEADINGS = frozenset({"start", "end", "text"})
_PEEK_CHARS, _PEEK_ROWS = 8192, 20  # of a file, by which a table is known


def is_sbv(text: str, suffix: str) -> bool:
    first = next(filter(str.strip, text[:200].splitlines()), "")
    return bool(_SBV_TIMES.fullmatch(first))


def read_sbv(text: str, path: Path) -> tuple[list[Cue], list[str]]:
    """Cues of a line with two times and lines of text. Raises InputError if reversed times leave no end."""
    lines = text.splitlines()
    timings = [(i, match) for i, line in enumerate(lines) if (match := _SBV_TIMES.fullmatch(line))]
    stops = [*(index for index, _ in timings[1:]), len(lines)]
    times, cues = CueTimes(), []
    for (index, timing), stop in zip(timings, stops, strict=True):
        start, end = times.checked(f"line {index + 1}", parse_seconds(timing[1]), parse_seconds(timing[2]))
        if own := tuple(filter(str.strip, lines[index + 1 : stop])):
            cues.append(Cue(start, end, own))
    return cues, times.notes(cues, path)


def is_table(text: str, suffix: str) -> bool:
    """A line of headings with start, end and text; or rows that all begin with two times."""
    lines = text[:_PEEK_CHARS].splitlines()
    lines = lines[:-1] if len(text) > _PEEK_CHARS else lines
    rows = [line.split("\t") for line in lines if line.strip()][:_PEEK_ROWS]
    if rows and set(_headings(rows[0])) >= _HEADINGS:
        return True
    return len(rows) > 1 and all(
        len(row) > 2 and all(_table_seconds(cell) is not None and not cell.isdecimal() for cell in row[:2])
        for row in rows
    )


def _headings(row: Sequence[str]) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in row]


def _table_seconds(cell: str) -> float | None:
    """Seconds of a clock or of a number with a decimal point; a whole number is milliseconds."""
    seconds = parse_seconds(cell.strip())
    return seconds if seconds is None or not cell.strip().isdecimal() else seconds / 1000


def read_table(text: str, path: Path) -> tuple[list[Cue], list[str]]:
    """A cue a row, by the columns start, end, text and speaker, if they have headings.

    Raises InputError if it has neither headings nor times, or if reversed times leave no cue with an end.
    """
    if not is_table(text, ""):
        raise InputError(
            "is no table of captions: its first line must be start, end and text, with tabs between",
            file=path,
            remedy="Export it again, or as SRT or WebVTT.",
        )
    rows = [(number, line.split("\t")) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    columns = {"start": 0, "end": 1, "text": 2}
    if set(headings := _headings(rows[0][1])) >= _HEADINGS:
        columns, rows = {heading: index for index, heading in enumerate(headings)}, rows[1:]
    times, cues = CueTimes(), []
    last_column = max(columns.values())
    for number, row in rows:
        row[last_column:] = [" ".join(row[last_column:])]  # tabs in the text
        cells = {heading: row[index].strip() for heading, index in columns.items() if index < len(row)}
        start, end = _table_seconds(cells.get("start", "")), _table_seconds(cells.get("end", ""))
        start, end = times.checked(f"line {number}", start, end)
        if said := cells.get("text"):
            speaker = cells.get("speaker")
            cues.append(Cue(start, end, (f"{speaker}: {said}" if speaker else said,)))
    return cues, times.notes(cues, path)
