"""A cohort's two stages, its common themes and the pages that people read, and how to run both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.cohort import cohorts
from pipeline.cohort.cohort_records import CohortTakeaways
from pipeline.cohort.cohorts import Cohort, as_cohort, excerpts_of, min_quoted_talks
from pipeline.cohort.excerpts import Gathered, gather
from pipeline.cohort.pages import compose
from pipeline.digests import digest_bytes, digest_value
from pipeline.errors import InputError
from pipeline.records import Post, RenderedFile
from pipeline.reporting import Monitor, Reporter
from pipeline.running.runner import StageError, bring_up_to_date, claim, held, tidy
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.running.staleness import StageRun
from pipeline.stages.extract import accounted, waits
from pipeline.takeaways import writers
from pipeline.takeaways.writers import Choice
from pipeline.weights import catalog
from pipeline.workspace import prompt_sets
from pipeline.workspace.links import relative_url
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.sidecar_layers import COHORT as COHORT_FILE
from pipeline.workspace.talks import Source, Talk, Workspace


def _find_themes(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """Common themes. Raises ConfigError, ModelError, PromptError, EndpointError, BudgetError."""
    cohort = as_cohort(talk)
    for name, why in cohort.absent:
        monitor.warn(f"left out: {name}: {why}")
    gathered = gather(excerpts_of(cohort))
    for name in gathered.apart:
        monitor.warn(f"left out of the themes: {name}: in another language than most")
    choice = writers.choose(cohort.settings.extract)
    monitor.used(writer=choice.kind, why=choice.why)
    monitor.note(f"{len(cohort.members)} talks; {choice.kind} writer: {choice.why}")
    takeaways = _write(cohort, gathered, choice, monitor)
    for note in takeaways.notes:
        monitor.warn(note)
    return Product(takeaways)


def _write(cohort: Cohort, gathered: Gathered, choice: Choice, monitor: Monitor) -> CohortTakeaways:
    """Common themes by the writer that the settings choose; embeddings are saved even if it fails."""
    from pipeline.cohort.extractive_writer import ExtractiveCohortWriter
    from pipeline.engines.sentence_vectors import CachedVectors

    vectors = CachedVectors(cohort.state.vectors, catalog.MINILM.digest)
    min_talks, max_themes = min_quoted_talks(len(gathered.talks)), cohort.settings.cohort.themes
    try:
        if not choice.asks_a_model:
            return ExtractiveCohortWriter(min_talks, max_themes, vectors).write(gathered, cohort.facts)
        from pipeline.cohort.model_writer import CohortModelWriter

        prompts = prompt_sets.load(cohort.workspace, cohort.prompts)
        calls = choice.calls(cohort)
        writer = CohortModelWriter(
            calls, prompts, choice.kind, max_themes, min_talks=min_talks, vectors=vectors
        )
        with accounted(calls, monitor):
            return writer.write_cohort(gathered, cohort.facts)
    finally:
        vectors.save()


def _themes_read(talk: Talk) -> dict[str, Any]:
    """What each talk contributes, the sentence encoder, and whatever steers the language model, if any."""
    cohort, settings = as_cohort(talk), talk.settings.extract
    entries: dict[str, Any] = {
        f"talk {member.name}": key for member, key in zip(cohort.members, cohort.keys, strict=True)
    }
    entries |= {"model": catalog.MINILM.digest, "facts.glossary": list(talk.facts.glossary)}
    entries["extract.writer"] = settings.writer
    if talk.facts.notes:
        entries["facts.notes"] = digest_value(list(talk.facts.notes))
    return entries | writers.choose(settings).receipt_inputs(talk)


COHORT = Stage("cohort", "cohort.json", CohortTakeaways, _find_themes, reads=_themes_read, waits=waits)


# A cohort's second stage: from its common themes to the pages that people read.

_FACTS = ("title", "dek", "date", "occasion", "recording")
_TEMPLATES = {"cohort.html": "_cohort.html", "cohort.md": "_cohort.md", "index.html": "_cohort_index.html"}
_THEME_PAGE = "_cohort_theme.html"


def _make_site(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """The post, the index and a page per theme. Raises TemplateError, ConfigError (links), ArtifactError."""
    cohort = as_cohort(talk)
    templates = Templates.of(cohort.workspace.root)
    view = compose(cohort, upstream.of(CohortTakeaways), excerpts_of(cohort))
    files = {name: templates.render(template, cohort=view) for name, template in _TEMPLATES.items()}
    files |= {theme.page: templates.render(_THEME_PAGE, cohort=view, theme=theme) for theme in view.themes}
    monitor.used(jinja2=version("jinja2"))
    data = {name: text.encode() for name, text in files.items()}
    rendered = tuple(RenderedFile(name=name, digest=digest_bytes(bytes)) for name, bytes in data.items())
    return Product(Post(title=view.title, files=rendered), data)


def _site_reads(talk: Talk) -> dict[str, Any]:
    """The excerpts and where their posts are, the facts that are shown, and every template."""
    cohort = as_cohort(talk)
    facts = cohort.facts.model_dump(mode="json", include={*_FACTS, "links"})
    templates = Templates.of(cohort.workspace.root)
    return {
        **{
            f"talk {member.name}": [key, _link_sources(member, cohort)]
            for member, key in zip(cohort.members, cohort.keys, strict=True)
        },
        "left out": [name for name, _ in cohort.absent],
        **{f"facts.{name}": facts[name] for name in _FACTS},
        **({"facts.links": facts["links"]} if facts["links"] else {}),
        **{f"template {name}": templates.digest(name) for name in (*_TEMPLATES.values(), _THEME_PAGE)},
    }


def _link_sources(member: Talk, cohort: Talk) -> list[str | bool | None]:
    """What links to a talk are made from."""
    media = relative_url(member.media, cohort.folder) if member.media else None
    return [member.facts.recording, media, (member.folder / "post.html").is_file()]


SITE = Stage("site", "cohort_post.json", Post, _make_site, needs=(COHORT,), reads=_site_reads)


# Running both stages.

STAGES = SITE.chain


def make(
    folder: Path,
    workspace: Workspace,
    overrides: Sequence[Mapping[str, Any]],
    reporter: Reporter,
    force: bool = False,
) -> Cohort:
    """Make what is missing or stale of a cohort's post and site, under the cohort's own lock.

    Raises InputError if none of its talks has takeaways, ConfigError, BusyError, and StageError from whatever
    a stage raised.
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
                bring_up_to_date(StageRun(cohort, stage), reporter, force)
            except Exception as error:
                raise StageError(stage.name) from error
    return cohort


def cohort_folders(inputs: Sequence[Path], sources: Sequence[Source]) -> list[Path]:
    """The folders of `inputs`, and those below, that are cohorts: they have a cohort.toml, and talks."""
    tops = [path.resolve() for path in inputs if path.is_dir()]
    parents = {folder for source in sources for folder in source.path.parents}
    inside = (folder for folder in sorted(parents) if any(folder.is_relative_to(top) for top in tops))
    return [folder for folder in inside if (folder / COHORT_FILE).is_file()]
