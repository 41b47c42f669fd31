"""The timeline: true to the times, never more bars than pixels, and well-formed wherever it is put."""

from __future__ import annotations

import random
import re
import tempfile
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.post.conversation import speakers
from pipeline.post.section_views import MomentView
from pipeline.post.template_views import TimelineView
from pipeline.post.timeline import ROW_PIXELS, speech_spans, timeline
from pipeline.records import Turns
from pipeline.text import clock
from pipeline.turns.names import Identity
from pipeline.workspace.output_templates import Templates
from tests.support.posts import Stretch, quoting, render, spoken, talk, texts, turns

SECONDS = st.floats(0, 20_000).map(lambda value: round(value, 3))
STRETCHES = st.lists(
    st.tuples(st.sampled_from(("S1", "S2", "S3")), SECONDS | st.none(), SECONDS | st.none()),
    min_size=1,
    max_size=40,
)


def moment(start: float | None) -> MomentView | None:
    return None if start is None else MomentView(start, clock(start), None)


def seen(said: Turns, seconds: float = 0.0, names: dict[str, str] | None = None) -> TimelineView | None:
    known = {s.id: Identity((names or {}).get(s.id), True, None, None) for s in said.speakers}
    return timeline(said, speakers(said, known, (), moment), seconds, moment)


def drawn(said: Turns, seconds: float = 0.0, names: dict[str, str] | None = None) -> TimelineView:
    found = seen(said, seconds, names)
    assert found is not None
    return found


@given(STRETCHES, st.sampled_from((0.0, 1.0, 90.0, 20_000.0)))
def test_bars_are_inside_apart_and_no_more_than_pixels(stretches: list[Stretch], seconds: float) -> None:
    said = spoken(stretches)
    found = seen(said, seconds)
    if found is None:
        assert not list(speech_spans(said, seconds))
        return
    pixel = 1000 / ROW_PIXELS
    for lane in found.lanes:
        assert len(lane.bars) <= ROW_PIXELS / 2 + 1
        for part in (*lane.bars, *lane.doubts):
            assert 0 <= part.left < 1000
            assert pixel - 0.2 < part.width <= 1000
            assert part.left + part.width <= 1000.1
        for one, other in pairwise(lane.bars):
            assert one.left + one.width + pixel - 0.2 <= other.left
            assert one.moment.start < other.moment.start
    assert sum(lane.speaker.share for lane in found.lanes) == pytest.approx(1, abs=0.001)


@given(STRETCHES)
def test_every_stretch_of_speech_is_under_a_bar_of_its_speaker(stretches: list[Stretch]) -> None:
    said = spoken(stretches)
    found = seen(said)
    if found is None:
        return
    lanes = {lane.speaker.id: lane for lane in found.lanes}
    for one in speech_spans(said):
        at = one.start / found.seconds * 1000
        assert any(b.left - 0.1 <= min(at, 997.5) <= b.left + b.width for b in lanes[one.speaker].bars)


@given(st.floats(0.5, 200_000))
def test_ticks_are_round_few_and_inside(seconds: float) -> None:
    ticks = drawn(spoken([("S1", 0.0, seconds)])).ticks
    assert ticks[0].at == 0
    assert 1 <= len(ticks) <= 8
    assert all(0 <= tick.at <= 1000 for tick in ticks)
    assert len({tick.clock for tick in ticks}) == len(ticks)
    assert sum(not tick.minor for tick in ticks) <= 4


def test_short_pauses_are_speech_and_long_ones_are_not() -> None:
    said = spoken([("S1", 0.0, 4.0), ("S1", 4.9, 8.0), ("S2", 10.0, 12.0), ("S1", 12.0, 14.0)])
    one, two = drawn(said, 100.0).lanes
    assert [(bar.left, bar.width) for bar in one.bars] == [(0, 80), (120, 20)]
    assert [(bar.left, bar.moment.clock) for bar in two.bars] == [(100, "0:10")]
    assert (one.turns, two.turns) == (2, 1)
    assert one.summary == "82\u202f% of the talking in 2 turns, first at 0:00."


def test_two_voices_of_one_name_share_a_row() -> None:
    said = spoken([("S1", 0.0, 4.0), ("S2", 10.0, 12.0), ("S3", 20.0, 24.0)])
    first, other = drawn(said, names={"S1": "Ann", "S3": "Ann"}).lanes
    assert (first.speaker.name, len(first.bars)) == ("Ann", 2)
    assert (other.speaker.name, len(other.bars)) == ("Speaker 2", 1)


def test_a_turn_without_an_end_lasts_until_the_next_begins() -> None:
    said = spoken([("S1", 0.0, None), ("S1", 0.0, None), ("S2", 30.0, None), ("S1", 40.0, None)], words=10)
    assert [(one.speaker, one.start, one.end) for one in speech_spans(said)] == [
        ("S1", 0, 30),
        ("S1", 0, 30),
        ("S2", 30, 40),
        ("S1", 40, 44),
    ]


def test_without_times_there_is_no_timeline() -> None:
    assert seen(turns((("S1", "One."), ("S2", "Two.")), timed=False)) is None
    assert seen(spoken([("S1", None, None)]), seconds=60.0) is None


@pytest.mark.parametrize("flag", ["overlapped speech", "doubtful speaker", "overlapped_speech"])
def test_what_is_in_doubt_is_marked(flag: str) -> None:
    (lane,) = drawn(spoken([("S1", 5.0, 10.0)], flags=(flag,)), 100.0).lanes
    assert [(part.left, part.width) for part in lane.doubts] == [(50, 50)]
    assert not drawn(spoken([("S1", 5.0, 10.0)], flags=("unclear",))).doubtful


def pictures(html: str) -> list[ET.Element]:
    return [ET.fromstring(text) for text in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]


@settings(max_examples=25)
@given(st.text(max_size=30) | st.sampled_from(("<b>&", "]]>", '"\ufffe\x0b', "</title>")))
def test_the_picture_is_well_formed_in_the_page_and_alone(name: str) -> None:
    said = turns((("S1", "One. | Two."), ("S2", "Three.")), labels=(name, "Grace"))
    with tempfile.TemporaryDirectory() as folder:
        subject = talk(Path(folder))
        html = texts(render(subject, said, quoting(said, "s0")))["post.html"]
        alone = Templates.of(subject.workspace.root).render(
            "_speakers.svg", timeline=drawn(said), title="A talk"
        )
    if re.search("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", html):
        return  # HTML may hold what XML may not; a file of its own is cleaned by show.svg
    lanes = [picture for picture in pictures(html) if picture.get("class") == "lane"]
    assert len(lanes) == 2
    assert all(picture.get("role") == "img" and picture[0].tag == "title" for picture in lanes)
    assert len(list(ET.fromstring(alone.encode()).iter("{http://www.w3.org/2000/svg}rect"))) == 1 + 3


def test_three_hours_of_twelve_people_are_a_page_of_reasonable_size(tmp_path: Path) -> None:
    dice, at, stretches = random.Random(1), 0.0, []
    while at < 3 * 3600:
        length = dice.choice((0.5, 1.0, 2.0, 5.0, 20.0))
        stretches.append((f"S{dice.randint(1, 12)}", round(at, 2), round(at + length, 2)))
        at += length + dice.random() * 2
    said = spoken(stretches)
    page = texts(render(talk(tmp_path), said, quoting(said, "s0")))["post.html"]
    assert len(stretches) > 1500
    assert len(page.encode()) < 300_000


def test_bars_are_no_tab_stops(tmp_path: Path) -> None:
    said = turns((("S1", "One. | Two."), ("S2", "Three.")))
    html = texts(render(talk(tmp_path), said, quoting(said, "s0")))["post.html"]
    links = [link for picture in pictures(html) for link in picture.iter("a")]
    assert len(links) == 3
    assert {link.get("tabindex") for link in links} == {"-1"}
