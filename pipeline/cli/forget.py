"""The command that removes what the machine remembers of a talk."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli import options


@click.command()
@click.argument("talk")
@options.workspace
def forget(talk: str, workspace: Path | None) -> None:
    """Remove what is remembered of a TALK: a language model's replies, what was heard of its voices, and what
    it brought to its cohort. With the folder of a cohort, what is remembered of that.
    """
    from pipeline.cohort import cohorts
    from pipeline.workspace import discovery, talks
    from pipeline.workspace.media import is_tracks

    place = options.place(workspace)
    if Path(talk).is_dir() and not is_tracks(Path(talk)):
        cohort = cohorts.load(Path(talk), place)
        replies, _ = cohort.state.forget()
        click.echo(f"{cohort.name}: {replies} replies removed, and its vectors")
        return
    known = talks.load(discovery.find(talk, place), place)
    replies, heard = known.state.forget()
    click.echo(
        f"{known.name}: {replies} replies removed{', and what was heard of its voices' if heard else ''}"
    )
