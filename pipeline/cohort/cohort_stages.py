"""A cohort's two stages, its common themes and the pages that people read, and how to run both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.cohort import cohorts
from pipeline.cohort.cohort_records import CohortTakeaways
from pipeline.cohort.cohorts import Cohort, excerpts_of, min_quoted_talks
from pipeline.cohort.excerpts import Gathered, gather
from pipeline.cohort.pages import compose
from pipeline.engines import Parse, syntax_models
from pipeline.errors import InputError
from pipeline.files import digest_bytes
from pipeline.records import Post, RenderedFile
from pipeline.reporting import Monitor, Reporter
from pipeline.running.runner import Plan, run_stages
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stage_names import CohortStage, TalkStage
from pipeline.stages import extract
from pipeline.stages.extract import accounted, parser_version, parsing, style_of, tell_judge
from pipeline.takeaways import writers
from pipeline.takeaways.writers import Choice
from pipeline.weights import catalog
from pipeline.workspace import prompt_sets
from pipeline.workspace.links import relative_url
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.receipts import Entry, stated
from pipeline.workspace.sidecar import COHORT as COHORT_FILE
from pipeline.workspace.talks import Source, Talk, Workspace


def _find_themes(cohort: Cohort, upstream: Upstream, monitor: Monitor) -> Product[CohortTakeaways]:
    """Common themes. Raises ConfigError, ModelError, PromptError, EndpointError, BudgetError."""
    for name, why in cohort.absent:
        monitor.warn(f"left out: {name}: {why}")
    gathered = gather(excerpts_of(cohort))
    for name in gathered.other_language:
        monitor.warn(f"left out of the themes: {name}: in another language than most")
    choice = writers.choose(cohort.settings.extract)
    monitor.used(writer=choice.kind, why=choice.why)
    monitor.note(f"{len(cohort.members)} talks; {choice.kind} writer: {choice.why}")
    with parsing(cohort, gathered.turns.language, monitor.note) as parse:
        monitor.used(parser=parser_version(parse))
        takeaways = _write(cohort, gathered, choice, parse, monitor)
    for note in takeaways.notes:
        monitor.warn(note)
    return Product(takeaways)


def _write(
    cohort: Cohort, gathered: Gathered, choice: Choice, parse: Parse | None, monitor: Monitor
) -> CohortTakeaways:
    """Common themes by the writer that the settings choose; embeddings are saved even if it fails."""
    from pipeline.cohort.extractive_writer import ExtractiveCohortWriter
    from pipeline.engines.sentence_vectors import CachedEncoder

    encoder = CachedEncoder(cohort.state.vectors, catalog.MINILM.digest)
    min_talks, max_themes = min_quoted_talks(len(gathered.talks)), cohort.settings.cohort.themes
    try:
        if not choice.asks_a_model:
            return ExtractiveCohortWriter(min_talks, max_themes, encoder, parse).write(gathered, cohort.facts)
        from pipeline.cohort.model_writer import CohortModelWriter

        prompts = prompt_sets.load(cohort.workspace, cohort.prompts)
        calls = choice.calls(cohort)
        judging = writers.choose_judge(cohort.settings).judging(cohort, calls)
        writer = CohortModelWriter(
            *(calls, prompts, choice.kind, max_themes, judging),
            is_small=choice.is_small,
            min_talks=min_talks,
            embed=encoder,
            parse=parse,
        )
        tell_judge(cohort, monitor)
        with accounted(writer, monitor):
            return writer.write_cohort(gathered, cohort.facts, style_of(cohort, monitor.note))
    finally:
        encoder.save()


def _themes_read(cohort: Cohort) -> Iterator[Entry]:
    """What each talk contributes, and what a writer reads; any parses, to see who contradicts whom."""
    for member, key in zip(cohort.members, cohort.keys, strict=True):
        yield Entry(f"talk {member.name}", key)
    yield from extract.reads_of_any(cohort)
    yield from syntax_models.reads()
    yield from stated(TalkStage.EXTRACT, {"writer": cohort.settings.extract.writer})


COHORT = Stage(
    CohortStage.COHORT,
    CohortTakeaways,
    _find_themes,
    reads=_themes_read,
    settings=lambda settings: settings.cohort,
    version=2,
    waits=extract.waits,
)


# A cohort's second stage: from its common themes to the pages that people read.

_FACTS = ("title", "dek", "date", "occasion", "recording")
_TEMPLATES = {"cohort.html": "_cohort.html", "cohort.md": "_cohort.md", "index.html": "_cohort_index.html"}
_THEME_PAGE = "_cohort_theme.html"


def _make_site(cohort: Cohort, upstream: Upstream, monitor: Monitor) -> Product[Post]:
    """The post, the index and a page per theme. Raises TemplateError, ConfigError (links), ArtifactError."""
    templates = Templates.of(cohort.workspace.root)
    view = compose(cohort, upstream.of(CohortTakeaways), excerpts_of(cohort))
    wanted: dict[str, tuple[str, dict[str, Any]]]
    wanted = {name: (template, {"cohort": view}) for name, template in _TEMPLATES.items()}
    wanted |= {theme.page: (_THEME_PAGE, {"cohort": view, "theme": theme}) for theme in view.pages}
    texts = templates.render_all(list(wanted.values()))
    monitor.used(jinja2=version("jinja2"))
    data = {name: text.encode() for name, text in zip(wanted, texts, strict=True)}
    rendered = tuple(RenderedFile(name=name, digest=digest_bytes(bytes)) for name, bytes in data.items())
    return Product(Post(title=view.title, files=rendered), data)


def _site_reads(cohort: Cohort) -> Iterator[Entry]:
    """The excerpts and where their posts are, the facts that are shown, and every template."""
    facts = cohort.facts.model_dump(mode="json", include={*_FACTS, "links"})
    templates = Templates.of(cohort.workspace.root)
    for member, key in zip(cohort.members, cohort.keys, strict=True):
        yield Entry(f"talk {member.name}", [key, _link_sources(member, cohort)])
    yield Entry("left out", [name for name, _ in cohort.absent])
    yield from stated("facts", {name: facts[name] for name in _FACTS})
    if facts["links"]:
        yield Entry("facts.links", facts["links"])
    for name in (*_TEMPLATES.values(), _THEME_PAGE):
        yield Entry(f"template {name}", templates.digest(name))


def _link_sources(member: Talk, cohort: Cohort) -> list[str | bool | None]:
    """What links to a talk are made from."""
    media = relative_url(member.media, cohort.folder) if member.media else None
    return [member.facts.recording, media, (member.folder / "post.html").is_file()]


SITE = Stage(CohortStage.SITE, Post, _make_site, needs=(COHORT,), reads=_site_reads, version=2)


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
    run_stages(cohort, Plan(STAGES, force), reporter)
    return cohort


def cohort_folders(inputs: Sequence[Path], sources: Sequence[Source]) -> list[Path]:
    """The folders of `inputs`, and those below, that are cohorts: they have a cohort.toml, and talks."""
    tops = [path.resolve() for path in inputs if path.is_dir()]
    parents = {folder for source in sources for folder in source.path.parents}
    inside = (folder for folder in sorted(parents) if any(folder.is_relative_to(top) for top in tops))
    return [folder for folder in inside if (folder / COHORT_FILE).is_file()]
