"""Stored prose, with {S1} for a speaker, as prose with names; and the themes and quotes of a post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby, pairwise

from pipeline.post.conversation import Conversation, unique_flags
from pipeline.post.mentions import Mentions
from pipeline.post.section_views import (
    BlockView,
    CitationView,
    ClaimView,
    DoubtView,
    ParagraphView,
    QuoteView,
    ThemeView,
)
from pipeline.post.template_views import VerificationView
from pipeline.records import Block, Claim, Doubt, Flag, Paragraph, Quote, Sentence, Takeaways, Theme
from pipeline.text import plain, slug, word_spans


class Prose:
    """Puts names into a page's prose, in reading order, so that a new name does not mean writing it again."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation, self._speakers = conversation, conversation.speakers
        self._mentions = Mentions(self._speakers, conversation.small_words, conversation.language)
        self._numbers = count(1)

    def named(self, text: str) -> str:
        """`text` with full names for speaker ids; unknown ids stay."""
        return self._mentions.full(plain(text))

    def heading(self, text: str) -> str:
        """`text` with the names that it has where it stands on the page."""
        return self._mentions.heading(plain(text))

    def paragraphs(self, paragraphs: Iterable[Paragraph]) -> tuple[ParagraphView, ...]:
        """The next paragraphs, without empty ones and the author's notes. Raises ArtifactError."""
        views = []
        for paragraph in paragraphs:
            if paragraph.shown_as:
                continue
            self._mentions.begin_paragraph()
            claims = [self._claim(claim) for claim in paragraph.claims]
            filled = tuple(claim for claim in claims if claim.pieces)
            views.append(ParagraphView(filled, self._conversation.gap))
        return tuple(view for view in views if view.claims)

    def notes(self, paragraphs: Iterable[Paragraph]) -> tuple[str, ...]:
        """The author's notes among paragraphs, as they were written: no names are put into them."""
        notes = (paragraph.claims for paragraph in paragraphs if paragraph.shown_as)
        texts = (self._conversation.gap.join(plain(claim.text) for claim in claims) for claims in notes)
        return tuple(filter(None, texts))

    def _claim(self, claim: Claim) -> ClaimView:
        conversation = self._conversation
        cited = [conversation.sentence(id) for id in dict.fromkeys(claim.cites)]
        cited.sort(key=lambda sentence: conversation.order[sentence.id])
        continuing = {b.id for a, b in pairwise(cited) if conversation.are_adjacent(a, b)}
        starts = (conversation.moment_of(sentence) for sentence in cited if sentence.id not in continuing)
        pieces = self._mentions.sentence(plain(claim.text))
        return ClaimView(
            tuple(piece for piece in pieces if piece.text),
            tuple(self._citation(sentence) for sentence in cited),
            tuple({(moment.clock, moment.link): moment for moment in starts if moment}.values()),
            number=next(self._numbers),
            kind=claim.kind,
            notes=claim.notes,
            doubts=tuple(self._doubt(doubt) for doubt in claim.doubts),
            outcome=claim.outcome,
            mended_from=self.named(claim.mended_from or "") or None,
        )

    def _doubt(self, doubt: Doubt) -> DoubtView:
        return DoubtView(self.named(doubt.why), self.named(doubt.judge or "") or None)

    def _citation(self, sentence: Sentence) -> CitationView:
        return CitationView(
            sentence.id,
            plain(sentence.text),
            self._speakers[sentence.speaker],
            self._conversation.moment_of(sentence),
            unique_flags(sentence.flags),
            self._conversation.source(sentence),
        )


# Themes as templates are given them: headings, anchors, and quotes next to the prose that they support.


def theme_views(themes: Iterable[Theme], conversation: Conversation, prose: Prose) -> tuple[ThemeView, ...]:
    """Raises ArtifactError if a theme does not fit what was said."""
    views, anchors = [], set[str]()
    for number, theme in enumerate(themes, 1):
        entry = prose.named(theme.heading) or f"Theme {number}"
        heading = prose.heading(theme.heading) or entry
        body = tuple(_blocks(theme, conversation, prose))
        views.append(ThemeView(heading, _anchor(entry, number, anchors), body, entry))
    return tuple(views)


def _blocks(theme: Theme, conversation: Conversation, prose: Prose) -> Iterator[BlockView]:
    """What a theme holds, in order; the author's notes that follow one another are one block."""
    for is_note, blocks in groupby(theme.body, key=_is_note):
        if is_note:
            notes = prose.notes(block for block in blocks if isinstance(block, Paragraph))
            yield from [BlockView(notes=notes)] if notes else []
            continue
        for block in blocks:
            if isinstance(block, Quote):
                yield BlockView(quote=quotation(block, conversation))
            else:
                yield from map(BlockView, prose.paragraphs([block]))


def _is_note(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.shown_as is not None


def verification_view(takeaways: Takeaways) -> VerificationView | None:
    verification = takeaways.verification
    if verification is None or not verification.checked:
        return None
    return VerificationView(
        verification.checked,
        verification.passed,
        verification.doubted,
        verification.mended,
        verification.replaced,
    )


def _anchor(heading: str, number: int, taken: set[str]) -> str:
    """A fragment identifier from the heading, in any script; unlike those `taken`, to which it is added."""
    base = slug(heading) or f"theme-{number}"
    anchor, suffix = base, 2
    while anchor in taken:
        anchor, suffix = f"{base}-{suffix}", suffix + 1
    taken.add(anchor)
    return anchor


# The text of a quote: sentences looked up in the transcript, whole or shortened to some of their words.

# As in print: brackets where a reader could take the mark for the speaker's, none before and after the words.
ELISION = "[…]"  # inside a quote
CUT = "…"  # at its beginning or end, with a space
BROKEN_OFF = "…"  # where a speaker stops short, or comes in midway: without a space, as we left nothing out
_CONTINUATION_MARKS = ",;:-\u2013\u2014 "  # removed where a sentence is cut short: what they lead to is gone


@dataclass(frozen=True)
class _Span:
    """Words of a sentence that are kept, and whether words before and after them were cut."""

    text: str
    is_cut_before: bool
    is_cut_after: bool


def quotation(quote: Quote, conversation: Conversation) -> QuoteView:
    """A quote as it is shown. Raises ArtifactError if it does not fit what was said."""
    cited = [conversation.sentence(id) for id in quote.sentences]
    if any(sentence.speaker != quote.speaker for sentence in cited):
        problem = f"gives {quote.sentences[0]} to {quote.speaker}, who did not say all of it"
        raise conversation.error(problem)
    try:
        text = _text(quote, cited, conversation)
    except ValueError as error:
        raise conversation.error(str(error)) from error
    return QuoteView(
        text,
        conversation.speakers[quote.speaker],
        conversation.moment_of(cited[0], quote.start),
        quote.end if quote.end is not None else cited[-1].end,
        unique_flags((*quote.flags, *(flag for sentence in cited for flag in sentence.flags))),
        conversation.source(cited[0]),
    )


def _text(quote: Quote, cited: Sequence[Sentence], conversation: Conversation) -> str:
    """The words of `cited`, with a mark at each place where some were left out. Raises ValueError.

    Where speech begins or breaks off in the middle of a sentence, "…" tells that.
    """
    word_counts = {sentence.id: len(word_spans(sentence.text)) for sentence in cited}
    kept_ranges = _kept_ranges(quote, word_counts, has_spaces=bool(conversation.gap))
    text, is_cut = "", False
    for index, sentence in enumerate(cited):
        is_apart = index > 0 and not conversation.are_adjacent(cited[index - 1], sentence)
        for span in _kept_spans(sentence.text, kept_ranges.get(sentence.id, ())):
            if is_cut or is_apart or span.is_cut_before:
                bare = text.rstrip(_CONTINUATION_MARKS) if is_cut else text
                text = f"{bare} {ELISION} " if bare else f"{CUT} "
            elif text:
                text += conversation.gap
            text, is_cut, is_apart = text + span.text, span.is_cut_after, False
    if _begins_midway(text, cited[0]):
        text = f"{CUT} {text}" if conversation.continues(cited[0]) else f"{BROKEN_OFF}{text}"
    if not is_cut and not _breaks_off(text, cited[-1], bool(conversation.gap)):
        return text
    bare = text.rstrip(_CONTINUATION_MARKS)
    return f"{bare} {CUT}" if is_cut or conversation.goes_on(cited[-1]) else f"{bare}{BROKEN_OFF}"


def _begins_midway(text: str, sentence: Sentence) -> bool:
    """Whether a quote begins in the middle of a sentence; a name such as "iPhone" does not."""
    first_word = text.partition(" ")[0]
    return Flag.UNPUNCTUATED not in sentence.flags and text[:1].islower() and first_word == first_word.lower()


def _breaks_off(text: str, sentence: Sentence, has_spaces: bool) -> bool:
    """Whether the end of a quote leads to what does not follow, or has no mark where others have one."""
    if Flag.UNPUNCTUATED in sentence.flags:
        return False
    return text.endswith(tuple(_CONTINUATION_MARKS)) or (has_spaces and text[-1:].isalnum())


def _kept_ranges(
    quote: Quote, word_counts: Mapping[str, int], has_spaces: bool
) -> dict[str, list[tuple[int, int]]]:
    """The ranges of words kept, [first, last), by the id of each shortened sentence. Raises ValueError."""
    ranges_by_id: dict[str, list[tuple[int, int]]] = {}
    for kept in quote.keep:
        first, last = kept.words
        if kept.sentence not in word_counts:
            raise ValueError(f"keeps words of {kept.sentence}, which is not in that quote")
        count = word_counts[kept.sentence]
        if not 0 <= first < last <= count:
            raise ValueError(f"keeps the words {first} to {last} of {kept.sentence}, which has {count}")
        if not has_spaces and (first, last) != (0, count):
            raise ValueError(f"shortens {kept.sentence}, whose language has no spaces between words")
        ranges = ranges_by_id.setdefault(kept.sentence, [])
        if ranges and first < ranges[-1][1]:
            raise ValueError(f"keeps words of {kept.sentence} twice or out of order")
        ranges.append((first, last))
    return ranges_by_id


def _kept_spans(text: str, ranges: Sequence[tuple[int, int]]) -> list[_Span]:
    if not ranges:
        return [_Span(plain(text), False, False)]
    spans = word_spans(text)
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    if joined == [(0, len(spans))]:
        return [_Span(plain(text), False, False)]
    return [
        _Span(plain(text[spans[first][0] : spans[last - 1][1]]), first > 0, last < len(spans))
        for first, last in joined
    ]
