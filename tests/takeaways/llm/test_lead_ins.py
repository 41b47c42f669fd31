"""Sentences that only announce a quote go with it, and those that say something stay."""

from __future__ import annotations

import pytest

from pipeline.takeaways.llm.draft import PullQuote
from pipeline.takeaways.llm.lead_ins import dangling, leads_up
from tests.support.drafts import material_of, sentence

TALK = material_of(
    ("S1", ["Is a banana a safe thing to hold?"]),
    ("S2", ["We threw out the sensor because it was a gimmick, and my sister has one."]),  # s1
)
GERMAN = material_of(("S2", ["Wir haben den Sensor weggeworfen."]), language="de")
LOST = PullQuote(("s1",))


@pytest.mark.parametrize(
    "text",
    [
        "{S2} had one more argument.",
        "{S2} could be brief.",
        "{S2} put it this way.",
        "{S2} had a doubt.",
        "{S2}, whose idea it was, left one sentence open.",
        "{S2} told a story.",
        "{S2}'s answer was short.",
        "{S2} was less sure.",
        "And the part that is gone? {S2} could be brief.",
        "{S2} remembered it:",
        "Was it of any use to anybody?",
    ],
)
def test_what_only_announces_a_quote(text: str) -> None:
    assert leads_up(TALK, sentence(text, "s1"), LOST)


@pytest.mark.parametrize(
    "text",
    [
        "{S2} said seven too.",
        "{S2} left the company.",
        "{S2} has a sister.",
        "{S2} thought that it was useless.",
        "{S2} did not agree.",
        "{S2} warned of bias.",
        "{S2} agreed with {S1}.",
        "The part had to go.",
        "{S2} wanted to keep everything.",
        "The part is gone. {S2} could be brief.",
        "{S2} had a long and very well prepared answer to everything that was asked in the room.",
    ],
)
def test_what_tells_something_stays(text: str) -> None:
    assert not leads_up(TALK, sentence(text, "s1"), LOST)


def test_without_a_parser_marks_alone_tell() -> None:
    assert leads_up(GERMAN, sentence("{S2} wurde deutlich:", "s0"), PullQuote(("s0",)))
    assert not leads_up(GERMAN, sentence("{S2} hatte einen Einwand.", "s0"), PullQuote(("s0",)))


def test_what_announces_a_sentence_stays_and_the_chain_before_a_quote_goes() -> None:
    told, asked = sentence("They met in May.", "s0"), sentence("And the sensor?")
    announced, lost = sentence("{S2} could be brief.", "s1"), sentence("It went.", "s1", lost=True)
    pieces = [told, asked, announced, LOST]
    assert dangling(TALK, pieces, lambda piece: piece is not LOST) == {asked, announced}
    assert dangling(TALK, pieces, lambda piece: True) == frozenset()
    assert dangling(TALK, [told, announced, lost], lambda piece: piece is not lost) == {lost}
