"""A cohort's first stage: the takeaways of its talks to what they have in common."""

from __future__ import annotations

from typing import Any

from pipeline.cohort.cohort_records import CohortTakeaways
from pipeline.cohort.cohorts import Cohort, cohort, excerpts_of, fewest, vectors_of
from pipeline.cohort.gathering import Gathered, gather
from pipeline.digests import digest_value
from pipeline.running.stage import Monitor, Product, Stage, Upstream
from pipeline.stages.extract import accounted, waits
from pipeline.takeaways import writers
from pipeline.weights import catalog
from pipeline.workspace.talks import Talk


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """Common themes. Raises ConfigError, ModelError, PromptError, EndpointError, BudgetError."""
    found = cohort(talk)
    for name, why in found.absent:
        monitor.warn(f"left out: {name}: {why}")
    gathered = gather(excerpts_of(found))
    for name in gathered.apart:
        monitor.warn(f"left out of the themes: {name}: in another language than most")
    choice = writers.choose(found.settings.extract)
    monitor.used(writer=choice.kind, why=choice.why)
    monitor.note(f"{len(found.members)} talks; {choice.kind} writer: {choice.why}")
    takeaways = _written(found, gathered, choice.asks_a_model, monitor)
    for note in takeaways.notes:
        monitor.warn(note)
    return Product(takeaways)


def _written(found: Cohort, gathered: Gathered, asks: bool, monitor: Monitor) -> CohortTakeaways:
    """Common themes by the writer that the settings mean; vectors are kept even if it fails."""
    from pipeline.cohort.extractive_writer import ExtractiveCohortWriter
    from pipeline.engines.vector_cache import Remembered

    vectors = Remembered(vectors_of(found), catalog.MINILM.digest)
    least, most = fewest(len(gathered.talks)), found.settings.cohort.themes
    try:
        if not asks:
            return ExtractiveCohortWriter(least, most, vectors).write(gathered, found.facts)
        writer = writers.cohort_model(found, least, most, vectors)
        with accounted(writer.calls, monitor):
            return writer.write_cohort(gathered, found.facts)
    finally:
        vectors.save()


def reads(talk: Talk) -> dict[str, Any]:
    """What each talk brings, the sentence encoder, and whatever steers a language model, if one writes."""
    found, settings = cohort(talk), talk.settings.extract
    entries: dict[str, Any] = {
        f"talk {member.name}": key for member, key in zip(found.members, found.keys, strict=True)
    }
    entries |= {"model": catalog.MINILM.digest, "facts.glossary": list(talk.facts.glossary)}
    entries["extract.writer"] = settings.writer
    if talk.facts.notes:
        entries["facts.notes"] = digest_value(list(talk.facts.notes))
    if writers.choose(settings).asks_a_model:
        entries |= writers.steered_by(talk)
    return entries


COHORT = Stage("cohort", "cohort.json", CohortTakeaways, run, reads=reads, waits=waits)
