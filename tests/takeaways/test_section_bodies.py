"""The body of a section: each quote after the paragraph that is about it."""

from __future__ import annotations

import pytest

from pipeline.records import Claim, Paragraph, Quote
from pipeline.takeaways.section_bodies import author_note, in_reading_order
from tests.support.posts import paragraph

POSITIONS = {f"s{n}": n for n in range(20)}
EARLY, LATE = paragraph(("Early.", "s1", "s3")), paragraph(("Late.", "s10"), ("Later.", "s12"))
LINK = Paragraph(claims=(Claim(text="And then there is the other side.", kind="linking"),))


def quote(*ids: int) -> Quote:
    return Quote(sentences=tuple(f"s{n}" for n in ids), speaker="S1")


@pytest.mark.parametrize(
    ("paragraphs", "quotes", "body"),
    [
        ((EARLY, LATE), (quote(2), quote(11)), (EARLY, quote(2), LATE, quote(11))),
        ((LATE, EARLY), (quote(2), quote(11)), (LATE, quote(11), EARLY, quote(2))),
        ((EARLY, LATE), (quote(0), quote(2)), (EARLY, quote(0), quote(2), LATE)),
        ((EARLY, LATE), (quote(11), quote(9)), (EARLY, LATE, quote(11), quote(9))),
        ((EARLY, EARLY), (quote(7),), (EARLY, quote(7), EARLY)),
        ((LINK, LATE), (quote(0),), (LINK, LATE, quote(0))),
        ((LINK,), (quote(0),), (LINK, quote(0))),
        ((), (quote(5), quote(0)), (quote(5), quote(0))),
        ((EARLY,), (), (EARLY,)),
        ((), (), ()),
    ],
)
def test_a_quote_follows_the_paragraph_that_cites_what_is_nearest(
    paragraphs: tuple[Paragraph, ...], quotes: tuple[Quote, ...], body: tuple[Paragraph | Quote, ...]
) -> None:
    cited = [[POSITIONS[id] for claim in one.claims for id in claim.cites] for one in paragraphs]
    begun = [POSITIONS[quote.sentences[0]] for quote in quotes]
    placed = in_reading_order(
        list(zip(paragraphs, cited, strict=True)), list(zip(quotes, begun, strict=True))
    )
    assert tuple(placed) == body


def test_a_note_is_the_author_s_word_for_word_and_by_number() -> None:
    note = author_note("{S1} is right. I say so.", 3)
    (claim,) = note.claims
    assert (claim.text, claim.kind, claim.notes, claim.cites) == (
        "{S1} is right. I say so.",
        "author",
        (3,),
        (),
    )
