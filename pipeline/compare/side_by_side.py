"""One talk, written with several prompt sets and models, side by side."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.compare.figures import Account, Column, Comparison, Figures, Variant
from pipeline.digests import digest_bytes
from pipeline.errors import ArtifactError, ConfigError, explained, unforeseen
from pipeline.files import write_atomically
from pipeline.output_templates import Templates
from pipeline.post.compose import Material, compose
from pipeline.records import Rejected, Takeaways
from pipeline.reporting import Reporter
from pipeline.review import speakers as shows
from pipeline.review.speakers import Speakers
from pipeline.running import artifacts, hand_edits
from pipeline.running.runner import held
from pipeline.stages import SEGMENT
from pipeline.takeaways import writers
from pipeline.takeaways.extractive.document import Document
from pipeline.text import plain
from pipeline.turns.names import identify
from pipeline.workspace import talks
from pipeline.workspace.talks import Source, Talk, Workspace

if TYPE_CHECKING:
    from pipeline.takeaways.llm import LanguageModelWriter

PAGE = "compare.html"
_SPEAKER = re.compile(r"\{(S\d+)\}")


def variants(sets: Sequence[str], models: Sequence[str], talk: Talk) -> tuple[Variant, ...]:
    """Each set with each model, none twice; without sets or models the talk's own."""
    own = talk.settings.extract
    return tuple(
        Variant(name, model)
        for name in dict.fromkeys(sets or (own.prompts,))
        for model in dict.fromkeys(models or (own.model,))
    )


def compare(
    source: Source,
    workspace: Workspace,
    wanted: Sequence[Variant],
    overrides: Sequence[Mapping[str, Any]],
    reporter: Reporter,
) -> Comparison:
    """Write a talk's post in each way, and its page; replies are remembered, so a second time asks nobody.

    A variant that fails does not stop the others. `extract.max_cost` is a limit for each variant. Raises
    ArtifactError without turns, BusyError if another run holds the talk, ConfigError, TemplateError.
    """
    talk = talks.load(source, workspace, overrides)
    with held(talk):
        found = _Comparing(talk, overrides, reporter).run(source, wanted)
        # A page of nothing but errors would only take the place of a better one.
        return _with_page(found) if any(one.post for one in found.columns) else found


class _Comparing:
    """The ground that all variants of a talk stand on."""

    def __init__(self, talk: Talk, overrides: Sequence[Mapping[str, Any]], reporter: Reporter) -> None:
        self.talk, self.overrides, self.reporter = talk, overrides, reporter
        self.shown = _spoken(talk)
        self.identities = identify(talk, self.shown.turns)[0]
        self.document = Document(self.shown.turns, talk.facts.glossary)
        said = self.document.said
        self.topics = [{said[i].sentence.id for i in one.sentences} for one in self.document.topics()]

    def run(self, source: Source, wanted: Sequence[Variant]) -> Comparison:
        for reason in self.shown.stale:
            self.reporter.warned(self.talk.name, "segment", f"stale, and used as it is: {reason}")
        columns = []
        for variant in wanted:
            began = time.monotonic()
            self.reporter.started(self.talk.name, str(variant), ("being written",))
            columns.append(self.column(source, variant))
            if error := columns[-1].error:
                self.reporter.warned(self.talk.name, str(variant), f"failed: {error}")
            else:
                self.reporter.finished(self.talk.name, str(variant), time.monotonic() - began)
        title = plain(self.talk.facts.title or "") or self.talk.name
        return Comparison(self.talk, title, tuple(columns), self.shown.stale)

    def column(self, source: Source, variant: Variant) -> Column:
        writer: LanguageModelWriter | None = None
        try:
            talk = self.variant(source, variant)
            writer = writers.choose(talk.settings.extract).writer(talk)
            takeaways = writer.write(self.shown.turns, talk.facts, self.document)
            return self.finished(variant, takeaways, Account.of(writer.calls.budget))
        except Exception as error:  # whatever it is, what the other variants cost is not to be lost
            spent = Account.of(writer.calls.budget) if writer else None
            return Column(variant, account=spent, error=explained(error) or f"{unforeseen(error)}.")
        finally:
            if writer:
                writer.calls.connection.close()

    def variant(self, source: Source, variant: Variant) -> Talk:
        """The talk with the variant's prompts and model; all share one memory of files."""
        named = ({"extract": {"model": variant.model}},) if variant.model else ()
        talk = talks.load(source, self.talk.workspace, (*self.overrides, *named), variant.prompts)
        return replace(talk, memory=self.talk.memory)

    def finished(self, variant: Variant, takeaways: Takeaways, account: Account) -> Column:
        # As the talk's own set, whatever it was written with: links lead from the talk's own folder.
        shown = self.shown
        post = compose(Material(self.talk, shown.transcript, shown.turns, takeaways, self.identities), ())
        rejected = tuple(
            Rejected(what=self.named(one.what), why=self.named(one.why)) for one in takeaways.rejected
        )
        figures = Figures.of(takeaways, post, self.topics)
        return Column(variant, post, figures, account, rejected, post.notes)

    def named(self, text: str) -> str:
        people = self.shown.people
        return _SPEAKER.sub(lambda id: people[id[1]].name if id[1] in people else id[0], plain(text))


def _spoken(talk: Talk) -> Speakers:
    """Who said what. Raises ArtifactError if that is not there, ConfigError if names cannot be bound."""
    for stage in SEGMENT.chain:
        path = artifacts.path_of(talk, stage)
        if not path.is_file():
            raise ArtifactError(
                "is not there yet, and posts are compared over it",
                file=talk.workspace.relative(path),
                remedy=f"Make it: takeaways run {talk.workspace.relative(talk.source)} --to segment",
            )
    shown = shows.load(talk)
    if shown.error:
        raise shown.error
    return shown


def _with_page(found: Comparison) -> Comparison:
    """Write the page. Raises ConfigError if a template makes a file of that name, TemplateError, OSError."""
    talk, templates = found.talk, Templates.of(found.talk.workspace.root)
    if PAGE in templates.outputs():
        raise ConfigError(
            f"a template makes {PAGE}, which is where the comparison goes",
            file=templates.find(f"{PAGE}.j2"),
            remedy="Give the template another name.",
        )
    page = templates.render(f"_{PAGE}", comparison=found).encode()
    path, note = talk.home / PAGE, talk.state.compared
    ours = {*(note.read_text("utf-8").split() if note.is_file() else ()), digest_bytes(page)}
    had = hand_edits.digest_if_there(talk, PAGE)
    kept = hand_edits.keep_aside(talk, talk.home, [PAGE]) if had is not None and had not in ours else []
    # Noted before it is written, so that after a kill it is not taken for a person's work.
    write_atomically(note, "\n".join(sorted(ours)).encode())
    write_atomically(path, page)
    write_atomically(note, digest_bytes(page).encode())
    return replace(found, page=talk.workspace.relative(path), copies=tuple(copy for _, copy in kept))
