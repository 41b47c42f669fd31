"""`takeaways cohort`: what the talks of a folder have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options

if TYPE_CHECKING:
    from pipeline.reporting import Reporter
    from pipeline.running.batch import Failure
    from pipeline.workspace.talks import Workspace


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--force", is_flag=True, help="Make it anew, and replace hand edits (a copy is kept).")
@click.option("--debug", is_flag=True, help="Show where an unforeseen error came from.")
@options.sets
@options.as_json
@options.workspace
def cohort(
    folder: Path, force: bool, debug: bool, sets: tuple[str, ...], as_json: bool, workspace: Path | None
) -> None:
    """What the talks of a FOLDER have in common: a post and a site in its folder under outputs/.

    Works on the takeaways that are there; `takeaways run FOLDER` makes them, and ends with this where there
    is a cohort.toml.
    """
    from pipeline.cli import console

    place, overrides = options.place(workspace), options.overrides(sets)
    with console.reporter(as_json) as reporter:
        pages, failures = made([folder], place, overrides, reporter, force)
    options.conclude({"cohorts": pages}, pages, failures, as_json, debug)


def made(
    folders: Sequence[Path],
    place: Workspace,
    overrides: Sequence[Mapping[str, Any]],
    reporter: Reporter,
    force: bool = False,
) -> tuple[list[str], list[Failure]]:
    """The pages of the cohorts that could be made, and why the others could not."""
    from pipeline.cohort import cohort_stages
    from pipeline.running.batch import failure
    from pipeline.running.runner import StageError

    pages, failures = [], []
    for folder in folders:
        name = options.near(folder.resolve())
        try:
            found = cohort_stages.make(folder, place, overrides, reporter, force)
            pages.append(options.near(found.home / "index.html"))
        except StageError as failed:
            failures.append(failure(name, failed.stage, failed.__cause__ or failed))
        except Exception as error:
            failures.append(failure(name, "cohort", error))
    return pages, failures
