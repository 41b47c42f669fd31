"""Front matter that is malformed or made to harm, and speech that only looks like it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.workspace import front_matter, front_matter_block
from pipeline.workspace.front_matter import FrontMatter


def yaml(*lines: str) -> str:
    return "\n".join(["---", *lines, "---", "", "Ann Lee: Hello there.", ""])


FAULTS = {
    "no day": ("date: soon", "line 3: left out date: 'soon' is no certain day"),
    "two days at once": ("date: 03/05/2024", "line 3: left out date: '03/05/2024' is no certain day"),
    "a day in no calendar": ("date: 2024-02-31", "line 3: left out date:"),
    "a list for a title": ("headline: [a, b]\ntitle: [a, b]", "line 4: left out title: is a list, not text"),
    "a title without end": (
        f"title: {'x' * 400}",
        "line 3: left out title: has 400 characters, of at most 300",
    ),
    "a quote without end": ('title: "A', "line 3: left out title: is not valid YAML"),
    "a list without end": ("tags: [a, b", "line 3: left out tags: is not valid YAML"),
    "another file's name": ("guests: [ann-lee]", "line 3: left out guests: 'ann-lee' is not a name"),
    "a word with a meaning": ("guest: new", "line 3: left out guest: 'new' is not a name"),
    "labels for keys": ("speakers:\n  AL: Ann Lee", "line 3: left out speakers: is a table without name"),
    "a script for a link": (
        "video: javascript://a",
        "line 3: left out video: 'javascript://a' is no http(s) link",
    ),
    "a language in words": ("lang: 'xx yy 12'\nlanguage: ??", "line 4: left out language:"),
    "an alias": ("a: &a [b, c]\ntags: [*a, *a]", "line 4: left out tags: *name stands for what is elsewhere"),
    "an object": ("title: !!python/object/apply:os.system [ls]", "is no plain value"),
    "lists in lists": (
        f"tags: {'[' * 4000}",
        "line 3: left out tags: lists or tables are nested more than 6 deep",
    ),
    "lists in lists, by dashes": (f"tags:\n  {'- ' * 4000}", "nested more than 6 deep"),
    "endless text": (
        f"tags: [{'a, ' * 5000}]",
        "line 3: left out tags: has 15,008 characters, of at most 8,192",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_malformed_is_left_out_and_told_and_the_rest_stays(fault: str) -> None:
    lines, note = FAULTS[fault]
    text = yaml("series: Tides", *lines.split("\n"), "host: Cy Dee")
    found = front_matter.read(text)
    assert any(note in said for said in found.notes), found.notes
    assert found.hosts == ("Cy Dee",)
    assert found.lines == text.split("\n").index("---", 1) + 1


def test_one_bad_name_costs_no_other() -> None:
    found = front_matter.read(yaml("title: A", "guests: [ann-lee, Bob Ito]"))
    assert found.guests == ("Bob Ito",)
    assert found.notes == ("line 3: left out guests: 'ann-lee' is not a name",)


def test_many_bad_names_are_one_note() -> None:
    found = front_matter.read(yaml("title: A", "attendees: [ann@a.example, bob@a.example, cy@a.example]"))
    assert found.notes == ("line 3: left out attendees: 'ann@a.example' is not a name, and 2 more",)


def test_broken_toml_is_no_speech() -> None:
    text = '+++\ntitle = "A\ndate = 2024-05-02\n+++\nAnn: Hello.\n'
    found = front_matter.read(text)
    assert found.lines == 4
    assert not found.title
    assert found.notes[0].startswith("line 1: front matter is left out: not valid TOML")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "Ann Lee: Hello.\n\nBob: Hello.\n",
        "---\n\nAnn Lee: Hello.\n\n---\n\nBob Ito: Hello.\n",
        "---\nAnn: Hello there.\nBob: Hello.\nAnn: So.\n---\nBob: Yes.\n",
        "---\nann: hello there.\nbob: hello\n---\nann: yes\n",
        "---\nHost: Welcome to the show.\nGuest: Thanks.\n---\nHost: So.\n",
        "---\nhost: welcome\nguest: thanks\nhost: so\n---\nhost: yes\n",
        "---\nGood evening. Let me begin.\n---\nAnn: Hello.\n",
        "+++\n\nAnn Lee: Hello.\n\n+++\n\nBob Ito: Hello.\n",
        "Host: Welcome to the show.\nGuest: Thanks.\n",
        "Host: welcome to the show\nGuest: thanks\nDate: a fruit\n",
        "Note: we begin late.\nAnn: Hello.\n",
        "WEBVTT\n\n00:00.000 --> 00:01.000\nAnn: Hello.\n",
    ],
)
def test_speech_between_rules_or_above_them_stays_speech(text: str) -> None:
    assert front_matter.read(text) == FrontMatter()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("---\ntitle: A\nspeakers:\n  - Ann Lee\n\nAnn Lee: Hello.\n", 4),
        ("---\ntitle: A\nAnn Lee: Hello.\n", 2),
        ("---\nTitle: A\nHost: Ann\nGuest: Bob\nHost: Yes\nGuest: No\n", 2),
        ("---\nTitle: A\nHost: welcome to the show\nGuest: thanks\n", 2),
        ("---\nTitle: A\nDate: 2024-05-02\n\nAnn: Hello\nBob: Hello\n---\nAnn: More\n", 3),
    ],
)
def test_front_matter_without_its_end_ends_before_the_first_turn(text: str, lines: int) -> None:
    found = front_matter.read(text)
    assert (found.title, found.lines) == ("A", lines)
    assert found.notes[0] == "line 1: no --- closes the front matter"


def test_the_block_says_how_many_lines_it_takes() -> None:
    block = front_matter_block.split("\n---\ntitle: A\ntags: [b]\n---\nAnn: Hello.\n")
    assert (block.form, block.text, block.lines, block.first) == ("yaml", "title: A\ntags: [b]", 5, 3)


@pytest.mark.parametrize(
    "line",
    [
        "? " * 4000,
        "{" * 8000,
        "a: " * 2000,
        "tags: " + "'" * 8000,
        "key: value\n" * 5000,
        "title: A\n" + "- x\n" * 1900,
    ],
)
def test_no_front_matter_takes_long(line: str) -> None:
    text = f"---\ntitle: A\n{line}\n---\nAnn: Hello.\n"
    front_matter.read(text)  # which imports PyYAML
    started = time.perf_counter()
    front_matter.read(text)
    assert time.perf_counter() - started < 0.5


TURN = "Ann Lee: Hello there."
LINES = [
    *(
        "---",
        "---",
        "+++",
        "...",
        "",
        "",
        TURN,
        TURN,
        "title: A",
        "Title: A: b",
        "date: soon",
        "guests: [Ann",
    ),
    *("speakers:", "  - Ann Lee", "- Bob", "host: Bob Ito", "Host: Welcome.", "# Harbours", "So it was."),
    *(
        "tags: &a [b]",
        "topics: *a",
        "\ttabbed: yes",
        'title = "A"',
        "foo: bar",
        "summary: |",
        "**Date:** 2024",
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=16), st.sampled_from(["\n", "\r\n"]))
def test_whatever_is_at_the_top_no_turn_is_lost_in_front_matter(lines: list[str], end: str) -> None:
    text = end.join(lines)
    found, block = front_matter.read(text), front_matter_block.split(text)
    taken = text.splitlines()[: block.lines]
    assert len(taken) == block.lines == found.lines
    assert block.form == "toml" or TURN not in taken


def test_a_long_transcript_is_not_read_to_its_end() -> None:
    text = "---\ntitle: A\n---\n" + "Ann: Hello.\n" * 2_000_000
    started = time.perf_counter()
    assert front_matter.read(text).title == "A"
    assert time.perf_counter() - started < 0.1
