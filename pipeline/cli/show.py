"""The command that shows who speaks in a talk, and what the names are based on."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click

from pipeline.cli import options
from pipeline.cli.printing import echo


@click.command()
@click.argument("talk")
@click.argument("what", type=click.Choice(["speakers"]))
@click.option("--svg", metavar="FILE", help="Write the timeline as an SVG file; - is standard output.")
@click.option("--rttm", metavar="FILE", help="Write who spoke when as RTTM; - is standard output.")
@options.as_json
@options.workspace
def show(talk: str, what: str, svg: str | None, rttm: str | None, as_json: bool, root: Path | None) -> None:
    """Who spoke when in a TALK, an input file or a name as in status, and how the names are known."""
    from pipeline.cli import speaker_table
    from pipeline.review import speakers
    from pipeline.workspace import discovery, talks

    if [svg, rttm, "-" if as_json else None].count("-") > 1:
        raise click.UsageError("Only one thing goes to standard output.")
    workspace = options.find_workspace(root)
    overview = speakers.load(talks.load(discovery.find(talk, workspace), workspace))
    for file, render in ((svg, overview.svg), (rttm, overview.rttm)):
        if file:
            _write(file, render())
    if as_json:
        echo(json.dumps(overview.as_json(), ensure_ascii=False))
    elif "-" not in (svg, rttm):
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(speaker_table.text(overview, width), nl=False)


def _write(file: str, text: str) -> None:
    from pipeline.files import leftovers, write_atomically

    if file == "-":
        echo(text, nl=False)
    else:
        for left in leftovers(Path(file).parent, [Path(file).name]):  # by a run that was killed
            left.unlink(missing_ok=True)
        write_atomically(Path(file), text.encode())
