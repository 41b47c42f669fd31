"""Bringing a cohort's own post and site up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.cohort import cohorts
from pipeline.cohort.cohorts import Cohort
from pipeline.cohort.site_stage import SITE
from pipeline.cohort.synthesis_stage import COHORT
from pipeline.errors import InputError
from pipeline.running.runner import Reporter, StageError, bring_up_to_date, claim, held, tidy
from pipeline.workspace.sidecars import COHORT as COHORT_FILE
from pipeline.workspace.talks import Source, Workspace

STAGES = (COHORT, SITE)


def make(
    folder: Path,
    workspace: Workspace,
    overrides: Sequence[Mapping[str, Any]],
    reporter: Reporter,
    force: bool = False,
) -> Cohort:
    """Make what is missing or stale of a cohort's post and site, under a lock of its own.

    Raises InputError if none of its talks has takeaways, ConfigError, BusyError, and StageError from
    whatever a stage raised.
    """
    cohort = cohorts.load(folder, workspace, overrides)
    if not cohort.members:
        reasons = "; ".join(f"{name}: {why}" for name, why in cohort.absent[:3])
        raise InputError(
            f"none of its talks has takeaways ({reasons})", file=folder, remedy="Run it first: takeaways run."
        )
    with held(cohort):
        claim(cohort)
        tidy(cohort)
        for stage in STAGES:
            try:
                bring_up_to_date(stage, cohort, reporter, force)
            except Exception as error:
                raise StageError(stage.name) from error
    return cohort


def among(inputs: Sequence[Path], sources: Sequence[Source]) -> list[Path]:
    """The folders of `inputs`, and those below, that are cohorts: they have a cohort.toml, and talks."""
    tops = [given.resolve() for given in inputs if given.is_dir()]
    holding = {folder for source in sources for folder in source.path.parents}
    inside = (folder for folder in sorted(holding) if any(folder.is_relative_to(top) for top in tops))
    return [folder for folder in inside if (folder / COHORT_FILE).is_file()]
