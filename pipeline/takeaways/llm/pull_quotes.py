"""Pull quotes: those that the model chose, judged as they are cut, and those that stand in for lost prose."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise

from pipeline.records import Claim, Flag, Quote
from pipeline.takeaways.extractive import quotes as extractive
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.language import english
from pipeline.takeaways.language.comparable import content
from pipeline.takeaways.language.sentences import (
    Language,
    SpokenSentence,
    count_openers,
    dangling,
    is_content,
    singular,
    tokens_of,
)
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import DraftParagraph, DraftSection, PullQuote
from pipeline.takeaways.llm.material import Material
from pipeline.takeaways.llm.quote_cuts import Cut, cuts, whole
from pipeline.text import count_words

# Of a quote and the prose beside it that cites the same lines, from which the quote says nothing new: the
# share of its content words, and the cosine to a sentence. In two posts by a very good writer at most 0.60
# and 0.41, in one whose quotes repeated its prose up to 0.75 and 0.62.
TOLD_SHARE, TOLD_COSINE = 0.65, 0.55
MIN_TOLD_WORDS = 3  # content words of a quote of which that can be said
MAX_MORE_TOLD = 0.1  # of that share, by which a quote that is not cut as its writer wished may exceed that
MAX_TURNS_APART = 2  # of two quotes in exchange
MIN_WORDS = 5  # of a quote that answers no question
MAX_FALTERING_SHARE = 0.08  # of its words, with which its speaker falters
# Of a quote that stands in, which nobody chose:
MIN_STAND_IN_WORDS = 8
MIN_STAND_IN_QUALITY = 0.0  # by extractive.quality: 0 is ordinary
MIN_STAND_IN_COSINE = 0.5  # to the sentence that was lost
MOST_WITH_STAND_INS = 2  # quotes of a section

Chosen = dict[PullQuote, Quote | None]


def choose_quotes(
    material: Material,
    sections: Sequence[DraftSection],
    most: int,
    reject: Callable[[PullQuote, str], None],
) -> Chosen:
    """The quote that stands for each of the model's; None where none can, and `reject` is told why.

    At most `most` a section, no sentence twice in the post, and none right after another one, but for an
    exchange of two speakers.
    """
    chosen: Chosen = {}
    for section in sections:
        standing: list[Quote] = []
        for at, block in enumerate(section.body):
            if not isinstance(block, PullQuote):
                continue
            quote, reason = None, f"its section has {most} already"
            if len(standing) < most:
                quote, reason = _quote(material, block, _above(section, at), _below(section, at), chosen)
            if quote and not _may_follow(material, section, at, standing, quote):
                quote, reason = None, "it follows another quote without prose between them"
            if quote is None:
                reject(block, reason)
            standing += [quote] if quote else []
            chosen[block] = quote
    return chosen


def _may_follow(
    material: Material, section: DraftSection, at: int, standing: Sequence[Quote], quote: Quote
) -> bool:
    """Whether a quote at a place of a section has prose before it, or answers the quote that it follows."""
    prose = [k for k, block in enumerate(section.body) if isinstance(block, DraftParagraph) and block.kept]
    quotes = [k for k, block in enumerate(section.body[:at]) if isinstance(block, PullQuote)]
    if not (standing and prose) or any(quotes[-1] < k < at for k in prose):
        return True
    said, index = material.document.said, material.index
    first, second = said[index[standing[-1].sentences[-1]]], said[index[quote.sentences[0]]]
    is_exchange = 0 < second.turn - first.turn <= MAX_TURNS_APART
    return is_exchange and standing[-1].speaker != quote.speaker


def quoted_in(quotes: Collection[Quote | None]) -> frozenset[str]:
    """The ids of all sentences that are quoted."""
    return frozenset(id for quote in quotes if quote for id in quote.sentences)


def _above(section: DraftSection, at: int) -> tuple[Claim, ...]:
    """The prose that stands before a place."""
    paragraphs = [block.kept for block in section.body[:at] if isinstance(block, DraftParagraph)]
    return next(filter(None, reversed(paragraphs)), ())


def _below(section: DraftSection, at: int) -> tuple[Claim, ...]:
    """The prose that stands after a place."""
    paragraphs = [block.kept for block in section.body[at + 1 :] if isinstance(block, DraftParagraph)]
    return next(filter(None, paragraphs), ())


def _quote(
    material: Material, wanted: PullQuote, above: Sequence[Claim], below: Sequence[Claim], chosen: Chosen
) -> tuple[Quote | None, str]:
    """A quote as it is cut, else in whole sentences; or None, and why."""
    document, index = material.document, material.index
    indices = [index[id] for id in wanted.sentences]
    said = [document.said[i] for i in indices]
    if reason := _why_not_one_quote(said, indices):
        return None, reason
    quoted, reasons = quoted_in(chosen.values()), list[str]()
    told = above[-1].text if above and not {*above[-1].cites}.isdisjoint(wanted.sentences) else ""
    wished: Cut | None = None
    for cut in cuts(said, wanted.from_words, wanted.to_words, document.language.english):
        wished = wished or cut
        ids = [s.sentence.id for s in cut.said]
        beside = [claim for claim in (*above, *below) if not set(ids).isdisjoint(claim.cites)]
        before = index[ids[0]] - 1
        is_answer = (before >= 0 and document.said[before].is_question) or (
            bool(above) and above[-1].text.rstrip(extractive.CLOSING_MARKS).endswith(("?", "\uff1f"))
        )
        if not quoted.isdisjoint(ids):
            reason = "it is quoted already"
        elif not cut.is_safe(document, told):
            reason = "cut there, it does not mean the same"
        elif _repeats_more(document, cut, wished, beside):
            reason = "it repeats the prose beside it"
        else:
            reason = why_unreadable(cut, bool(above), is_answer)
        if not reason and not says_the_same(document, cut.text, beside):
            return document.quote([index[id] for id in ids], cut.kept), ""
        reasons.append(reason or "the prose beside it says the same")
    return None, "; whole, ".join(dict.fromkeys((reasons[0], reasons[-1])))


def _why_not_one_quote(said: Sequence[SpokenSentence], indices: Sequence[int]) -> str:
    """Why sentences make no quote, however they are cut; "" if they may."""
    if len({sentence.sentence.speaker for sentence in said}) > 1:
        return "more than one person speaks in it"
    if any(b - a > 1 for a, b in pairwise(indices)) or len({sentence.turn for sentence in said}) > 1:
        return "its sentences do not follow one another"
    if len(said) > extractive.MAX_RUN_SENTENCES:
        return "it is too long"
    if any(sentence.is_junk and sentence.terms for sentence in said):
        return "it is a greeting or logistics"
    if not (said and said[0].tokens and said[-1].tokens):
        return "it has no words"
    return ""


def why_unreadable(cut: Cut, has_prose_above: bool, is_answer: bool) -> str:
    """Why a quote does not read well as it is cut; "" if it does."""
    text, words = cut.text, tokens_of(cut.text)[0]
    faltering = sum(len(p.findall(text)) for p in (english.STUTTER, english.FRAGMENT, extractive.FILLING))
    if count_words(text) > extractive.MAX_RUN_WORDS:
        return "it is too long"
    if not is_answer and (count_words(text) < MIN_WORDS or not any(said.terms for said in cut.said)):
        return "it says too little by itself"
    if faltering > max(1, MAX_FALTERING_SHARE * len(words)):
        return "its speaker falters too much in it"
    if not has_prose_above and dangling(words) >= 1.0:
        return "nothing before it says what it is about"
    return ""


def _repeats_more(document: Document, cut: Cut, wished: Cut, beside: Sequence[Claim]) -> bool:
    """Whether what the writer wished to leave out tells what the prose beside it does."""
    shares = [_told_share(document, each.text, beside) for each in (cut, wished)]
    return shares[0] - shares[1] > MAX_MORE_TOLD


def _told_share(document: Document, quote: str, beside: Sequence[Claim]) -> float:
    """The share of a quote's content words that the prose beside it has."""
    words = _words(quote, document.language)
    told = words & {word for claim in beside for word in _words(claim.text, document.language)}
    return len(told) / len(words) if words else 0.0


def says_the_same(document: Document, quote: str, beside: Sequence[Claim]) -> bool:
    """Whether the prose beside a quote leaves it nothing new to say."""
    words, texts = _words(quote, document.language), [claim.text for claim in beside]
    if not texts or len(words) < MIN_TOLD_WORDS:
        return False
    rows = document.embed([quote, *texts])
    return (
        _told_share(document, quote, beside) >= TOLD_SHARE or float((rows[1:] @ rows[0]).max()) >= TOLD_COSINE
    )


def _words(text: str, language: Language) -> frozenset[str]:
    """What a text is about, in words that can be compared."""
    if language.english:
        return frozenset(content(text))
    return frozenset(singular(token) for token in tokens_of(text)[0] if is_content(token, language))


# Where sentences were lost.


def stand_ins(
    material: Material, sections: Sequence[DraftSection], chosen: Mapping[PullQuote, Quote | None], most: int
) -> dict[Text, Quote]:
    """The quotes that stand where sentences were lost; where most were, nothing does.

    A post reads better without a sentence than with a quote that nobody chose. So one stands in only after
    prose and next to no other quote, where its section has fewer than `most` and than two, and if there is
    one that stands for what was lost (`stand_in`).
    """
    found: dict[Text, Quote] = {}
    for section in sections:
        shown: list[Claim | Quote | Text] = []  # as it is read, with each text that was lost
        for block in section.body:
            if isinstance(block, DraftParagraph):
                shown += [text.kept or text for text in block.texts]
            elif quote := chosen.get(block):
                shown.append(quote)
        room = min(most, MOST_WITH_STAND_INS) - sum(isinstance(item, Quote) for item in shown)
        for at, lost in enumerate(shown):
            before = [item for item in shown[:at] if not isinstance(item, Text)]
            after = [item for item in shown[at + 1 :] if not isinstance(item, Text)]
            if room <= 0 or not isinstance(lost, Text) or not before:
                continue
            if isinstance(before[-1], Quote) or (after and isinstance(after[0], Quote)):
                continue
            quoted = quoted_in([*chosen.values(), *found.values()])
            if quote := stand_in(material, lost, section.claims, quoted):
                found[lost] = shown[at] = quote
                room -= 1
    return found


def stand_in(
    material: Material, lost: Text, claims: Sequence[Claim], quoted: Collection[str]
) -> Quote | None:
    """The sentence that best stands for the lost one that cites it; None if nothing is better.

    It is quoted nowhere, reads well by itself (it asks nothing, and neither refers to what was said before
    nor follows from it: "Then, …"), is near in meaning to what was lost, and says what none of the section's
    `claims` says that stand.
    """
    document = material.document
    told = {id for claim in claims for id in claim.cites}
    cited = [document.said[material.index[id]] for id in lost.first.cites if id in material.index]
    if not told.isdisjoint(lost.first.cites):
        return None
    usable = [said for said in cited if said.sentence.id not in quoted and _reads_alone(said, document)]
    usable = [said for said in usable if not says_the_same(document, said.sentence.text, claims)]
    if not usable:
        return None
    rows = document.embed([lost.first.text, *(said.sentence.text for said in usable)])
    cosine, nearest = max(zip((rows[1:] @ rows[0]).tolist(), range(len(usable)), strict=True))
    if cosine < MIN_STAND_IN_COSINE:
        return None
    cut = whole([usable[nearest]], document.language.english)
    return document.quote([material.index[usable[nearest].sentence.id]], cut.kept)


def _reads_alone(said: SpokenSentence, document: Document) -> bool:
    """Whether a sentence that nobody chose reads well as a quote."""
    language = document.language
    return (
        not (said.is_junk or said.is_question)
        and MIN_STAND_IN_WORDS <= said.size <= extractive.MAX_WORDS
        and (not language.english or not (dangling(said.tokens) or count_openers(said.tokens)))
        and extractive.quality(said, language) >= MIN_STAND_IN_QUALITY
        and _is_sentence(said)
        and not why_unreadable(whole([said], language.english), has_prose_above=False, is_answer=False)
    )


def _is_sentence(said: SpokenSentence) -> bool:
    """Whether it neither begins in the middle of a sentence nor breaks off, as far as marks tell."""
    text = said.sentence.text
    ends = text.rstrip(extractive.CLOSING_MARKS).endswith(extractive.END_MARKS)
    return Flag.UNPUNCTUATED in said.sentence.flags or (ends and not text[:1].islower())
