from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import transcripts
from pipeline.errors import InputError


def read(tmp_path: Path, text: str, name: str = "talk.md") -> list[tuple[str | None, str, float | None]]:
    """(label, text, start) of each run of words with one label and one start."""
    path = tmp_path / name
    path.write_text(text, "utf-8")
    runs: list[tuple[str | None, str, float | None]] = []
    for word in transcripts.read(path):
        if not runs or runs[-1][0] != word.label or word.start is not None:
            runs.append((word.label, "", word.start))
        runs[-1] = (runs[-1][0], runs[-1][1] + word.text, runs[-1][2])
    return [(label, said.strip(), start) for label, said, start in runs]


def test_bold_labels_count_alone_where_there_are_any(tmp_path: Path) -> None:
    text = "# Title\n\n**Ann Lee:** Hello there.\n\nThe thing: it works.\n\n**0xB10C**: Yes. Note: really.\n"
    assert read(tmp_path, text) == [
        ("Ann Lee", "Hello there. The thing: it works.", None),
        ("0xB10C", "Yes. Note: really.", None),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[00:01:12] Ann: Hi.",
        "00:01:12 Ann: Hi.",
        "Ann [01:12]: Hi.",
        "**Ann** [01:12]: Hi.",
        "**[01:12] Ann:** Hi.",
        "[1:12] **Ann:** Hi.",
        "(01:12) - Ann: Hi.",
    ],
)
def test_stamps_are_found_wherever_people_put_them(tmp_path: Path, line: str) -> None:
    assert read(tmp_path, f"{line}\n") == [("Ann", "Hi.", 72.0)]


def test_words_before_a_colon_are_not_a_speaker(tmp_path: Path) -> None:
    text = "Ann: One.\n\nso the thing is this: two.\n\nBob: Three.\n\nAnn: Four.\n"
    assert read(tmp_path, text) == [
        ("Ann", "One. so the thing is this: two.", None),
        ("Bob", "Three.", None),
        ("Ann", "Four.", None),
    ]


def test_labels_that_come_back_count_without_a_capital(tmp_path: Path) -> None:
    assert [label for label, *_ in read(tmp_path, "callebtc: Hi.\n\nAnn: Yo.\n\ncallebtc: So.\n")] == [
        "callebtc",
        "Ann",
        "callebtc",
    ]


def test_a_stamp_inside_a_turn_gives_a_time_and_front_matter_is_skipped(tmp_path: Path) -> None:
    text = "---\ntitle: Two\n---\n[0:05] Ann: One.\n[0:09] Two [here](http://x.y).\n"
    assert read(tmp_path, text, "talk.txt") == [("Ann", "One.", 5.0), ("Ann", "Two here.", 9.0)]


def test_webvtt_voices_tags_entities_and_two_voices_in_a_cue(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\nNOTE hi\n\n1\n00:01.000 --> 00:04.500 align:start\n"
        "<v.loud Ann Lee>Salt <i>&amp;</i> me.</v>\n"
        "<v Bob>Hi.\n\n00:05.000 --> 00:06.000\n<v Bob>So\n"
    )
    assert read(tmp_path, text, "talk.vtt") == [
        ("Ann Lee", "Salt & me.", 1.0),
        ("Bob", "Hi.", None),
        ("Bob", "So", 5.0),
    ]
    words = transcripts.read(tmp_path / "talk.vtt")
    assert [word.end for word in words if word.end is not None] == [4.5, 6.0]


def test_scripts_without_spaces_are_cut_at_characters_and_join_to_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "talk.md"
    path.write_text("**田中:** 今日は。Webの話です。\n", "utf-8")
    words = transcripts.read(path)
    assert "".join(word.text for word in words).strip() == "今日は。Webの話です。"
    assert len(words) > 5
    assert transcripts.language_of(words) == "ja"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("talk.md", b"", "empty"),
        ("talk.md", b"   \n", "empty"),
        ("talk.md", "caf\xe9: x".encode("latin-1"), "not UTF-8"),
        ("talk.md", b"Just prose without any speaker.\n", "no turn says who speaks"),
        ("talk.vtt", b"00:01.000 --> 00:02.000\nhello\n", "not valid WebVTT"),
        ("talk.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n", "no turn says who speaks"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_remedy(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=what) as caught:
        transcripts.read(path)
    assert str(path) in str(caught.value)
    assert caught.value.remedy
