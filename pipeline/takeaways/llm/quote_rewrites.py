"""Quotes that cannot stand, sent back with the sentences before them, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import (
    Draft,
    DraftParagraph,
    DraftSection,
    Exchange,
    PullQuote,
    claim_of,
)
from pipeline.takeaways.llm.lead_ins import pieces
from pipeline.takeaways.llm.material import Material, excerpt
from pipeline.takeaways.llm.pull_quotes import choose_quotes
from pipeline.takeaways.llm.replies import QuoteRewrite
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.takeaways.verification import Failure

ABOUT_QUOTES = (
    ' For a quote give "text" "" and other "lines", or where it starts and ends if it is not all of them '
    '("from_words", "to_words"); or a sentence instead; or no lines and no text, to give it up.'
)
LEADS_NOWHERE = Failure("leads", "the quote that it leads up to cannot stand")


@dataclass(frozen=True, eq=False)
class LostQuote:
    """A quote that cannot stand, and why; `lead` is the sentence of the section just before it."""

    exchange: Exchange
    place: str  # as told to the model
    section: DraftSection
    quote: PullQuote
    why: str
    lead: Text | None


@dataclass(frozen=True)
class SentBack:
    """What of an exchange goes back, numbered from 1: texts, then quotes, then what leads up to these."""

    exchange: Exchange
    texts: list[tuple[str, Text]]
    quotes: list[LostQuote]

    @property
    def numbered_quotes(self) -> Iterator[tuple[int, LostQuote]]:
        return enumerate(self.quotes, len(self.texts) + 1)

    @property
    def numbered_leads(self) -> Iterator[tuple[int, LostQuote]]:
        leading = [quote for quote in self.quotes if quote.lead]
        return enumerate(leading, len(self.texts) + len(self.quotes) + 1)

    @property
    def count(self) -> int:
        return len(self.texts) + len(self.quotes) + len([*self.numbered_leads])

    def told(self, material: Material) -> Iterator[str]:
        """The quotes, and what leads up to them, a line each."""
        numbers = {sentence.id: n for n, sentence in enumerate(self.exchange.lines.sentences, 1)}
        for number, lost in self.numbered_quotes:
            lines = ", ".join(str(numbers[id]) for id in lost.quote.sentences if id in numbers)
            words = excerpt(material.words_of(lost.quote.sentences))
            where = f"({lost.place}, quote) lines {lines}"
            yield f'{number}. {where}: "{words}" cannot stand as a quote: {lost.why}'
        for number, lost in self.numbered_leads:
            words = excerpt(material.ids.to_prompt(lost.lead.claim.text)) if lost.lead else ""
            yield (
                f'{number}. ({lost.place}) "{words}" stands before such a quote: if it leads up to it, '
                "write it so that it leads nowhere, or give it up; else repeat it"
            )


def lost_quotes(task: WritingTask, draft: Draft) -> list[LostQuote]:
    """The quotes of a draft that cannot stand beside what stands of its prose."""
    reasons: dict[PullQuote, str] = {}
    choose_quotes(task.material, draft.sections, task.limits.quotes, reasons.__setitem__)
    return [lost for section in draft.sections for lost in _lost(draft, section, reasons)]


def _lost(draft: Draft, section: DraftSection, reasons: dict[PullQuote, str]) -> Iterator[LostQuote]:
    """Those of a section; none where no model wrote it."""
    texts = section.texts
    written = ((exchange, place) for exchange in draft.exchanges for place, t in exchange.texts if t in texts)
    exchange, place = next(written, (None, ""))
    for before, quote in pairwise((None, *pieces(section))):
        if exchange and isinstance(quote, PullQuote) and quote in reasons:
            is_lead = isinstance(before, Text) and not (before.failures or before.claim.notes)
            lead = before if is_lead and isinstance(before, Text) else None
            yield LostQuote(exchange, place, section, quote, reasons[quote], lead)


def replace_quote(task: WritingTask, lost: LostQuote, rewrite: QuoteRewrite) -> None:
    """Put what came back in the place of a quote: another quote, or a sentence, which is checked."""
    lines, worded = lost.exchange.lines, task.material.ids.to_stored(rewrite.text)
    cites = lines.ids(rewrite.lines)
    if not worded:
        if cites:
            lost.quote.sentences = cites
            lost.quote.from_words, lost.quote.to_words = rewrite.from_words, rewrite.to_words
        return
    claim = task.claim(worded, cites, rewrite.notes)
    text = task.checker.check(claim, "prose", lines.near(rewrite.lines))
    if not text.failures:
        text.was_sent_back = True  # a judge's no is the end of it
    body = lost.section.body
    at = body.index(lost.quote)
    above = body[at - 1] if at else None
    if isinstance(above, DraftParagraph):
        above.texts.append(text)
        del body[at]
    else:
        body[at] = DraftParagraph([text])


def replace_lead(task: WritingTask, lost: LostQuote, rewrite: QuoteRewrite, is_lost: bool) -> None:
    """Put what came back in the place of a sentence before a quote, which may still be lost."""
    lead, worded = lost.lead, task.material.ids.to_stored(rewrite.text)
    if not lead or lead.failures or worded == lead.claim.text:
        return
    if worded:
        claim = task.claim(worded, lost.exchange.lines.ids(rewrite.lines), rewrite.notes)
        kept = claim_of(worded, lead.claim.cites)
        task.checker.replace(lead, kept if claim.kind == "linking" else claim)
    elif is_lost:
        task.checker.withdraw(lead, LEADS_NOWHERE)
