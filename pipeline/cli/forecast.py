"""Forecasts what a run would do: the stages and, where a language model writes, its calls and their cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cohort import cohort_stages, cohorts
from pipeline.records import Turns
from pipeline.running import artifacts, ownership, staleness
from pipeline.running.runner import Plan
from pipeline.running.staleness import StageState
from pipeline.stage_names import TalkStage
from pipeline.stages import SEGMENT, STAGES
from pipeline.stages.extract import style_of
from pipeline.takeaways import writers
from pipeline.transcripts import transcribers
from pipeline.turns.names import identify
from pipeline.weights import catalog
from pipeline.workspace import talks
from pipeline.workspace.talks import Source, Talk, Workspace

if TYPE_CHECKING:
    from pipeline.takeaways.llm.budget import CallEstimate
    from pipeline.takeaways.llm.calls import Calls


@dataclass(frozen=True)
class Spending:
    """Calls that the cache cannot answer, and upper bounds of the tokens that they read and write.

    `cost` is in US dollars, None if the price is not known; `window` is the model's, and who says so.
    """

    calls: int
    read: int
    written: int
    cost: float | None
    model: str
    window: str | None = None

    @property
    def described(self) -> str:
        if not self.calls:
            return "nothing new, all replies are in the cache"
        cost = "price not known" if self.cost is None else f"at most about ${self.cost:.4f}"
        return (
            f"about {self.calls} call{'s' * (self.calls != 1)}, {self.read:,} tokens read, "
            f"at most {self.written:,} written, {cost}"
        )


@dataclass(frozen=True)
class Forecast:
    """The stages of a talk that would run, each with its reason, and what they would spend.

    `unknown` says why `spending` is not known; both are None if no language model is asked. `judge` is a
    model or "rules", and `judging` what it would spend if it is not the writer's model. `sending` says what
    part of the recording would leave this machine, None if nothing would.
    """

    talk: str
    stages: dict[str, str]
    spending: Spending | None = None
    judging: Spending | None = None
    unknown: str | None = None
    sending: str | None = None
    judge: str | None = None


def forecast(source: Source, workspace: Workspace, plan: Plan[Talk]) -> Forecast:
    """What `run` would do with a talk. Raises whatever loading it or reading its artifacts raises."""
    talk = talks.load(source, workspace, plan.overrides, plan.prompts)
    ownership.check(talk)
    planned_names = {stage.name for stage in plan.stages}
    states = [
        state
        for state in staleness.states(talk, STAGES)
        if state.stage in planned_names or (plan.prompts and state.status == "missing")
    ]
    reason_by_stage = _first_reasons(states, plan.force)
    will_upload = TalkStage.TRANSCRIBE in reason_by_stage and transcribers.is_hosted(talk)
    sending = transcribers.describe_upload(talk) if will_upload else None
    if TalkStage.EXTRACT not in reason_by_stage or not writers.choose(talk.settings.extract).asks_a_model:
        return Forecast(talk.name, reason_by_stage, sending=sending)
    upstream = [stage.name for stage in STAGES if stage.shared and stage.name in reason_by_stage]
    if upstream or artifacts.inspect(talk, SEGMENT) is None:
        unknown = f"run it --to {TalkStage.SEGMENT} first to learn what {TalkStage.EXTRACT} would ask"
        return Forecast(talk.name, reason_by_stage, unknown=unknown, sending=sending)
    judge = writers.choose_judge(talk.settings)
    spending, *judging = _forecast_spending(talk, judge.name)
    return Forecast(talk.name, reason_by_stage, spending, next(iter(judging), None), judge=judge.name)


def of_cohort(folder: Path, workspace: Workspace, plan: Plan[Talk], after_talks: bool) -> Forecast:
    """What `run` would do with a folder's cohort. Raises whatever loading it raises."""
    cohort = cohorts.load(folder, workspace, plan.overrides)
    ownership.check(cohort)
    states = staleness.states(cohort, cohort_stages.STAGES)
    reason_by_stage = _first_reasons(states, plan.force, ("after its talks",) * after_talks)
    asks_a_model = bool(reason_by_stage) and writers.choose(cohort.settings.extract).asks_a_model
    if not asks_a_model:
        return Forecast(cohort.name, reason_by_stage)
    unknown = "what a language model would be asked about several talks is not reckoned"
    judge = writers.choose_judge(cohort.settings).name
    return Forecast(cohort.name, reason_by_stage, unknown=unknown, judge=judge)


def _first_reasons(states: Iterable[StageState], force: bool, more: tuple[str, ...] = ()) -> dict[str, str]:
    """The stages that would run, each with the first reason; `more` are reasons to run any of them."""
    reasons_by_stage = {
        state.stage: [
            *state.reasons,
            *(("not made yet",) if state.status == "missing" else ()),
            *(("forced",) if force else ()),
            *more,
        ]
        for state in states
    }
    return {stage: reasons[0] for stage, reasons in reasons_by_stage.items() if reasons}


def _forecast_spending(talk: Talk, judge: str) -> list[Spending]:
    """What the writer would spend, and the judge, if that is another model.

    Parses and vectors are read, not kept.
    """
    from pipeline.engines import syntax
    from pipeline.engines.sentence_vectors import CachedEncoder
    from pipeline.takeaways.extractive.document import Document

    turns = artifacts.load_all(talk, [SEGMENT]).of(Turns)
    choice = writers.choose(talk.settings.extract)
    writer = choice.writer(talk, dry=True)
    parse = syntax.parser(turns.language, talk.state.parses)
    embed = CachedEncoder(talk.state.vectors, catalog.MINILM.digest)
    document = Document(turns, talk.facts.glossary, embed, parse)
    people, style = identify(talk, turns)[0], style_of(talk)
    estimates = writer.forecast(turns, talk.facts, document, people, style)
    models = (talk.settings.extract.model or choice.kind, judge)
    return [
        _spending(estimate, calls, model)
        for estimate, calls, model in zip(estimates, writer.all_calls, models, strict=False)
    ]


def _spending(estimate: CallEstimate, calls: Calls, model: str) -> Spending:
    price, window = calls.budget.price, calls.connection.known_window
    cost = price.of(estimate.read, estimate.written) if price else None
    described = window.described if window else None
    return Spending(estimate.calls, estimate.read, estimate.written, cost, model, described)


def text(entry: Forecast) -> str:
    """A forecast as lines of text."""
    if not entry.stages:
        return f"{entry.talk}: nothing to do"
    lines = [f"{entry.talk}: {stage}: {reason}" for stage, reason in entry.stages.items()]
    if entry.sending:
        lines.append(f"{entry.talk}: transcribe sends {entry.sending}")
    if entry.unknown:
        lines.append(f"{entry.talk}: {entry.unknown}")
    if entry.spending:
        lines.append(f"{entry.talk}: extract asks {entry.spending.model}: {entry.spending.described}")
    if entry.judging:
        lines.append(f"{entry.talk}: its judge is {entry.judging.model}: {entry.judging.described}")
    elif entry.judge:
        lines.append(f"{entry.talk}: its judge is {entry.judge}")
    for spending in filter(None, (entry.spending, entry.judging)):
        if spending.window:
            lines.append(f"{entry.talk}: window of {spending.model}: {spending.window}")
    return "\n".join(lines)


def total(spendings: Sequence[Spending]) -> str:
    """The spending of several talks together, as a line of text."""
    known_costs = [spending.cost for spending in spendings if spending.cost is not None]
    cost = sum(known_costs) if len(known_costs) == len(spendings) else None
    combined = Spending(
        sum(spending.calls for spending in spendings),
        sum(spending.read for spending in spendings),
        sum(spending.written for spending in spendings),
        cost,
        " and ".join(dict.fromkeys(spending.model for spending in spendings)),
    )
    return f"together, of {combined.model}: {combined.described}"
