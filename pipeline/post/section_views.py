"""What templates are given for a section of the post: prose, its sources, quotes, the author's notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from pipeline.workspace.plain_views import View


@dataclass(frozen=True)
class MomentView(View):
    """A moment of the recording. `clock` is "12:34" or "1:02:33"; `link` leads there, if anything does."""

    start: float
    clock: str
    link: str | None


MomentAt: TypeAlias = Callable[[float | None], MomentView | None]  # at that many seconds; None for None


@dataclass(frozen=True)
class SpeakerView(View):
    """A person who spoke. `share` is 0 to 1 of what was said; `color` counts from 0 in order of appearance.

    `office`: the name is that of an office, and stands in prose as this behind "the": "project manager".
    `source` says how the name is known (see records.Speaker). `evidence` supports it: the words that
    introduced this person, said by `witness` at `moment`; or the label, moment or known voice it rests on.
    """

    id: str
    name: str
    known: bool
    confirmed: bool
    role: str | None
    link: str | None
    color: int
    share: float
    seconds: float | None
    quotes: int
    source: str = "none"
    evidence: str | None = None
    witness: str | None = None
    moment: MomentView | None = None
    short: str = ""
    untitled: str = ""
    pronoun: str | None = None
    office: str | None = None

    @property
    def listed(self) -> str:
        """The name as it stands in a list: "the project manager"."""
        return f"the {self.office}" if self.office else self.name

    @property
    def called(self) -> str:
        """The name once it has been given in full: "Blaney"."""
        return self.short or self.name

    @property
    def byline(self) -> str:
        """The name as it stands under a quote, without titles: "David Blaney"."""
        return self.untitled or self.name

    @property
    def percent(self) -> str:
        """The share, for people to read."""
        return f"{'<1' if 0 < self.share < 0.01 else round(self.share * 100)}\u202f%"

    @property
    def guessed(self) -> bool:
        """Whether there is a name, but nobody has confirmed it."""
        return self.known and not self.confirmed

    @property
    def why(self) -> str:
        """Where a guessed name came from, in words; empty unless `guessed`."""
        if not self.guessed:
            return ""
        return f"a guess: {self.reason}" if self.reason else "this name is a guess from the conversation"

    @property
    def reason(self) -> str | None:
        """What a guessed name rests on, in words; None if that is not known, and for any other name."""
        if not self.guessed:
            return None
        if self.evidence and self.witness:
            at = f"at {self.moment.clock} " if self.moment else ""
            return f"{at}{self.witness} says \u201c{self.evidence}\u201d"
        return "recognised by their voice" if self.source == "voice" else self.evidence


@dataclass(frozen=True)
class SourceView(View):
    """The talk in which something was said, on pages about several talks. `link` leads to its theme there."""

    title: str
    link: str | None


@dataclass(frozen=True)
class QuoteView(View):
    """Sentences of one speaker, word for word.

    Where words were left out there is "[…]", or at the beginning or end "…", parted by a space.
    """

    text: str
    speaker: SpeakerView
    moment: MomentView | None
    end: float | None
    doubts: tuple[str, ...]
    source: SourceView | None = None

    @property
    def is_cut(self) -> bool:
        """Whether words were left out."""
        return "[…]" in self.text or self.text.startswith("… ") or self.text.endswith(" …")


@dataclass(frozen=True)
class CitationView(View):
    """A sentence that supports a claim."""

    id: str
    text: str
    speaker: SpeakerView
    moment: MomentView | None
    doubts: tuple[str, ...] = ()
    source: SourceView | None = None

    @property
    def link(self) -> str | None:
        """Where it can be heard, or else read."""
        heard = self.moment.link if self.moment else None
        return heard or (self.source.link if self.source else None)


@dataclass(frozen=True)
class DoubtView(View):
    """Why a rule questioned a sentence, and what the judge said of it, if one was asked."""

    why: str
    judge: str | None


@dataclass(frozen=True)
class PieceView(View):
    """Words of prose, or a speaker's name in it.

    `marked`: the name is a guess, which has to be said here. `role` is given once, in the introduction.
    """

    text: str
    speaker: SpeakerView | None = None
    marked: bool = False
    role: str | None = None

    @property
    def aside(self) -> str:
        """What follows the name in plain text: " (?, host)", or nothing."""
        inside = ", ".join(filter(None, ("?" if self.marked else "", self.role)))
        return f" ({inside})" if inside else ""


@dataclass(frozen=True)
class ClaimView(View):
    """A sentence of prose and what it rests on. `moments` are when the cited passages begin.

    `number` is unlike that of any other sentence of the post. `kind`, `notes` (the author's, from 1) and
    `outcome` are as in records.Claim; `mended_from` is the wording that failed.
    """

    pieces: tuple[PieceView, ...]
    citations: tuple[CitationView, ...]
    moments: tuple[MomentView, ...]
    number: int = 0
    kind: str = "talk"
    notes: tuple[int, ...] = ()
    doubts: tuple[DoubtView, ...] = ()
    outcome: str = "passed"
    mended_from: str | None = None

    @property
    def has_sources(self) -> bool:
        """Whether there is anything to tell of where it comes from."""
        return bool(self.citations or self.notes or self.doubts or self.mended_from)

    @property
    def sources(self) -> tuple[SourceView, ...]:
        """The talks that it cites, on pages about several."""
        return tuple(dict.fromkeys(cited.source for cited in self.citations if cited.source))

    @property
    def text(self) -> str:
        """The sentence, with "(?)" after names marked as guesses and roles where people are introduced."""
        return "".join(piece.text + piece.aside for piece in self.pieces)


@dataclass(frozen=True)
class ParagraphView(View):
    """Prose: each sentence is a claim. `gap` separates sentences: empty in scripts without spaces."""

    claims: tuple[ClaimView, ...]
    gap: str = " "

    @property
    def text(self) -> str:
        """The paragraph as plain text; see `ClaimView.text`."""
        return self.gap.join(claim.text for claim in self.claims)

    @property
    def citations(self) -> tuple[CitationView, ...]:
        """Everything that it cites, without duplicates."""
        return tuple(dict.fromkeys(cited for claim in self.claims for cited in claim.citations))

    @property
    def first(self) -> CitationView | None:
        """The first sentence that it cites to which a link leads."""
        return next((cited for cited in self.citations if cited.link), None)

    @property
    def moments(self) -> tuple[MomentView, ...]:
        """When the passages that it cites begin, without duplicates."""
        moments = (moment for claim in self.claims for moment in claim.moments)
        return tuple({(moment.clock, moment.link): moment for moment in moments}.values())


@dataclass(frozen=True)
class BlockView(View):
    """One of: a paragraph, a quote, notes of the author's that stand together."""

    paragraph: ParagraphView | None = None
    quote: QuoteView | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PassageView(View):
    """A paragraph, if there is one, and the quotes to show after it."""

    paragraph: ParagraphView | None
    quotes: tuple[QuoteView, ...]


@dataclass(frozen=True)
class ThemeView(View):
    """A section. `anchor` is unique among the post's themes and never begins with "_".

    `body` is all that it holds, in the order in which it is read. `entry` is the heading where it stands
    alone, as in a table of contents, with full names.
    """

    heading: str
    anchor: str
    body: tuple[BlockView, ...]
    entry: str

    @property
    def paragraphs(self) -> tuple[ParagraphView, ...]:
        """Its prose."""
        return tuple(block.paragraph for block in self.body if block.paragraph)

    @property
    def quotes(self) -> tuple[QuoteView, ...]:
        return tuple(block.quote for block in self.body if block.quote)

    @property
    def reflections(self) -> tuple[str, ...]:
        """The author's own words."""
        return tuple(note for block in self.body for note in block.notes)

    @property
    def parts(self) -> tuple[PassageView, ...]:
        """Its paragraphs, each with the quotes that follow it; quotes before the first have none."""
        parts: list[PassageView] = []
        for block in self.body:
            if block.paragraph or (block.quote and not parts):
                parts.append(PassageView(block.paragraph, ()))
            if block.quote:
                parts[-1] = replace(parts[-1], quotes=(*parts[-1].quotes, block.quote))
        return tuple(parts)
