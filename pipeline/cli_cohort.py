"""`takeaways cohort`: what the talks of a folder have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline import cli_options

if TYPE_CHECKING:
    from pipeline.batch import Failure
    from pipeline.runner import Reporter
    from pipeline.talks import Workspace


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--force", is_flag=True, help="Make it anew, and replace hand edits (a copy is kept).")
@click.option("--debug", is_flag=True, help="Show where an unforeseen error came from.")
@cli_options.sets
@cli_options.as_json
@cli_options.workspace
def cohort(
    folder: Path, force: bool, debug: bool, sets: tuple[str, ...], as_json: bool, workspace: Path | None
) -> None:
    """What the talks of a FOLDER have in common: a post and a site in its folder under outputs/.

    Works on the takeaways that are there; `takeaways run FOLDER` makes them, and ends with this where there
    is a cohort.toml.
    """
    from pipeline import console

    place, overrides = cli_options.place(workspace), cli_options.overrides(sets)
    with console.reporter(as_json) as reporter:
        pages, failures = made([folder], place, overrides, reporter, force)
    cli_options.conclude({"cohorts": pages}, pages, failures, as_json, debug)


def made(
    folders: Sequence[Path],
    place: Workspace,
    overrides: Sequence[Mapping[str, Any]],
    reporter: Reporter,
    force: bool = False,
) -> tuple[list[str], list[Failure]]:
    """The pages of the cohorts that could be made, and why the others could not."""
    from pipeline.batch import failure
    from pipeline.cohort import making
    from pipeline.runner import StageError

    pages, failures = [], []
    for folder in folders:
        name = cli_options.near(folder.resolve())
        try:
            found = making.make(folder, place, overrides, reporter, force)
            pages.append(cli_options.near(found.home / "index.html"))
        except StageError as failed:
            failures.append(failure(name, failed.stage, failed.__cause__ or failed))
        except Exception as error:
            failures.append(failure(name, "cohort", error))
    return pages, failures
