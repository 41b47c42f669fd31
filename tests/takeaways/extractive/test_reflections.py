"""Where the author's notes go: beside the theme that they are about, else beside none."""

from __future__ import annotations

import pytest

from pipeline.engines.sentence_vectors import SentenceEncoder
from pipeline.takeaways.section_bodies import place_notes
from pipeline.weights.models import locate

THEMES = (
    (
        "Small matters in open tech",
        "The models have to stay small.",
        "If you need a supercomputer, open source does not help you much.",
        "It is the same design decision as in Ethereum.",
        "Anyone should be able to run a node at home.",
    ),
    (
        "Now is the time to obsess about iteration cycles",
        "With all these tools you can get lost very quickly.",
        "Ship, learn, and iterate on the fundamentals.",
    ),
    (
        "Shorten the distance between idea and built",
        "The way to attract builders is to reduce the time between having an idea and building it.",
    ),
)
SPECTRUM = "The battle of open vs closed tech is much more of a spectrum than a binary."
LAPTOP = "My own laptop can't even run the smaller models, so this struck a chord."
FELT = "That's something I've felt personally in crypto: ship fast and learn."
ENERGY = "We call it builder energy and have oriented our whole company around it."
THANKS = "Thanks to the team at the cafe for letting us record."
WEATHER = "The weather was terrible that morning."


@pytest.fixture(scope="module")
def embed() -> SentenceEncoder:
    return SentenceEncoder(locate("minilm") / "model.onnx")


def test_a_note_goes_to_its_theme_and_a_remark_on_the_day_to_none(embed: SentenceEncoder) -> None:
    notes = (THANKS, FELT, SPECTRUM, ENERGY, LAPTOP, WEATHER)
    assert place_notes(notes, THEMES, embed) == [None, 1, 0, 2, 0, None]


def test_without_themes_or_notes_there_is_nothing_to_place(embed: SentenceEncoder) -> None:
    assert place_notes((FELT,), (), embed) == [None]
    assert place_notes((FELT,), ((), ()), embed) == [None]
    assert place_notes((), THEMES, embed) == []
    assert place_notes((FELT,), ((), THEMES[1]), embed) == [1]
