"""Asks a language model for what talks have in common: over their themes, never over their transcripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.cohort import extractive_writer as extractive
from pipeline.cohort.clusters import QUOTES, Common, Group
from pipeline.cohort.cohort_records import CohortTakeaways, CommonTheme
from pipeline.cohort.excerpts import Gathered
from pipeline.engines.sentence_vectors import Vectors
from pipeline.records import Paragraph, Quote, talk_of
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.extractive.writer import placed
from pipeline.takeaways.llm import brief, pull_quotes, write_sections
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.lines import Ids
from pipeline.takeaways.llm.map_and_choose import Point, Scene, Theme
from pipeline.takeaways.llm.repair import Repair
from pipeline.takeaways.llm.write_frame import frame, paragraphs
from pipeline.takeaways.llm.writer import LanguageModelWriter, known
from pipeline.takeaways.verification import Verifier
from pipeline.workspace.sidecar_facts import Facts

SHOWN = 8  # talks of a theme that the model is shown, those nearest to its centre


class CohortScene(Scene):
    """Sentences of several talks: next to one another only if they are so in their own talk."""

    def __init__(self, document: Document, ids: Ids, values: Mapping[str, Any]) -> None:
        super().__init__(document, ids, values)
        turn = {said.sentence.id: said.turn for said in document.said}
        self._following = frozenset(pair for pair in self._following if turn[pair[0]] == turn[pair[1]])

    def around(self, cited: Sequence[int], room: int) -> list[int]:
        return self.within(sorted(cited), room)


@dataclass
class CohortModelWriter(LanguageModelWriter):
    """Writes what talks have in common; `fewest` talks must be quoted in a theme."""

    fewest: int = 2
    vectors: Vectors | None = None

    def write_cohort(self, gathered: Gathered, facts: Facts) -> CohortTakeaways:
        """Common themes with prose, verified. Raises EndpointError, BudgetError, PromptError."""
        most = self.most or 1
        document = Document(gathered.turns, facts.glossary, self.vectors)
        common = Common(document, gathered.gists)
        found = extractive.themes_of(common, self.fewest, most)
        if not found:
            return extractive.ExtractiveCohortWriter(self.fewest, most, self.vectors).write(gathered, facts)
        ids = Ids(gathered.turns)
        scene = CohortScene(document, ids, brief.values(facts, gathered.turns, ids))
        ledger = Ledger(Verifier(gathered.turns, known(facts), document.vectors.of), ids, Repair(document))
        self._calibrate(scene)
        drafts = self._written(scene, facts, [_asked(common, *pair) for pair in found], ledger)
        taken: set[int] = set()
        themes = [
            self._theme(scene, common, theme, one, taken, ledger)
            for (_, theme), one in zip(found, drafts, strict=True)
        ]
        around = frame(scene, self.prompts["frame"], self.calls, themes, ledger)
        texts = [scene.texts(theme) for theme in themes]
        beside, left = placed(facts.notes, texts, document.vectors)
        return CohortTakeaways(
            writer=self.name,
            title=around.title or extractive.title(len(gathered.talks), themes, document.language.english),
            dek=around.dek or extractive.dek(themes),
            introduction=paragraphs(around.introduction),
            themes=tuple(
                theme.model_copy(update={"reflections": notes})
                for theme, notes in zip(themes, beside, strict=True)
            ),
            close=paragraphs(around.close),
            reflections=left,
            rejected=tuple(ledger.rejected),
            verification=ledger.record(),
            talks=gathered.talks,
            people=gathered.people,
        )

    def _written(
        self, scene: Scene, facts: Facts, themes: Sequence[Theme], ledger: Ledger
    ) -> list[write_sections.Draft]:
        sizes = self._sizes(facts)
        self.calls.expected = self.calls.done + 3 * len(themes) + 2
        drafts = [write_sections.draft(scene, self.prompts, theme, sizes) for theme in themes]
        write_sections.write(scene, self.calls, drafts, ledger)
        write_sections.head(scene, self.prompts, self.calls, drafts, ledger)
        return drafts

    def _theme(
        self,
        scene: Scene,
        common: Common,
        plain: CommonTheme,
        one: write_sections.Draft,
        taken: set[int],
        ledger: Ledger,
    ) -> CommonTheme:
        """The model's prose and quotes, with the extractive writer's where talks would go unquoted."""
        chosen = pull_quotes.quotes(scene, one, QUOTES, taken, ledger)
        pinned = [plain.quotes[k] for pair in plain.against for k in pair]
        quotes = _enough([*pinned, *chosen], plain.quotes, self.fewest)
        ordered = sorted(quotes, key=lambda quote: scene.index[quote.sentences[0]])
        kept = (Paragraph(claims=claims) for each in one.paragraphs if (claims := tuple(filter(None, each))))
        return plain.model_copy(
            update={
                "heading": one.heading or plain.heading,
                "source": None if one.heading else plain.source,
                "paragraphs": tuple(kept),
                "quotes": tuple(ordered),
                "against": tuple((ordered.index(a), ordered.index(b)) for a, b in _pairs(plain)),
            }
        )


def _pairs(theme: CommonTheme) -> list[tuple[Quote, Quote]]:
    return [(theme.quotes[a], theme.quotes[b]) for a, b in theme.against]


def _enough(chosen: Sequence[Quote], others: Sequence[Quote], fewest: int) -> list[Quote]:
    """Quotes without a sentence twice, with others added until enough talks are quoted."""
    kept: list[Quote] = []
    used: set[str] = set()
    for quote in chosen:
        if not used & set(quote.sentences):
            kept.append(quote)
            used.update(quote.sentences)
    for quote in others:
        talks = {talk_of(other.sentences[0]) for other in kept}
        if len(talks) >= fewest:
            break
        if talk_of(quote.sentences[0]) not in talks:
            kept.append(quote)
    return kept


def _asked(common: Common, group: Group, theme: CommonTheme) -> Theme:
    """What the model is shown of a theme: the talks' own themes with what these quote or cite."""
    quoted = {talk_of(quote.sentences[0]) for quote in theme.quotes}
    first: dict[str, int] = {}
    for gist in group.gists:
        first.setdefault(common.gists[gist].talk, gist)
    order = sorted(first, key=lambda talk: (talk not in quoted, group.gists.index(first[talk])))
    shown = sorted(first[talk] for talk in order[:SHOWN])
    points = (Point(common.gists[g].heading, tuple(sorted(common.sentences[g]))) for g in shown)
    return Theme(theme.heading, tuple(points))
