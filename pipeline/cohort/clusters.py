"""Common themes of several talks: clusters of parts (the talks' own themes) about nearly the same thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines.average_linkage import clusters_within, cosine_distances
from pipeline.engines.sentence_vectors import unit
from pipeline.errors import InputError
from pipeline.records import talk_of
from pipeline.takeaways.extractive import headings
from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.extractive.document import Document, Section
from pipeline.takeaways.extractive.themes import weights
from pipeline.takeaways.language.sentences import singular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.cohort.excerpts import GatheredPart
    from pipeline.records import Quote

MAX_PARTS = 16_384  # each is compared with each: 2 GB
MIN_PARTS_TO_CENTRE = 8  # with fewer, the mean is mostly what they share
MIN_COSINE = 0.3  # average linkage of parts of one theme, with the cohort's mean subtracted
MIN_COSINE_UNCENTRED = 0.6
# How many of a theme's talks must use what becomes its heading: a share of them, and a least number.
PHRASE_SHARE = 0.4  # a phrase
MIN_PHRASE_TALKS = 2
CLAIM_SHARE = 0.75  # a word of a claim
MIN_CLAIM_TALKS = 3
WORD_SHARE = 0.5  # a word, alone or of a phrase
MIN_WORD_TALKS = 2
REPEATED_SPEAKER_PENALTY = 0.15  # for a quote of somebody whom the theme already quotes
MAX_QUOTES = 5


@dataclass(frozen=True)
class Cluster:
    """Parts that share a theme, nearest to the centre first; `cohesion` is their mean cosine to it."""

    parts: tuple[int, ...]  # indices
    talks: tuple[str, ...]
    cohesion: float

    @property
    def strength(self) -> float:
        """What clusters are ranked by: higher for more talks, and for parts that are closer together."""
        return float(np.log2(1 + len(self.talks))) * self.cohesion


class Clustering:
    """The parts of a cohort's talks, and how similar they are to each other.

    `index` maps sentence ids to indices in the document; `sentences` has those of each part.
    """

    def __init__(self, document: Document, parts: Sequence[GatheredPart]) -> None:
        """Raises InputError for too many parts."""
        if len(parts) > MAX_PARTS:
            raise InputError(
                f"its talks have {len(parts):,} themes, of at most {MAX_PARTS:,} that can be compared",
                remedy="Divide the folder, or make fewer themes: extract.themes.",
            )
        self.document = document
        self.index = {spoken.sentence.id: i for i, spoken in enumerate(document.said)}
        self.parts = [part for part in parts if any(id in self.index for id in part.sentences)]
        self.sentences = [self._indices(part.sentences) for part in self.parts]
        self.is_centred = len(self.parts) >= MIN_PARTS_TO_CENTRE

    def _indices(self, ids: Sequence[str]) -> list[int]:
        return [self.index[id] for id in ids if id in self.index]

    @cached_property
    def centres(self) -> NDArray[np.float32]:
        """The embedding of each part: unit rows [parts, 384].

        The cohort's mean is subtracted, unless there are so few parts that it is mostly what they share.
        """
        weight = weights(self.document.said)[:, None] + 1e-6
        mean = np.average(self.document.rows, axis=0, weights=weight[:, 0])
        directions = self.document.rows - (mean if self.is_centred else 0.0)
        sums = [(directions[indices] * weight[indices]).sum(axis=0) for indices in self.sentences]
        return unit(np.stack(sums))

    def clusters(self, min_talks: int) -> list[Cluster]:
        """Clusters of parts of at least `min_talks` talks, strongest first (average linkage)."""
        if len(self.parts) < 2:
            return []
        min_cosine = MIN_COSINE if self.is_centred else MIN_COSINE_UNCENTRED
        labels = clusters_within(cosine_distances(self.centres), 1 - min_cosine)
        clusters = [self._cluster(np.flatnonzero(labels == label)) for label in range(labels.max() + 1)]
        shared = [cluster for cluster in clusters if len(cluster.talks) >= min_talks]
        return sorted(shared, key=lambda cluster: (-cluster.strength, cluster.parts))

    def _cluster(self, members: NDArray[np.intp]) -> Cluster:
        cosines = self.centres[members] @ unit(self.centres[members].sum(axis=0))
        order = [int(members[k]) for k in np.argsort(-cosines, kind="stable")]
        talks = tuple(sorted({self.parts[i].talk for i in order}))
        return Cluster(tuple(order), talks, float(cosines.mean()))

    def section(self, cluster: Cluster) -> Section:
        """What the extractive writer makes of the sentences of a cluster."""
        indices = [i for part in cluster.parts for i in self.sentences[part]]
        return self.document.section(self.document.topic(indices))

    def heading(self, cluster: Cluster, section: Section) -> tuple[str, str] | None:
        """What the talks share in a few words, and the id of the sentence that they come from.

        A phrase that many of the talks say; failing that, one talk's claim with a word that nearly all of
        them use, or a phrase with a word that half of them use. None if there is no such word: similarity
        alone does not make a common theme.
        """
        said = self.document.said
        talk_counts = self._talk_counts(cluster)
        talk_total = len(cluster.talks)
        min_phrase_talks = max(MIN_PHRASE_TALKS, PHRASE_SHARE * talk_total)
        for index, text in section.repeated_phrases:
            if " " in text and self._talks_saying(cluster, text) >= min_phrase_talks:
                return text[:1].upper() + text[1:], said[index].sentence.id

        def talks_sharing(text: str) -> int:
            return max((talk_counts[singular(word)] for word in text.lower().split()), default=0)

        min_claim_talks = max(MIN_CLAIM_TALKS, CLAIM_SHARE * talk_total)
        claims = [
            (slice.score + talks_sharing(text) / talk_total, -rank, text, slice.index)
            for rank, slice in enumerate(section.headings)
            if talks_sharing(text := headings.text_of(slice, said)) >= min_claim_talks and slice.score > 0
        ]
        if claims:
            _, _, text, index = max(claims)
            return text, said[index].sentence.id
        for index, text in section.repeated_phrases:
            if talks_sharing(text) >= max(MIN_WORD_TALKS, WORD_SHARE * talk_total):
                return text[:1].upper() + text[1:], said[index].sentence.id
        return None

    def _talks_saying(self, cluster: Cluster, phrase: str) -> int:
        """In how many of a cluster's talks a phrase is said, in any inflection."""
        stems = f" {' '.join(map(singular, phrase.lower().split()))} "
        talks = {
            self.parts[part].talk
            for part in cluster.parts
            for i in self.sentences[part]
            if stems in f" {' '.join(map(singular, self.document.said[i].tokens))} "
        }
        return len(talks)

    def _talk_counts(self, cluster: Cluster) -> Counter[str]:
        """How many of a cluster's talks use each content word."""
        talks_by_term: dict[str, set[str]] = {}
        for part in cluster.parts:
            for i in self.sentences[part]:
                for term in self.document.said[i].terms:
                    talks_by_term.setdefault(term, set()).add(self.parts[part].talk)
        return Counter({term: len(talks) for term, talks in talks_by_term.items()})

    def quotes(self, cluster: Cluster, section: Section, pinned: Sequence[Quote] = ()) -> list[Quote]:
        """Quotes from as many talks as there is room for, in their order, preferably of different people.

        `pinned` are always among them.
        """
        candidates = [quote for part in cluster.parts for quote in self.parts[part].quotes]
        scores = {quote: self._score(quote, section) for quote in candidates}
        readable = [quote for quote in candidates if scores[quote] > extractive.MIN_QUALITY]
        ranked = sorted(readable, key=lambda quote: (-scores[quote], self._position(quote)))
        picked = list(pinned)
        while len(picked) < MAX_QUOTES:
            talks = set(map(self.talk_of, picked))
            speakers = {quote.speaker for quote in picked}
            fresh = [q for q in ranked if self.talk_of(q) not in talks and self._is_new(q, picked)]
            if not fresh:
                break
            picked.append(
                max(fresh, key=lambda q: scores[q] - REPEATED_SPEAKER_PENALTY * (q.speaker in speakers))
            )
        return sorted(picked, key=self._position)

    def _score(self, quote: Quote, section: Section) -> float:
        indices = self._indices(quote.sentences)
        if not indices or any(self.document.said[i].is_junk for i in indices):
            return float("-inf")
        cosine = float((section.topic.directions[indices] @ section.topic.centre).mean())
        qualities = [extractive.quality(self.document.said[i], self.document.language) for i in indices]
        return cosine + sum(qualities) / len(qualities)

    def _is_new(self, quote: Quote, picked: Sequence[Quote]) -> bool:
        """Whether no quote that was picked says nearly the same."""
        indices = self._indices(quote.sentences)
        taken = [i for other in picked for i in self._indices(other.sentences)]
        if not taken or not indices:
            return True
        cosines = self.document.rows[indices] @ self.document.rows[taken].T
        return float(cosines.max()) < extractive.DUPLICATE_COSINE

    @staticmethod
    def talk_of(quote: Quote) -> str:
        """The talk that a quote is from."""
        return talk_of(quote.sentences[0])

    def _position(self, quote: Quote) -> int:
        return self.index.get(quote.sentences[0], -1)
