"""One talk's post, written with several prompt sets and models, side by side."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pipeline.compare.figures import Account, Column, Comparison, Figures, Variant
from pipeline.errors import ArtifactError, ConfigError, explained, unforeseen
from pipeline.files import digest_bytes, read_bytes
from pipeline.post.compose import Material, compose
from pipeline.records import Rejected, Takeaways
from pipeline.reporting import Reporter
from pipeline.review import speakers as speaker_review
from pipeline.review.speakers import Speakers
from pipeline.running import artifacts, staleness
from pipeline.running.ownership import claim, held
from pipeline.stage_names import TalkStage
from pipeline.stages import SEGMENT
from pipeline.stages.extract import parsing
from pipeline.takeaways import writers
from pipeline.takeaways.extractive.document import Document
from pipeline.text import plain
from pipeline.turns.names import identify
from pipeline.workspace import talks
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.talks import Source, Talk, Workspace

if TYPE_CHECKING:
    from pipeline.engines import Parse
    from pipeline.takeaways.llm import LanguageModelWriter

PAGE = "compare.html"
_SPEAKER = re.compile(r"\{(S\d+)\}")


def variants(sets: Sequence[str], models: Sequence[str], talk: Talk) -> tuple[Variant, ...]:
    """Each set with each model, without duplicates; where none are given, the talk's own."""
    settings = talk.settings.extract
    return tuple(
        Variant(name, model)
        for name in dict.fromkeys(sets or (settings.prompts,))
        for model in dict.fromkeys(models or (settings.model,))
    )


def compare(
    source: Source,
    workspace: Workspace,
    wanted: Sequence[Variant],
    overrides: Sequence[Mapping[str, Any]],
    reporter: Reporter,
) -> Comparison:
    """Write a talk's post in each variant, and the page; replies are cached, so a second run makes no calls.

    A variant that fails does not stop the others. `extract.max_cost` limits each variant by itself. Raises
    ArtifactError if there are no turns, BusyError if another run holds the talk, ConfigError, TemplateError.
    """
    talk = talks.load(source, workspace, overrides)
    with held(talk):
        workspace.tree.check_writable(talk.home)  # before a model is asked in vain
        workspace.tree.check_file(talk.home / PAGE)
        claim(talk)
        speakers = _speakers(talk)
        tell = partial(reporter.noted, talk.name, TalkStage.EXTRACT)
        with parsing(talk, speakers.turns.language, tell) as parse:
            comparison = _Comparer(talk, speakers, parse, overrides, reporter).run(source, wanted)
        # A page of nothing but errors would only replace a better one.
        return _with_page(comparison) if any(column.post for column in comparison.columns) else comparison


def _account(writer: LanguageModelWriter) -> Account:
    return Account.of(*(calls.budget for calls in writer.all_calls))


class _Comparer:
    """Writes the variants of a talk, from the turns and the topics that all of them share."""

    def __init__(
        self,
        talk: Talk,
        speakers: Speakers,
        parse: Parse | None,
        overrides: Sequence[Mapping[str, Any]],
        reporter: Reporter,
    ) -> None:
        self.talk, self.speakers, self.overrides, self.reporter = talk, speakers, overrides, reporter
        self.identities = identify(talk, self.speakers.turns)[0]
        self.document = Document(self.speakers.turns, talk.facts.glossary, parse=parse)
        said = self.document.said
        self.topics = [{said[i].sentence.id for i in topic.sentences} for topic in self.document.topics()]

    def run(self, source: Source, wanted: Sequence[Variant]) -> Comparison:
        for reason in self.speakers.stale:
            self.reporter.warned(self.talk.name, TalkStage.SEGMENT, f"stale, and used as it is: {reason}")
        columns = []
        for variant in wanted:
            start = time.monotonic()
            self.reporter.started(self.talk.name, str(variant), ("being written",))
            columns.append(self.write(source, variant))
            if error := columns[-1].error:
                self.reporter.warned(self.talk.name, str(variant), f"failed: {error}")
            else:
                self.reporter.finished(self.talk.name, str(variant), time.monotonic() - start)
        title = plain(self.talk.facts.title or "") or self.talk.name
        return Comparison(self.talk, title, tuple(columns), self.speakers.stale)

    def write(self, source: Source, variant: Variant) -> Column:
        writer: LanguageModelWriter | None = None
        try:
            talk = self.load_talk(source, variant)
            writer = writers.choose(talk.settings.extract).writer(talk)
            takeaways = writer.write(self.speakers.turns, talk.facts, self.document, self.identities)
            return self.column(variant, takeaways, _account(writer))
        except Exception as error:  # of any kind: what the other variants cost must not be lost
            account = _account(writer) if writer else None
            return Column(variant, account=account, error=explained(error) or f"{unforeseen(error)}.")
        finally:
            if writer:
                writer.close()

    def load_talk(self, source: Source, variant: Variant) -> Talk:
        """The talk with the variant's prompts and model; all variants share one memory of file digests."""
        model = ({TalkStage.EXTRACT: {"model": variant.model}},) if variant.model else ()
        talk = talks.load(source, self.talk.workspace, (*self.overrides, *model), variant.prompts)
        return replace(talk, memory=self.talk.memory)

    def column(self, variant: Variant, takeaways: Takeaways, account: Account) -> Column:
        # `self.talk`, whatever prompt set wrote it: the page is in that talk's folder, and links start there.
        speakers = self.speakers
        post = compose(
            Material(self.talk, speakers.transcript, speakers.turns, takeaways, self.identities), ()
        )
        rejected = tuple(
            Rejected(what=self.with_names(rejected.what), why=self.with_names(rejected.why))
            for rejected in takeaways.rejected
        )
        figures = Figures.of(takeaways, post, self.topics)
        notes = tuple(map(self.with_names, takeaways.notes))
        return Column(variant, post, figures, account, rejected, notes)

    def with_names(self, text: str) -> str:
        people = self.speakers.people
        return _SPEAKER.sub(
            lambda match: people[match[1]].name if match[1] in people else match[0], plain(text)
        )


def _speakers(talk: Talk) -> Speakers:
    """Who said what. Raises ArtifactError if that is not there, ConfigError if names cannot be bound."""
    for stage in SEGMENT.chain:
        path = artifacts.path_of(talk, stage)
        if not path.is_file():
            raise ArtifactError(
                "is not there yet, and posts are compared over it",
                file=talk.workspace.relative(path),
                remedy=f"Make it: takeaways run {talk.workspace.relative(talk.source)} --to {SEGMENT.name}",
            )
    speakers = speaker_review.load(talk)
    if speakers.error:
        raise speakers.error
    return speakers


def _with_page(comparison: Comparison) -> Comparison:
    """Write the page. Raises ConfigError if a template makes a file of that name, TemplateError, OSError."""
    talk = comparison.talk
    templates = Templates.of(talk.workspace.root)
    if PAGE in templates.outputs():
        raise ConfigError(
            f"a template makes {PAGE}, which is where the comparison goes",
            file=templates.find(f"{PAGE}.j2"),
            remedy="Give the template another name.",
        )
    page = templates.render(f"_{PAGE}", comparison=comparison.view).encode()
    path, digest_file = talk.home / PAGE, talk.state.compared
    earlier = read_bytes(digest_file).decode("utf-8", "replace").split() if digest_file.is_file() else ()
    known_digests = {*earlier, digest_bytes(page)}
    present = staleness.digest_if_there(talk, PAGE)
    is_edited = present is not None and present not in known_digests
    kept = staleness.keep_aside(talk, talk.home, [PAGE]) if is_edited else []
    # The digest comes first, so that a page written just before a kill is not taken for a person's work.
    talk.state.tree.write(digest_file, "\n".join(sorted(known_digests)).encode())
    talk.workspace.tree.write(path, page)
    talk.state.tree.write(digest_file, digest_bytes(page).encode())
    return replace(comparison, page=talk.workspace.relative(path), copies=tuple(copy for _, copy in kept))
