"""Themes as templates are given them: headings, anchors, and quotes beside the prose that they belong to."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from pipeline.post.conversation import Conversation
from pipeline.post.prose import Prose
from pipeline.post.quotations import quotation
from pipeline.post.section_views import PartView, QuoteView, ThemeView
from pipeline.post.views import VerificationView
from pipeline.records import Takeaways, Theme
from pipeline.text import plain


def theme_views(themes: Iterable[Theme], said: Conversation, prose: Prose) -> tuple[ThemeView, ...]:
    """Raises ArtifactError where a theme refers to what was not said."""
    views, taken = [], set[str]()
    for number, theme in enumerate(themes, 1):
        heading = prose.named(theme.heading) or f"Theme {number}"
        quotes = tuple(quotation(quote, said) for quote in theme.quotes)
        views.append(
            ThemeView(
                heading,
                _anchor(heading, number, taken),
                _parts(theme, quotes, said, prose),
                quotes,
                own_words(theme.reflections),
            )
        )
    return tuple(views)


def _parts(
    theme: Theme, quotes: Sequence[QuoteView], said: Conversation, prose: Prose
) -> tuple[PartView, ...]:
    """Each quote after the paragraph that cites what was said nearest to it."""
    paragraphs = prose.paragraphs(theme.paragraphs)
    if not paragraphs:
        return (PartView(None, tuple(quotes)),)
    cited = [[said.order[one.id] for one in paragraph.citations] for paragraph in paragraphs]
    after: list[list[QuoteView]] = [[] for _ in paragraphs]
    for quote, view in zip(theme.quotes, quotes, strict=True):
        here = said.order[quote.sentences[0]]
        near = [min(abs(place - here) for place in places) for places in cited]
        after[near.index(min(near))].append(view)
    return tuple(PartView(one, tuple(views)) for one, views in zip(paragraphs, after, strict=True))


def own_words(reflections: Iterable[str]) -> tuple[str, ...]:
    """The author's words as they were written: no name is put into them."""
    return tuple(filter(None, map(plain, reflections)))


def verification_view(takeaways: Takeaways) -> VerificationView | None:
    found = takeaways.verification
    if found is None or not found.checked:
        return None
    return VerificationView(found.checked, found.passed, found.mended, found.replaced)


def _anchor(heading: str, number: int, taken: set[str]) -> str:
    """A fragment identifier of the heading's own letters, in any script."""
    letters = unicodedata.normalize("NFKC", heading).casefold().replace("'", "").replace("\u2019", "")
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in letters)
    slug = "-".join("".join(kept).split()) or f"theme-{number}"
    anchor, copy = slug, 2
    while anchor in taken:
        anchor, copy = f"{slug}-{copy}", copy + 1
    taken.add(anchor)
    return anchor
