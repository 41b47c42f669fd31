"""The command that says what a run would do, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options
from pipeline.cli.printing import echo

if TYPE_CHECKING:
    from pipeline.running.stage_contract import Stage, SubjectT
    from pipeline.running.staleness import StageState


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
    from pipeline.cohort import cohort_stages, cohorts
    from pipeline.stages import STAGES
    from pipeline.workspace import discovery, talks

    workspace, overrides = options.find_workspace(root), options.overrides(sets)
    sources, input_errors, notices = discovery.survey(inputs or (workspace.inputs,), workspace)
    for notice in notices:
        echo(notice, err=True)
    if prompts:
        options.check_prompts(sources, workspace, overrides, prompts)
    rows = [_Row(str(error.file), error=str(error)) for error in input_errors]
    for source in sources:
        rows.append(_row(source.name, partial(talks.load, source, workspace, overrides, prompts), STAGES))
    for folder in () if prompts else cohort_stages.cohort_folders(inputs or (workspace.inputs,), sources):
        load_cohort = partial(cohorts.load, folder, workspace, overrides)
        rows.append(_row(options.display_path(folder), load_cohort, cohort_stages.STAGES))
    report = [row.as_json() for row in rows]
    echo(json.dumps(report, ensure_ascii=False) if as_json else _table(report, why))
    sys.exit(0 if all(row.is_settled for row in rows) else 1)


@dataclass(frozen=True)
class _Row:
    """How a talk or a cohort stands, or why that cannot be said."""

    name: str
    states: Sequence[StageState] = ()
    error: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether a run would leave it as it is."""
        return self.error is None and all(state.settled for state in self.states)

    def as_json(self) -> dict[str, Any]:
        if self.error is not None:
            return {"talk": self.name, "error": self.error}
        return {"talk": self.name, "stages": list(map(_as_json, self.states))}


def _row(name: str, load: Callable[[], SubjectT], stages: Sequence[Stage[SubjectT, Any]]) -> _Row:
    """The row of what `load` loads; `name` is for what cannot be loaded."""
    from pipeline.errors import TakeawaysError
    from pipeline.running import ownership, staleness

    try:
        subject = load()
        ownership.check(subject)
        states = staleness.states(subject, stages)
        subject.memory.save()
    except (TakeawaysError, OSError) as error:
        return _Row(name, error=str(error))
    return _Row(subject.name, states)


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
