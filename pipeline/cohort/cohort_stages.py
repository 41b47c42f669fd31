"""A cohort's two stages: what its talks have in common, and the pages that people read; and making both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.cohort import cohorts
from pipeline.cohort.cohort_records import CohortTakeaways
from pipeline.cohort.cohorts import Cohort, cohort, excerpts_of, fewest
from pipeline.cohort.excerpts import Gathered, gather
from pipeline.cohort.pages import compose
from pipeline.digests import digest_bytes, digest_value
from pipeline.errors import InputError
from pipeline.output_templates import Templates
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
from pipeline.workspace.sidecar_layers import COHORT as COHORT_FILE
from pipeline.workspace.talks import Source, Talk, Workspace


def _find_themes(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
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
    takeaways = _written(found, gathered, choice, monitor)
    for note in takeaways.notes:
        monitor.warn(note)
    return Product(takeaways)


def _written(found: Cohort, gathered: Gathered, choice: Choice, monitor: Monitor) -> CohortTakeaways:
    """Common themes by the writer that the settings mean; vectors are kept even if it fails."""
    from pipeline.cohort.extractive_writer import ExtractiveCohortWriter
    from pipeline.engines.sentence_vectors import Remembered

    vectors = Remembered(found.state.vectors, catalog.MINILM.digest)
    least, most = fewest(len(gathered.talks)), found.settings.cohort.themes
    try:
        if not choice.asks_a_model:
            return ExtractiveCohortWriter(least, most, vectors).write(gathered, found.facts)
        from pipeline.cohort.model_writer import CohortModelWriter

        prompts = prompt_sets.load(found.workspace, found.prompts)
        calls = choice.calls(found)
        writer = CohortModelWriter(calls, prompts, choice.kind, most, fewest=least, vectors=vectors)
        with accounted(calls, monitor):
            return writer.write_cohort(gathered, found.facts)
    finally:
        vectors.save()


def _themes_read(talk: Talk) -> dict[str, Any]:
    """What each talk brings, the sentence encoder, and whatever steers a language model, if one writes."""
    found, settings = cohort(talk), talk.settings.extract
    entries: dict[str, Any] = {
        f"talk {member.name}": key for member, key in zip(found.members, found.keys, strict=True)
    }
    entries |= {"model": catalog.MINILM.digest, "facts.glossary": list(talk.facts.glossary)}
    entries["extract.writer"] = settings.writer
    if talk.facts.notes:
        entries["facts.notes"] = digest_value(list(talk.facts.notes))
    return entries | writers.choose(settings).steered_by(talk)


COHORT = Stage("cohort", "cohort.json", CohortTakeaways, _find_themes, reads=_themes_read, waits=waits)


# A cohort's second stage: what its talks have in common to the pages that people read.

_FACTS = ("title", "dek", "date", "occasion", "recording")
_PAGES = {"cohort.html": "_cohort.html", "cohort.md": "_cohort.md", "index.html": "_cohort_index.html"}
_THEME = "_cohort_theme.html"


def _make_site(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """The post, the index and a page a theme. Raises TemplateError, ConfigError (links), ArtifactError."""
    found = cohort(talk)
    templates = Templates.of(found.workspace.root)
    view = compose(found, upstream.of(CohortTakeaways), excerpts_of(found))
    files = {name: templates.render(template, cohort=view) for name, template in _PAGES.items()}
    files |= {theme.page: templates.render(_THEME, cohort=view, theme=theme) for theme in view.themes}
    monitor.used(jinja2=version("jinja2"))
    data = {name: text.encode() for name, text in files.items()}
    rendered = tuple(RenderedFile(name=name, digest=digest_bytes(bytes)) for name, bytes in data.items())
    return Product(Post(title=view.title, files=rendered), data)


def _site_reads(talk: Talk) -> dict[str, Any]:
    """The excerpts and where their posts are, facts as they are shown, and every template."""
    found = cohort(talk)
    facts = found.facts.model_dump(mode="json", include={*_FACTS, "links"})
    templates = Templates.of(found.workspace.root)
    return {
        **{
            f"talk {member.name}": [key, _where(member, found)]
            for member, key in zip(found.members, found.keys, strict=True)
        },
        "left out": [name for name, _ in found.absent],
        **{f"facts.{name}": facts[name] for name in _FACTS},
        **({"facts.links": facts["links"]} if facts["links"] else {}),
        **{f"template {name}": templates.digest(name) for name in (*_PAGES.values(), _THEME)},
    }


def _where(member: Talk, found: Talk) -> list[str | bool | None]:
    """What links to a talk are made of."""
    media = relative_url(member.media, found.folder) if member.media else None
    return [member.facts.recording, media, (member.folder / "post.html").is_file()]


SITE = Stage("site", "cohort_post.json", Post, _make_site, needs=(COHORT,), reads=_site_reads)


# Bringing a cohort's own post and site up to date.

STAGES = SITE.chain


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
    made = cohorts.load(folder, workspace, overrides)
    if not made.members:
        reasons = "; ".join(f"{name}: {why}" for name, why in made.absent[:3])
        raise InputError(
            f"none of its talks has takeaways ({reasons})", file=folder, remedy="Run it first: takeaways run."
        )
    with held(made):
        claim(made)
        tidy(made)
        for stage in STAGES:
            try:
                bring_up_to_date(StageRun(made, stage), reporter, force)
            except Exception as error:
                raise StageError(stage.name) from error
    return made


def among(inputs: Sequence[Path], sources: Sequence[Source]) -> list[Path]:
    """The folders of `inputs`, and those below, that are cohorts: they have a cohort.toml, and talks."""
    tops = [given.resolve() for given in inputs if given.is_dir()]
    holding = {folder for source in sources for folder in source.path.parents}
    inside = (folder for folder in sorted(holding) if any(folder.is_relative_to(top) for top in tops))
    return [folder for folder in inside if (folder / COHORT_FILE).is_file()]
