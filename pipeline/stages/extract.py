"""Stage 3: turns to themed takeaways."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pipeline.digests import digest_value
from pipeline.records import Takeaways, Turns
from pipeline.reporting import Monitor
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stages.segment import SEGMENT
from pipeline.takeaways import writers
from pipeline.weights import catalog
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from pipeline.takeaways.llm.calls import Calls


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
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


def reads(talk: Talk) -> dict[str, Any]:
    """The sentence encoder, the glossary and notes; and whatever steers a language model, if one writes."""
    entries: dict[str, Any] = {"model": catalog.MINILM.digest, "facts.glossary": list(talk.facts.glossary)}
    if talk.facts.notes:
        entries["facts.notes"] = digest_value(list(talk.facts.notes))
    return entries | writers.choose(talk.settings.extract).receipt_inputs(talk)


def waits(talk: Talk) -> bool:
    """Whether a server writes."""
    return writers.choose(talk.settings.extract).kind == "openai"


EXTRACT = Stage(
    "extract", "3_takeaways.json", Takeaways, run, needs=(SEGMENT,), reads=reads, version=2, waits=waits
)
