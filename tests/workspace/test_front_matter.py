"""What a transcript says of itself at its top, in the forms of public collections."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.workspace import front_matter

YOUTUBE = "https://www.youtube.com/watch?v=UK9Yykf2aA4"
ANN_AND_BOB = ("Ann Lee", "Bob Ito")


def stated(text: str) -> dict[str, Any]:
    """What is said, without what is empty."""
    found = front_matter.read(text)
    return {key: value for key, value in found.model_dump(exclude={"lines", "only_speaker"}).items() if value}


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


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["speakers: [Ann Lee]"], "Ann Lee"),
        (["presenter: Ann Lee"], "Ann Lee"),
        (["speaker: Ann Lee", "guest: Ann Lee"], "Ann Lee"),
        (["guest: Ann Lee"], ""),  # whose guest?
        (["speaker: Ann Lee", "host: Bob Ito"], ""),
        (["speakers: [Ann Lee, Bob Ito]"], ""),
        (["speaker: Ann Lee", "guest: Bob Ito"], ""),
    ],
)
def test_one_speaker_is_alone_only_if_nobody_else_is_named(lines: list[str], name: str) -> None:
    assert front_matter.read(yaml("title: A", *lines)).only_speaker == name
