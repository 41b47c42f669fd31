"""The extractive writer for cohorts: common themes in the speakers' own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.cohort import disagreement
from pipeline.cohort.clusters import Common, Group
from pipeline.cohort.cohort_records import CohortTakeaways, CommonTheme
from pipeline.cohort.gathering import Gathered
from pipeline.engines.sentence_vectors import Vectors
from pipeline.takeaways.extractive.document import Matter
from pipeline.takeaways.extractive.reflections import placed
from pipeline.workspace.facts import Facts

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
        matter = Matter(gathered.turns, facts.glossary, self.vectors)
        common = Common(matter, gathered.gists)
        themes = [theme for _, theme in themes_of(common, self.fewest, self.most)]
        texts = [[theme.heading, *_texts(theme, matter)] for theme in themes]
        beside, left = placed(facts.notes, texts, matter.vectors) if themes else ((), facts.notes)
        return CohortTakeaways(
            writer="extractive",
            title=title(len(gathered.talks), themes, matter.language.english),
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
    against = disagreement.pair(common, group)
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


def _texts(theme: CommonTheme, matter: Matter) -> list[str]:
    text = {said.sentence.id: said.sentence.text for said in matter.said}
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
