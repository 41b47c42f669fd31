"""The body of a section: quotes after the paragraphs that they go with, the author's notes at its end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from pipeline.engines import Embed
from pipeline.engines.sentence_vectors import unit
from pipeline.records import Claim, Paragraph, Theme

# Cosine similarity of a note to the mean of a theme's texts. In notes on three talks and on a sample post,
# those about a theme reach 0.32 to 0.50 with it, thanks and remarks about the day at most 0.25 with any.
MIN_NOTE_COSINE = 0.3

ThemeT = TypeVar("ThemeT", bound=Theme)
ParagraphT = TypeVar("ParagraphT")
QuoteT = TypeVar("QuoteT")


def in_reading_order(
    paragraphs: Sequence[tuple[ParagraphT, Sequence[int]]], quotes: Sequence[tuple[QuoteT, int]]
) -> list[ParagraphT | QuoteT]:
    """Each quote after the paragraph that cites what was said nearest to it, the first of several.

    Paragraphs come with the positions in the talk of what they cite, quotes with those where they begin.
    """
    body: list[ParagraphT | QuoteT] = [] if paragraphs else [quote for quote, _ in quotes]
    followers: list[list[QuoteT]] = [[] for _ in paragraphs]
    for quote, position in quotes if paragraphs else ():
        distances = [
            min((abs(other - position) for other in cited), default=sys.maxsize) for _, cited in paragraphs
        ]
        followers[distances.index(min(distances))].append(quote)
    for (paragraph, _), after in zip(paragraphs, followers, strict=True):
        body += [paragraph, *after]
    return body


def author_note(note: str, number: int) -> Paragraph:
    """A note of the author's, word for word; its number counts from 1."""
    return Paragraph(claims=(Claim(text=note, kind="author", notes=(number,)),), shown_as="author's note")


def with_notes(
    themes: Sequence[ThemeT], notes: Sequence[str], texts: Sequence[Sequence[str]], embed: Embed
) -> tuple[tuple[ThemeT, ...], tuple[Paragraph, ...]]:
    """The themes, each with the author's notes that fit its texts, and the notes that fit no theme."""
    return with_paragraphs(themes, [author_note(note, n) for n, note in enumerate(notes, 1)], texts, embed)


def with_paragraphs(
    themes: Sequence[ThemeT], paragraphs: Sequence[Paragraph], texts: Sequence[Sequence[str]], embed: Embed
) -> tuple[tuple[ThemeT, ...], tuple[Paragraph, ...]]:
    """The themes, each with the paragraphs that fit its texts at its end, and those that fit no theme."""
    written = [" ".join(claim.text for claim in paragraph.claims) for paragraph in paragraphs]
    places = place_notes(written, texts, embed)

    def placed(at: int | None) -> tuple[Paragraph, ...]:
        return tuple(note for note, place in zip(paragraphs, places, strict=True) if place == at)

    noted = (
        theme.model_copy(update={"body": (*theme.body, *placed(index))}) for index, theme in enumerate(themes)
    )
    return tuple(noted), placed(None)


def place_notes(
    notes: Sequence[str],
    themes: Sequence[Sequence[str]],
    embed: Embed,
    min_cosine: float = MIN_NOTE_COSINE,
) -> list[int | None]:
    """The index of the theme that each note belongs to, None where it fits none.

    `themes` holds for each theme the texts that the notes are compared with, such as its quotes.
    """
    if not notes or not any(themes):
        return [None] * len(notes)
    rows = embed(notes)
    empty = np.zeros(rows.shape[1], dtype=np.float32)
    centres = np.stack([embed(texts).mean(axis=0) if texts else empty for texts in themes])
    cosines = rows @ unit(centres).T
    near = zip(cosines.argmax(axis=1).tolist(), cosines.max(axis=1).tolist(), strict=True)
    return [theme if cosine >= min_cosine else None for theme, cosine in near]
