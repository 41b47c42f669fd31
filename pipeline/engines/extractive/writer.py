"""The extractive writer: a post of well-chosen quotes, without a language model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.engines.extractive import headings, phrases, quotes, themes
from pipeline.engines.extractive.sentences import Language, Said, read, stem
from pipeline.engines.extractive.vectors import Vectors
from pipeline.records import Quote, Takeaways, Theme, Turns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NOT_ENGLISH = (
    "The extractive writer knows English best: in other languages it hardly tells small talk from the matter."
)
NO_THEMES = "No themes: too little was said beyond greetings and logistics."
GOOD = 0.42  # score of a slice from which it makes a better heading than a phrase said again and again
FAIR = 0.05  # and from which it makes a better one than a phrase said once


@dataclass(frozen=True)
class Section:
    """A theme before it is written: what was picked, and how strong it is."""

    topic: themes.Topic
    quotes: tuple[tuple[int, ...], ...]
    headings: tuple[headings.Slice, ...]
    repeated: tuple[phrases.Phrase, ...]
    once: tuple[phrases.Phrase, ...]
    strength: float

    @property
    def claim(self) -> float:
        """How good the best heading is."""
        return self.headings[0].score if self.headings else 0.0


class ExtractiveWriter:
    """Themes by segmentation and clustering of sentence vectors; every word is the speakers' own."""

    def __init__(self, vectors: Vectors | None = None, themes: int | None = None) -> None:
        """`themes`: at most so many; None lets the length of the talk decide."""
        self._vectors, self._most = vectors, themes

    def write(self, turns: Turns, glossary: tuple[str, ...]) -> Takeaways:
        """Takeaways with 3 to 7 themes, fewer for short talks, none (and a note) where nothing was said."""
        language = Language.of(turns)
        said = read(turns, language)
        notes = () if language.english else (NOT_ENGLISH,)
        if all(s.junk for s in said):
            return Takeaways(writer="extractive", title="", dek="", themes=(), notes=(*notes, NO_THEMES))
        vectors = self._vectors = self._vectors or _load()
        favoured = frozenset(stem(t) for term in glossary for t in term.lower().split())
        sections = _sections(said, favoured, vectors, language, self._most)
        written = tuple(_theme(section, said) for section in sections)
        first = max(range(len(sections)), key=lambda k: (sections[k].claim, -k))
        title = written[first].heading
        rest = [k for k in range(len(sections)) if k != first]
        if language.english:
            dek = _dek(_names([sections[k] for k in rest], title))
        else:
            dek = " · ".join(written[k].heading for k in rest)
        return Takeaways(writer="extractive", title=title, dek=dek, themes=written, notes=notes)


def _load() -> Vectors:
    from pipeline.models import locate

    return Vectors(locate("minilm") / "model.onnx")


def _sections(
    said: Sequence[Said], glossary: frozenset[str], vectors: Vectors, language: Language, most: int | None
) -> list[Section]:
    """The strongest themes of the talk, in order of speech; at least one."""
    rows = vectors.of([s.sentence.text for s in said])
    counts = Counter(t for s in said for t in s.terms)
    found = []
    for topic in themes.topics(said, rows):
        keys = phrases.keys(topic, said, counts, glossary)
        found.append(_section(topic, said, rows, keys, vectors, language))
    most = most or themes.most(sum(s.size for s in said if not s.junk))
    kept = sorted(found, key=lambda s: (-s.strength, s.topic.sentences))[:most]
    return sorted(kept, key=lambda s: s.quotes)


def _section(
    topic: themes.Topic,
    said: Sequence[Said],
    rows: NDArray[np.float32],
    keys: dict[str, float],
    vectors: Vectors,
    language: Language,
) -> Section:
    units = quotes.units(topic, said, quotes.relevance(topic, said, keys), language)
    picked = quotes.choose(units, said, rows, _shares(topic, said))
    quoted = frozenset(i for unit in picked for i in unit.sentences)
    slices = headings.best(topic, said, keys, quoted, vectors, language)
    size = sum(said[i].size for i in topic.sentences if not said[i].junk)
    claim = max(0.0, min(1.0, slices[0].score)) if slices else 0.0
    return Section(
        topic=topic,
        quotes=tuple(quotes.grouped(picked, said)),
        headings=tuple(slices),
        repeated=tuple(phrases.repeated(topic, said, keys, language)[:6]),
        once=tuple(phrases.once(said, keys, sorted(quoted))[:3]) if language.english else (),
        strength=sum(unit.score for unit in picked) / len(picked) + 0.1 * size**0.25 + 0.3 * claim,
    )


def _shares(topic: themes.Topic, said: Sequence[Said]) -> dict[str, float]:
    """Each speaker's share of a topic's words."""
    spoken: Counter[str] = Counter()
    for i in topic.sentences:
        spoken[said[i].sentence.speaker] += round(said[i].size)
    return {speaker: n / max(1, spoken.total()) for speaker, n in spoken.items()}


def _theme(section: Section, said: Sequence[Said]) -> Theme:
    index, heading = _heading(section, said)
    return Theme(
        heading=heading,
        source=said[index].sentence.id,
        quotes=tuple(_quote([said[i] for i in group]) for group in section.quotes),
    )


def _heading(section: Section, said: Sequence[Said]) -> phrases.Phrase:
    """A claim if there is a good one, else a phrase that names the theme; with the sentence it is from."""
    names = [name for name in section.repeated if " " in name[1]]
    if section.headings and section.claim >= (GOOD if names else FAIR):
        return section.headings[0].index, headings.text_of(section.headings[0], said)
    for index, phrase in [*names, *section.once, *section.repeated]:
        return index, phrase[:1].upper() + phrase[1:]
    index = section.quotes[0][0]
    return index, headings.opening(said[index])


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


def _quote(group: Sequence[Said]) -> Quote:
    sentences = [s.sentence for s in group]
    margins = [s.margin for s in sentences if s.margin is not None]
    return Quote(
        sentences=tuple(s.id for s in sentences),
        speaker=sentences[0].speaker,
        start=sentences[0].start,
        end=sentences[-1].end,
        margin=min(margins, default=None),
        flags=tuple(sorted({flag for s in sentences for flag in s.flags})),
    )
