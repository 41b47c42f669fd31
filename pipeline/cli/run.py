"""The command that makes posts: what to run, the run, what came of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from pipeline.cli import options
from pipeline.cli.cohort import made
from pipeline.cli.options import STAGE_NAMES

if TYPE_CHECKING:
    from pipeline.errors import InputError
    from pipeline.running.runner import Plan
    from pipeline.workspace.talks import Source, Workspace

_stage = click.Choice(STAGE_NAMES)


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--from", "first", type=_stage, help="Leave the stages before this one as they are.")
@click.option("--to", "last", type=_stage, help="Stop after this stage.")
@click.option("--only", type=_stage, help="Just this stage.")
@click.option(
    "--force", is_flag=True, help="Run even what is fresh, and replace hand edits (a copy is kept)."
)
@options.prompts
@click.option("--dry-run", is_flag=True, help="Say what would run, and what calls would cost; do nothing.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Talks in work at once; one computes at a time.")
@click.option("--dask", metavar="ADDRESS", help="Run on the Dask cluster with this scheduler.")
@click.option("--debug", is_flag=True, help="Show where an unforeseen error came from.")
@options.sets
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
    workspace: Path | None,
) -> None:
    """Make posts of recordings and transcripts: files or folders. Only what is stale runs."""
    from pipeline.cli import console
    from pipeline.cohort import cohort_stages
    from pipeline.running import batch
    from pipeline.workspace import discovery

    if only and (first or last):
        raise click.UsageError("--only goes without --from and --to.")
    place = options.place(workspace)
    how = options.run_settings(place, sets, jobs=jobs, dask=dask)
    plan = _plan(only or first, only or last, force, sets, prompts)
    sources, problems = discovery.discover(inputs, place)
    if prompts:
        options.check_prompts(sources, place, plan.overrides, prompts)
    if dry_run:
        _foretell(inputs, sources, problems, place, plan, as_json)
    with console.reporter(as_json) as reporter:
        reporter.planned([source.name for source in sources])
        if how.dask:
            from pipeline.cluster import dispatch

            failures = dispatch.run_all(how.dask, how.gpu, sources, place, plan, reporter)
        else:
            failures = batch.run_all(sources, place, plan, reporter, how.jobs)
        stuck = {failure.talk for failure in failures}
        done = [source.name for source in sources if source.name not in stuck]
        cohorts: list[str] = []
        if done and _ends_with_cohorts(plan):
            folders = cohort_stages.among(inputs, sources)
            cohorts, more = made(folders, place, plan.overrides, reporter, force)
            failures += more
    failures = [batch.Failure(str(error.file), "start", str(error)) for error in problems] + failures
    pages = [*(_result(place.outputs / name, prompts) for name in done), *cohorts]
    options.conclude({"done": done, "cohorts": cohorts}, pages, failures, as_json, debug)


def _foretell(
    inputs: Sequence[Path],
    sources: Sequence[Source],
    problems: Sequence[InputError],
    place: Workspace,
    plan: Plan,
    as_json: bool,
) -> NoReturn:
    """What a run would do with each talk and cohort; exit 1 if that cannot be told of one."""
    from pipeline.cli import forecast
    from pipeline.cohort import cohort_stages
    from pipeline.errors import TakeawaysError

    failed = [str(error) for error in problems]
    told = []
    for source in sources:
        try:
            told.append(forecast.forecast(source, place, plan))
        except (TakeawaysError, OSError) as error:
            failed.append(f"{source.name}: {error}")
    for folder in cohort_stages.among(inputs, sources) if _ends_with_cohorts(plan) else ():
        try:
            told.append(forecast.of_cohort(folder, place, plan, bool([one for one in told if one.stages])))
        except (TakeawaysError, OSError) as error:
            failed.append(f"{options.near(folder)}: {error}")
    if as_json:
        click.echo(json.dumps({"talks": [asdict(one) for one in told], "failed": failed}, ensure_ascii=False))
    else:
        for one in told:
            click.echo(forecast.text(one))
        spent = [one.spending for one in told if one.spending]
        if len(spent) > 1:
            click.echo(forecast.total(spent))
        for line in failed:
            click.echo(line, err=True)
    sys.exit(1 if failed else 0)


def _ends_with_cohorts(plan: Plan) -> bool:
    """Whether what talks have in common is made after them: from the talks' own posts alone."""
    return plan.stages[-1].name == STAGE_NAMES[-1] and not plan.prompts


def _result(home: Path, prompts: str | None) -> str:
    """Where to look: the post of the prompt set, else the talk's own, else the talk's folder."""
    folder = home / "sets" / prompts if prompts and (home / "sets" / prompts).is_dir() else home
    post = folder / "post.html"
    return options.near(post if post.is_file() else folder)


def _plan(
    first: str | None, last: str | None, force: bool, sets: tuple[str, ...], prompts: str | None
) -> Plan:
    from pipeline.running.runner import Plan
    from pipeline.stages import STAGES

    first = first or ("extract" if prompts and last not in STAGE_NAMES[:2] else None)
    begin = STAGE_NAMES.index(first) if first else 0
    end = STAGE_NAMES.index(last) if last else len(STAGES) - 1
    if begin > end:
        raise click.UsageError(f"--from {first} comes after --to {last}.")
    return Plan(STAGES[begin : end + 1], force, options.overrides(sets), prompts)
