"""The command that makes a post of what the talks of a folder have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options, trust

if TYPE_CHECKING:
    from pipeline.reporting import Reporter
    from pipeline.running.batch import Failure
    from pipeline.workspace.talks import Workspace


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--force", is_flag=True, help="Make it anew, and replace hand edits (a copy is kept).")
@click.option("--debug", is_flag=True, help="Show where an unforeseen error came from.")
@options.set_options
@options.as_json
@options.workspace
def cohort(
    folder: Path, force: bool, debug: bool, sets: tuple[str, ...], as_json: bool, root: Path | None
) -> None:
    """What the talks of a FOLDER have in common: a post and a site in its folder under outputs/.

    Works on the takeaways that are there; `takeaways run FOLDER` makes them, and ends with this where there
    is a cohort.toml.
    """
    from pipeline.cli import console
    from pipeline.workspace.sidecar import cohort_files, read_layers

    workspace, overrides = options.find_workspace(root), options.overrides(sets)
    files = cohort_files(folder.resolve(), workspace.inputs)
    trust.ask([read_layers(files, workspace.root / "takeaways.toml", overrides).settings])
    with console.reporter(as_json) as reporter:
        pages, failures = make_cohorts([folder], workspace, overrides, reporter, force)
    options.report_and_exit({"cohorts": pages}, pages, failures, as_json, debug)


def make_cohorts(
    folders: Sequence[Path],
    workspace: Workspace,
    overrides: Sequence[Mapping[str, Any]],
    reporter: Reporter,
    force: bool = False,
) -> tuple[list[str], list[Failure]]:
    """Make the cohort of each folder; return the pages made, and the failures."""
    from pipeline.cohort import cohort_stages
    from pipeline.running.batch import failure_of
    from pipeline.running.runner import StageError
    from pipeline.stage_names import CohortStage

    pages, failures = [], []
    for folder in folders:
        name = options.display_path(folder.resolve())
        try:
            result = cohort_stages.make(folder, workspace, overrides, reporter, force)
            pages.append(options.display_path(result.home / "index.html"))
        except StageError as error:
            failures.append(failure_of(name, error.stage, error.__cause__ or error))
        except Exception as error:
            failures.append(failure_of(name, CohortStage.COHORT, error))
    return pages, failures
