"""What a transcript says of itself at its top, in the forms of public collections."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.workspace import front_matter
from pipeline.workspace.front_matter import FrontMatter

YOUTUBE = "https://www.youtube.com/watch?v=UK9Yykf2aA4"
ANN_AND_BOB = ("Ann Lee", "Bob Ito")


def stated(text: str) -> dict[str, Any]:
    """What is said, without what is empty."""
    found = front_matter.read(text)
    return {key: value for key, value in found.model_dump(exclude={"lines"}).items() if value}


def yaml(*lines: str) -> str:
    return "\n".join(["---", *lines, "---", "", "Ann Lee: Hello there.", ""])


FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "flow lists": (
        yaml(
            'title: "Harbours"',
            "transcript_by: Cy Dee via a tool",
            f"media: {YOUTUBE}",
            'tags: ["sea"]',
            'speakers: ["Ann Lee","Bob Ito"]',
            'categories: ["podcast"]',
            "date: 2020-11-13",
        ),
        {
            "title": "Harbours",
            "recording": YOUTUBE,
            "tags": ("sea", "podcast"),
            "guests": ANN_AND_BOB,
            "date": "2020-11-13",
        },
    ),
    "block lists, all in quotes": (
        yaml("title: 'Harbours'", "date: '2024-12-22'", "speakers:", "  - 'Ann Lee'", "  - 'Bob Ito'"),
        {"title": "Harbours", "date": "2024-12-22", "guests": ANN_AND_BOB},
    ),
    "a list as far left as its key": (
        yaml("title: A", "guests:", "- Ann Lee", "- Bob Ito"),
        {"title": "A", "guests": ANN_AND_BOB},
    ),
    "commas": (yaml("title: A", "speakers: Ann Lee, Bob Ito"), {"title": "A", "guests": ANN_AND_BOB}),
    "and": (yaml("title: A", "speakers: Ann Lee and Bob Ito"), {"title": "A", "guests": ANN_AND_BOB}),
    "semicolons and &": (
        yaml("title: A", "guests: Ann Lee; Bob Ito & Cy Dee"),
        {"title": "A", "guests": (*ANN_AND_BOB, "Cy Dee")},
    ),
    "last names first": (
        yaml("title: A", "guests: Lee, Ann; Ito, Bob"),
        {"title": "A", "guests": ANN_AND_BOB},
    ),
    "tables": (
        yaml(
            "guests:",
            '  - name: "Ann Lee"',
            "    link: https://a.example",
            '    title: "Head, Port"',
            '  - name: "Bob Ito"',
            'publication: "2026-05-01 04:00:00 +0100"',
        ),
        {"guests": ANN_AND_BOB, "date": "2026-05-01"},
    ),
    "asides": (
        yaml("title: A", "participants:", "  - Ann Lee (Port, head of policy)", "  - Bob Ito, Base"),
        {"title": "A", "guests": ANN_AND_BOB},
    ),
    "wiki links": (
        yaml("title: A", 'guests: ["[[Ann Lee]]", "[[Bob Ito]]"]'),
        {"title": "A", "guests": ANN_AND_BOB},
    ),
    "wiki links, not in quotes": (
        yaml("title: A", "guests: [[Ann Lee]]"),
        {"title": "A", "guests": ("Ann Lee",)},
    ),
    "Markdown links, which are no YAML": (
        yaml("type: podcast", "guest: [@ann](https://x.example/ann)", "guest: [@bob](https://x.example/bob)"),
        {"guests": ("ann", "bob")},
    ),
    "one guest and a host": (
        yaml("title: A", "guest: Ann Lee ", "host: Bob Ito"),
        {"title": "A", "guests": ("Ann Lee",), "hosts": ("Bob Ito",)},
    ),
    "hosts are no guests": (
        yaml("title: A", "speakers: [Ann Lee, Bob Ito]", "hosts: [bob ito]"),
        {"title": "A", "guests": ("Ann Lee",), "hosts": ("bob ito",)},
    ),
    "nobody yet": (yaml("title: A", "guests: TBD", "host: ~", "speakers: []", "moderator:"), {"title": "A"}),
    "programs' labels are nobody": (
        yaml("title: A", "participants:", "  - Speaker 1 (AI host 1)", "  - speaker_b", "  - Guest"),
        {"title": "A"},
    ),
    "the transcriber is nobody": (yaml("title: A", "transcript_by: Cy Dee", "author: Eve"), {"title": "A"}),
    "recorded before published": (
        yaml("title: A", "published: 2019-08-28", "recorded: 2019-07-29"),
        {"title": "A", "date": "2019-07-29"},
    ),
    "a day in words": (
        yaml("title: A", "recording_date: Nov 13,2023 2:00 PM"),
        {"title": "A", "date": "2023-11-13"},
    ),
    "a day in quotes over lines": (
        yaml("pub_date: '", "", "  December 16th, 2021'", "title: '12: Live!'"),
        {"title": "12: Live!", "date": "2021-12-16"},
    ),
    "a time with an offset": (
        yaml("title: A", "date:   2023-05-11 23:30:00 -0800"),
        {"title": "A", "date": "2023-05-11"},
    ),
    "a title that looks like YAML's numbers": (
        yaml("title: 1984", "lang: no"),
        {"title": "1984", "language": "no"},
    ),
    "a colon in the title": (
        yaml("title: Harbours: a talk", "date: 2024-05-02"),
        {"title": "Harbours: a talk", "date": "2024-05-02"},
    ),
    "folded text": (
        yaml("title: >-", "  Harbours", "  and tides", "summary: |", "  A talk.", "", "  Two."),
        {"title": "Harbours and tides"},
    ),
    "comments and gaps": (
        yaml("# made by a tool", "title: A # short", "", "tags: []", "", "date: 2024-05-02"),
        {"title": "A", "date": "2024-05-02"},
    ),
    "tabs": (
        yaml("title:\tHarbours", "speakers:", "\t- Ann Lee"),
        {"title": "Harbours", "guests": ("Ann Lee",)},
    ),
    "capitals and spaces in keys": (
        yaml("Title: A", "Recording date: 2024-05-02", "Guest: Ann Lee"),
        {"title": "A", "date": "2024-05-02", "guests": ("Ann Lee",)},
    ),
    "camel case": (yaml("title: A", f"youtubeUrl: {YOUTUBE}"), {"title": "A", "recording": YOUTUBE}),
    "a video's id": (yaml("title: A", "videoId: UK9Yykf2aA4"), {"title": "A", "recording": YOUTUBE}),
    "the recording before a page": (
        yaml("title: A", "link: https://a.example/12", "audio: https://a.example/12.mp3"),
        {"title": "A", "recording": "https://a.example/12.mp3"},
    ),
    "a page if that is all": (
        yaml("title: A", "url: https://a.example/12"),
        {"title": "A", "recording": "https://a.example/12"},
    ),
    "paths are no links": (
        yaml("title: A", "permalink: /podcast/12/", "source: Otter", "audio: a.mp3"),
        {"title": "A"},
    ),
    "an enclosure": (
        yaml("title: A", "enclosure:", "  url: <https://a.example/a.mp3>", "  length: 12"),
        {"title": "A", "recording": "https://a.example/a.mp3"},
    ),
    "a source with a title": (
        yaml("source:", "  title: A radio", f"  url: {YOUTUBE}"),
        {"recording": YOUTUBE},
    ),
    "tags with marks": (
        yaml("title: A", "tags: '#sea, #tide'", "topics: [Sea]"),
        {"title": "A", "tags": ("sea", "tide")},
    ),
    "a language with a country": (yaml("title: A", "lang: en-GB"), {"title": "A", "language": "en"}),
    "three dots close it": ("---\ntitle: A\n...\nAnn: Hello.\n", {"title": "A"}),
    "a byte order mark and Windows' lines": (
        "\ufeff---\r\ntitle: A\r\n---\r\nAnn: Hello.\r\n",
        {"title": "A"},
    ),
    "blank lines above": ("\n\n---\ntitle: A\n---\nAnn: Hello.\n", {"title": "A"}),
    "indented as a whole": (
        "---\n  title: A\n  date: 2024-05-02\n---\n",
        {"title": "A", "date": "2024-05-02"},
    ),
    "TOML": (
        '+++\ntitle = "A"\ndate = 2020-02-27T22:01:00+10:30\nhosts = ["Bob Ito"]\nyoutube = "UK9Yykf2aA4"\n'
        '[params]\nguests = ["Ann Lee"]\n[taxonomies]\ntags = ["sea"]\n+++\nAnn: Hello.\n',
        {
            "title": "A",
            "date": "2020-02-27",
            "hosts": ("Bob Ito",),
            "recording": YOUTUBE,
            "guests": ("Ann Lee",),
            "tags": ("sea",),
        },
    ),
    "lines without rules": (
        "**Title:** Harbours\n**Date**: 2 May 2024\n- **Speakers:** Ann Lee & Bob Ito\n\n**Ann Lee:** So.\n",
        {"title": "Harbours", "date": "2024-05-02", "guests": ANN_AND_BOB},
    ),
    "capitals, with gaps": (
        "INTERVIEWEE: Ann Lee\n\nINTERVIEWER: Bob Ito\n\nDATE: 22 January 2015\n\nQ: So?\n",
        {"date": "2015-01-22", "guests": ("Ann Lee",), "hosts": ("Bob Ito",)},
    ),
    "a slash between names": (
        yaml("title: A", 'speaker: "Ann Lee / Bob Ito"'),
        {"title": "A", "guests": ANN_AND_BOB},
    ),
    "lines below a heading, with a list": (
        "# Harbours\n\nDate: May 2, 2024\nParticipants:\n- Ann Lee\n- Bob Ito\n\nAnn Lee: Hello.\n",
        {"date": "2024-05-02", "guests": ANN_AND_BOB},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_a_file_says_of_itself_is_read(form: str) -> None:
    text, expected = FORMS[form]
    assert stated(text) == expected


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
    block = front_matter.split("\n---\ntitle: A\ntags: [b]\n---\nAnn: Hello.\n")
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
    found, block = front_matter.read(text), front_matter.split(text)
    taken = text.splitlines()[: block.lines]
    assert len(taken) == block.lines == found.lines
    assert block.form == "toml" or TURN not in taken


def test_a_long_transcript_is_not_read_to_its_end() -> None:
    text = "---\ntitle: A\n---\n" + "Ann: Hello.\n" * 2_000_000
    started = time.perf_counter()
    assert front_matter.read(text).title == "A"
    assert time.perf_counter() - started < 0.1
