"""Stage 3: turns to themed takeaways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline import models
from pipeline.records import Takeaways, Turns
from pipeline.stage import Monitor, Product, Stage, Upstream
from pipeline.talks import Talk

if TYPE_CHECKING:
    from pipeline.engines import Writer


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """Themes with headings and quotes. The extractive writer needs no network and no language model."""
    from pipeline.engines.extractive import ExtractiveWriter

    writer: Writer = ExtractiveWriter(themes=talk.settings.extract.themes)
    takeaways = writer.write(upstream.of(Turns), talk.facts.glossary)
    for note in takeaways.notes:
        monitor.warn(note)
    return Product(takeaways)


def reads(talk: Talk) -> dict[str, Any]:
    """The sentence encoder and the glossary; settings are added by the caller."""
    return {"model": models.MINILM.digest, "facts.glossary": list(talk.facts.glossary)}


EXTRACT = Stage("extract", "3_takeaways.json", Takeaways, run, needs=("segment",), reads=reads)
