"""Pull quotes: which sentences, never which words; what a model may not quote is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipeline.records import Kept, Quote, Rejected, Sentence
from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.extractive import trims
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.map_and_choose import Scene
from pipeline.takeaways.llm.replies import Pull
from pipeline.takeaways.llm.write_sections import Draft

MOST = 4  # quotes of a section


def quotes(scene: Scene, one: Draft, most: int, taken: set[int], ledger: Ledger) -> tuple[Quote, ...]:
    """A section's quotes in order of speech: those that the model chose, those that stand in for prose.

    `taken` are sentences quoted already, by index; no sentence is quoted twice.
    """
    found: list[tuple[tuple[int, ...], tuple[Kept, ...] | None]] = []

    def add(group: tuple[int, ...], keep: tuple[Kept, ...] | None = None) -> None:
        found.append((group, keep))
        taken.update(group)

    for pull in (one.reply.quotes if one.reply else ())[:most]:
        group = tuple(scene.index[id] for id in one.lines.ids(pull.lines))
        if why := _unfit(group, scene.document, taken):
            text = " ".join(scene.sentences[i].text for i in group)
            ledger.rejected.append(Rejected(what=text, why=f"quote: {why}"))
        else:
            add(group, _kept(pull, [scene.sentences[i] for i in group], scene.document))
    for group in _stand_ins(scene, one, taken):
        if len(found) < MOST:
            add(group)
    if not found:
        for group in one.extract.quotes:
            if not taken & set(group):
                add(group)
    made = (scene.document.quote(group, keep) for group, keep in sorted(found, key=lambda pair: pair[0]))
    return tuple(made)


def _unfit(group: Sequence[int], document: Document, taken: set[int]) -> str:
    """Why sentences cannot be one quote; "" if they can."""
    said = [document.said[i] for i in group]
    if len({s.sentence.speaker for s in said}) > 1:
        return "more than one person speaks in it"
    if any(b - a > 1 or document.said[a].turn != document.said[b].turn for a, b in pairwise(group)):
        return "its sentences do not follow one another"
    if len(group) > extractive.LONGEST_RUN or sum(s.size for s in said) > extractive.MOST_WORDS:
        return "it is too long"
    if taken & set(group):
        return "it is quoted already"
    if any(s.junk for s in said):
        return "it is a greeting or logistics"
    if min(extractive.quality(s, document.language) for s in said) < extractive.UNREADABLE and len(said) == 1:
        return "it does not read well on its own"
    return ""


def _kept(pull: Pull, sentences: Sequence[Sentence], document: Document) -> tuple[Kept, ...] | None:
    """The words that the model wants kept, where that is found in the sentences and safe; else None."""
    first, last = sentences[0], sentences[-1]
    start = trims.located(first.text, pull.from_words)
    end = trims.located(last.text, pull.to_words)
    if start is None and end is None:
        return None
    english = document.language.english
    kept = []
    for sentence in dict.fromkeys((first, last)):
        size = len(sentence.text.split())
        begin = start[0] if sentence is first and start else 0
        stop = end[1] if sentence is last and end else size
        if not trims.safe(sentence.text, begin, stop, english):
            return None
        if (begin, stop) != (0, size):
            kept.append(Kept(sentence=sentence.id, words=(begin, stop)))
    return tuple(kept)


def _stand_ins(scene: Scene, one: Draft, taken: set[int]) -> Iterator[tuple[int, ...]]:
    """For each sentence of prose that was rejected, the best passage among those that it cited."""
    document = scene.document
    for paragraph, at, claim, _ in one.failed:
        if one.paragraphs[paragraph][at] is not None:
            continue
        cited = [scene.index[id] for id in claim.cites]
        if passage := _best(document, (i for i in cited if i not in taken)):
            yield passage


def _best(document: Document, indices: Iterable[int]) -> tuple[int, ...]:
    able = [i for i in indices if not document.said[i].junk]
    if not able:
        return ()
    topic = document.topic(able)
    keys = dict.fromkeys((term for i in able for term in document.said[i].terms), 1.0)
    units = extractive.units(
        topic, document.said, extractive.relevance(topic, document.said, keys), document.language
    )
    return units[0].sentences if units and units[0].score > extractive.UNREADABLE else ()
