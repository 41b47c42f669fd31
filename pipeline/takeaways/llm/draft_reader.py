"""A reply read as part of a draft: each text with what it rests on, checked in order of reading."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.records import Claim
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import DraftBlock, DraftParagraph, Exchange, PullQuote, claim_of
from pipeline.takeaways.llm.material import Lines, excerpt
from pipeline.takeaways.llm.whole_reply import Block, QuoteBlock, QuotedLines, Sentence
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.takeaways.verification import Failure, Place


@dataclass(frozen=True)
class DraftReader:
    """Reads what was written in an exchange, and adds its texts to that.

    Of the author's notes, by number from 1, only those in `notes` count.
    """

    task: WritingTask
    exchange: Exchange
    notes: Collection[int]

    @property
    def lines(self) -> Lines:
        return self.exchange.lines

    def body(
        self, place: str, blocks: Sequence[Block], max_blocks: int, max_sentences: int
    ) -> list[DraftBlock]:
        """Paragraphs and quotes of a section; what is beyond the limits is listed as left out."""
        for block in blocks[max_blocks:]:
            sentences = (
                [] if isinstance(block, QuoteBlock) else [sentence.text for sentence in block.paragraph]
            )
            what = self._quoted(block.quote) if isinstance(block, QuoteBlock) else " ".join(sentences)
            self._pass_over(what, f"{place} has more than {max_blocks} paragraphs and quotes")
        made = (self._block(place, block, max_sentences) for block in blocks[:max_blocks])
        return [block for block in made if block]

    def _block(self, place: str, block: Block, max_sentences: int) -> DraftBlock | None:
        """A paragraph, or a quote; None for a quote of lines that are not there."""
        if not isinstance(block, QuoteBlock):
            return DraftParagraph(self.sentences(place, "prose", block.paragraph, max_sentences))
        quote = block.quote
        ids = self.lines.ids(quote.lines)
        if not ids:
            self.task.checker.reject_quote(self._quoted(quote), self._no_such_lines(quote.lines).detail)
        return PullQuote(ids, quote.from_words, quote.to_words) if ids else None

    def _quoted(self, quote: QuotedLines) -> str:
        """A quote as a person is told of it."""
        words = self.task.material.words_of(self.lines.ids(quote.lines))
        return words or f"lines {', '.join(map(str, quote.lines[:3]))}"

    def _pass_over(self, text: str, reason: str) -> None:
        self.task.checker.pass_over(excerpt(self.stored(text)), reason)

    def sentences(self, place: str, kind: Place, given: Sequence[Sentence], most: int) -> list[Text]:
        """The sentences that are read. The others are listed, all in one."""
        if left_out := " ".join(sentence.text for sentence in given[most:]):
            where = place if place in ("opening", "close") else f"a paragraph of {place}"
            self._pass_over(left_out, f"{where} has more than {most} sentences")
        return [self.sentence(place, kind, sentence) for sentence in given[:most]]

    def sentence(self, place: str, kind: Place, sentence: Sentence) -> Text:
        """A sentence. Of its lines and notes only those that are there count."""
        text, cites = self.stored(sentence.text), self.lines.ids(sentence.lines)
        claim = self.task.claim(text, cites, self.known_notes(sentence.notes))
        if place == "opening" and claim.kind == "linking":
            claim = claim_of(text, self.task.material.introductions(text))
        missing = () if cites or not sentence.lines else (self._no_such_lines(sentence.lines),)
        return self.checked(place, kind, claim, self.lines.near(sentence.lines), missing)

    def checked(
        self,
        place: str,
        kind: Place,
        claim: Claim,
        citable: Sequence[str] = (),
        others: tuple[Failure, ...] = (),
    ) -> Text:
        """A text that rules have checked; `others` are failures found before."""
        text = self.task.checker.check(claim, kind, citable, others)
        self.exchange.texts.append((place, text))
        return text

    def known_notes(self, numbers: Collection[int]) -> list[int]:
        return sorted({*numbers} & {*self.notes})

    def stored(self, text: str) -> str:
        return self.task.material.ids.to_stored(text)

    def _no_such_lines(self, numbers: Sequence[int]) -> Failure:
        shown, last = ", ".join(map(str, numbers[:3])), self.lines.numbers[-1]
        return Failure(
            "uncited", f"the lines that it cites ({shown}) are not there; they go from 1 to {last}"
        )
