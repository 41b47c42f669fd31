"""Common themes in the speakers' own words, and pairs of quotes that plainly contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.cohort.clusters import Cluster, Clustering
from pipeline.cohort.cohort_records import CohortTakeaways, CommonTheme
from pipeline.cohort.excerpts import Gathered
from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.section_bodies import with_notes
from pipeline.takeaways.verification.analysis import Analysis
from pipeline.takeaways.verification.opposition import oppositions, signed
from pipeline.word_lists import WordLists
from pipeline.workspace.sidecar import Facts

if TYPE_CHECKING:
    from pipeline.engines import Embed, Parse
    from pipeline.records import Quote

NOTHING_COMMON = "No theme is shared by enough of the talks."
TOO_FEW = "What talks have in common wants two talks at least."


@dataclass(frozen=True)
class ExtractiveCohortWriter:
    """Writes at most `max_themes` themes, each of which quotes at least `min_talks` talks."""

    min_talks: int
    max_themes: int
    embed: Embed | None = None
    parse: Parse | None = None

    def write(self, gathered: Gathered, facts: Facts) -> CohortTakeaways:
        """Common themes, those of most talks first; no themes but a note where nothing is shared."""
        document = Document(gathered.turns, facts.glossary, self.embed, self.parse)
        clustering = Clustering(document, gathered.parts)
        themes = [theme for _, theme in common_themes(clustering, self.min_talks, self.max_themes)]
        texts = [[theme.heading, *_texts(theme, document)] for theme in themes]
        noted, close = with_notes(themes, [note.text for note in facts.notes], texts, document.embed)
        return CohortTakeaways(
            writer="extractive",
            title=title(len(gathered.talks), themes, document.language.english),
            dek=dek(themes),
            themes=noted,
            close=close,
            notes=notes(gathered, themes),
            talks=gathered.talks,
            people=gathered.people,
        )


def common_themes(
    clustering: Clustering, min_talks: int, max_themes: int
) -> list[tuple[Cluster, CommonTheme]]:
    """The strongest common themes that quote at least `min_talks` talks, those of most talks first."""
    themes: list[tuple[Cluster, CommonTheme]] = []
    for cluster in clustering.clusters(min_talks):
        if len(themes) == max_themes:
            break
        theme = _theme(clustering, cluster)
        if theme is None:
            continue
        quoted = {clustering.talk_of(quote) for quote in theme.quotes}
        headings = (other.heading.casefold() for _, other in themes)
        if len(quoted) >= min_talks and theme.heading.casefold() not in headings:
            themes.append((cluster, theme))
    return sorted(themes, key=lambda pair: -len(pair[0].talks))


def _theme(clustering: Clustering, cluster: Cluster) -> CommonTheme | None:
    section = clustering.section(cluster)
    heading_and_source = clustering.heading(cluster, section)
    if heading_and_source is None:
        return None
    heading, source = heading_and_source
    opposed = opposed_quotes(clustering, cluster)
    quotes = clustering.quotes(cluster, section, pinned=opposed)
    parts = [clustering.parts[i] for i in cluster.parts]
    pairs = ((quotes.index(opposed[0]), quotes.index(opposed[1])),) if opposed else ()
    return CommonTheme(
        heading=heading,
        source=source,
        body=tuple(quotes),
        talks=cluster.talks,
        parts=tuple(sorted((part.talk, part.number) for part in parts)),
        against=pairs,
    )


def _texts(theme: CommonTheme, document: Document) -> list[str]:
    texts = {spoken.sentence.id: spoken.sentence.text for spoken in document.said}
    return [texts[id] for quote in theme.quotes for id in quote.sentences if id in texts]


def title(talks: int, themes: Sequence[CommonTheme], english: bool) -> str:
    """What the post is, in English; in other languages its first heading, for want of such a sentence."""
    if english:
        return f"What {talks} talks have in common"
    return themes[0].heading if themes else ""


def dek(themes: Sequence[CommonTheme]) -> str:
    """The headings of the first themes."""
    return " · ".join(theme.heading for theme in themes[:4])


def notes(gathered: Gathered, themes: Sequence[CommonTheme]) -> tuple[str, ...]:
    if themes:
        return ()
    return (NOTHING_COMMON if len(gathered.talks) > 1 else TOO_FEW,)


# Two people who contradict each other. Strict, since a false positive misrepresents both of them.

SAME_SUBJECT_COSINE = 0.65  # of two sentences
ROUNDING = 1e-4  # by which a product of matrices may differ from that of two rows
MAX_COMPARED = 4_000  # opinions of a cluster
MIN_SHARED_CONCEPTS = 2
MIN_OVERLAP = 0.6  # overlap coefficient: concepts shared, of those of the sentence with fewer
OPINION = WordLists.beside(__file__).words("opinions")


def opposed_quotes(clustering: Clustering, cluster: Cluster) -> tuple[Quote, ...]:
    """The two quotes of a cluster that most surely contradict each other; empty if none do.

    Only of the MAX_COMPARED opinions nearest to its centre, since each is compared with each.
    """
    said, index = clustering.document.said, clustering.index
    quotes = [quote for part in cluster.parts for quote in clustering.parts[part].quotes]
    opinions = [
        (number, index[id])
        for number, quote in enumerate(quotes)
        for id in quote.sentences
        if id in index and OPINION.search(said[index[id]].sentence.text)
    ][:MAX_COMPARED]
    rows = clustering.document.rows[[sentence for _, sentence in opinions]]
    near = np.argwhere(np.triu(rows @ rows.T >= SAME_SUBJECT_COSINE - ROUNDING, 1))
    scored = []
    for (first, i), (second, j) in ((opinions[a], opinions[b]) for a, b in near):
        if quotes[first].speaker != quotes[second].speaker and (score := _opposition(clustering, i, j)) > 0:
            scored.append((score, -first, -second))
    if not scored:
        return ()
    _, first, second = max(scored)
    return quotes[-first], quotes[-second]


def _opposition(clustering: Clustering, i: int, j: int) -> float:
    """The cosine of two readable sentences if they say opposite things on one subject, else 0."""
    said, rows, parse = clustering.document.said, clustering.document.rows, clustering.document.parse
    cosine = float(rows[i] @ rows[j])
    texts = said[i].sentence.text, said[j].sentence.text
    if cosine < SAME_SUBJECT_COSINE or parse is None or not are_contrary(*texts, parse):
        return 0.0
    quality = min(extractive.quality(said[k], clustering.document.language) for k in (i, j))
    return cosine if quality > extractive.MIN_QUALITY else 0.0


def are_contrary(first: str, second: str, parse: Parse) -> bool:
    """Whether two English opinions about the same things contradict each other, checked from both sides."""
    if not (OPINION.search(first) and OPINION.search(second)):
        return False
    trees = Analysis.parsed([first, second], parse)
    first_concepts, second_concepts = ({signed(term).concept for term in tree.terms} for tree in trees)
    shared = first_concepts & second_concepts
    smaller = min(len(first_concepts), len(second_concepts))
    if len(shared) < MIN_SHARED_CONCEPTS or len(shared) < MIN_OVERLAP * smaller:
        return False
    return bool(oppositions(trees[0], trees[1:]) and oppositions(trees[1], trees[:1]))
