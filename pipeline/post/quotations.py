"""The text of a quote: sentences looked up in the transcript, whole or shortened to some of their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.post.conversation import Conversation, doubts
from pipeline.post.section_views import QuoteView
from pipeline.records import Quote, Sentence
from pipeline.text import plain

ELISION = "[…]"
_BEFORE_A_CUT = ",;:-\u2013\u2014 "  # marks that lead on to words that are not there


@dataclass(frozen=True)
class _Stretch:
    """Words of a sentence that stay, and whether words before and after them do not."""

    text: str
    cut_before: bool
    cut_after: bool


def quotation(quote: Quote, conversation: Conversation) -> QuoteView:
    """A quote as it is shown. Raises ArtifactError where it does not fit what was said."""
    cited = [conversation.sentence(id) for id in quote.sentences]
    if any(sentence.speaker != quote.speaker for sentence in cited):
        what = f"gives {quote.sentences[0]} to {quote.speaker}, who did not say all of it"
        raise conversation.broken(what)
    try:
        text = _text(quote, cited, conversation)
    except ValueError as error:
        raise conversation.broken(str(error)) from error
    return QuoteView(
        text,
        conversation.speakers[quote.speaker],
        conversation.at(cited[0], quote.start),
        quote.end if quote.end is not None else cited[-1].end,
        doubts((*quote.flags, *(flag for sentence in cited for flag in sentence.flags))),
        conversation.source(cited[0]),
    )


def _text(quote: Quote, cited: Sequence[Sentence], conversation: Conversation) -> str:
    """The words of `cited`, with "[…]" at each place where some were left out. Raises ValueError."""
    sizes = {sentence.id: len(sentence.text.split()) for sentence in cited}
    kept = _kept(quote, sizes, spaced=bool(conversation.gap))
    text, cut = "", False
    for index, sentence in enumerate(cited):
        apart = index > 0 and not conversation.goes_on(cited[index - 1], sentence)
        for stretch in _stretches(sentence.text, kept.get(sentence.id, ())):
            if cut or apart or stretch.cut_before:
                text = f"{text.rstrip(_BEFORE_A_CUT) if cut else text} {ELISION} ".lstrip()
            elif text:
                text += conversation.gap
            text, cut, apart = text + stretch.text, stretch.cut_after, False
    return f"{text.rstrip(_BEFORE_A_CUT)} {ELISION}" if cut else text


def _kept(quote: Quote, sizes: Mapping[str, int], spaced: bool) -> dict[str, list[tuple[int, int]]]:
    """The ranges of words that stay, of each sentence that is shortened. Raises ValueError."""
    found: dict[str, list[tuple[int, int]]] = {}
    for kept in quote.keep:
        first, last = kept.words
        if kept.sentence not in sizes:
            raise ValueError(f"keeps words of {kept.sentence}, which is not in that quote")
        size = sizes[kept.sentence]
        if not 0 <= first < last <= size:
            raise ValueError(f"keeps the words {first} to {last} of {kept.sentence}, which has {size}")
        if not spaced and (first, last) != (0, size):
            raise ValueError(f"shortens {kept.sentence}, whose language has no spaces between words")
        ranges = found.setdefault(kept.sentence, [])
        if ranges and first < ranges[-1][1]:
            raise ValueError(f"keeps words of {kept.sentence} twice or out of order")
        ranges.append((first, last))
    return found


def _stretches(text: str, ranges: Sequence[tuple[int, int]]) -> list[_Stretch]:
    if not ranges:
        return [_Stretch(plain(text), False, False)]
    words = text.split()
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    if joined == [(0, len(words))]:
        return [_Stretch(plain(text), False, False)]
    return [
        _Stretch(plain(" ".join(words[first:last])), first > 0, last < len(words)) for first, last in joined
    ]
