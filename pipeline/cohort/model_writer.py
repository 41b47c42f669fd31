"""Asks a language model what talks have in common: from their themes, never from their transcripts.

In one call, where the lines that the talks' posts quote or cite fit into its window; else theme by theme.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.cohort import extractive_writer as extractive
from pipeline.cohort.clusters import MAX_QUOTES, Cluster, Clustering
from pipeline.cohort.cohort_records import CohortTakeaways, CommonTheme
from pipeline.cohort.excerpts import Gathered, GatheredTalk
from pipeline.engines import Embed, Parse
from pipeline.records import Paragraph, Quote, Sentence, Takeaways, Theme, talk_of
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm.assembly import assemble
from pipeline.takeaways.llm.draft import Draft, DraftSection, PullQuote
from pipeline.takeaways.llm.map_and_choose import PlannedTheme, Point
from pipeline.takeaways.llm.material import GAP, Lines, Material, block, line
from pipeline.takeaways.llm.settle import settle
from pipeline.takeaways.llm.step_by_step import draft_themes
from pipeline.takeaways.llm.writer import LanguageModelWriter
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.text import plain
from pipeline.workspace.sidecar import Facts

MAX_TALKS_SHOWN = 8  # of a theme, in the prompt: those nearest to its centre
NOTHING_STANDS = (
    "Nothing of what the language model wrote rests on enough talks, so the post is made only of what the "
    "speakers said."
)


class CohortMaterial(Material):
    """Sentences of several talks: each talk is headed, and only what follows within a talk is adjacent."""

    subject = "What these talks quote and cite"

    def __init__(
        self, document: Document, facts: Facts, talks: Sequence[GatheredTalk], style: str = ""
    ) -> None:
        self.talks = [(plain(talk.title), talk.date) for talk in talks]
        self._talks = [", ".join(filter(None, talk)) for talk in self.talks]
        super().__init__(document, facts, style=style)
        turns = {spoken.sentence.id: spoken.turn for spoken in document.said}
        self._adjacent = frozenset(pair for pair in self._adjacent if turns[pair[0]] == turns[pair[1]])
        heard: dict[str, dict[str, None]] = {}  # speakers by talk
        for sentence in self.sentences:
            heard.setdefault(talk_of(sentence.id), {})[self.ids.prompt_id(sentence.speaker)] = None
        self._heads = {
            talk.name: f"Talk {n}: {told}. With {', '.join(heard.get(talk.name, ()))}."
            for n, (talk, told) in enumerate(zip(talks, self._talks, strict=True), 1)
        }
        self._headings = {talk.name: "; ".join(map(plain, talk.headings)) for talk in talks}

    def known(self) -> list[str]:
        """What else is known and may be named, the talks' titles and dates among it."""
        return [*super().known(), *(f"talk {n}: {told}" for n, told in enumerate(self._talks, 1))]

    @cached_property
    def first_ids(self) -> dict[str, str]:
        """None: nobody opens what is several conversations."""
        return {}

    def around(self, cited: Sequence[int], room: int) -> list[int]:
        return self.fitting(sorted(cited), room)

    def lines(self, indices: Sequence[int]) -> Lines:
        """Sentences by index, with the headings of each talk's own post."""
        return self._headed([self.sentences[i] for i in indices], self._headings)

    def numbered(self, sentences: Sequence[Sentence]) -> Lines:
        """Sentences as numbered lines, in this order, below the title of each talk."""
        return self._headed(sentences, {})

    def _headed(self, sentences: Sequence[Sentence], headings: Mapping[str, str]) -> Lines:
        shown: list[str] = []
        before: Sentence | None = None
        for number, sentence in enumerate(sentences, 1):
            talk = talk_of(sentence.id)
            if before is None or talk_of(before.id) != talk:
                shown.append(self._heads.get(talk, talk))
                shown += [f"Its post has the sections: {headings[talk]}."] if talk in headings else []
            elif (before.id, sentence.id) not in self._adjacent:
                shown.append(GAP)
            shown.append(line(number, sentence, self.ids))
            before = sentence
        return Lines(tuple(sentences), block(shown, "transcript"))


@dataclass
class CohortModelWriter(LanguageModelWriter):
    """Writes what talks have in common; a theme must rest on at least `min_talks` talks."""

    min_talks: int = 2
    embed: Embed | None = None
    parse: Parse | None = None

    def write_cohort(self, gathered: Gathered, facts: Facts, style: str = "") -> CohortTakeaways:
        """Common themes with prose, verified; the extractive writer's where none of them stands.

        Raises EndpointError, BudgetError, PromptError.
        """
        document = Document(gathered.turns, facts.glossary, self.embed, self.parse)
        clustering = Clustering(document, gathered.parts)
        if len(gathered.talks) < self.min_talks:
            return self._extracted_themes(gathered, facts)
        task = self._begin(CohortMaterial(document, facts, gathered.facts, style), facts)
        draft, why_by_steps = self._draft_whole(task)
        draft = draft or self._draft_clusters(task, clustering, why_by_steps)
        if draft is None:
            return self._extracted_themes(gathered, facts)
        settle(task, draft)
        made = assemble(task, draft)
        clusters = clustering.clusters(self.min_talks)
        opposed = [pair for cluster in clusters if (pair := extractive.opposed_quotes(clustering, cluster))]
        themes = [common_theme(theme, clustering, opposed) for theme in made.themes] if made else []
        if not made or all(len(theme.talks) < self.min_talks for theme in themes):
            fared = {"rejected": tuple(task.checker.rejected), "verification": task.checker.counts()}
            plain_themes = self._extracted_themes(gathered, facts, (*draft.notes, NOTHING_STANDS))
            return plain_themes.model_copy(update=fared)
        return self._takeaways(gathered, made, draft, themes, document.language.english)

    def _extracted_themes(
        self, gathered: Gathered, facts: Facts, notes: Sequence[str] = ()
    ) -> CohortTakeaways:
        """The extractive writer's post, with what a person is to know of the model's."""
        writer = extractive.ExtractiveCohortWriter(
            self.min_talks, self.max_themes or 1, self.embed, self.parse
        )
        made = writer.write(gathered, facts)
        return made.model_copy(update={"notes": (*made.notes, *notes)})

    def _draft_clusters(self, task: WritingTask, clustering: Clustering, why: str) -> Draft | None:
        """The themes that the extractive writer finds, each written by itself; None if it finds none."""
        clustered = extractive.common_themes(clustering, self.min_talks, self.max_themes or 1)
        if not clustered:
            return None
        self.calls.calibrate()
        task.limits = self._limits(task.prompts["write"].front, task.facts)
        draft = draft_themes(task, [_prompt_theme(clustering, *pair) for pair in clustered])
        task.limits = replace(task.limits, quotes=MAX_QUOTES)
        for section, (_, theme) in zip(draft.sections, clustered, strict=True):
            _quote_enough_talks(section, theme, self.min_talks)
        draft.notes.append(why)
        return draft

    def _takeaways(
        self, gathered: Gathered, made: Takeaways, draft: Draft, themes: Sequence[CommonTheme], english: bool
    ) -> CohortTakeaways:
        """What was made, with those of its themes that rest on enough talks.

        What the others hold of the author's comes last.
        """
        kept = tuple(theme for theme in themes if len(theme.talks) >= self.min_talks)
        left_out = [theme for theme in themes if len(theme.talks) < self.min_talks]
        told = (
            f'The section "{theme.heading}" is left out: it rests on fewer than {self.min_talks} talks.'
            for theme in left_out
        )
        title, dek = (text.kept if text else None for text in (draft.title, draft.dek))
        update = {
            "title": made.title if title else extractive.title(len(gathered.talks), kept, english),
            "dek": made.dek if dek else extractive.dek(kept),
            "themes": kept,
            "close": (*made.close, *(paragraph for theme in left_out for paragraph in _author_s(theme))),
            "notes": (*made.notes, *told),
        }
        return CohortTakeaways(**{**dict(made), **update}, talks=gathered.talks, people=gathered.people)


def _author_s(theme: Theme) -> Iterator[Paragraph]:
    """What a theme holds of the author's."""
    for block_ in theme.body:
        if isinstance(block_, Paragraph) and any(claim.kind == "author" for claim in block_.claims):
            claims = tuple(claim for claim in block_.claims if claim.kind == "author")
            yield block_.model_copy(update={"claims": claims})


def common_theme(theme: Theme, clustering: Clustering, opposed: Sequence[Sequence[Quote]]) -> CommonTheme:
    """A theme with the talks and the themes of theirs that it rests on, and who contradicts whom in it."""
    cited = set(theme.cited_ids)
    parts = [part for part in clustering.parts if cited & set(part.sentences)]
    place = {id: n for n, quote in enumerate(theme.quotes) for id in quote.sentences}
    against: list[tuple[int, int]] = []
    for pair in opposed:
        one, other = (next((place[id] for id in quote.sentences if id in place), None) for quote in pair)
        if one is not None and other is not None and one != other:
            against.append((one, other))
    return CommonTheme(
        **dict(theme),
        talks=tuple(sorted({talk_of(id) for id in cited})),
        parts=tuple(sorted({(part.talk, part.number) for part in parts})),
        against=tuple(against),
    )


def _quote_enough_talks(section: DraftSection, theme: CommonTheme, min_talks: int) -> None:
    """Add quotes of the extractive writer's: those that contradict each other, and until talks suffice."""
    quoted = {id for one in section.body if isinstance(one, PullQuote) for id in one.sentences}
    pinned = {theme.quotes[k] for pair in theme.against for k in pair}
    for quote in sorted(theme.quotes, key=lambda quote: quote not in pinned):
        talks = {talk_of(id) for id in quoted}
        is_wanted = quote in pinned or (len(talks) < min_talks and talk_of(quote.sentences[0]) not in talks)
        if is_wanted and quoted.isdisjoint(quote.sentences):
            section.body.append(PullQuote(quote.sentences))
            quoted.update(quote.sentences)


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
