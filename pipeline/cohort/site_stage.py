"""A cohort's second stage: what its talks have in common to the pages that people read."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pipeline.cohort.cohort_records import CohortTakeaways
from pipeline.cohort.cohorts import cohort, excerpts_of
from pipeline.cohort.pages import compose
from pipeline.digests import digest_bytes
from pipeline.post.links import relative_url
from pipeline.records import Post, RenderedFile
from pipeline.running.stage import Monitor, Product, Stage, Upstream
from pipeline.templating import Templates
from pipeline.workspace.talks import Talk

_FACTS = ("title", "dek", "date", "occasion", "recording")
_PAGES = {"cohort.html": "_cohort.html", "cohort.md": "_cohort.md", "index.html": "_cohort_index.html"}
_THEME = "_cohort_theme.html"


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """The post, the index and a page a theme. Raises TemplateError, ConfigError (links), ArtifactError."""
    found = cohort(talk)
    templates = Templates.of(found.workspace)
    view = compose(found, upstream.of(CohortTakeaways), excerpts_of(found))
    files = {name: templates.render(template, cohort=view) for name, template in _PAGES.items()}
    files |= {theme.page: templates.render(_THEME, cohort=view, theme=theme) for theme in view.themes}
    monitor.used(jinja2=version("jinja2"))
    data = {name: text.encode() for name, text in files.items()}
    rendered = tuple(RenderedFile(name=name, digest=digest_bytes(bytes)) for name, bytes in data.items())
    return Product(Post(title=view.title, files=rendered), data)


def reads(talk: Talk) -> dict[str, Any]:
    """The excerpts and where their posts are, facts as they are shown, and every template."""
    found = cohort(talk)
    facts = found.facts.model_dump(mode="json", include={*_FACTS, "links"})
    templates = Templates.of(found.workspace)
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


SITE = Stage("site", "cohort_post.json", Post, run, needs=("cohort",), reads=reads)
