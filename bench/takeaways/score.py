"""How a segmentation, and what a writer chose, compare with the topics that people marked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import mean

import numpy as np
from nltk.metrics.segmentation import pk
from scipy.optimize import linear_sum_assignment

from bench.takeaways.data import Reference
from pipeline.records import Quote, Sentence, Takeaways, Turns

MIN_F1 = 0.5  # on sentences, from which a topic counts as found
MIN_QUOTE_WORDS = 8
_FALTERS = re.compile(r"\b(?:u[hm]+|er+m?)\b|\b(\w+)[ ,]+\1\b|--|\.\.\.|\u2026", re.IGNORECASE)
_HANGS = re.compile(  # begins with a word for something that was said before
    r"\W*(?:(?:and|but|so|yeah|yes|well|or|then),? )*(?:it|its|it's|this|that|that's|these|those|they|they're"
    r"|he|he's|she|she's|him|her|them|which)\b",
    re.IGNORECASE,
)


def segmentation(starts: Sequence[int], reference: Reference) -> dict[str, float]:
    """Pk and F1 of stretches that begin at the sentences `starts`, indices in order of speech."""
    n = len(reference.segments)
    begins = set(starts) - {0}
    true = {i for i in range(1, n) if reference.segments[i] != reference.segments[i - 1]}
    window = max(2, round(n / (len(true) + 1) / 2))
    marks = ["".join("1" if i + 1 in cuts else "0" for i in range(n)) for cuts in (true, begins)]
    edges = [0, *sorted(begins), n]
    stretches = [set(range(a, b)) for a, b in pairwise(edges)]
    return {
        "pk": pk(*marks, k=window),
        **matched(stretches, reference),
        "count": len(stretches),
        "wanted": len(true) + 1,
    }


def matched(parts: Sequence[set[int]], reference: Reference) -> dict[str, float]:
    """The one-to-one match of parts (sets of sentences) to topics with the highest sum of F1.

    `f1` is its mean over all topics, one without a part counting as 0; `found` is the share of topics whose
    part has an F1 of at least MIN_F1.
    """
    topics = sentences_of(reference)
    table = np.array([[_f1(topic, part) for part in parts] for topic in topics]).reshape(
        len(topics), len(parts)
    )
    rows, columns = linear_sum_assignment(table, maximize=True)
    f1 = np.zeros(len(topics))
    f1[rows] = table[rows, columns]
    return {"f1": float(f1.mean()), "found": float((f1 >= MIN_F1).mean())}


def sentences_of(reference: Reference) -> list[set[int]]:
    """The sentences of each topic, by index."""
    topics: dict[int, set[int]] = {}
    for sentence, topic in enumerate(reference.topics):
        if topic is not None:
            topics.setdefault(topic, set()).add(sentence)
    return [topics[topic] for topic in sorted(topics)]


def _f1(topic: set[int], part: set[int]) -> float:
    return 2 * len(topic & part) / (len(topic) + len(part))


def score(takeaways: Takeaways, turns: Turns, reference: Reference) -> dict[str, float]:
    """What can be said of any writer's quotes, whatever it knows of stretches.

    `own`: share of topics with a theme to themselves (one to one, most of the sentences that the theme quotes
    or cites lie in the topic). `pure`: share of these in the theme's commonest topic, mean over themes.
    `covered`: share of topics quoted or cited at least once. `outside`: share of quoted sentences that lie
    in no topic.
    `short`, `falters`, `hangs`: shares of quoted sentences with a fault. `verbatim`, `attributed`: shares of
    quotes whose every word is in the reference and said by that speaker there.
    """
    sentences = turns.sentences()
    order = {sentence.id: index for index, sentence in enumerate(sentences)}
    quoted = [[order[id] for quote in theme.quotes for id in quote.sentences] for theme in takeaways.themes]
    chosen = sorted({index for indices in quoted for index in indices})
    themes = [sorted(order[id] for id in theme.cited_ids) for theme in takeaways.themes]
    used = {index for theme in themes for index in theme}
    topics = sentences_of(reference)
    table = np.array([[2 * len(topic & set(theme)) > len(theme) for theme in themes] for topic in topics])
    rows, columns = linear_sum_assignment(table.reshape(len(topics), len(themes)), maximize=True)
    texts = [sentences[index].text for index in chosen]
    quotes = [quote for theme in takeaways.themes for quote in theme.quotes]
    return {
        "themes": len(themes),
        "sentences": len(chosen),
        "words": sum(len(text.split()) for text in texts),
        "own": float(table[rows, columns].sum() / len(topics)) if themes else 0.0,
        "pure": _share([_purity(theme, reference) for theme in themes if theme]),
        "covered": sum(not topic.isdisjoint(used) for topic in topics) / len(topics),
        "outside": _share([reference.topics[index] is None for index in chosen]),
        "short": _share([len(text.split()) < MIN_QUOTE_WORDS for text in texts]),
        "falters": _share([bool(_FALTERS.search(text)) for text in texts]),
        "hangs": _share([bool(_HANGS.match(text)) for text in texts]),
        "verbatim": _share([_verbatim(quote, turns, reference) for quote in quotes]),
        "attributed": _share([_attributed(quote, turns, reference) for quote in quotes]),
    }


def _share(values: Sequence[float]) -> float:
    return mean(map(float, values)) if values else 0.0


def _purity(theme: Sequence[int], reference: Reference) -> float:
    return Counter(reference.topics[index] for index in theme).most_common(1)[0][1] / len(theme)


def _quoted(quote: Quote, turns: Turns) -> list[Sentence]:
    by_id = {sentence.id: sentence for sentence in turns.sentences()}
    return [by_id[id] for id in quote.sentences]


def _pieces(quote: Quote, turns: Turns) -> Iterator[str]:
    """What a page shows of the quote: of each sentence all, or the words that it keeps."""
    for sentence in _quoted(quote, turns):
        words = sentence.text.split()
        kept = [part.words for part in quote.keep if part.sentence == sentence.id] or [(0, len(words))]
        yield from (" ".join(words[first:last]) for first, last in kept)


def _verbatim(quote: Quote, turns: Turns, reference: Reference) -> bool:
    """Whether all that a page shows of the quote stands, in that order, in the reference's words."""
    words = [word for turn in reference.said for word in turn.text.split()]
    spans = [sentence.words for sentence in _quoted(quote, turns)]
    spoken = " ".join(word for first, last in spans for word in words[first:last])
    position = 0
    for piece in _pieces(quote, turns):
        position = spoken.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return True


def _attributed(quote: Quote, turns: Turns, reference: Reference) -> bool:
    label = {speaker.id: speaker.label for speaker in turns.speakers}[quote.speaker]
    names = [turn.speaker for turn in reference.said for _ in turn.text.split()]
    spans = [sentence.words for sentence in _quoted(quote, turns)]
    return all(name == label for first, last in spans for name in names[first:last])
