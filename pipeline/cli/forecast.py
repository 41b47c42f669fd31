"""What a run would do, without doing it: stages and, where a language model writes, calls and their cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.cohort import cohort_stages, cohorts
from pipeline.records import Turns
from pipeline.running import artifacts, staleness
from pipeline.running.runner import Plan
from pipeline.stages import SEGMENT, STAGES
from pipeline.takeaways import writers
from pipeline.transcripts import transcribers
from pipeline.workspace import talks
from pipeline.workspace.talks import Source, Talk, Workspace


@dataclass(frozen=True)
class Spending:
    """Calls that the cache does not answer, and at most how many tokens they read and write.

    `cost` is in US dollars, None where the price is not known.
    """

    calls: int
    read: int
    written: int
    cost: float | None
    model: str


@dataclass(frozen=True)
class Forecast:
    """The stages of a talk that would run, each with its reason, and what they would spend.

    `unknown` says why that cannot be told; both are None where no language model is asked. `sending` says
    what of the recording would leave this machine, None if nothing would.
    """

    talk: str
    stages: dict[str, str]
    spending: Spending | None = None
    unknown: str | None = None
    sending: str | None = None


def forecast(source: Source, workspace: Workspace, plan: Plan) -> Forecast:
    """What `run` would do with a talk. Raises what loading it and reading its artifacts raise."""
    talk = talks.load(source, workspace, plan.overrides, plan.prompts)
    runs: dict[str, str] = {}
    names = {stage.name for stage in plan.stages}
    for state in staleness.states(talk, STAGES):
        missing = bool(plan.prompts) and state.status == "missing"
        made = ["not made yet"] if state.status == "missing" else []
        reasons = [*state.reasons, *made, *(["forced"] if plan.force else [])]
        if reasons and (state.stage in names or missing):
            runs[state.stage] = reasons[0]
    sending = transcribers.foretold(talk) if "transcribe" in runs and transcribers.hosted(talk) else None
    if "extract" not in runs or not writers.choose(talk.settings.extract).asks_a_model:
        return Forecast(talk.name, runs, sending=sending)
    upstream = [stage.name for stage in STAGES if stage.shared and stage.name in runs]
    if upstream or artifacts.inspect(talk, SEGMENT) is None:
        unknown = "run it --to segment first to learn what extract would ask"
        return Forecast(talk.name, runs, unknown=unknown, sending=sending)
    return Forecast(talk.name, runs, _spending(talk))


def of_cohort(folder: Path, workspace: Workspace, plan: Plan, after_talks: bool) -> Forecast:
    """What `run` would do with what the talks of a folder have in common. Raises what loading it raises."""
    cohort = cohorts.load(folder, workspace, plan.overrides)
    runs: dict[str, str] = {}
    for state in staleness.states(cohort, cohort_stages.STAGES):
        made = ["not made yet"] if state.status == "missing" else []
        forced = ["forced"] if plan.force else []
        if reasons := [*state.reasons, *made, *forced, *(["after its talks"] if after_talks else [])]:
            runs[state.stage] = reasons[0]
    asks = bool(runs) and writers.choose(cohort.settings.extract).asks_a_model
    why = "what a language model would be asked about several talks is not reckoned" if asks else None
    return Forecast(cohort.name, runs, unknown=why)


def _spending(talk: Talk) -> Spending:
    turns = artifacts.load_all(talk, [SEGMENT]).of(Turns)
    settings = talk.settings.extract
    choice = writers.choose(settings)
    writer = choice.writer(talk, dry=True)
    planned = writer.forecast(turns, talk.facts)
    price = writer.calls.budget.price
    cost = price.of(planned.read, planned.written) if price else None
    model = settings.model or choice.kind
    return Spending(planned.calls, planned.read, planned.written, cost, model)


def text(found: Forecast) -> str:
    """A forecast as a person reads it."""
    if not found.stages:
        return f"{found.talk}: nothing to do"
    lines = [f"{found.talk}: {stage}: {reason}" for stage, reason in found.stages.items()]
    if found.sending:
        lines.append(f"{found.talk}: transcribe sends {found.sending}")
    if found.unknown:
        lines.append(f"{found.talk}: {found.unknown}")
    if found.spending:
        lines.append(f"{found.talk}: extract asks {_asked(found.spending)}")
    return "\n".join(lines)


def total(spent: Sequence[Spending]) -> str:
    """What several talks take together."""
    known = [one.cost for one in spent if one.cost is not None]
    cost = sum(known) if len(known) == len(spent) else None
    whole = Spending(
        sum(one.calls for one in spent), sum(one.read for one in spent), sum(one.written for one in spent),
        cost, spent[0].model,
    )  # fmt: skip
    return f"together: {_asked(whole)}"


def _asked(spending: Spending) -> str:
    if not spending.calls:
        return f"{spending.model} nothing new: all replies are in the cache"
    cost = "price not known" if spending.cost is None else f"at most about ${spending.cost:.4f}"
    return (
        f"{spending.model} about {spending.calls} calls: {spending.read:,} tokens read, "
        f"at most {spending.written:,} written, {cost}"
    )
