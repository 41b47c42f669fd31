"""Stage 3: turns to themed takeaways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pipeline.engines import syntax_models
from pipeline.files import digest_value
from pipeline.records import Takeaways, Turns
from pipeline.reporting import Monitor
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stage_names import TalkStage
from pipeline.stages.segment import SEGMENT
from pipeline.takeaways import writers
from pipeline.turns.names import identify
from pipeline.weights import catalog
from pipeline.workspace import style_sample
from pipeline.workspace.receipts import Entry
from pipeline.workspace.sidecar import Person
from pipeline.workspace.talks import Subject, Talk

if TYPE_CHECKING:
    from pipeline.engines.syntax import Parser
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
    if choice.asks_a_model:
        takeaways = _by_a_model(talk, choice, turns, monitor)
    else:
        from pipeline.takeaways.extractive import ExtractiveWriter

        takeaways = ExtractiveWriter(themes=talk.settings.extract.themes).write(turns, talk.facts)
    for note in takeaways.notes:
        monitor.warn(note)
    return Product(takeaways)


def _by_a_model(talk: Talk, choice: writers.Choice, turns: Turns, monitor: Monitor) -> Takeaways:
    """What a language model writes."""
    from pipeline.engines.sentence_vectors import CachedEncoder
    from pipeline.takeaways.extractive.document import Document

    writer, embed = choice.writer(talk), CachedEncoder(talk.state.vectors, catalog.MINILM.digest)
    with parsing(talk, turns.language, monitor.note) as parse, accounted(writer, monitor):
        monitor.used(parser=parser_version(parse))
        people, _ = identify(talk, turns)
        document = Document(turns, talk.facts.glossary, embed, parse)
        try:
            return writer.write(turns, talk.facts, document, people, style_of(talk, monitor.note))
        finally:
            embed.save()


@contextmanager
def parsing(subject: Subject, language: str, tell: Callable[[str], None]) -> Iterator[Parser | None]:
    """The parser, with what it parsed in earlier runs; at the end, even after an error, parses are kept.

    If there is none, `tell` is told why. Raises ConfigError.
    """
    from pipeline.engines import syntax

    if absence := syntax_models.absence(language):
        tell(absence)
    parse = syntax.parser(language, subject.state.parses)
    try:
        yield parse
    finally:
        if parse:
            parse.save()


def parser_version(parse: Parser | None) -> str:
    """Which parser was used, as an artifact states it."""
    return f"spacy {version('spacy')}" if parse else "none"


def style_of(subject: Subject, tell: Callable[[str], None] = lambda _: None) -> str:
    """The sample of the author's writing that prompts show, "" if there is none; `tell` is told its source.

    Raises ConfigError.
    """
    sample = style_sample.of(subject)
    if sample:
        tell(f"style: {sample.part}")
    return sample.text if sample else ""


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
        _tell_windows(writer, monitor)


def _tell_windows(writer: LanguageModelWriter, monitor: Monitor) -> None:
    """Report the windows of writer and judge that were needed, and how to state one that is only assumed."""
    for calls, name in zip(writer.all_calls, ("window", "judge's window"), strict=False):
        if window := calls.connection.known_window:
            monitor.used(**{name: window.described})
            if not window.certain:
                remedy = f"--set {calls.budget.table}.context=N gives the one that it has"
                monitor.note(f"{name}: {window.described}; {remedy}")


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


def reads(talk: Talk) -> Iterator[Entry]:
    """What any writer reads; and if that is a language model, what steers it, people's roles and the parsers.

    Names are put in when the page is made; a role may be told in the prose.
    """
    yield from reads_of_any(talk)
    if writers.choose(talk.settings.extract).asks_a_model:
        if roles := _roles(talk):
            yield Entry("facts.roles", digest_value(roles))
        yield from syntax_models.reads()


def _roles(talk: Talk) -> list[list[list[Any]]]:
    """The roles that people gave and what binds them, of each file; where that is a name, in its order."""
    files = (talk.review.speaker, talk.facts.speakers.people, talk.regulars, talk.named_by_itself)
    return [
        [[person.at, person.label, person.role] for person in sorted(people, key=_binding) if person.role]
        for people in files
        if any(person.role for person in people)
    ]


def _binding(person: Person) -> tuple[float, str]:
    """What binds a person to a speaker: a moment, else a label or the name."""
    return (-1.0, person.label or person.name) if person.at is None else (person.at, "")


def reads_of_any(subject: Subject) -> Iterator[Entry]:
    """The model for embeddings, glossary and notes; and what steers a language model, if one writes."""
    yield Entry("model", catalog.MINILM.digest)
    yield Entry("facts.glossary", list(subject.facts.glossary))
    if subject.facts.notes:
        yield Entry("facts.notes", digest_value([note.model_dump() for note in subject.facts.notes]))
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
    version=4,
    waits=waits,
)
