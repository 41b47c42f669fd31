"""The command that makes posts of recordings and transcripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from pipeline.cli import options, trust
from pipeline.cli.cohort import make_cohorts
from pipeline.cli.printing import echo
from pipeline.stage_names import TalkStage

if TYPE_CHECKING:
    from pipeline.errors import InputError
    from pipeline.running.runner import Plan
    from pipeline.workspace.talks import Source, Talk, Workspace

_stage = click.Choice([stage.value for stage in TalkStage])


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--from", "first", type=_stage, help="Leave the stages before this one as they are.")
@click.option("--to", "last", type=_stage, help="Stop after this stage.")
@click.option("--only", type=_stage, help="Run only this stage.")
@click.option(
    "--force", is_flag=True, help="Run even what is fresh, and replace hand edits (a copy is kept)."
)
@options.prompts
@click.option("--dry-run", is_flag=True, help="Say what would run, and what calls would cost; do nothing.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Talks worked on at once; only one computes at a time."
)
@click.option("--dask", metavar="ADDRESS", help="Run on the Dask cluster with this scheduler.")
@click.option("--debug", is_flag=True, help="Show where an unforeseen error came from.")
@options.set_options
@options.as_json
@options.workspace
def run(
    inputs: tuple[Path, ...],
    first: str | None,
    last: str | None,
    only: str | None,
    force: bool,
    prompts: str | None,
    dry_run: bool,
    jobs: int | None,
    dask: str | None,
    debug: bool,
    sets: tuple[str, ...],
    as_json: bool,
    root: Path | None,
) -> None:
    """Turn recordings and transcripts (files or folders) into posts. Only what is stale runs."""
    from pipeline.cli import console
    from pipeline.cohort import cohort_stages
    from pipeline.running import batch
    from pipeline.workspace import discovery
    from pipeline.workspace.trusted import scheduler

    if only and (first or last):
        raise click.UsageError("--only cannot be combined with --from or --to.")
    workspace = options.find_workspace(root)
    settings = options.run_settings(workspace, sets, jobs=jobs, dask=dask)
    plan = _make_plan(only or first, only or last, force, sets, prompts)
    sources, input_errors, notices = discovery.survey(inputs, workspace)
    for notice in notices:
        echo(notice, err=True)
    if prompts:
        options.check_prompts(sources, workspace, plan.overrides, prompts)
    if dry_run:
        _dry_run(inputs, sources, input_errors, workspace, plan, as_json)
    stages = [stage.name for stage in plan.stages]
    trust.ask(options.all_settings(sources, workspace, plan.overrides), stages, settings)
    if settings.dask:
        scheduler(settings).require()
    with console.reporter(as_json) as reporter:
        reporter.planned([source.name for source in sources])
        if settings.dask:
            from pipeline.cluster import dispatch

            failures = dispatch.run_all(settings.dask, settings.gpu, sources, workspace, plan, reporter)
        else:
            failures = batch.run_all(sources, workspace, plan, reporter, settings.jobs)
        failed_talks = {failure.talk for failure in failures}
        done = [source.name for source in sources if source.name not in failed_talks]
        cohorts: list[str] = []
        if done and _ends_with_cohorts(plan):
            folders = cohort_stages.cohort_folders(inputs, sources)
            cohorts, cohort_failures = make_cohorts(folders, workspace, plan.overrides, reporter, force)
            failures += cohort_failures
    failures = [batch.Failure(str(error.file), "start", str(error)) for error in input_errors] + failures
    pages = [*(_result_path(workspace.outputs / name, prompts) for name in done), *cohorts]
    options.report_and_exit({"done": done, "cohorts": cohorts}, pages, failures, as_json, debug)


def _dry_run(
    inputs: Sequence[Path],
    sources: Sequence[Source],
    input_errors: Sequence[InputError],
    workspace: Workspace,
    plan: Plan[Talk],
    as_json: bool,
) -> NoReturn:
    """Print what a run would do with each talk and cohort. Exit 1 if one cannot be forecast."""
    from pipeline.cli import forecast
    from pipeline.cohort import cohort_stages
    from pipeline.errors import TakeawaysError

    errors = [str(error) for error in input_errors]
    forecasts = []
    for source in sources:
        try:
            forecasts.append(forecast.forecast(source, workspace, plan))
        except (TakeawaysError, OSError) as error:
            errors.append(f"{source.name}: {error}")
    for folder in cohort_stages.cohort_folders(inputs, sources) if _ends_with_cohorts(plan) else ():
        try:
            after_talks = any(entry.stages for entry in forecasts)
            forecasts.append(forecast.of_cohort(folder, workspace, plan, after_talks))
        except (TakeawaysError, OSError) as error:
            errors.append(f"{options.display_path(folder)}: {error}")
    if as_json:
        report = {"talks": [asdict(entry) for entry in forecasts], "failed": errors}
        echo(json.dumps(report, ensure_ascii=False))
    else:
        for entry in forecasts:
            echo(forecast.text(entry))
        spendings = [spent for entry in forecasts for spent in (entry.spending, entry.judging) if spent]
        if len(spendings) > 1:
            echo(forecast.total(spendings))
        for message in errors:
            echo(message, err=True)
    sys.exit(1 if errors else 0)


def _ends_with_cohorts(plan: Plan[Talk]) -> bool:
    """Whether cohorts are made as well: only after posts, and only from the talks' own posts."""
    return any(stage.name == TalkStage.RENDER for stage in plan.stages) and not plan.prompts


def _result_path(home: Path, prompts: str | None) -> str:
    """The page to show: the post of the prompt set, else the talk's own, else the talk's folder."""
    folder = home / "sets" / prompts if prompts and (home / "sets" / prompts).is_dir() else home
    post = folder / "post.html"
    return options.display_path(post if post.is_file() else folder)


def _make_plan(
    first: str | None, last: str | None, force: bool, sets: tuple[str, ...], prompts: str | None
) -> Plan[Talk]:
    """The stages to run. With a prompt set they begin at extract, unless the options say otherwise."""
    from pipeline.running.runner import Plan
    from pipeline.stages import STAGES

    names = list(TalkStage)
    if prompts and first is None and last not in (TalkStage.TRANSCRIBE, TalkStage.SEGMENT):
        first = TalkStage.EXTRACT
    begin = names.index(TalkStage(first)) if first else 0
    end = names.index(TalkStage(last)) if last else len(STAGES) - 1
    if begin > end:
        raise click.UsageError(f"--from {first} comes after --to {last}.")
    return Plan(STAGES[begin : end + 1], force, options.overrides(sets), prompts)
