"""Themes that several talks share: parts of them whose sentences mean nearly the same, with quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines.sentence_vectors import unit
from pipeline.records import talk_of
from pipeline.takeaways.extractive import headings
from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.extractive.document import Document, Section
from pipeline.takeaways.extractive.themes import weights
from pipeline.takeaways.language.sentences import stem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.cohort.excerpts import Gist
    from pipeline.records import Quote

MANY, ALIKE_OF_FEW = 8, 0.6  # parts from which a mean can be taken off, and the likeness without
ALIKE = 0.3  # cosine of two parts' directions, averaged over a group, from which they share a theme
NAMING = 0.4  # share of a theme's talks, and two at least, that say the phrase which is its name
SPOKEN = 0.75  # share of them, and three at least, that say a word of the claim which is its heading
TELLING = 0.5  # share of a theme's talks, and two at least, that say a word which stands for it
SPOKEN_FOR = 0.15  # taken off a quote of somebody who is quoted in the theme already
QUOTES = 5  # of a theme


@dataclass(frozen=True)
class Group:
    """Parts of talks that share a theme, by index, nearest to its centre first."""

    gists: tuple[int, ...]
    talks: tuple[str, ...]
    cohesion: float

    @property
    def strength(self) -> float:
        """Many talks that keep close together."""
        return float(np.log2(1 + len(self.talks))) * self.cohesion


class Common:
    """The parts of a cohort's talks, and how near they are to each other."""

    def __init__(self, document: Document, gists: Sequence[Gist]) -> None:
        self.document = document
        self.index = {said.sentence.id: i for i, said in enumerate(document.said)}
        self.gists = [gist for gist in gists if any(id in self.index for id in gist.sentences)]
        self.sentences = [
            [self.index[id] for id in gist.sentences if id in self.index] for gist in self.gists
        ]
        self.alike = ALIKE if len(self.gists) >= MANY else ALIKE_OF_FEW

    @cached_property
    def centres(self) -> NDArray[np.float32]:
        """The direction of each part's meaning: unit rows [gists, 384].

        The cohort's mean is taken off, unless there are so few parts that it is mostly what they share.
        """
        weight = weights(self.document.said)[:, None] + 1e-6
        mean = np.average(self.document.rows, axis=0, weights=weight[:, 0])
        directions = self.document.rows - (mean if len(self.gists) >= MANY else 0.0)
        return unit(np.stack([(directions[own] * weight[own]).sum(axis=0) for own in self.sentences]))

    def groups(self, fewest: int) -> list[Group]:
        """Groups of parts of at least so many talks, the strongest first (average linkage)."""
        from scipy.cluster.hierarchy import fcluster, linkage

        if len(self.gists) < 2:
            return []
        apart = 1 - self.centres @ self.centres.T
        pairs = np.maximum(apart[np.triu_indices(len(apart), 1)], 0)
        labels = fcluster(linkage(pairs, "average"), 1 - self.alike, "distance")
        groups = [self._group(np.flatnonzero(labels == label)) for label in np.unique(labels)]
        able = [group for group in groups if len(group.talks) >= fewest]
        return sorted(able, key=lambda group: (-group.strength, group.gists))

    def _group(self, members: NDArray[np.intp]) -> Group:
        near = self.centres[members] @ unit(self.centres[members].sum(axis=0))
        order = [int(members[k]) for k in np.argsort(-near, kind="stable")]
        talks = tuple(sorted({self.gists[i].talk for i in order}))
        return Group(tuple(order), talks, float(near.mean()))

    def section(self, group: Group) -> Section:
        """What the extractive writer finds in the sentences of a group."""
        own = [i for gist in group.gists for i in self.sentences[gist]]
        return self.document.section(self.document.topic(own))

    def heading(self, group: Group, section: Section) -> tuple[str, str] | None:
        """What the talks share in a few words, and the id of the sentence that these are from.

        A phrase that many of the talks say; else one talk's claim about what nearly all speak of, or a word
        of most of them. None where they have not a word in common: likeness alone is no common theme.
        """
        said = self.document.said
        spoken = self._spoken(group)
        for index, text in section.repeated:
            if " " in text and self._named(group, text) >= max(2, NAMING * len(group.talks)):
                return text[:1].upper() + text[1:], said[index].sentence.id

        def shared(text: str) -> int:
            return max((spoken[stem(word)] for word in text.lower().split()), default=0)

        claims = [
            (slice.score + shared(text) / len(group.talks), -at, text, slice.index)
            for at, slice in enumerate(section.headings)
            if shared(text := headings.text_of(slice, said)) >= max(3, SPOKEN * len(group.talks))
            and slice.score > 0
        ]
        if claims:
            _, _, text, index = max(claims)
            return text, said[index].sentence.id
        for index, text in section.repeated:
            if shared(text) >= max(2, TELLING * len(group.talks)):
                return text[:1].upper() + text[1:], said[index].sentence.id
        return None

    def _named(self, group: Group, phrase: str) -> int:
        """In how many of a group's talks a phrase is said, in whatever form."""
        stems = f" {' '.join(map(stem, phrase.lower().split()))} "
        saying = {
            self.gists[gist].talk
            for gist in group.gists
            for i in self.sentences[gist]
            if stems in f" {' '.join(map(stem, self.document.said[i].tokens))} "
        }
        return len(saying)

    def _spoken(self, group: Group) -> Counter[str]:
        """How many of a group's talks use each content word."""
        talks: dict[str, set[str]] = {}
        for gist in group.gists:
            for i in self.sentences[gist]:
                for term in self.document.said[i].terms:
                    talks.setdefault(term, set()).add(self.gists[gist].talk)
        return Counter({term: len(where) for term, where in talks.items()})

    def quotes(self, group: Group, section: Section, pinned: Sequence[Quote] = ()) -> list[Quote]:
        """Quotes of as many talks and people as there is room for, in the talks' order; `pinned` go first."""
        there = [quote for gist in group.gists for quote in self.gists[gist].quotes]
        worth = {quote: self._worth(quote, section) for quote in there}
        able = [quote for quote in there if worth[quote] > extractive.UNREADABLE]
        ranked = sorted(able, key=lambda quote: (-worth[quote], self._place(quote)))
        picked = list(pinned)
        while len(picked) < QUOTES:
            talks = set(map(self.talk_of, picked))
            heard = {quote.speaker for quote in picked}
            fresh = [q for q in ranked if self.talk_of(q) not in talks and self._new(q, picked)]
            if not fresh:
                break
            picked.append(max(fresh, key=lambda q: worth[q] - SPOKEN_FOR * (q.speaker in heard)))
        return sorted(picked, key=self._place)

    def _worth(self, quote: Quote, section: Section) -> float:
        own = [self.index[id] for id in quote.sentences if id in self.index]
        if not own or any(self.document.said[i].junk for i in own):
            return float("-inf")
        near = float((section.topic.directions[own] @ section.topic.centre).mean())
        reads = [extractive.quality(self.document.said[i], self.document.language) for i in own]
        return near + sum(reads) / len(reads)

    def _new(self, quote: Quote, picked: Sequence[Quote]) -> bool:
        own = [self.index[id] for id in quote.sentences if id in self.index]
        taken = [self.index[id] for other in picked for id in other.sentences if id in self.index]
        rows = self.document.rows
        return not taken or not own or float((rows[own] @ rows[taken].T).max()) < extractive.ALIKE

    @staticmethod
    def talk_of(quote: Quote) -> str:
        """The talk that a quote is from."""
        return talk_of(quote.sentences[0])

    def _place(self, quote: Quote) -> int:
        return self.index.get(quote.sentences[0], -1)
