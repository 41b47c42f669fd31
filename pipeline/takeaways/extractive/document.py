"""A talk as the writers see it: its sentences, their embeddings, and what can be extracted from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.engines import Embed, Parse, syntax
from pipeline.engines.sentence_vectors import encoder, unit
from pipeline.records import Kept, Quote, Sentence, Turns
from pipeline.takeaways.extractive import headings, phrases, quotes, themes, trims
from pipeline.takeaways.extractive.themes import SEGMENT_PENALTY, segment, weights
from pipeline.takeaways.language.sentences import Language, SpokenSentence, analyse, singular

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# Scores from which a slice of a sentence is the better heading.
MIN_SCORE_OVER_REPEATED_PHRASE = 0.42  # than a phrase of several words said again and again
MIN_SCORE_OVER_OTHER_PHRASE = 0.05  # than a phrase said once, or a single word


@dataclass(frozen=True)
class Section:
    """A theme before it is written: what was picked, and how strong it is. Sentences are indices."""

    topic: themes.Topic
    quotes: tuple[tuple[int, ...], ...]
    headings: tuple[headings.Slice, ...]
    repeated_phrases: tuple[phrases.Phrase, ...]
    noun_phrases: tuple[phrases.Phrase, ...]
    strength: float

    @property
    def heading_score(self) -> float:
        """The score of the best slice; 0 if there is none."""
        return self.headings[0].score if self.headings else 0.0


class Document:
    """Sentences by index, in order of speech, without listeners' backchannels."""

    def __init__(
        self,
        turns: Turns,
        glossary: Iterable[str],
        embed: Embed | None = None,
        parse: Parse | None = None,
    ) -> None:
        self.turns = turns
        self.language = Language.of(turns)
        self.said: tuple[SpokenSentence, ...] = analyse(turns, self.language)
        self._custom_embed, self._custom_parse = embed, parse
        self._glossary_stems = frozenset(singular(word) for term in glossary for word in term.lower().split())
        self._term_counts = Counter(term for spoken in self.said for term in spoken.terms)

    @cached_property
    def parse(self) -> Parse | None:
        """The parser of the talk's language, if there is one."""
        return self._custom_parse or syntax.parser(self.turns.language)

    @property
    def word_count(self) -> float:
        """Words in sentences that are not junk."""
        return sum(spoken.size for spoken in self.said if not spoken.is_junk)

    @cached_property
    def embed(self) -> Embed:
        return self._custom_embed or encoder()

    @cached_property
    def rows(self) -> NDArray[np.float32]:
        """One unit vector per sentence: [sentences, 384]."""
        return self.embed([spoken.sentence.text for spoken in self.said])

    def topics(self) -> list[themes.Topic]:
        """The segments worth a section, similar ones merged."""
        return themes.topics(self.said, self.rows)

    def starts(self) -> list[int]:
        """The index of the first sentence of each segment, from 0."""
        return segment(self.said, self.rows, SEGMENT_PENALTY)

    def topic(self, indices: Sequence[int]) -> themes.Topic:
        """Arbitrary sentences as one topic."""
        rows = sorted(set(indices))
        centre = unit((self._directions[rows] * (self._weights[rows, None] + 1e-6)).sum(axis=0))
        return themes.Topic(tuple(rows), centre, self._directions)

    @cached_property
    def _weights(self) -> NDArray[np.float32]:
        return weights(self.said)

    @cached_property
    def _directions(self) -> NDArray[np.float32]:
        """Unit vectors of the sentences with the talk's mean subtracted: [sentences, 384]."""
        import numpy as np

        mean = np.average(self.rows, axis=0, weights=self._weights + 1e-6)
        return unit((self.rows - mean).astype(np.float32))

    def section(self, topic: themes.Topic) -> Section:
        """The quotes and headings that the extractive writer finds in a topic."""
        sentences, language = self.said, self.language
        term_weights = phrases.term_weights(topic, sentences, self._term_counts, self._glossary_stems)
        units = quotes.units(topic, sentences, quotes.relevance(topic, sentences, term_weights), language)
        picked = quotes.choose(units, sentences, self.rows, self._speaker_shares(topic))
        quoted = frozenset(i for unit in picked for i in unit.sentences)
        slices = headings.best_slices(topic, sentences, term_weights, quoted, self.embed, language)
        word_count = sum(sentences[i].size for i in topic.sentences if not sentences[i].is_junk)
        clipped_score = max(0.0, min(1.0, slices[0].score)) if slices else 0.0
        mean_score = sum(unit.score for unit in picked) / len(picked) if picked else 0.0
        noun_phrases = (
            phrases.noun_phrases(sentences, term_weights, sorted(quoted)) if language.english else []
        )
        return Section(
            topic=topic,
            quotes=tuple(quotes.group_adjacent(picked, sentences)),
            headings=tuple(slices),
            repeated_phrases=tuple(phrases.repeated_phrases(topic, sentences, term_weights, language)[:6]),
            noun_phrases=tuple(noun_phrases[:3]),
            strength=mean_score + 0.1 * word_count**0.25 + 0.3 * clipped_score,
        )

    def heading(self, section: Section) -> tuple[str, str]:
        """The heading that the extractive writer chooses, and the id of the sentence that it comes from."""
        index, heading = _heading(section, self.said)
        return heading, self.said[index].sentence.id

    def quote(self, indices: Sequence[int], keep: Sequence[Kept] | None = None) -> Quote:
        """Sentences of one speaker as a quote, cut to `keep`; if that is None, only of throat-clearing."""
        return _quote([self.said[i].sentence for i in indices], self.language, keep)

    def _speaker_shares(self, topic: themes.Topic) -> dict[str, float]:
        """Each speaker's share of a topic's words."""
        word_counts: Counter[str] = Counter()
        for i in topic.sentences:
            word_counts[self.said[i].sentence.speaker] += round(self.said[i].size)
        return {speaker: count / max(1, word_counts.total()) for speaker, count in word_counts.items()}


def _heading(section: Section, sentences: Sequence[SpokenSentence]) -> phrases.Phrase:
    """A good claim, else a phrase that names the theme, else a sentence's opening; with its sentence."""
    multiword = [phrase for phrase in section.repeated_phrases if " " in phrase.text]
    min_score = MIN_SCORE_OVER_REPEATED_PHRASE if multiword else MIN_SCORE_OVER_OTHER_PHRASE
    if section.headings and section.heading_score >= min_score:
        return phrases.Phrase(section.headings[0].index, headings.text_of(section.headings[0], sentences))
    for index, text in (*multiword, *section.noun_phrases, *section.repeated_phrases):
        return phrases.Phrase(index, text[:1].upper() + text[1:])
    index = section.quotes[0][0] if section.quotes else section.topic.sentences[0]
    return phrases.Phrase(index, headings.opening(sentences[index]))


def _quote(sentences: Sequence[Sentence], language: Language, keep: Sequence[Kept] | None) -> Quote:
    margins = [sentence.margin for sentence in sentences if sentence.margin is not None]
    return Quote(
        sentences=tuple(sentence.id for sentence in sentences),
        keep=tuple(_kept_ranges(sentences, language) if keep is None else keep),
        speaker=sentences[0].speaker,
        start=sentences[0].start,
        end=sentences[-1].end,
        margin=min(margins, default=None),
        flags=tuple(sorted({flag for sentence in sentences for flag in sentence.flags})),
    )


def _kept_ranges(sentences: Sequence[Sentence], language: Language) -> Iterator[Kept]:
    """What is left of the first and the last sentence without throat-clearing; nothing for one left whole."""
    for sentence in dict.fromkeys((sentences[0], sentences[-1])):
        is_first, is_last = sentence is sentences[0], sentence is sentences[-1]
        words = trims.trim(sentence.text, language.english, opening=is_first, closing=is_last)
        if words:
            yield Kept(sentence=sentence.id, words=words)
