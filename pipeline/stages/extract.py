"""Stage 3: turns to themed takeaways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipeline.engines import syntax_models
from pipeline.files import digest_value
from pipeline.records import Takeaways, Turns
from pipeline.reporting import Monitor
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stage_names import TalkStage
from pipeline.stages.segment import SEGMENT
from pipeline.takeaways import writers
from pipeline.weights import catalog
from pipeline.workspace.receipts import Entry
from pipeline.workspace.talks import Subject, Talk

if TYPE_CHECKING:
    from pipeline.takeaways.llm import LanguageModelWriter
    from pipeline.takeaways.llm.budget import Budget


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product[Takeaways]:
    """Themes with headings and quotes, and prose if a language model writes.

    Raises ConfigError, ModelError, PromptError, EndpointError, BudgetError.
    """
    choice = writers.choose(talk.settings.extract)
    monitor.used(writer=choice.kind, why=choice.why)
    model = f" ({talk.settings.extract.model})" if choice.asks_a_model and talk.settings.extract.model else ""
    monitor.note(f"{choice.kind} writer{model}: {choice.why}")
    if choice.asks_a_model:
        tell_judge(talk, monitor)
    turns = upstream.of(Turns)
    if absence := syntax_models.absence(turns.language):
        monitor.note(absence)
    monitor.used(parser="none" if absence else f"spacy {version('spacy')}")
    if choice.asks_a_model:
        takeaways = _by_a_model(talk, choice, turns, monitor)
    else:
        from pipeline.takeaways.extractive import ExtractiveWriter

        takeaways = ExtractiveWriter(themes=talk.settings.extract.themes).write(turns, talk.facts)
    for note in takeaways.notes:
        monitor.warn(note)
    return Product(takeaways)


def _by_a_model(talk: Talk, choice: writers.Choice, turns: Turns, monitor: Monitor) -> Takeaways:
    """What a language model writes; parses are kept even if it fails."""
    from pipeline.engines import syntax
    from pipeline.takeaways.extractive.document import Document

    writer, parse = choice.writer(talk), syntax.parser(turns.language, talk.state.parses)
    try:
        with accounted(writer, monitor):
            return writer.write(turns, talk.facts, Document(turns, talk.facts.glossary, parse=parse))
    finally:
        if parse:
            parse.save()


def tell_judge(subject: Subject, monitor: Monitor) -> None:
    """Say who judges what a language model writes, and why."""
    judge = writers.choose_judge(subject.settings)
    monitor.used(judge=judge.name)
    monitor.note(f"judge: {judge.name} ({judge.why})")


@contextmanager
def accounted(writer: LanguageModelWriter, monitor: Monitor) -> Iterator[None]:
    """Report the calls' progress; at the end, even after an error, close the connections and report usage."""
    writer.calls.tick = monitor.progress
    try:
        yield
    finally:
        writer.close()
        monitor.used(**_account([calls.budget for calls in writer.all_calls]))


def _account(budgets: Sequence[Budget]) -> dict[str, str | float]:
    """What the calls used: how many, tokens, and their cost where prices are known."""
    facts: dict[str, str | float] = {
        "openai": version("openai"),
        "calls": sum(budget.made.calls for budget in budgets),
        "calls from cache": sum(budget.remembered.calls for budget in budgets),
        "tokens read": sum(budget.made.read for budget in budgets),
        "tokens written": sum(budget.made.written for budget in budgets),
    }
    costs = [budget.cost(budget.made) for budget in budgets]
    known = [cost for cost in costs if cost is not None]
    return {**facts, "cost": round(sum(known), 6)} if len(known) == len(costs) else facts


def reads(subject: Subject) -> Iterator[Entry]:
    """The models for embeddings and syntax, glossary and notes; and what steers a language model, if any."""
    yield Entry("model", catalog.MINILM.digest)
    yield from syntax_models.reads()
    yield Entry("facts.glossary", list(subject.facts.glossary))
    if subject.facts.notes:
        yield Entry("facts.notes", digest_value(list(subject.facts.notes)))
    yield from writers.choose(subject.settings.extract).receipt(subject)


def waits(subject: Subject) -> bool:
    """Whether a server writes."""
    return writers.choose(subject.settings.extract).kind == "openai"


EXTRACT = Stage(
    TalkStage.EXTRACT,
    Takeaways,
    run,
    needs=(SEGMENT,),
    reads=reads,
    settings=lambda settings: settings.extract,
    version=3,
    waits=waits,
)
