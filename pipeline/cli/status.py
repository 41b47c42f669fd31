"""The command that says what a run would do, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options

if TYPE_CHECKING:
    from pipeline.running.staleness import StageState
    from pipeline.workspace.talks import Workspace


@click.command()
@click.argument("inputs", nargs=-1, type=click.Path(path_type=Path))
@click.option("--why", is_flag=True, help="Say why a stage would run.")
@options.prompts
@options.set_options
@options.as_json
@options.workspace
def status(
    inputs: tuple[Path, ...],
    why: bool,
    prompts: str | None,
    sets: tuple[str, ...],
    as_json: bool,
    root: Path | None,
) -> None:
    """Show whether each stage of a talk is fresh, stale, missing or edited.

    Exit 1 if a run would do something, or on an error.
    """
    from pipeline.cohort import cohort_stages
    from pipeline.errors import TakeawaysError
    from pipeline.running import staleness
    from pipeline.stages import STAGES
    from pipeline.workspace import discovery, talks

    workspace, overrides = options.find_workspace(root), options.overrides(sets)
    sources, input_errors = discovery.discover(inputs or (workspace.inputs,), workspace)
    if prompts:
        options.check_prompts(sources, workspace, overrides, prompts)
    is_settled = not input_errors
    report: list[dict[str, Any]] = [{"talk": str(error.file), "error": str(error)} for error in input_errors]
    for source in sources:
        try:
            talk = talks.load(source, workspace, overrides, prompts)
            states = staleness.states(talk, STAGES)
            talk.memory.save()
        except (TakeawaysError, OSError) as error:
            is_settled = False
            report.append({"talk": source.name, "error": str(error)})
            continue
        is_settled &= all(state.settled for state in states)
        report.append({"talk": source.name, "stages": list(map(_as_json, states))})
    for folder in () if prompts else cohort_stages.cohort_folders(inputs or (workspace.inputs,), sources):
        is_settled &= _report_cohort(folder, workspace, overrides, report)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _table(report, why))
    sys.exit(0 if is_settled else 1)


def _report_cohort(
    folder: Path, workspace: Workspace, overrides: Sequence[Mapping[str, Any]], report: list[dict[str, Any]]
) -> bool:
    """Add a cohort's own stages to the report; return whether a run would leave them as they are."""
    from pipeline.cohort import cohort_stages, cohorts
    from pipeline.errors import TakeawaysError
    from pipeline.running import staleness

    try:
        cohort = cohorts.load(folder, workspace, overrides)
        states = staleness.states(cohort, cohort_stages.STAGES)
        cohort.memory.save()
    except (TakeawaysError, OSError) as error:
        report.append({"talk": options.display_path(folder), "error": str(error)})
        return False
    report.append({"talk": cohort.name, "stages": list(map(_as_json, states))})
    return all(state.settled for state in states)


def _as_json(state: StageState) -> dict[str, Any]:
    return {**vars(state), "unmatched": list(map(str, state.unmatched))}


def _table(report: list[dict[str, Any]], why: bool) -> str:
    width = max(len(row["talk"]) for row in report)
    lines = []
    for row in report:
        if "error" in row:
            lines.append(f"{row['talk']:{width}}  {row['error']}")
            continue
        lines.append(
            f"{row['talk']:{width}}  "
            + "  ".join(f"{state['stage']} {state['status']:7}" for state in row["stages"])
        )
        lines.extend(f"{'':{width}}    {line}" for state in row["stages"] for line in state["unmatched"])
        for state in row["stages"] if why else ():
            lines.extend(f"{'':{width}}    {state['stage']}: {reason}" for reason in state["reasons"])
            lines.extend(
                f"{'':{width}}    {state['stage']}: {name} was edited by hand" for name in state["edited"]
            )
    return "\n".join(line.rstrip() for line in lines)
