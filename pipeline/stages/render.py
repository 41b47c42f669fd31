"""Stage 4: takeaways to the files that people read."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pipeline.digests import digest_bytes, digest_value
from pipeline.post.compose import Material, compose
from pipeline.records import Post, RenderedFile, Takeaways, Transcript, Turns
from pipeline.reporting import Monitor
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stages.extract import EXTRACT
from pipeline.turns.names import identify
from pipeline.workspace.links import relative_url
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.talks import Talk

_SHOWN_FACTS = ("title", "dek", "date", "occasion", "recording", "speakers")


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """The post and its other formats. Raises TemplateError, ConfigError (names, links), ArtifactError."""
    turns = upstream.of(Turns)
    templates = Templates.of(talk.workspace.root)
    outputs = templates.chosen(talk.settings.render.templates)
    identities, unmatched = identify(talk, turns)
    for line in unmatched:
        names_sidecar = line.startswith(f"{talk.source.stem}.toml: ")
        monitor.warn(line if names_sidecar else f"{talk.source.stem}.review.toml: {line}")
    material = Material(talk, upstream.of(Transcript), turns, upstream.of(Takeaways), identities)
    post = compose(material, outputs)
    files = {name: templates.render(name, post=post).encode() for name in outputs}
    monitor.used(jinja2=version("jinja2"))
    rendered = tuple(RenderedFile(name=name, digest=digest_bytes(data)) for name, data in files.items())
    return Product(Post(title=post.title, files=rendered, unmatched=tuple(unmatched)), files)


def reads(talk: Talk) -> dict[str, Any]:
    """Facts and names as they are shown, where the recording is, and every template with its partials."""
    templates = Templates.of(talk.workspace.root)
    return {
        **shown(talk),
        **{
            f"template {name}": templates.digest(name)
            for name in templates.chosen(talk.settings.render.templates)
        },
    }


def shown(talk: Talk) -> dict[str, Any]:
    """What people wrote that shows in a post, and where the recording is."""
    facts = talk.facts.model_dump(mode="json", include={*_SHOWN_FACTS, "links"})
    people = facts.pop("speakers")["people"]
    return {
        **{f"facts.{name}": facts[name] for name in _SHOWN_FACTS if name in facts},
        "facts.speakers": people,
        **({"facts.links": facts["links"]} if facts["links"] else {}),
        "cohort speakers": [person.model_dump(mode="json") for person in talk.regulars],
        **{
            f"review.{name}": digest_value([entry.model_dump(mode="json") for entry in entries])
            for name, entries in (("merge", talk.review.merge), ("turn", talk.review.turn))
            if entries
        },
        "review.speaker": [person.model_dump(mode="json") for person in talk.review.speaker],
        "recording file": relative_url(talk.media, talk.folder) if talk.media else None,
    }


RENDER = Stage("render", "4_post.json", Post, run, needs=EXTRACT.chain, reads=reads)
