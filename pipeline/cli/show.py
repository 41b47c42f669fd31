"""The command that shows who speaks in a talk, what the names are based on, and what is known of it."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options
from pipeline.cli.printing import echo

if TYPE_CHECKING:
    from pipeline.workspace.talks import Talk


@click.command()
@click.argument("talk")
@click.argument("what", type=click.Choice(["speakers", "facts"]))
@click.option("--svg", metavar="FILE", help="Write the timeline as an SVG file; - is standard output.")
@click.option("--rttm", metavar="FILE", help="Write who spoke when as RTTM; - is standard output.")
@options.as_json
@options.workspace
def show(talk: str, what: str, svg: str | None, rttm: str | None, as_json: bool, root: Path | None) -> None:
    """What is known of a TALK, an input file or a name as in status.

    speakers: who spoke when, and how the names are known. facts: its title, date, …, and where each is from.
    """
    from pipeline.cli import speaker_table
    from pipeline.review import speakers
    from pipeline.workspace import discovery, talks

    if [svg, rttm, "-" if as_json else None].count("-") > 1:
        raise click.UsageError("Only one thing goes to standard output.")
    if what == "facts" and (svg or rttm):
        raise click.UsageError("--svg and --rttm are for speakers.")
    workspace = options.find_workspace(root)
    loaded = talks.load(discovery.find(talk, workspace), workspace)
    if what == "facts":
        facts = _facts(loaded)
        lines = (f"{key}: {_in_words(fact['value'])} (from {fact['from']})" for key, fact in facts.items())
        echo(json.dumps(facts, ensure_ascii=False) if as_json else "\n".join(lines) or "nothing is stated")
        return
    overview = speakers.load(loaded)
    for file, render in ((svg, overview.svg), (rttm, overview.rttm)):
        if file:
            _write(file, render())
    if as_json:
        echo(json.dumps(overview.as_json(), ensure_ascii=False))
    elif "-" not in (svg, rttm):
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(speaker_table.text(overview, width), nl=False)


def _facts(talk: Talk) -> dict[str, dict[str, Any]]:
    """What files state of a talk, each with the file that states it, or its name."""
    stated = talk.facts.model_dump(mode="json", exclude_defaults=True, exclude={"speakers"})
    facts = {
        key: {"value": stated[key], "from": origin} for key, origin in talk.origins.items() if key in stated
    }
    own = {"hosts": talk.own.hosts, "guests": talk.own.guests, "tags": talk.own.tags}
    file = talk.transcript.name if talk.transcript else ""
    return facts | {key: {"value": list(said), "from": file} for key, said in own.items() if said}


def _in_words(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _write(file: str, text: str) -> None:
    from pipeline.files import leftovers, write_atomically

    if file == "-":
        echo(text, nl=False)
    else:
        for left in leftovers(Path(file).parent, [Path(file).name]):  # by a run that was killed
            left.unlink(missing_ok=True)
        write_atomically(Path(file), text.encode())
