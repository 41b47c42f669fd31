"""The command that deletes what is cached of a talk."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli import options
from pipeline.cli.printing import echo


@click.command()
@click.argument("talk")
@options.workspace
def forget(talk: str, root: Path | None) -> None:
    """Remove what is remembered of a TALK: a language model's replies, what was heard of its voices, and what
    it brought to its cohort. With the folder of a cohort, what is remembered of that.
    """
    from pipeline.cohort import cohorts
    from pipeline.workspace import discovery, talks
    from pipeline.workspace.tracks import is_tracks

    workspace = options.find_workspace(root)
    if Path(talk).is_dir() and not is_tracks(Path(talk)):
        cohort = cohorts.load(Path(talk), workspace)
        replies, _ = cohort.state.forget()
        echo(f"{cohort.name}: {replies} replies removed, and its vectors")
        return
    loaded = talks.load(discovery.find(talk, workspace), workspace)
    replies, had_voices = loaded.state.forget()
    voices = ", and what was heard of its voices" if had_voices else ""
    echo(f"{loaded.name}: {replies} replies removed{voices}")
