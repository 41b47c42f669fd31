"""Pull quotes: the model chooses sentences, never words; a quote that breaks the rules is rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipeline.records import Kept, Quote, Rejected, Sentence
from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.extractive import trims
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.map_and_choose import Scene
from pipeline.takeaways.llm.replies import PullQuote
from pipeline.takeaways.llm.write_sections import Draft

MAX_QUOTES_PER_SECTION = 4  # those that stand in for rejected prose included


def quotes(scene: Scene, draft: Draft, most: int, taken: set[int], ledger: Ledger) -> tuple[Quote, ...]:
    """A section's quotes in order of speech: up to `most` by the model, and those for rejected prose.

    A section that has neither gets those of the extractive writer. `taken` are the indices of sentences that
    are quoted already; no sentence is quoted twice.
    """
    chosen: list[tuple[tuple[int, ...], tuple[Kept, ...] | None]] = []

    def add(group: tuple[int, ...], keep: tuple[Kept, ...] | None = None) -> None:
        chosen.append((group, keep))
        taken.update(group)

    for pull_quote in (draft.reply.quotes if draft.reply else ())[:most]:
        group = tuple(scene.index[id] for id in draft.lines.ids(pull_quote.lines))
        if reason := _rejection(group, scene.document, taken):
            text = " ".join(scene.sentences[i].text for i in group)
            ledger.rejected.append(Rejected(what=text, why=f"quote: {reason}"))
        else:
            add(group, _trims(pull_quote, [scene.sentences[i] for i in group], scene.document))
    for group in _stand_ins(scene, draft, taken):
        if len(chosen) < MAX_QUOTES_PER_SECTION:
            add(group)
    if not chosen:
        for group in draft.extract.quotes:
            if not taken & set(group):
                add(group)
    ordered = sorted(chosen, key=lambda pair: pair[0])
    return tuple(scene.document.quote(group, keep) for group, keep in ordered)


def _rejection(group: Sequence[int], document: Document, taken: set[int]) -> str:
    """Why sentences cannot make a quote; "" if they can."""
    sentences = [document.said[i] for i in group]
    if len({s.sentence.speaker for s in sentences}) > 1:
        return "more than one person speaks in it"
    if any(
        second - first > 1 or document.said[first].turn != document.said[second].turn
        for first, second in pairwise(group)
    ):
        return "its sentences do not follow one another"
    if len(group) > extractive.MAX_RUN_SENTENCES or sum(s.size for s in sentences) > extractive.MAX_RUN_WORDS:
        return "it is too long"
    if taken & set(group):
        return "it is quoted already"
    if any(s.is_junk for s in sentences):
        return "it is a greeting or logistics"
    if (
        min(extractive.quality(s, document.language) for s in sentences) < extractive.MIN_QUALITY
        and len(sentences) == 1
    ):
        return "it does not read well on its own"
    return ""


def _trims(quote: PullQuote, sentences: Sequence[Sentence], document: Document) -> tuple[Kept, ...] | None:
    """The words to keep if the model trims its quote; None if they are not found, or a trim is not safe."""
    first, last = sentences[0], sentences[-1]
    start = trims.locate(first.text, quote.from_words)
    end = trims.locate(last.text, quote.to_words)
    if start is None and end is None:
        return None
    english = document.language.english
    kept = []
    for sentence in dict.fromkeys((first, last)):
        size = len(sentence.text.split())
        begin = start[0] if sentence is first and start else 0
        stop = end[1] if sentence is last and end else size
        if not trims.is_safe(sentence.text, begin, stop, english):
            return None
        if (begin, stop) != (0, size):
            kept.append(Kept(sentence=sentence.id, words=(begin, stop)))
    return tuple(kept)


def _stand_ins(scene: Scene, draft: Draft, taken: set[int]) -> Iterator[tuple[int, ...]]:
    """For each rejected sentence of prose, the best passage of those that it cited."""
    document = scene.document
    for paragraph, index, claim, _ in draft.failed:
        if draft.paragraphs[paragraph][index] is not None:
            continue
        cited = [scene.index[id] for id in claim.cites]
        if passage := _best_passage(document, (i for i in cited if i not in taken)):
            yield passage


def _best_passage(document: Document, indices: Iterable[int]) -> tuple[int, ...]:
    """The indices of the passage that reads best as a quote; () if none reads well."""
    usable = [i for i in indices if not document.said[i].is_junk]
    if not usable:
        return ()
    topic = document.topic(usable)
    keys = dict.fromkeys((term for i in usable for term in document.said[i].terms), 1.0)
    units = extractive.units(
        topic, document.said, extractive.relevance(topic, document.said, keys), document.language
    )
    return units[0].sentences if units and units[0].score > extractive.MIN_QUALITY else ()
