"""Stage 4: takeaways to the files that people read."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from pipeline.files import digest_bytes, digest_value
from pipeline.post.compose import Material, compose
from pipeline.records import Post, RenderedFile, Takeaways, Transcript, Turns
from pipeline.reporting import Monitor
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stage_names import TalkStage
from pipeline.stages.extract import EXTRACT
from pipeline.turns.names import identify
from pipeline.workspace.links import relative_url
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.receipts import Entry, stated
from pipeline.workspace.talks import Talk

_SHOWN_FACTS = ("title", "dek", "date", "occasion", "recording")


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product[Post]:
    """The post and its other formats. Raises TemplateError, ConfigError (names, links), ArtifactError."""
    turns = upstream.of(Turns)
    templates = Templates.of(talk.workspace.root)
    outputs = templates.chosen(talk.settings.render.templates)
    identities, unmatched = identify(talk, turns)
    for entry in unmatched:
        monitor.warn(entry.warning)
    material = Material(talk, upstream.of(Transcript), turns, upstream.of(Takeaways), identities)
    post = compose(material, outputs)
    pages = templates.render_all([(name, {"post": post}) for name in outputs])
    files = {name: page.encode() for name, page in zip(outputs, pages, strict=True)}
    monitor.used(jinja2=version("jinja2"), **_told_by_itself(talk, monitor))
    rendered = tuple(RenderedFile(name=name, digest=digest_bytes(data)) for name, data in files.items())
    return Product(Post(title=post.title, files=rendered, unmatched=unmatched), files)


def _told_by_itself(talk: Talk, monitor: Monitor) -> dict[str, str]:
    """The facts that nobody stated but the talk's own file, and where in it; the user is told."""
    own = {key: origin for key, origin in talk.own.origins.items() if talk.origins[key] == origin}
    for origin in dict.fromkeys(own.values()):
        monitor.note(f"{', '.join(key for key in own if own[key] == origin)} from {origin}")
    return {f"{key} from": origin for key, origin in own.items()}


def reads(talk: Talk) -> Iterator[Entry]:
    """Facts and names as they are shown, where the recording is, and every template with its partials."""
    templates = Templates.of(talk.workspace.root)
    yield from shown(talk)
    for name in templates.chosen(talk.settings.render.templates):
        yield Entry(f"template {name}", templates.digest(name))


def shown(talk: Talk) -> Iterator[Entry]:
    """What people wrote that shows in a post, and where the recording is."""
    facts = talk.facts.model_dump(mode="json", include={*_SHOWN_FACTS, "links", "speakers"})
    yield from stated("facts", {name: facts[name] for name in _SHOWN_FACTS})
    yield Entry("facts.speakers", facts["speakers"]["people"])
    if facts["links"]:
        yield Entry("facts.links", facts["links"])
    yield Entry("cohort speakers", [person.model_dump(mode="json") for person in talk.regulars])
    if talk.named_by_itself:
        yield Entry("front matter people", {"hosts": list(talk.own.hosts), "guests": list(talk.own.guests)})
    for name, entries in (("merge", talk.review.merge), ("turn", talk.review.turn)):
        if entries:
            digest = digest_value([entry.model_dump(mode="json") for entry in entries])
            yield Entry(f"review.{name}", digest)
    people = [person.model_dump(mode="json") for person in talk.review.speaker]
    yield Entry("review.speaker", people)
    yield Entry("recording file", relative_url(talk.media, talk.folder) if talk.media else None)


RENDER = Stage(
    TalkStage.RENDER,
    Post,
    run,
    needs=EXTRACT.chain,
    reads=reads,
    settings=lambda settings: settings.render,
    version=2,
)
