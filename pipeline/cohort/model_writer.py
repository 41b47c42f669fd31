"""Asks a language model what talks have in common: from their themes, never from their transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.cohort import extractive_writer as extractive
from pipeline.cohort.clusters import MAX_QUOTES, Cluster, Clustering
from pipeline.cohort.cohort_records import CohortTakeaways, CommonTheme
from pipeline.cohort.excerpts import Gathered
from pipeline.engines import Embed, Parse
from pipeline.records import Claim, Paragraph, Quote, talk_of
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.map_and_choose import PlannedTheme, Point
from pipeline.takeaways.llm.material import Material, WritingTask
from pipeline.takeaways.llm.write_frame import ask_frame, ask_headings, paragraphs, settle
from pipeline.takeaways.llm.write_sections import WrittenSection, pull_quotes, write_sections
from pipeline.takeaways.llm.writer import LanguageModelWriter
from pipeline.takeaways.section_bodies import in_reading_order, with_notes
from pipeline.workspace.sidecar import Facts

MAX_TALKS_SHOWN = 8  # of a theme, in the prompt: those nearest to its centre


class CohortMaterial(Material):
    """Sentences of several talks: adjacent only if they are so in their own talk."""

    def __init__(self, document: Document, facts: Facts) -> None:
        super().__init__(document, facts)
        turns = {spoken.sentence.id: spoken.turn for spoken in document.said}
        self._adjacent = frozenset(pair for pair in self._adjacent if turns[pair[0]] == turns[pair[1]])

    def around(self, cited: Sequence[int], room: int) -> list[int]:
        return self.fitting(sorted(cited), room)


@dataclass
class CohortModelWriter(LanguageModelWriter):
    """Writes what talks have in common; a theme must quote at least `min_talks` talks."""

    min_talks: int = 2
    embed: Embed | None = None
    parse: Parse | None = None

    def write_cohort(self, gathered: Gathered, facts: Facts) -> CohortTakeaways:
        """Common themes with prose, verified. Raises EndpointError, BudgetError, PromptError."""
        max_themes = self.max_themes or 1
        document = Document(gathered.turns, facts.glossary, self.embed, self.parse)
        clustering = Clustering(document, gathered.parts)
        clustered = extractive.common_themes(clustering, self.min_talks, max_themes)
        if not clustered:
            plain = extractive.ExtractiveCohortWriter(self.min_talks, max_themes, self.embed, self.parse)
            return plain.write(gathered, facts)
        task = self._begin(CohortMaterial(document, facts), facts)
        shown = [_prompt_theme(clustering, *pair) for pair in clustered]
        sections = write_sections(task, shown)
        headings = ask_headings(task, sections)
        plain_themes = [theme for _, theme in clustered]
        frame = ask_frame(task, self._themes(task, plain_themes, sections, headings))
        settle(task, sections, headings, frame, len(plain_themes))
        themes = self._themes(task, plain_themes, sections, headings)
        texts = [task.material.texts(theme) for theme in themes]
        noted, unplaced = with_notes(themes, [note.text for note in facts.notes], texts, document.embed)
        return CohortTakeaways(
            writer=self.name,
            title=frame.title or extractive.title(len(gathered.talks), themes, document.language.english),
            dek=frame.dek or extractive.dek(themes),
            introduction=paragraphs(frame.introduction),
            themes=noted,
            close=(*paragraphs(frame.close), *unplaced),
            rejected=tuple(task.checker.rejected),
            verification=task.checker.counts(),
            notes=task.checker.notes,
            talks=gathered.talks,
            people=gathered.people,
        )

    def _themes(
        self,
        task: WritingTask,
        plain: Sequence[CommonTheme],
        sections: Sequence[WrittenSection],
        headings: Sequence[Text | None],
    ) -> list[CommonTheme]:
        """The themes with what stands of the model's texts."""
        quotes = pull_quotes(task, sections, MAX_QUOTES)
        return [
            self._theme(task, theme, section, text.kept if text else None, chosen)
            for theme, section, text, chosen in zip(plain, sections, headings, quotes, strict=True)
        ]

    def _theme(
        self,
        task: WritingTask,
        plain: CommonTheme,
        section: WrittenSection,
        heading: Claim | None,
        chosen: Sequence[Quote],
    ) -> CommonTheme:
        """The model's prose and quotes, with the extractive writer's quotes where talks would go unquoted."""
        pinned = [plain.quotes[k] for pair in plain.against for k in pair]
        quotes = _fill_up([*pinned, *chosen], plain.quotes, self.min_talks)
        positions = task.material.index
        ordered = sorted(quotes, key=lambda quote: positions[quote.sentences[0]])
        prose = [Paragraph(claims=claims) for claims in section.paragraphs]
        theme = plain.model_copy(
            update={
                "heading": heading.text if heading else plain.heading,
                "source": None if heading else plain.source,
                "doubts": heading.doubts if heading else (),
                "body": in_reading_order(prose, ordered, positions),
            }
        )
        index = theme.quotes.index
        against = tuple((index(a), index(b)) for a, b in _opposed_pairs(plain))
        return theme.model_copy(update={"against": against})


def _opposed_pairs(theme: CommonTheme) -> list[tuple[Quote, Quote]]:
    return [(theme.quotes[a], theme.quotes[b]) for a, b in theme.against]


def _fill_up(chosen: Sequence[Quote], others: Sequence[Quote], min_talks: int) -> list[Quote]:
    """The chosen quotes, each sentence once, with others added until enough talks are quoted."""
    kept: list[Quote] = []
    used: set[str] = set()
    for quote in chosen:
        if not used & set(quote.sentences):
            kept.append(quote)
            used.update(quote.sentences)
    for quote in others:
        talks = {talk_of(other.sentences[0]) for other in kept}
        if len(talks) >= min_talks:
            break
        if talk_of(quote.sentences[0]) not in talks:
            kept.append(quote)
    return kept


def _prompt_theme(clustering: Clustering, cluster: Cluster, theme: CommonTheme) -> PlannedTheme:
    """What the model is shown of a theme: the talks' own themes, with what these quote or cite."""
    quoted = {talk_of(quote.sentences[0]) for quote in theme.quotes}
    nearest: dict[str, int] = {}  # part of each talk
    for part in cluster.parts:
        nearest.setdefault(clustering.parts[part].talk, part)
    order = sorted(nearest, key=lambda talk: (talk not in quoted, cluster.parts.index(nearest[talk])))
    shown = sorted(nearest[talk] for talk in order[:MAX_TALKS_SHOWN])
    points = (Point(clustering.parts[i].heading, tuple(sorted(clustering.sentences[i]))) for i in shown)
    return PlannedTheme(theme.heading, tuple(points))
