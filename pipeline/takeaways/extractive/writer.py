"""The extractive writer: a post of well-chosen quotes and the author's notes, without a language model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.engines.sentence_vectors import Vectors, unit
from pipeline.records import Takeaways, Theme, Turns
from pipeline.takeaways.extractive import themes
from pipeline.takeaways.extractive.document import Document, Section
from pipeline.takeaways.language.sentences import stem
from pipeline.workspace.sidecar_facts import Facts

NOT_ENGLISH = (
    "The extractive writer knows English best: in other languages it hardly tells small talk from the matter."
)
NO_THEMES = "No themes: too little was said beyond greetings and logistics."


class ExtractiveWriter:
    """Themes by segmentation and clustering of sentence vectors; every word is the speakers' own."""

    def __init__(self, vectors: Vectors | None = None, themes: int | None = None) -> None:
        """`themes`: at most so many; None lets the length of the talk decide."""
        self._vectors, self._most = vectors, themes

    def write(self, turns: Turns, facts: Facts) -> Takeaways:
        """Takeaways with 3 to 7 themes, fewer for short talks, none (and a note) where nothing was said."""
        document = Document(turns, facts.glossary, self._vectors)
        notes = () if document.language.english else (NOT_ENGLISH,)
        if all(s.junk for s in document.said):
            return Takeaways(
                writer="extractive", title="", dek="", themes=(), reflections=facts.notes,
                notes=(*notes, NO_THEMES),
            )  # fmt: skip
        self._vectors = document.vectors
        sections = strongest(document, self._most)
        written = tuple(_theme(section, document) for section in sections)
        first = max(range(len(sections)), key=lambda k: (sections[k].claim, -k))
        title = written[first].heading
        rest = [k for k in range(len(sections)) if k != first]
        if document.language.english:
            dek = _dek(_names([sections[k] for k in rest], title))
        else:
            dek = " · ".join(written[k].heading for k in rest)
        beside, left = placed(
            facts.notes, [_texts(section, document) for section in sections], document.vectors
        )
        reflected = (t.model_copy(update={"reflections": n}) for t, n in zip(written, beside, strict=True))
        return Takeaways(
            writer="extractive", title=title, dek=dek, themes=tuple(reflected), reflections=left, notes=notes
        )


def strongest(document: Document, most: int | None) -> list[Section]:
    """The strongest themes of the talk, in order of speech; at least one."""
    found = [document.section(topic) for topic in document.topics()]
    most = most or themes.most(document.words)
    kept = sorted(found, key=lambda s: (-s.strength, s.topic.sentences))[:most]
    return sorted(kept, key=lambda s: s.quotes)


def _theme(section: Section, document: Document) -> Theme:
    heading, source = document.heading(section)
    return Theme(heading=heading, source=source, quotes=tuple(map(document.quote, section.quotes)))


def _texts(section: Section, document: Document) -> list[str]:
    """What a section says, for a note to be near to."""
    return [document.said[i].sentence.text for group in section.quotes for i in group]


def _names(sections: Sequence[Section], title: str) -> list[str]:
    """What up to three sections are about, nothing twice."""
    names: list[str] = []
    for section in sections:
        for _, phrase in [*section.repeated, *section.once]:
            known = " ".join([title, *names]).lower()
            if _nameable(phrase) and not any(stem(part) in known for part in phrase.lower().split()):
                names.append(phrase)
                break
    return names[:3]


def _nameable(phrase: str) -> bool:
    """Several words, a proper name or a plural: what can follow "on" without an article."""
    return " " in phrase or phrase != phrase.lower() or (phrase.endswith("s") and stem(phrase) != phrase)


def _dek(names: Sequence[str]) -> str:
    if not names:
        return ""
    return "And other takeaways on " + (", ".join(names[:-1]) + " and " if len(names) > 1 else "") + names[-1]


# Where the author's own reflections belong: beside the theme that they are about, or beside none.

# Cosine of a note and the mean of a theme's texts. Tried on notes to three talks and to the model post:
# those about a theme reach 0.32 to 0.50 with it, thanks and remarks on the day at most 0.25 with any.
FLOOR = 0.3

Placed = tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]


def placed(notes: Sequence[str], themes: Sequence[Sequence[str]], vectors: Vectors) -> Placed:
    """Each theme's notes, as they were written and in their order, and those that fit no theme.

    `themes` are the texts of each theme: its heading, its prose, its quotes.
    """
    if not notes or not any(themes):
        return ((),) * len(themes), tuple(notes)
    rows = vectors.of(notes)
    empty = np.zeros(rows.shape[1], dtype=np.float32)
    centres = np.stack([vectors.of(texts).mean(axis=0) if texts else empty for texts in themes])
    fit = rows @ unit(centres).T
    best = fit.argmax(axis=1)
    found: list[list[str]] = [[] for _ in themes]
    left: list[str] = []
    for note, theme, cosine in zip(notes, best, fit.max(axis=1), strict=True):
        (found[theme] if cosine >= FLOOR else left).append(note)
    return tuple(map(tuple, found)), tuple(left)
