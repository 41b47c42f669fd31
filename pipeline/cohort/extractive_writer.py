"""Common themes in the speakers' own words; and pairs of quotes that plainly contradict each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from pipeline.cohort.clusters import Common, Group
from pipeline.cohort.cohort_records import CohortTakeaways, CommonTheme
from pipeline.cohort.excerpts import Gathered
from pipeline.engines.sentence_vectors import Vectors
from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.extractive.writer import placed
from pipeline.takeaways.language import polarity
from pipeline.takeaways.verification import negation
from pipeline.workspace.sidecar_facts import Facts

if TYPE_CHECKING:
    from pipeline.records import Quote

NOTHING_COMMON = "No theme is shared by enough of the talks."
TOO_FEW = "What talks have in common wants two talks at least."


@dataclass(frozen=True)
class ExtractiveCohortWriter:
    """`fewest` talks must be quoted in a theme; there are at most `most` themes."""

    fewest: int
    most: int
    vectors: Vectors | None = None

    def write(self, gathered: Gathered, facts: Facts) -> CohortTakeaways:
        """Common themes, those of most talks first; none, and a note, where nothing is shared."""
        document = Document(gathered.turns, facts.glossary, self.vectors)
        common = Common(document, gathered.gists)
        themes = [theme for _, theme in themes_of(common, self.fewest, self.most)]
        texts = [[theme.heading, *_texts(theme, document)] for theme in themes]
        beside, left = placed(facts.notes, texts, document.vectors) if themes else ((), facts.notes)
        return CohortTakeaways(
            writer="extractive",
            title=title(len(gathered.talks), themes, document.language.english),
            dek=dek(themes),
            themes=tuple(
                theme.model_copy(update={"reflections": notes})
                for theme, notes in zip(themes, beside, strict=True)
            ),
            reflections=left,
            notes=notes(gathered, themes),
            talks=gathered.talks,
            people=gathered.people,
        )


def themes_of(common: Common, fewest: int, most: int) -> list[tuple[Group, CommonTheme]]:
    """The strongest common themes with quotes of at least `fewest` talks, those of most talks first."""
    found: list[tuple[Group, CommonTheme]] = []
    for group in common.groups(fewest):
        if len(found) == most:
            break
        theme = _theme(common, group)
        if theme is None:
            continue
        quoted = {common.talk_of(quote) for quote in theme.quotes}
        taken = (other.heading.casefold() for _, other in found)
        if len(quoted) >= fewest and theme.heading.casefold() not in taken:
            found.append((group, theme))
    return sorted(found, key=lambda pair: -len(pair[0].talks))


def _theme(common: Common, group: Group) -> CommonTheme | None:
    section = common.section(group)
    named = common.heading(group, section)
    if named is None:
        return None
    heading, source = named
    against = pair(common, group)
    quotes = common.quotes(group, section, pinned=against)
    pairs = ((quotes.index(against[0]), quotes.index(against[1])),) if against else ()
    return CommonTheme(
        heading=heading,
        source=source,
        quotes=tuple(quotes),
        talks=group.talks,
        parts=tuple(sorted((common.gists[g].talk, common.gists[g].number) for g in group.gists)),
        against=pairs,
    )


def _texts(theme: CommonTheme, document: Document) -> list[str]:
    text = {said.sentence.id: said.sentence.text for said in document.said}
    return [text[id] for quote in theme.quotes for id in quote.sentences if id in text]


def title(talks: int, themes: Sequence[CommonTheme], english: bool) -> str:
    """What the post is: the heading of one theme would speak for all of them."""
    if english:
        return f"What {talks} talks have in common"
    return themes[0].heading if themes else ""


def dek(themes: Sequence[CommonTheme]) -> str:
    """What the talks share."""
    return " · ".join(theme.heading for theme in themes[:4])


def notes(gathered: Gathered, themes: Sequence[CommonTheme]) -> tuple[str, ...]:
    if themes:
        return ()
    return (NOTHING_COMMON if len(gathered.talks) > 1 else TOO_FEW,)


# Two people who speak against each other: found seldom, since a wrong find puts words in two mouths.

NEAR = 0.65  # cosine of two sentences on one subject
SHARED = 2  # content words that they share
OVERLAP = 0.6  # of the content words of the one that has fewer, that the other has, too
OPINION = re.compile(
    r"\b(?:should(?:n't)?|must(?:n't)?|need(?:s|ed)? to|have to|ought|never|always|better|worse|best|worst|"
    r"good|bad|right|wrong|important|dangerous|harmful|useful|useless|worth|too (?:many|much|few|little)|"
    r"(?:i|we) (?:don't )?(?:think|believe)|(?:dis)?agree|matters?|doesn't matter|no need)\b",
    re.I,
)


def pair(common: Common, group: Group) -> tuple[Quote, ...]:
    """The two quotes of a group that most surely speak against each other, or none."""
    able = [quote for gist in group.gists for quote in common.gists[gist].quotes]
    found = [
        (score, -at, two)
        for at, two in enumerate(combinations(able, 2))
        if (score := _opposed(common, *two)) > 0
    ]
    return max(found, key=lambda one: one[:2])[2] if found else ()


def _opposed(common: Common, one: Quote, two: Quote) -> float:
    """The cosine of two sentences that say opposite things of one subject; 0 if there are none."""
    if one.speaker == two.speaker:
        return 0.0
    said, rows = common.document.said, common.document.rows
    best = 0.0
    for a, b in product(one.sentences, two.sentences):
        if a not in common.index or b not in common.index:
            continue
        i, j = common.index[a], common.index[b]
        near = float(rows[i] @ rows[j])
        if near >= NEAR and contrary(said[i].sentence.text, said[j].sentence.text):
            reads = min(extractive.quality(said[k], common.document.language) for k in (i, j))
            best = max(best, near if reads > extractive.UNREADABLE else 0.0)
    return best


def contrary(one: str, two: str) -> bool:
    """Whether each of two English opinions denies what the other affirms of the same things."""
    if not (OPINION.search(one) and OPINION.search(two)):
        return False
    first, second = _concepts(one), _concepts(two)
    shared = first & second
    if len(shared) < SHARED or len(shared) < OVERLAP * min(len(first), len(second)):
        return False
    return _parts(one, two) and _parts(two, one)


def _parts(text: str, source: str) -> bool:
    """Whether a text says the opposite of a word of the source, or denies just what that affirms.

    A word further on in a denial is not what is denied: "you never include a child" denies no child.
    """
    turned, negated = negation.parting(text, [source])
    return bool(turned or (negated and max(term.depth for term in negated) <= 1))


def _concepts(text: str) -> set[str]:
    return {term.concept for term in polarity.terms(text)}
