"""The body of a section: quotes after the paragraphs that they go with, the author's notes at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from pipeline.engines import Embed
from pipeline.engines.sentence_vectors import unit
from pipeline.records import Block, Claim, Paragraph, Quote, Theme

# Cosine similarity of a note to the mean of a theme's texts. In notes on three talks and on a sample post,
# those about a theme reach 0.32 to 0.50 with it, thanks and remarks about the day at most 0.25 with any.
MIN_NOTE_COSINE = 0.3

ThemeT = TypeVar("ThemeT", bound=Theme)


def in_reading_order(
    paragraphs: Sequence[Paragraph], quotes: Sequence[Quote], positions: Mapping[str, int]
) -> tuple[Block, ...]:
    """Each quote after the paragraph that cites what was said nearest to it, the first of several.

    `positions` are those of the sentences in the talk, by id.
    """
    if not paragraphs:
        return tuple(quotes)
    cited = [[positions[id] for claim in part.claims for id in claim.cites] for part in paragraphs]
    followers: list[list[Quote]] = [[] for _ in paragraphs]
    for quote in quotes:
        position = positions[quote.sentences[0]]
        distances = [
            min((abs(other - position) for other in others), default=len(positions)) for others in cited
        ]
        followers[distances.index(min(distances))].append(quote)
    body: list[Block] = []
    for paragraph, after in zip(paragraphs, followers, strict=True):
        body += [paragraph, *after]
    return tuple(body)


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


def place_notes(notes: Sequence[str], themes: Sequence[Sequence[str]], embed: Embed) -> list[int | None]:
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
    return [theme if cosine >= MIN_NOTE_COSINE else None for theme, cosine in near]
