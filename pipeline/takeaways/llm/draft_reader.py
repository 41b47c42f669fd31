"""A reply read as part of a draft: each text with what it rests on, checked in order of reading."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipeline.records import Claim
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import DraftBlock, DraftParagraph, Exchange, PullQuote, claim_of
from pipeline.takeaways.llm.material import Lines, excerpt
from pipeline.takeaways.llm.replies import FrameSentence
from pipeline.takeaways.llm.whole_reply import Block, QuoteBlock, QuotedLines, Sentence
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.takeaways.verification import Failure, Place

S = TypeVar("S", Sentence, FrameSentence)


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
        """Paragraphs and quotes of a section. What is left out of them is listed."""
        made = [self._block(place, block, max_sentences) for block in blocks[:max_blocks]]
        for block in blocks[max_blocks:]:
            if isinstance(block, QuoteBlock):
                what = self._quoted(block.quote)
            else:
                what = " ".join(sentence.text for sentence in block.paragraph)
            self._pass_over(what, f"{place} has more than {max_blocks} paragraphs and quotes")
        return [block for block in made if block]

    def _block(self, place: str, block: Block, max_sentences: int) -> DraftBlock | None:
        """A paragraph, or a quote; None for a quote of lines that are not there."""
        if not isinstance(block, QuoteBlock):
            return DraftParagraph(self.sentences(place, "prose", block.paragraph, max_sentences))
        quote, ids = block.quote, self.lines.ids(block.quote.lines)
        if ids:
            return PullQuote(ids, quote.from_words, quote.to_words)
        self.task.checker.reject_quote(self._quoted(quote), self._no_such_lines(quote.lines).detail)
        return None

    def _quoted(self, quote: QuotedLines) -> str:
        """A quote as a person is told of it."""
        words = self.task.material.words_of(self.lines.ids(quote.lines))
        return words or f"lines {', '.join(map(str, quote.lines[:3]))}"

    def _pass_over(self, text: str, reason: str) -> None:
        self.task.checker.pass_over(excerpt(self.stored(text)), reason)

    def sentences(self, place: str, kind: Place, given: Sequence[Sentence], most: int) -> list[Text]:
        """A paragraph's sentences."""
        return [self.sentence(place, kind, sentence) for sentence in self.within(place, given, most)]

    def within(self, place: str, given: Sequence[S], most: int) -> Sequence[S]:
        """As many sentences as are read. The others are listed, all in one."""
        if left_out := " ".join(sentence.text for sentence in given[most:]):
            where = f"a paragraph of {place}" if place.startswith("section") else place
            self._pass_over(left_out, f"{where} has more than {most} sentences")
        return given[:most]

    def sentence(self, place: str, kind: Place, sentence: Sentence) -> Text:
        """A sentence. Of its lines and notes only those that are there count."""
        text, cites = self.stored(sentence.text), self.lines.ids(sentence.lines)
        claim = self.task.claim(text, cites, self.known_notes(sentence.notes))
        missing: tuple[Failure, ...] = (
            () if cites or not sentence.lines else (self._no_such_lines(sentence.lines),)
        )
        if claim.kind == "linking" and {*sentence.notes} - {*self.notes}:
            missing += (self._no_such_note(sentence.notes),)
        if place == "opening" and claim.kind == "linking":
            claim = claim_of(text, self.task.material.introductions(text))
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

    def _no_such_note(self, numbers: Collection[int]) -> Failure:
        shown = ", ".join(map(str, sorted({*numbers} - {*self.notes})[:3]))
        given = ", ".join(map(str, sorted(self.notes)[:12]))
        there = f"those that it may rest on: {given}" if given else "there are none"
        return Failure("uncited", f"there is no author's note {shown} for it; {there}")
