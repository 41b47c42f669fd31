"""The extractive writer: a post of well-chosen quotes and the author's notes, without a language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from pipeline.engines import Embed
from pipeline.engines.sentence_vectors import unit
from pipeline.records import Takeaways, Theme, Turns
from pipeline.takeaways.extractive import themes
from pipeline.takeaways.extractive.document import Document, Section
from pipeline.takeaways.language.sentences import singular
from pipeline.workspace.sidecar import Facts

NOT_ENGLISH = (
    "The extractive writer knows English best: in other languages it hardly tells small talk from the matter."
)
NO_THEMES = "No themes: too little was said beyond greetings and logistics."


class ExtractiveWriter:
    """Themes by segmentation and clustering of sentence vectors, in the speakers' own words."""

    def __init__(self, embed: Embed | None = None, themes: int | None = None) -> None:
        """`themes` is the most themes to write; None lets the length of the talk decide."""
        self._embed, self._max_themes = embed, themes

    def write(self, turns: Turns, facts: Facts) -> Takeaways:
        """Takeaways with up to 7 themes, fewer for short talks; none, and a note, if it is all small talk."""
        document = Document(turns, facts.glossary, self._embed)
        notes = () if document.language.english else (NOT_ENGLISH,)
        if all(spoken.is_junk for spoken in document.said):
            return Takeaways(
                writer="extractive", title="", dek="", themes=(), reflections=facts.notes,
                notes=(*notes, NO_THEMES),
            )  # fmt: skip
        sections = strongest(document, self._max_themes)
        written_themes = tuple(_theme(section, document) for section in sections)
        title_index = max(range(len(sections)), key=lambda i: (sections[i].heading_score, -i))
        title = written_themes[title_index].heading
        others = [i for i in range(len(sections)) if i != title_index]
        if document.language.english:
            dek = _dek(_topic_names([sections[i] for i in others], title))
        else:
            dek = " · ".join(written_themes[i].heading for i in others)
        texts = [_quoted_texts(section, document) for section in sections]
        themes, unplaced = with_reflections(written_themes, facts.notes, texts, document.embed)
        return Takeaways(
            writer="extractive", title=title, dek=dek, themes=themes, reflections=unplaced, notes=notes
        )


def strongest(document: Document, max_themes: int | None) -> list[Section]:
    """The strongest themes of the talk, in order of speech; at least one."""
    sections = [document.section(topic) for topic in document.topics()]
    max_themes = max_themes or themes.max_themes(document.word_count)
    kept = sorted(sections, key=lambda section: (-section.strength, section.topic.sentences))[:max_themes]
    return sorted(kept, key=lambda section: section.quotes)


def _theme(section: Section, document: Document) -> Theme:
    heading, source = document.heading(section)
    return Theme(heading=heading, source=source, quotes=tuple(map(document.quote, section.quotes)))


def _quoted_texts(section: Section, document: Document) -> list[str]:
    """What is quoted in a section: the texts with which notes are compared."""
    return [document.said[i].sentence.text for group in section.quotes for i in group]


def _topic_names(sections: Sequence[Section], title: str) -> list[str]:
    """Phrases that name the subjects of up to three sections, without repetition."""
    names: list[str] = []
    for section in sections:
        for _, phrase in [*section.repeated_phrases, *section.noun_phrases]:
            known = " ".join([title, *names]).lower()
            if _reads_without_article(phrase) and not any(
                singular(part) in known for part in phrase.lower().split()
            ):
                names.append(phrase)
                break
    return names[:3]


def _reads_without_article(phrase: str) -> bool:
    """Several words, a proper name or a plural: what can follow "on" without an article."""
    return " " in phrase or phrase != phrase.lower() or (phrase.endswith("s") and singular(phrase) != phrase)


def _dek(names: Sequence[str]) -> str:
    if not names:
        return ""
    return "And other takeaways on " + (", ".join(names[:-1]) + " and " if len(names) > 1 else "") + names[-1]


# Where the author's own reflections belong: beside the theme that they are about, or beside none.

# Cosine similarity of a note to the mean of a theme's texts. In notes on three talks and on a sample post,
# those about a theme reach 0.32 to 0.50 with it, thanks and remarks about the day at most 0.25 with any.
MIN_NOTE_COSINE = 0.3

ThemeT = TypeVar("ThemeT", bound=Theme)
PlacedNotes = tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]


def with_reflections(
    themes: Sequence[ThemeT], notes: Sequence[str], texts: Sequence[Sequence[str]], embed: Embed
) -> tuple[tuple[ThemeT, ...], tuple[str, ...]]:
    """The themes, each with the author's notes that fit its texts, and the notes that fit no theme."""
    notes_by_theme, unplaced = place_notes(notes, texts, embed)
    reflected = (
        theme.model_copy(update={"reflections": reflections})
        for theme, reflections in zip(themes, notes_by_theme, strict=True)
    )
    return tuple(reflected), unplaced


def place_notes(notes: Sequence[str], themes: Sequence[Sequence[str]], embed: Embed) -> PlacedNotes:
    """The notes of each theme, verbatim and in their original order, and the notes that fit no theme.

    `themes` holds for each theme the texts that the notes are compared with, such as its quotes.
    """
    if not notes or not any(themes):
        return ((),) * len(themes), tuple(notes)
    rows = embed(notes)
    empty = np.zeros(rows.shape[1], dtype=np.float32)
    centres = np.stack([embed(texts).mean(axis=0) if texts else empty for texts in themes])
    cosines = rows @ unit(centres).T
    best = cosines.argmax(axis=1)
    notes_by_theme: list[list[str]] = [[] for _ in themes]
    unplaced: list[str] = []
    for note, theme, cosine in zip(notes, best, cosines.max(axis=1), strict=True):
        (notes_by_theme[theme] if cosine >= MIN_NOTE_COSINE else unplaced).append(note)
    return tuple(map(tuple, notes_by_theme)), tuple(unplaced)
