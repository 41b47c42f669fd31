"""Which parts of a line are times, and which are things that were said."""

from __future__ import annotations

import pytest

from pipeline.transcripts.lines import stamps

AT_START = (
    ("0:05 words", 5.0, False, "words"),
    ("[00:01:12] words", 72.0, True, "words"),
    ("(1:02 - 1:09) words", 62.0, True, "words"),
    ("1h02m words", 3720.0, True, "words"),
    ("[12.5s] words", 12.5, True, "words"),
    ("00:01.500 --> 00:02.000 words", 1.5, True, "words"),
    ("0:41 - Name", 41.0, False, "Name"),
    ("[2:03 PM] words", None, True, "words"),
    ("[timestamp: 0:05] words", 5.0, True, "words"),
    ("#00:00:05-0# words", 5.0, True, "words"),
)
NOT_AT_START = (
    "10 minutes",
    "1:2 words",
    "3:75 words",
    "0:05words",
    "words 0:05",
    "$1:05",
    "12.5s words",
    "[1984]",
)
AT_END = (("Name 0:05", 5.0), ("Name (0:05)", 5.0), ("Name [00:01:12]", 72.0), ("Name \u2013 0:05", 5.0))
NOT_AT_END = ("Name", "Name 5", "Name0:05", "0:05 Name", "ratio 2:1:", "")


@pytest.mark.parametrize(("text", "start", "certain", "rest"), AT_START)
def test_times_with_which_a_line_begins(text: str, start: float | None, certain: bool, rest: str) -> None:
    found = stamps.at_start(text)
    assert found is not None
    assert (found.start, found.certain, text[found.end :].lstrip()) == (start, certain, rest)


@pytest.mark.parametrize("text", NOT_AT_START)
def test_a_line_that_begins_with_no_time(text: str) -> None:
    assert stamps.at_start(text) is None


@pytest.mark.parametrize(("text", "start"), AT_END)
def test_times_with_which_a_line_ends(text: str, start: float) -> None:
    found = stamps.at_end(text)
    assert found is not None
    assert (found.start, text[: found.begin].strip(" \u2013")) == (start, "Name")


@pytest.mark.parametrize("text", NOT_AT_END)
def test_a_line_that_ends_with_no_time(text: str) -> None:
    assert stamps.at_end(text) is None


def test_inside_a_text_only_times_in_brackets_are_stamps() -> None:
    found = stamps.within("We met at 10:30. [0:05] Then (00:01:12) we left [1984].")
    assert [stamp.start for stamp in found] == [5.0, 72.0]


def test_a_whole_text_is_a_stamp_only_if_nothing_is_beside_it() -> None:
    assert stamps.whole("(0:05)") is not None
    assert stamps.whole("0:05 words") is None
