"""Files of timed cues: what is speech in them, what identifies a cue, and which times count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import transcripts
from pipeline.errors import InputError
from pipeline.transcripts import pieces
from pipeline.transcripts.captions import cues
from pipeline.transcripts.captions.cue_formats import is_sbv, is_table, read_sbv, read_table
from pipeline.transcripts.captions.cues import Cue, read_srt, read_webvtt
from pipeline.transcripts.captions.ttml import is_ttml, read_ttml
from pipeline.transcripts.pieces import Piece
from tests.support.operations import operations

PATH = Path("a.vtt")
A, B, C = (f"00:0{i}.000 --> 00:0{i + 1}.000" for i in range(3))


def said(found: tuple[list[Cue], list[str]]) -> list[str]:
    return [" / ".join(cue.lines) for cue in found[0]]


def vtt(*lines: str) -> list[str]:
    return said(read_webvtt("\n".join(["WEBVTT", *lines]), PATH))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([A, "It was", "1984", B, "Yes."], ["It was / 1984", "Yes."]),
        ([A, "1984", B, "Yes."], ["1984", "Yes."]),
        (["", A, "1984", "", B, "Yes."], ["1984", "Yes."]),
        (["1", A, "One", "2", B, "Two", "3", C, "Three"], ["One", "Two", "Three"]),
        (["1", A, "In", "1984", "2", B, "Two", "4", C, "Four"], ["In / 1984", "Two", "Four"]),
        (["1", A, "In", "1984", B, "Two", "3", C, "Three"], ["In / 1984", "Two", "Three"]),
        (["", "57", A, "One", "", "58", B, "Two", "", "7", C, "Three"], ["One", "Two", "Three"]),
        (["", "1", A, "2", "", "2", B, "3", "", "3", C, "4"], ["2", "3", "4"]),
        (["", A, "", "2", B, "Two"], ["Two"]),
    ],
)
def test_a_number_is_a_cue_number_only_where_one_is_due(lines: list[str], expected: list[str]) -> None:
    assert vtt(*lines) == expected
    if lines[0]:
        assert said(read_srt("\n".join(lines), PATH)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([A, "Hi.", "NOTE Confidence: 0.88", "", B, "Yo."], ["Hi.", "Yo."]),
        ([A, "NOTE Confidence: high", B, "Yo.", "NOTE Confidence: low"], ["Yo."]),
        ([A, "Hi.", "", "NOTE that this", "is a comment", "", B, "Yo."], ["Hi.", "Yo."]),
        ([A, "NOTE that the port is closed.", "", B, "Yo."], ["NOTE that the port is closed.", "Yo."]),
        ([A, "Hi.", "NOTE this: never again", B, "note well"], ["Hi. / NOTE this: never again", "note well"]),
        ([A, "Hi.", "Note Confidence: 0.88"], ["Hi. / Note Confidence: 0.88"]),
        ([A, "STYLE", "is all.", "", B, "REGION 5 it is."], ["STYLE / is all.", "REGION 5 it is."]),
        ([A, "Hi.", "", "STYLE matters.", "", B, "Yo."], ["Hi. / STYLE matters.", "Yo."]),
        ([A, "Hi.", "", "STYLE", "::cue { color: red }", "", B, "Yo."], ["Hi.", "Yo."]),
        ([A, "Hi.", "STYLE", "::cue { color: red }", "", B, "Yo."], ["Hi.", "Yo."]),
        ([A, "Hi.", "", "WEBVTT", "X-TIMESTAMP-MAP=LOCAL:00:00", "", B, "Yo."], ["Hi.", "Yo."]),
        ([A, "Hi.", "", "NOTE Paragraph", "", B, "Yo.", "NOTE Paragraph", C, "So."], ["Hi.", "Yo.", "So."]),
        ([A, "Hi.", "NOTE", "Confidence: 0.88", "", B, "NOTE", "it is so."], ["Hi.", "NOTE / it is so."]),
        ([A, "Hi.", "REGION", "id:fred", "", B, "REGION", "of the port."], ["Hi.", "REGION / of the port."]),
        (["Kind: captions", "", "NOTE", "long", "", A, "Hi."], ["Hi."]),
    ],
)
def test_comments_and_styles_are_no_words_and_those_who_say_note_keep_theirs(
    lines: list[str], expected: list[str]
) -> None:
    assert vtt(*lines) == expected


def test_what_identifies_a_cue_is_kept() -> None:
    lines = ["WEBVTT", "", "Ann Lee", A, "Hi.", "", "7", B, "Yo.", "", "NOTE so", "", "intro", C, "Well."]
    found, _ = read_webvtt("\n".join(lines), PATH)
    assert [(cue.identifier, *cue.lines) for cue in found] == [
        ("Ann Lee", "Hi."),
        (None, "Yo."),
        ("intro", "Well."),
    ]
    srt, _ = read_srt("\n".join(["Ann Lee", A, "Hi.", "", "Bob Ito", B, "Yo."]), PATH)
    assert [cue.identifier for cue in srt] == ["Ann Lee", "Bob Ito"]
    guid = "ef04c7c2-a59e-463f-9d27-b5b1259d6777"
    assert vtt(A, "Hi.", guid, B, "Yo.", f"{guid}/12-0", C, "Well.") == ["Hi.", "Yo.", "Well."]


def test_what_follows_a_gap_in_an_srt_file_is_speech() -> None:
    assert said(read_srt("\n".join([A, "Two,", "", "with a gap.", B, "Yo."]), PATH)) == [
        "Two, / with a gap.",
        "Yo.",
    ]


def test_many_words_above_the_first_cue_are_noted() -> None:
    text = "\n".join(["About this. " * 30, "", A, "Hi.", "", B, "Yo."])
    assert read_srt(text, PATH)[1] == ["left out 60 words above the first cue"]
    assert read_srt("\n".join(["Weekly panel", "", A, "Hi.", B, "Yo."]), PATH)[1] == []


SBV = "0:00:01.000,0:00:02.500\nAnn: Hi.\n\n0:00:03.000,0:00:02.000\nYo,\nall.\n"


def test_sbv_has_two_times_on_a_line() -> None:
    found, notes = read_sbv(SBV, PATH)
    assert found == [Cue(1.0, 2.5, ("Ann: Hi.",)), Cue(3.0, None, ("Yo,", "all."))]
    assert notes == ["1 cue would end before the start, first at 00:00:03.000: left out the end"]
    assert is_sbv(SBV, ".txt")
    assert not is_sbv("At 0:00:01.000,0:00:02.500 it began.", ".sbv")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "start\tend\ttext\n500\t2000\tHi.\n2000\t3000\tYo\tall.\n",
            [(0.5, 2.0, "Hi."), (2.0, 3.0, "Yo all.")],
        ),
        ('"Speaker"\tStart\tEnd\tText\nAnn\t0:01\t0:02\tHi.\n', [(1.0, 2.0, "Ann: Hi.")]),
        ("0.500000\t2.000000\tHi.\n2.000000\t3.250000\tYo.\n", [(0.5, 2.0, "Hi."), (2.0, 3.25, "Yo.")]),
        ("start\tend\ttext\n1\n\t\tHi.\n", [(None, None, "Hi.")]),
    ],
)
def test_a_table_has_its_times_in_columns(
    text: str, expected: list[tuple[float | None, float | None, str]]
) -> None:
    assert is_table(text, ".tsv")
    assert [(cue.start, cue.end, *cue.lines) for cue in read_table(text, PATH)[0]] == expected


@pytest.mark.parametrize(
    "text", ["name\tage\nAnn\t40\n", "1\t2\tthree\n4\t5\tsix\n", "Ann: so\tit\tis\n", ""]
)
def test_other_tables_are_no_captions(text: str) -> None:
    assert not is_table(text, ".tsv")
    with pytest.raises(InputError, match="must be start, end and text"):
        read_table(text, PATH)


def ttml(body: str, attributes: str = "", head: str = "") -> list[tuple[float | None, float | None, str]]:
    text = f'<?xml version="1.0" encoding="utf-16"?>\n<tt xmlns="http://www.w3.org/ns/ttml" {attributes}>'
    text += f"<head>{head}</head><body>{body}</body></tt>"
    assert is_ttml(text, ".txt")
    return [(cue.start, cue.end, " / ".join(cue.lines)) for cue in read_ttml(text, PATH)[0]]


@pytest.mark.parametrize(
    ("times", "attributes", "expected"),
    [
        ('begin="00:00:01.5" end="00:00:02"', "", (1.5, 2.0)),
        ('begin="1.5s" dur="500ms"', "", (1.5, 2.0)),
        ('begin="1.5" end="0:02"', "", (1.5, 2.0)),
        ('begin="1m" end="0.5h"', "", (60.0, 1800.0)),
        ('begin="00:00:01:15" end="60f"', "", (1.5, 2.0)),
        ('begin="00:00:01:12" end="50f"', 'ttp:frameRate="25"', (1.48, 2.0)),
        ('begin="30f" end="60f"', 'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"', (1.001, 2.002)),
        ('begin="15000000t" end="20000000t"', 'ttp:tickRate="10000000"', (1.5, 2.0)),
        ('begin="00:00:01.5"', "", (1.5, None)),
        ('begin="soon" end="later"', "", (None, None)),
        ('begin="999999999h" end="9999:00:00"', "", (None, None)),
        ('begin="1f" end="2f"', 'ttp:frameRate="1e-300"', (None, None)),
        ('begin="1t" end="2t"', 'ttp:tickRate="inf"', (0.0, 0.0)),
        ("", "", (None, None)),
        ('begin="1s" end="2s"', 'ttp:frameRate="0" ttp:tickRate="x"', (1.0, 2.0)),
    ],
)
def test_ttml_tells_times_in_many_ways(
    times: str, attributes: str, expected: tuple[float | None, float | None]
) -> None:
    attributes += ' xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'
    ((start, end, text),) = ttml(f"<div><p {times}>Hi.</p></div>", attributes)
    assert (start, end, text) == (pytest.approx(expected[0], abs=1e-3), pytest.approx(expected[1]), "Hi.")


AGENTS = (
    '<metadata xmlns:ttm="m"><ttm:agent xml:id="a"><ttm:name>Ann\n Lee</ttm:name></ttm:agent>'
    '<ttm:agent xml:id="b"/></metadata>'
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<p begin="1s" end="2s">One<br/>two<span> three</span></p>', [(1.0, 2.0, "One / two three")]),
        ('<p begin="1s" end="2s" m:agent="a">Hi.</p>', [(1.0, 2.0, "Ann Lee: Hi.")]),
        ('<div m:agent="b"><p begin="1s" end="2s">Hi.</p></div>', [(1.0, 2.0, "b: Hi.")]),
        ('<p begin="1s" end="2s" m:agent="a b">Hi.</p>', [(1.0, 2.0, "Ann Lee and b: Hi.")]),
        (
            '<p begin="1s" end="3s" m:agent="a">Hi. <span m:agent="b" begin="2s">Yo.</span></p>',
            [(1.0, 3.0, "Ann Lee: Hi. / b: <00:00:02.000>Yo.")],
        ),
        (
            '<p begin="9.1" end="9.9" m:agent="b"><span begin="9.1" m:unit="word">So</span>'
            '<span begin="9.5" m:unit="word">it</span></p>',
            [(9.1, 9.9, "b: <00:00:09.100>So <00:00:09.500>it")],
        ),
        (
            '<p begin="9s" end="11s"><span begin="0s">So</span> <span begin="1s">it</span></p>',
            [(9.0, 11.0, "<00:00:09.000>So <00:00:10.000>it")],
        ),
        ('<p><span begin="1s" end="2s">Hi.</span></p>', [(1.0, 2.0, "<00:00:01.000>Hi.")]),
        ('<div begin="10s"><p begin="1s" end="2s">Hi.</p></div>', [(11.0, 12.0, "Hi.")]),
        (
            '<p begin="1s" end="2s"><metadata>no</metadata> </p><p begin="3s" end="4s">Hi.</p>',
            [(3.0, 4.0, "Hi.")],
        ),
        (
            '<p begin="1s" end="2s">a &lt; b &amp; c &eacute;&nbsp;&bogus;</p>',
            [(1.0, 2.0, "a < b & c é &bogus;")],
        ),
    ],
)
def test_ttml_says_who_speaks_and_when_each_word_is_said(
    body: str, expected: list[tuple[float | None, float | None, str]]
) -> None:
    assert ttml(body, 'xmlns:m="m"', AGENTS) == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<tt><p>", r"is not well-formed XML \(line 1\)"),
        ("<tt>\n<p>a & b</p></tt>", r"is not well-formed XML \(line 2\)"),
        ('<!DOCTYPE tt [<!ENTITY a "ha">]><tt><p>&a;</p></tt>', "declares entities"),
        ('<!DOCTYPE tt [<!ENTITY a SYSTEM "file:///etc/passwd">]><tt><p>&a;</p></tt>', "declares entities"),
    ],
)
def test_ttml_that_is_broken_or_made_to_harm_is_refused(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        read_ttml(text, PATH)


def test_broadcasters_clocks_begin_with_the_programme() -> None:
    name = "documentStartOfProgramme"
    start = f"<metadata><{name}>10:00:00:00</{name}></metadata>"
    said = '<p begin="10:00:01:15" end="10:00:02:00">Hi.</p>'
    assert ttml(said, head=start) == [(1.5, 2.0, "Hi.")]
    assert ttml(said) == [(36001.5, 36002.0, "Hi.")]


def test_ttml_may_be_nested_without_end() -> None:
    assert [text for *_, text in ttml(f"<p>{'<span>' * 100_000}Hi.{'</span>' * 100_000}</p>")] == ["Hi."]


TIMED = f"WEBVTT\n\n{A}\n"


@pytest.mark.parametrize(
    ("read", "start", "piece", "end"),
    [
        (read_webvtt, "WEBVTT\n\n", "1\n00:01.000 --> 00:02.000\nSo it is\n\n", ""),
        (read_webvtt, TIMED, "So it is\n", ""),
        (read_webvtt, TIMED, "NOTE so: 1\n", ""),
        (read_webvtt, TIMED, "\nSTYLE\n", ""),
        (read_webvtt, TIMED, "7\n", ""),
        (read_srt, "", "00:01.000 --> 00:02.000\n", ""),
        (read_sbv, "", "0:00:01.000,0:00:02.500\nHi.\n", ""),
        (read_table, "start\tend\ttext\n", "1\t2\tHi.\t", ""),
        (read_table, "start\tend\ttext\n", "1\t2\tHi.\n", ""),
        (read_ttml, "<tt><body>", '<p><span begin="1s">a</span></p>', "</body></tt>"),
        (read_ttml, "<tt><p>", '<span begin="1s">a</span>', "</p></tt>"),
    ],
)
def test_reading_takes_linear_time(
    read: Callable[[str, Path], tuple[list[Cue], list[str]]], start: str, piece: str, end: str
) -> None:
    def work(count: int) -> int:
        return operations(lambda: read(start + piece * count + end, PATH))

    assert work(2000) <= 12 * work(200)


def test_words_share_what_they_have_in_common() -> None:
    first, second = pieces.to_words([Piece("Ann", "so so")])[0]
    assert first.text == second.text.removeprefix(" ").join([" ", ""])
    assert first.text is second.text
    assert first.model_fields_set is second.model_fields_set
    changed = first.model_copy(update={"text": " it"})
    assert (changed.model_fields_set is first.model_fields_set, first.text) == (False, " so")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:02.5", 62.5),
        ("00:01:02,500", 62.5),
        (" 1:2 ", 62.0),
        ("12.5", 12.5),
        ("1:60", None),
        ("1:2:3:4", None),
        ("", None),
        ("x", None),
        ("99999:00", None),
    ],
)
def test_times_are_clocks_or_seconds(text: str, seconds: float | None) -> None:
    assert pieces.parse_seconds(text) == seconds


def test_cues_module_keeps_no_blank_lines() -> None:
    assert cues.read_srt(f"{A}\n\nHi.\n \nYo.\n", PATH)[0] == [Cue(0.0, 1.0, ("Hi.", "Yo."))]


def test_where_all_cues_have_a_label_one_inside_a_sentence_has_one(tmp_path: Path) -> None:
    said = ("Ann Lee: It is.", "Bob Ito: Well, so", "vitek: is it", "Ann Lee: now.", "Bob Ito: Yes.")
    cues = "".join(f"00:0{n}.000 --> 00:0{n}.900\n{text}\n\n" for n, text in enumerate(said))
    path = tmp_path / "talk.vtt"
    path.write_text(f"WEBVTT\n\n{cues}", "utf-8")
    assert "vitek" in {word.label for word in transcripts.read(path).words}
