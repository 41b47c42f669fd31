"""A reply read as part of a draft: each text with what it rests on, checked in order of reading."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.records import Claim
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import DraftBlock, DraftParagraph, Exchange, PullQuote, claim_of
from pipeline.takeaways.llm.material import Lines
from pipeline.takeaways.llm.whole_reply import Block, QuoteBlock, Sentence
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

    def body(self, place: str, blocks: Sequence[Block], max_sentences: int) -> list[DraftBlock]:
        """Paragraphs and quotes of a section; a quote of lines that are not there is none."""
        made = (self._block(place, block, max_sentences) for block in blocks)
        return [block for block in made if block]

    def _block(self, place: str, block: Block, max_sentences: int) -> DraftBlock | None:
        if isinstance(block, QuoteBlock):
            ids = self.lines.ids(block.quote.lines)
            return PullQuote(ids, block.quote.from_words, block.quote.to_words) if ids else None
        return DraftParagraph(
            [self.sentence(place, "prose", sentence) for sentence in block.paragraph[:max_sentences]]
        )

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
