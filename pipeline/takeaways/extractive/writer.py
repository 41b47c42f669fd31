"""The extractive writer: a post of well-chosen quotes and the author's notes, without a language model."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.engines import Embed
from pipeline.records import Takeaways, Theme, Turns
from pipeline.takeaways.extractive import themes
from pipeline.takeaways.extractive.document import Document, Section
from pipeline.takeaways.language.sentences import singular
from pipeline.takeaways.section_bodies import with_notes
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
        reflections = [note.text for note in facts.notes]
        if all(spoken.is_junk for spoken in document.said):
            _, close = with_notes((), reflections, (), document.embed)
            return Takeaways(
                writer="extractive", title="", dek="", themes=(), close=close, notes=(*notes, NO_THEMES)
            )
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
        themes, close = with_notes(written_themes, reflections, texts, document.embed)
        return Takeaways(writer="extractive", title=title, dek=dek, themes=themes, close=close, notes=notes)


def strongest(document: Document, max_themes: int | None) -> list[Section]:
    """The strongest themes of the talk, in order of speech; at least one."""
    sections = [document.section(topic) for topic in document.topics()]
    max_themes = max_themes or themes.max_themes(document.word_count)
    kept = sorted(sections, key=lambda section: (-section.strength, section.topic.sentences))[:max_themes]
    return sorted(kept, key=lambda section: section.quotes)


def _theme(section: Section, document: Document) -> Theme:
    heading, source = document.heading(section)
    return Theme(heading=heading, source=source, body=tuple(map(document.quote, section.quotes)))


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
