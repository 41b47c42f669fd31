"""A talk as writers work on it: its sentences, their vectors, and what can be extracted from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.engines.sentence_vectors import Vectors, encoder, unit
from pipeline.records import Kept, Quote, Sentence, Turns
from pipeline.takeaways.extractive import headings, phrases, quotes, themes, trims
from pipeline.takeaways.extractive.themes import PRICE, segment, weights
from pipeline.takeaways.language.sentences import Language, Said, read, stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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


class Document:
    """Sentences by index, in order of speech, but those that listeners throw in."""

    def __init__(self, turns: Turns, glossary: Iterable[str], vectors: Vectors | None = None) -> None:
        self.turns = turns
        self.language = Language.of(turns)
        self.said: tuple[Said, ...] = read(turns, self.language)
        self._given = vectors
        self._favoured = frozenset(stem(t) for term in glossary for t in term.lower().split())
        self._counts = Counter(t for s in self.said for t in s.terms)

    @property
    def words(self) -> float:
        """Words that are more than greetings and logistics."""
        return sum(s.size for s in self.said if not s.junk)

    @cached_property
    def vectors(self) -> Vectors:
        return self._given or encoder()

    @cached_property
    def rows(self) -> NDArray[np.float32]:
        """A unit vector a sentence: [sentences, 384]."""
        return self.vectors.of([s.sentence.text for s in self.said])

    def topics(self) -> list[themes.Topic]:
        """The stretches worth a section, alike ones joined."""
        return themes.topics(self.said, self.rows)

    def starts(self) -> list[int]:
        """Where topics begin, the first at 0."""
        return segment(self.said, self.rows, PRICE)

    def topic(self, indices: Sequence[int]) -> themes.Topic:
        """Any sentences as one topic."""
        import numpy as np

        weight = weights(self.said)
        mean = np.average(self.rows, axis=0, weights=weight + 1e-6)
        directions = unit((self.rows - mean).astype(np.float32))
        rows = sorted(set(indices))
        centre = unit((directions[rows] * (weight[rows, None] + 1e-6)).sum(axis=0))
        return themes.Topic(tuple(rows), centre, directions)

    def section(self, topic: themes.Topic) -> Section:
        """The quotes and headings that the extractive writer finds in a topic."""
        said, language = self.said, self.language
        keys = phrases.keys(topic, said, self._counts, self._favoured)
        units = quotes.units(topic, said, quotes.relevance(topic, said, keys), language)
        picked = quotes.choose(units, said, self.rows, self._shares(topic))
        quoted = frozenset(i for unit in picked for i in unit.sentences)
        slices = headings.best(topic, said, keys, quoted, self.vectors, language)
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

    def heading(self, section: Section) -> tuple[str, str]:
        """The heading that the extractive writer gives, and the id of the sentence that it is from."""
        index, heading = _heading(section, self.said)
        return heading, self.said[index].sentence.id

    def quote(self, indices: Sequence[int], keep: Sequence[Kept] | None = None) -> Quote:
        """Sentences of one speaker as a quote, without throat-clearing unless `keep` says what to keep."""
        return _quote([self.said[i].sentence for i in indices], self.language, keep)

    def _shares(self, topic: themes.Topic) -> dict[str, float]:
        """Each speaker's share of a topic's words."""
        spoken: Counter[str] = Counter()
        for i in topic.sentences:
            spoken[self.said[i].sentence.speaker] += round(self.said[i].size)
        return {speaker: n / max(1, spoken.total()) for speaker, n in spoken.items()}


def _heading(section: Section, said: Sequence[Said]) -> phrases.Phrase:
    """A claim if there is a good one, else a phrase that names the theme; with the sentence it is from."""
    names = [name for name in section.repeated if " " in name[1]]
    if section.headings and section.claim >= (GOOD if names else FAIR):
        return section.headings[0].index, headings.text_of(section.headings[0], said)
    for index, phrase in [*names, *section.once, *section.repeated]:
        return index, phrase[:1].upper() + phrase[1:]
    index = section.quotes[0][0]
    return index, headings.opening(said[index])


def _quote(sentences: Sequence[Sentence], language: Language, keep: Sequence[Kept] | None) -> Quote:
    margins = [s.margin for s in sentences if s.margin is not None]
    return Quote(
        sentences=tuple(s.id for s in sentences),
        keep=tuple(_kept(sentences, language) if keep is None else keep),
        speaker=sentences[0].speaker,
        start=sentences[0].start,
        end=sentences[-1].end,
        margin=min(margins, default=None),
        flags=tuple(sorted({flag for s in sentences for flag in s.flags})),
    )


def _kept(sentences: Sequence[Sentence], language: Language) -> Iterator[Kept]:
    """A quote begins and ends without throat-clearing; within it nothing is touched."""
    for sentence in dict.fromkeys((sentences[0], sentences[-1])):
        opening, closing = sentence is sentences[0], sentence is sentences[-1]
        words = trims.trimmed(sentence.text, language.english, opening, closing)
        if words:
            yield Kept(sentence=sentence.id, words=words)
