"""Stage 3: turns to themed takeaways."""

from __future__ import annotations

from collections.abc import Iterator
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
    from pipeline.takeaways.llm.calls import Calls


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product[Takeaways]:
    """Themes with headings and quotes, and prose if a language model writes.

    Raises ConfigError, ModelError, PromptError, EndpointError, BudgetError.
    """
    choice = writers.choose(talk.settings.extract)
    monitor.used(writer=choice.kind, why=choice.why)
    model = f" ({talk.settings.extract.model})" if choice.asks_a_model and talk.settings.extract.model else ""
    monitor.note(f"{choice.kind} writer{model}: {choice.why}")
    turns = upstream.of(Turns)
    if choice.asks_a_model:
        writer = choice.writer(talk)
        with accounted(writer.calls, monitor):
            takeaways = writer.write(turns, talk.facts)
    else:
        from pipeline.takeaways.extractive import ExtractiveWriter

        takeaways = ExtractiveWriter(themes=talk.settings.extract.themes).write(turns, talk.facts)
    for note in takeaways.notes:
        monitor.warn(note)
    return Product(takeaways)


@contextmanager
def accounted(calls: Calls, monitor: Monitor) -> Iterator[None]:
    """Report the calls' progress; at the end, even after an error, close the connection and report usage."""
    calls.tick = monitor.progress
    try:
        yield
    finally:
        calls.connection.close()
        monitor.used(**_account(calls))


def _account(calls: Calls) -> dict[str, str | float]:
    """What the calls used: how many, tokens, and their cost where prices are known."""
    budget = calls.budget
    facts: dict[str, str | float] = {
        "openai": version("openai"),
        "calls": budget.made.calls,
        "calls from cache": budget.remembered.calls,
        "tokens read": budget.made.read,
        "tokens written": budget.made.written,
    }
    cost = budget.cost(budget.made)
    return facts if cost is None else {**facts, "cost": round(cost, 6)}


def reads(subject: Subject) -> Iterator[Entry]:
    """The models of embeddings and syntax, the glossary and notes; and what steers a language model, if any."""
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
