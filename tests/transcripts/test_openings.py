"""Label, role, time and text of a line, in every way of setting them off."""

from __future__ import annotations

import pytest

from pipeline.transcripts.lines import heads, markup, openings
from pipeline.transcripts.lines.heads import Head, read_head
from pipeline.transcripts.lines.openings import Kind

HEADS = (
    ("Ann Lee", "Ann Lee", "", None),
    ("[Ann Lee]", "Ann Lee", "", None),
    ("Ann Lee, head of policy", "Ann Lee", "head of policy", None),
    ("Ann Lee (SPD)", "Ann Lee", "SPD", None),
    ("Ann Lee (SPD) (host)", "Ann Lee", "SPD, host", None),
    ("Ann Lee, head of policy (SPD)", "Ann Lee", "head of policy (SPD)", None),
    ("Ann Lee (she/her)", "Ann Lee", "", None),
    ("Ann Lee (Guest)", "Ann Lee", "", None),
    ("Ann Lee (0:05)", "Ann Lee", "", 5.0),
    ("Ann Lee [00:01:12]", "Ann Lee", "", 72.0),
    ("Ann Lee 0:05", "Ann Lee", "", 5.0),
    ("Ann Lee - 0:05", "Ann Lee", "", 5.0),
    ("AL Ann Lee", "Ann Lee", "", None),
    ("@harbour_dan", "harbour_dan", "", None),
    ("Prof. Dr. Ivo Marsh", "Prof. Dr. Ivo Marsh", "", None),
    ("+49 40 1234567", "49 40 1234567", "", None),
)
NO_HEADS = (
    "",
    "1984",
    "12:30",
    "- * -",
    "So it is. Then he",
    "Okay. Then Ann",
    "What? He",
    "see [1] and",
    "http",
    "\u201cNo",
    "a" + " b" * 12,
)
LINES = (
    ("Ann: words", Kind.COLON, "Ann", "words"),
    ("Ann\uff1awords", Kind.COLON, "Ann", "words"),
    ("Ann:words", Kind.TIGHT_COLON, "Ann", "words"),
    ("Ann 0:05 words", Kind.TIME, "Ann", "words"),
    ("Ann: 0:05", Kind.COLON, "Ann", ""),
    ("[Ann] words", Kind.BRACKET, "Ann", "words"),
    ("(Ann): words", Kind.BRACKET, "Ann", "words"),
    ("Mr. LEE. Words", Kind.STOP, "Mr. LEE", "Words"),
    ("Q. Words", Kind.STOP, "Q", "Words"),
    ("Ann - words", Kind.DASH, "Ann", "words"),
    ("Ann\u2014words", Kind.DASH, "Ann", "words"),
    ("Ann    words", Kind.SPACE, "Ann", "words"),
    ("Ann Lee", Kind.ALONE, "Ann Lee", ""),
    ("Ann L.", Kind.ALONE, "Ann L.", ""),
    ("0:05 Ann", Kind.TIME_FIRST, "Ann", ""),
    ("MR. LEE: Words", Kind.COLON, "MR. LEE", "Words"),
)
OTHER_WAYS = (  # a line, and a kind that it is not
    ("http://video.example", Kind.TIGHT_COLON),
    ("10:30 it was", Kind.TIGHT_COLON),
    ("We met at 10:30, he said", Kind.TIME),
    ("Dinner at 10:30 then", Kind.TIME),
    ("Ann, head of it \u2014 we met at 10:30", Kind.TIME),
    ("2 May 2026, 10:00", Kind.TIME),
    ("[Music] words", Kind.BRACKET),
    ("Hello. Words", Kind.STOP),
    ("MR. LEE: Words", Kind.STOP),
    ("well-known words", Kind.DASH),
    ("So it is.", Kind.ALONE),
    ("we have a plan B.", Kind.ALONE),
    ("A. B. Lee: words", Kind.STOP),
    ("Ann Lee 0:05", Kind.ALONE),
    ("## Topic: words", Kind.COLON),
    ("**Five: six** seven", Kind.COLON),
)


@pytest.mark.parametrize(("text", "label", "role", "start"), HEADS)
def test_a_head_has_a_label_a_role_and_a_time(text: str, label: str, role: str, start: float | None) -> None:
    head = read_head(text)
    assert isinstance(head, Head)
    found = (head.label, heads.role(head.after_comma, head.asides), head.stamp and head.stamp.start)
    assert found == (label, role, start)


@pytest.mark.parametrize("text", NO_HEADS)
def test_what_is_no_head(text: str) -> None:
    assert read_head(text) is None


def parsed(raw: str) -> openings.Parsed:
    (line,) = markup.clean(raw).lines
    return openings.parse(line)


@pytest.mark.parametrize(("raw", "kind", "label", "text"), LINES)
def test_a_line_may_open_a_turn(raw: str, kind: Kind, label: str, text: str) -> None:
    found = {opening.kind: opening for opening in parsed(raw).openings}
    assert kind in found
    assert (found[kind].label, found[kind].text) == (label, text)


@pytest.mark.parametrize(("raw", "kind"), OTHER_WAYS)
def test_a_line_may_not_open_a_turn_so(raw: str, kind: Kind) -> None:
    assert kind not in {opening.kind for opening in parsed(raw).openings}


STYLES = (
    ("**Ann:** words", "bold"),
    ("**Ann**: words", "bold"),
    ("Ann: words", ""),
    ("Ann: **words**", ""),
    ("### Ann", "h3"),
    (">> ANN: words", ">>"),
    ("<ann> words", "<>"),
    ("[0:05] **Ann:** words", "bold"),
)


@pytest.mark.parametrize(("raw", "style"), STYLES)
def test_how_a_label_is_set_off(raw: str, style: str) -> None:
    assert parsed(raw).openings[0].style == style
