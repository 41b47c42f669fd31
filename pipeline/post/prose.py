"""Stored prose, which speaks of {S1}, to prose that speaks of people; and the themes that hold it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipeline.post.conversation import Conversation, doubts
from pipeline.post.quotations import quotation
from pipeline.post.section_views import (
    CitationView,
    ClaimView,
    ParagraphView,
    PartView,
    PieceView,
    QuoteView,
    SpeakerView,
    ThemeView,
)
from pipeline.post.template_views import VerificationView
from pipeline.records import Claim, Paragraph, Sentence, Takeaways, Theme
from pipeline.text import plain

_SPEAKER = re.compile(r"\{(S\d+)\}")
_POSSESSIVE = re.compile("['\u2019]s\\b|['\u2019](?!\\w)")


class Prose:
    """Joins names with what was written, so that a new name needs no new writing."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation, self._speakers = conversation, conversation.speakers
        self._presented: set[str] = set()

    def named(self, text: str) -> str:
        """`text` with names for ids; an id that is nobody's stays."""
        return _SPEAKER.sub(lambda match: self._name(match[1]) or match[0], plain(text))

    def paragraphs(self, paragraphs: Iterable[Paragraph], present: bool = False) -> tuple[ParagraphView, ...]:
        """Paragraphs as they are shown, without what is empty. Raises ArtifactError.

        A name that is a guess is marked once a paragraph. If `present`, the first name of each person
        brings the role along, unless the sentence speaks of it anyway.
        """
        views = []
        for paragraph in paragraphs:
            marked = set[str]()
            claims = [self._claim(claim, marked, present) for claim in paragraph.claims]
            filled = tuple(claim for claim in claims if claim.pieces)
            views.append(ParagraphView(filled, self._conversation.gap))
        return tuple(view for view in views if view.claims)

    def _claim(self, claim: Claim, marked: set[str], present: bool) -> ClaimView:
        said = self._conversation
        cited = sorted(map(said.sentence, dict.fromkeys(claim.cites)), key=lambda s: said.order[s.id])
        inner = {after.id for before, after in pairwise(cited) if said.goes_on(before, after)}
        begins = (said.at(s) for s in cited if s.id not in inner)
        pieces = self._pieces(plain(claim.text), marked, present)
        return ClaimView(
            tuple(piece for piece in pieces if piece.text),
            tuple(self._citation(sentence) for sentence in cited),
            tuple({(at.clock, at.link): at for at in begins if at}.values()),
        )

    def _citation(self, sentence: Sentence) -> CitationView:
        return CitationView(
            sentence.id,
            plain(sentence.text),
            self._speakers[sentence.speaker],
            self._conversation.at(sentence),
            doubts(sentence.flags),
            self._conversation.source(sentence),
        )

    def _pieces(self, text: str, marked: set[str], present: bool) -> Iterator[PieceView]:
        end = 0
        for match in _SPEAKER.finditer(text):
            speaker = self._speakers.get(match[1])
            if speaker is None:
                continue
            yield PieceView(text[end : match.start()])
            possessive = _POSSESSIVE.match(text, match.end())
            end = possessive.end() if possessive else match.end()
            doubtful = speaker.guessed and speaker.id not in marked
            marked.add(speaker.id)
            role = self._role(speaker, text, bool(possessive)) if present else None
            yield PieceView(speaker.name + (possessive[0] if possessive else ""), speaker, doubtful, role)
        yield PieceView(text[end:])

    def _role(self, speaker: SpeakerView, text: str, possessive: bool) -> str | None:
        """The role, the first time that it can stand after the name."""
        if speaker.role is None or speaker.id in self._presented:
            return None
        told = re.search(rf"(?<!\w){re.escape(speaker.role)}(?!\w)", text, re.IGNORECASE)
        if told or not possessive:
            self._presented.add(speaker.id)
        return None if told or possessive else speaker.role

    def _name(self, id: str) -> str:
        speaker = self._speakers.get(id)
        return speaker.name if speaker else ""


# Themes as templates are given them: headings, anchors, and quotes beside the prose that they belong to.


def theme_views(themes: Iterable[Theme], said: Conversation, prose: Prose) -> tuple[ThemeView, ...]:
    """Raises ArtifactError where a theme refers to what was not said."""
    views, taken = [], set[str]()
    for number, theme in enumerate(themes, 1):
        heading = prose.named(theme.heading) or f"Theme {number}"
        quotes = tuple(quotation(quote, said) for quote in theme.quotes)
        views.append(
            ThemeView(
                heading,
                _anchor(heading, number, taken),
                _parts(theme, quotes, said, prose),
                quotes,
                own_words(theme.reflections),
            )
        )
    return tuple(views)


def _parts(
    theme: Theme, quotes: Sequence[QuoteView], said: Conversation, prose: Prose
) -> tuple[PartView, ...]:
    """Each quote after the paragraph that cites what was said nearest to it."""
    paragraphs = prose.paragraphs(theme.paragraphs)
    if not paragraphs:
        return (PartView(None, tuple(quotes)),)
    cited = [[said.order[one.id] for one in paragraph.citations] for paragraph in paragraphs]
    after: list[list[QuoteView]] = [[] for _ in paragraphs]
    for quote, view in zip(theme.quotes, quotes, strict=True):
        here = said.order[quote.sentences[0]]
        near = [min(abs(place - here) for place in places) for places in cited]
        after[near.index(min(near))].append(view)
    return tuple(PartView(one, tuple(views)) for one, views in zip(paragraphs, after, strict=True))


def own_words(reflections: Iterable[str]) -> tuple[str, ...]:
    """The author's words as they were written: no name is put into them."""
    return tuple(filter(None, map(plain, reflections)))


def verification_view(takeaways: Takeaways) -> VerificationView | None:
    found = takeaways.verification
    if found is None or not found.checked:
        return None
    return VerificationView(found.checked, found.passed, found.mended, found.replaced)


def _anchor(heading: str, number: int, taken: set[str]) -> str:
    """A fragment identifier of the heading's own letters, in any script."""
    letters = unicodedata.normalize("NFKC", heading).casefold().replace("'", "").replace("\u2019", "")
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in letters)
    slug = "-".join("".join(kept).split()) or f"theme-{number}"
    anchor, copy = slug, 2
    while anchor in taken:
        anchor, copy = f"{slug}-{copy}", copy + 1
    taken.add(anchor)
    return anchor
