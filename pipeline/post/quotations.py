"""The text of a quote: sentences looked up in the transcript, whole or shortened to some of their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.post.conversation import Conversation, doubts
from pipeline.post.section_views import QuoteView
from pipeline.records import Quote, Sentence
from pipeline.text import plain

ELISION = "[…]"
_LEADING_ON = ",;:-\u2013\u2014 "  # removed before an elision: they lead on to words that are not there


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
        what = f"gives {quote.sentences[0]} to {quote.speaker}, who did not say all of it"
        raise conversation.error(what)
    try:
        text = _text(quote, cited, conversation)
    except ValueError as error:
        raise conversation.error(str(error)) from error
    return QuoteView(
        text,
        conversation.speakers[quote.speaker],
        conversation.moment_of(cited[0], quote.start),
        quote.end if quote.end is not None else cited[-1].end,
        doubts((*quote.flags, *(flag for sentence in cited for flag in sentence.flags))),
        conversation.source(cited[0]),
    )


def _text(quote: Quote, cited: Sequence[Sentence], conversation: Conversation) -> str:
    """The words of `cited`, with "[…]" at each place where some were left out. Raises ValueError."""
    sizes = {sentence.id: len(sentence.text.split()) for sentence in cited}
    kept_ranges = _kept_ranges(quote, sizes, has_spaces=bool(conversation.gap))
    text, is_cut = "", False
    for index, sentence in enumerate(cited):
        is_apart = index > 0 and not conversation.are_adjacent(cited[index - 1], sentence)
        for span in _kept_spans(sentence.text, kept_ranges.get(sentence.id, ())):
            if is_cut or is_apart or span.is_cut_before:
                text = f"{text.rstrip(_LEADING_ON) if is_cut else text} {ELISION} ".lstrip()
            elif text:
                text += conversation.gap
            text, is_cut, is_apart = text + span.text, span.is_cut_after, False
    return f"{text.rstrip(_LEADING_ON)} {ELISION}" if is_cut else text


def _kept_ranges(
    quote: Quote, sizes: Mapping[str, int], has_spaces: bool
) -> dict[str, list[tuple[int, int]]]:
    """The ranges of words that are kept of each sentence that is shortened. Raises ValueError."""
    ranges_by_id: dict[str, list[tuple[int, int]]] = {}
    for kept in quote.keep:
        first, last = kept.words
        if kept.sentence not in sizes:
            raise ValueError(f"keeps words of {kept.sentence}, which is not in that quote")
        size = sizes[kept.sentence]
        if not 0 <= first < last <= size:
            raise ValueError(f"keeps the words {first} to {last} of {kept.sentence}, which has {size}")
        if not has_spaces and (first, last) != (0, size):
            raise ValueError(f"shortens {kept.sentence}, whose language has no spaces between words")
        ranges = ranges_by_id.setdefault(kept.sentence, [])
        if ranges and first < ranges[-1][1]:
            raise ValueError(f"keeps words of {kept.sentence} twice or out of order")
        ranges.append((first, last))
    return ranges_by_id


def _kept_spans(text: str, ranges: Sequence[tuple[int, int]]) -> list[_Span]:
    if not ranges:
        return [_Span(plain(text), False, False)]
    words = text.split()
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    if joined == [(0, len(words))]:
        return [_Span(plain(text), False, False)]
    return [_Span(plain(" ".join(words[first:last])), first > 0, last < len(words)) for first, last in joined]
