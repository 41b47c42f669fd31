"""The command that deletes what is cached of a talk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.cli.printing import echo

if TYPE_CHECKING:
    from pipeline.workspace.state import Forgotten


@click.command()
@click.argument("talk")
@options.workspace
def forget(talk: str, root: Path | None) -> None:
    """Remove what is remembered of a TALK: a language model's replies, what was heard of its voices, and what
    it brought to its cohort. With the folder of a cohort, what is remembered of that.

    The talk's source, or the folder, need not be there any more.
    """
    from pipeline.running import ownership
    from pipeline.workspace import discovery

    workspace = options.find_workspace(root)
    name = discovery.find_name(talk, workspace)
    echo(f"{name}: {_listed(ownership.forget(name, workspace))}")


def _listed(removed: Forgotten) -> str:
    """What was removed, in words."""
    others = [
        "what was heard of its voices" * removed.voices,
        "what it brought to its cohort" * removed.excerpt,
        "its vectors" * removed.vectors,
        "its parsed sentences" * removed.parses,
        "what was known of its files" * removed.files,
        f"{removed.leftovers} leftover{'s' * (removed.leftovers > 1)} of killed runs"
        * bool(removed.leftovers),
    ]
    known = list(filter(None, others))
    listed = " and ".join(filter(None, [", ".join(known[:-1]), *known[-1:]]))
    return ", and ".join(filter(None, [f"{removed.replies} replies removed", listed]))
