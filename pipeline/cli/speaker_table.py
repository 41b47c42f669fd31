"""The speakers of a talk as text: a table, and a timeline with a line per person."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from pipeline.cli.printing import styled
from pipeline.post.timeline import SpeechSpan, speech_spans
from pipeline.review.speakers import Speakers, Voice
from pipeline.text import clock

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_DEFAULT_COLUMNS = 100  # of the timeline, if there is no terminal to fit
_MAX_NAME_COLUMNS = 24
_OTHER_COLUMNS = 54  # what the rest of the table needs
_BARS = " ▁▂▃▄▅▆▇█"  # of a column, by the share of its time that is speech
_STYLES = ("red", "cyan", "magenta", "green", "yellow", "blue", "bright_magenta", "bright_black")


def text(speakers: Speakers, width: int | None = None) -> str:
    """Table, warnings, timeline, unmatched entries; coloured to fit `width` columns, else plain."""
    from rich.console import Console

    out = io.StringIO()
    # Without a terminal nothing is cut or wrapped: a program may read the lines.
    console = Console(file=out, force_terminal=width is not None, width=width or 10_000, highlight=False)
    console.print(_table(speakers, console.width))
    notes = [f"stale: run it again: {'; '.join(speakers.stale)}"] if speakers.stale else []
    notes += [f"error: {speakers.error}"] if speakers.error else []
    if notes:
        console.print()
    for note in notes:
        console.print(styled(note, style="yellow"))
    guesses = [voice for voice in speakers.voices if _is_guess(voice) and voice.evidence]
    if guesses:
        console.print()
    for voice in guesses:
        console.print(styled(f"{voice.name}? {voice.evidence}"))
    if speakers.timeline:
        console.print()
        for line in _timeline(speakers, width or _DEFAULT_COLUMNS):
            console.print(line, overflow="crop", no_wrap=True)
    if speakers.unmatched:
        console.print()
        for unmatched in speakers.unmatched:
            console.print(styled(f"unmatched: {unmatched}", style="yellow"))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _table(speakers: Speakers, width: int) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("id", no_wrap=True)
    table.add_column("name", no_wrap=True, max_width=max(width - _OTHER_COLUMNS, 8))
    for heading in ("time", "share", "turns", "in doubt", "first"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("known by", overflow="fold", min_width=8)
    for voice in speakers.voices:
        style = _STYLES[speakers.people[voice.id].color % len(_STYLES)]
        name = f"{voice.name}{'?' if _is_guess(voice) else ''}"
        cells = (
            "-" if voice.seconds is None else _minutes(voice.seconds),
            "<1 %" if 0 < voice.share < 0.01 else f"{round(voice.share * 100)} %",
            str(voice.turns),
            f"{voice.in_doubt} of {voice.sentences}",
            "-" if voice.first is None else clock(voice.first),
        )
        table.add_row(voice.id, styled(name, style=style), *cells, styled(_known_by(voice)))
    return table


def _minutes(seconds: float) -> str:
    """mm:ss, also beyond an hour."""
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def _is_guess(voice: Voice) -> bool:
    return voice.known and not voice.confirmed


def _known_by(voice: Voice) -> str:
    """The source, and its moment or label if that says more; the evidence for a guess has its own line."""
    if voice.source == "none":
        return "-"
    has_detail = not _is_guess(voice) and voice.evidence != voice.name
    return f"{voice.source} {voice.evidence}" if has_detail and voice.evidence else voice.source


def _timeline(speakers: Speakers, width: int) -> Iterator[Text]:
    from rich.cells import cell_len, set_cell_size

    if speakers.timeline is None:
        return
    seconds, people = speakers.timeline.seconds, [lane.speaker for lane in speakers.timeline.lanes]
    name_width = min(max(cell_len(person.name) for person in people), _MAX_NAME_COLUMNS)
    columns = max(width - name_width - 2, 10)
    spans = list(speech_spans(speakers.turns, speakers.transcript.duration or 0.0))
    for person in people:
        own_spans = [span for span in spans if speakers.people[span.speaker] == person]
        style = _STYLES[person.color % len(_STYLES)]
        coverage = _coverage(own_spans, seconds, columns)
        doubtful_coverage = _coverage([span for span in own_spans if span.doubtful], seconds, columns)
        dim_columns = [
            doubtful > total / 2 for doubtful, total in zip(doubtful_coverage, coverage, strict=True)
        ]
        line = styled(f"{set_cell_size(person.name, name_width)}  ")
        for is_faint, cells in groupby(zip(dim_columns, coverage, strict=True), key=itemgetter(0)):
            bars = "".join(_bar(share) for _, share in cells)
            line.append(bars, style=f"dim {style}" if is_faint else style)
        yield line
    yield styled(" " * (name_width + 2) + _time_axis(speakers, columns), style="dim")


def _coverage(spans: list[SpeechSpan], seconds: float, columns: int) -> list[float]:
    """The share of each column's time that is speech, 0 to 1."""
    column_seconds = seconds / columns
    coverage = [0.0] * columns
    for span in spans:
        first, last = int(span.start / column_seconds), int(span.end / column_seconds)
        for column in range(first, min(last + 1, columns)):
            overlap = min(span.end, (column + 1) * column_seconds) - max(span.start, column * column_seconds)
            coverage[column] += max(overlap, 0.0) / column_seconds
    return coverage


def _bar(share: float) -> str:
    """The bar of a column; any speech at all is visible."""
    highest = len(_BARS) - 1
    return _BARS[max(1, min(round(share * highest), highest)) if share else 0]


def _time_axis(speakers: Speakers, columns: int) -> str:
    """A line of round times at their columns; those that would touch the one before are left out."""
    line = ""
    for tick in speakers.timeline.ticks if speakers.timeline else ():
        column = round(tick.at / 1000 * columns)
        if column + len(tick.clock) <= columns and (not line or column > len(line) + 1):
            line = f"{line:{column}}{tick.clock}"
    return line
