"""post.md is the post and nothing else: its words and links are counted on posts as long as real ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pipeline.records import Claim, Paragraph, Quote, Sentence, Takeaways, Theme, Verification
from tests.support.helpers import panel, run
from tests.support.posts import PANEL, PEOPLE, Reading, quoting, render, talk, texts, turns, written

MOST = 1.15  # words of the file for each that is read
FACTS = """
date = 2023-12-07
occasion = "Bitcoin Optech recap 280"
recording = "https://www.youtube.com/watch?v=abc"
"""


@pytest.fixture(scope="module")
def prose(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A post of 1,100 words, of which most are prose: paragraphs of four sentences, a quote after each."""
    said = turns([(f"S{n % 3 + 1}", text) for n, (_, text) in enumerate(PANEL * 12)])
    sentences = [sentence for sentence in said.sentences() if len(sentence.text.split()) > 5]
    themes = tuple(
        Theme(heading="Small enough to run", body=tuple(_passages(sentences[at : at + 8])))
        for at in range(0, 64, 8)
    )
    opening = Paragraph(
        claims=tuple(
            Claim(text=f"{{{speaker}}} builds open technology, and has for years.", cites=(sentences[0].id,))
            for speaker in ("S1", "S2", "S3")
        )
    )
    takeaways = Takeaways(
        writer="model",
        title="Small matters in open tech",
        dek="And other reflections on crypto and AI",
        introduction=(opening,),
        themes=themes,
        close=(opening,),
        verification=Verification(checked=40, passed=40),
        notes=("A note of the run that goes on for some words.",),
    )
    root = tmp_path_factory.mktemp("prose")
    return texts(render(talk(root, FACTS), said, takeaways))


def _passages(sentences: Sequence[Sentence]) -> Iterator[Paragraph | Quote]:
    for four in (sentences[:4], sentences[4:]):
        yield Paragraph(claims=tuple(Claim(text=one.text, cites=(one.id,)) for one in four))
        yield Quote(sentences=(four[0].id,), speaker=four[0].speaker)


def ratio(post: str) -> float:
    return len(post.split()) / Reading(post).words


def test_a_post_of_quotes_is_little_more_than_what_is_read(tmp_path: Path) -> None:
    workspace = panel(tmp_path, lines=10_000)
    (workspace.inputs / "panel.toml").write_text(FACTS, "utf-8")
    run(workspace)
    post = (workspace.outputs / "panel" / "post.md").read_text("utf-8")
    assert Reading(post).words > 600
    assert ratio(post) <= MOST
    assert max(Reading(post).links) == 1


def test_a_post_with_prose_is_little_more_than_what_is_read(prose: dict[str, str]) -> None:
    post = prose["post.md"]
    assert 700 < Reading(post).words < 1700
    assert ratio(post) <= MOST
    assert max(Reading(post).links) == 1
    assert "note of the run" not in post


def test_opening_and_close_have_no_links(prose: dict[str, str]) -> None:
    reading = Reading(prose["post.md"])
    ends = [n for n, text in enumerate(reading.texts) if "for years" in text]
    assert [reading.links[n] for n in ends] == [0, 0]


def test_no_more_times_are_in_sight_on_the_page(prose: dict[str, str]) -> None:
    page, quotes = prose["post.html"], prose["post.md"].count("\n> ")
    in_sight = re.sub(
        r'<span class="sources".*?\n</span>', "", page.partition("</header>")[2], flags=re.DOTALL
    )
    assert in_sight.count('class="time"') == Reading(prose["post.md"]).links.count(1) - 1 == 2 * quotes


def test_a_short_post_has_as_little_as_it_can(tmp_path: Path) -> None:
    said = turns(PANEL)
    post = texts(render(talk(tmp_path, PEOPLE), said, written(said)))["post.md"]
    assert ratio(post) <= 1.25
    assert max(Reading(post).links) == 1
    quote = texts(render(talk(tmp_path / "quote"), said, quoting(said, "s0")))["post.md"]
    assert len(quote.split()) - Reading(quote).words <= 20
