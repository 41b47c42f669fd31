"""`takeaways show TALK speakers`: the table, the files it writes, and what it says when it cannot."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli.speaker_table import text
from pipeline.errors import InputError
from pipeline.review import speakers
from pipeline.workspace import discovery
from pipeline.workspace.talks import Workspace
from tests.support.given_to_templates import contexts, not_plain
from tests.support.helpers import call_program, load, run

Call = Callable[..., tuple[int, str, str]]
CUES = (
    ("Mike Schmidt", 0, 20, "Welcome everyone to the show. Today we are joined by Greg."),
    ("Speaker <2>", 21, 30, "Hi there. Thank you for having me."),
    ("Mike Schmidt", 61, 70, "And that is all we have for today."),
)
FIX = '[[fix]]\nfrom = "nowhere"\nto = "there"\n[[speaker]]\nat = "9:59"\nname = "Nobody"\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    place = Workspace(tmp_path)
    place.inputs.mkdir()
    lines = [f"00:0{a // 60}:{a % 60:02}.000 --> 00:0{b // 60}:{b % 60:02}.000" for _, a, b, _ in CUES]
    voices = [f"<v {who.replace('<', '&lt;').replace('>', '&gt;')}>{what}</v>" for who, _, _, what in CUES]
    cues = "\n\n".join(f"{line}\n{voice}" for line, voice in zip(lines, voices, strict=True))
    (place.inputs / "panel.vtt").write_text(f"WEBVTT\n\n{cues}\n", "utf-8")
    (place.inputs / "panel.review.toml").write_text(FIX, "utf-8")
    (place.inputs / "untimed.md").write_text("Ann: One.\n\nBo: Two.\n", "utf-8")
    for name in ("panel.vtt", "untimed.md"):
        for stage in ("transcribe", "segment"):
            run(place, name, only=stage)
    return place


@pytest.fixture
def takeaways(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    def call(*arguments: str) -> tuple[int, str, str]:
        return call_program(workspace, monkeypatch, capsys, "show", *arguments)

    return call


@pytest.mark.parametrize("name", ["panel", "inputs/panel.vtt"])
def test_a_talk_is_named_or_given_as_a_file(takeaways: Call, name: str) -> None:
    code, out, err = takeaways(name, "speakers")
    assert (code, err) == (0, "")
    table, timeline, unmatched = out.split("\n\n")
    row = " ".join(table.splitlines()[1].split())
    assert row == "S1 Mike Schmidt 00:29 76 % 2 0 of 3 0:00 label"
    assert "Speaker <2>" in table.splitlines()[2]
    assert timeline.splitlines()[0].startswith("Mike Schmidt  ████")
    assert timeline.splitlines()[-1].split() == ["0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00"]
    assert [line[:11] for line in unmatched.splitlines()] == ["unmatched: "] * 2
    assert "'nowhere' is not in the transcript" in unmatched
    assert "\x1b" not in out


def test_on_a_terminal_it_fits_and_is_coloured(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = speakers.load(load(workspace, "panel.vtt"))
    coloured = text(shown, width=60)
    assert "\x1b[31m" in coloured
    lines = re.sub(r"\x1b\[[\d;]*m", "", coloured).splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[0].startswith("id  name")
    assert lines[3:4] == [""]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in text(shown, width=60)


def test_a_guess_is_marked_and_says_what_it_rests_on(workspace: Workspace) -> None:
    path = workspace.outputs / "panel" / "2_turns.json"
    stored = json.loads(path.read_text("utf-8"))
    sentence = stored["data"]["turns"][0]["sentences"][1]["id"]
    guess = {"name": "Greg", "source": "introduction", "evidence": sentence}
    stored["data"]["speakers"][1] |= guess
    path.write_text(json.dumps(stored), "utf-8")
    shown = speakers.load(load(workspace, "panel.vtt"))
    said = "Mike Schmidt says \u201cToday we are joined by Greg.\u201d"
    assert said in str(shown.voices[1].evidence)
    lines = text(shown).splitlines()
    assert lines[2].split()[1] == "Greg?"
    assert lines[2].endswith("introduction")
    assert lines[4].startswith("Greg? at 0:00 ")
    assert lines[4].endswith(said)


def test_two_names_on_one_speaker_are_a_line_under_the_table(takeaways: Call, workspace: Workspace) -> None:
    sidecar = '[speakers]\n"Ann" = { at = "0:01" }\n"Bo" = { at = "1:02" }\n'
    (workspace.inputs / "panel.toml").write_text(sidecar, "utf-8")
    code, out, err = takeaways("panel", "speakers")
    assert (code, err) == (0, "")
    table, notes, *_ = out.split("\n\n")
    assert [line.split()[0] for line in table.splitlines()] == ["id", "S1", "S2"]
    assert "Mike Schmidt" in table
    assert notes.startswith("error: ")
    assert 'inputs/panel.toml: "Ann" (at 0:01) and "Bo" (at 1:02) are bound to the same speaker, S1' in notes
    assert "S1 speaks 0:00-0:20, 1:01-1:10" in notes
    report = json.loads(takeaways("panel", "speakers", "--json")[1])
    assert report["error"] == notes.removeprefix("error: ")
    assert [one["source"] for one in report["speakers"]] == ["label", "label"]
    for option in ("--svg", "--rttm"):
        code, out, err = takeaways("panel", "speakers", option, "file")
        assert (code, out) == (1, "")
        assert '"Ann" (at 0:01) and "Bo"' in err
    (workspace.inputs / "panel.toml").write_text('[speakers]\n"Ann" = { at = "9:01" }\n', "utf-8")
    code, out, _ = takeaways("panel", "speakers")
    assert code == 0, "a name that cannot be bound is shown beside who there is: that helps to bind it"
    assert '"Ann" is bound to 9:01' in out


def test_who_spoke_when_it_was_run_is_said_to_be_stale(takeaways: Call, workspace: Workspace) -> None:
    assert json.loads(takeaways("panel", "speakers", "--json")[1])["stale"] == []
    merge = '[[speaker]]\nmerge = ["0:01", "0:21"]\n'
    (workspace.inputs / "panel.review.toml").write_text(FIX + merge, "utf-8")
    code, out, _ = takeaways("panel", "speakers")
    table, note, *_ = out.split("\n\n")
    assert (code, len(table.splitlines())) == (0, 3)
    assert note == "stale: run it again: review.merge is new"
    assert json.loads(takeaways("panel", "speakers", "--json")[1])["stale"] == ["review.merge is new"]
    run(workspace, "panel.vtt", only="segment")
    assert "stale" not in takeaways("panel", "speakers")[1]
    source = workspace.inputs / "panel.vtt"
    source.write_text(source.read_text("utf-8").replace("Hi there", "Hello"), "utf-8")
    assert "\n\nstale: run it again: transcribe runs first\n\n" in takeaways("panel", "speakers")[1]


def test_json_says_what_the_table_does(takeaways: Call) -> None:
    code, out, _ = takeaways("panel", "speakers", "--json")
    report = json.loads(out)
    assert code == 0
    assert (report["talk"], report["duration"]) == ("panel", 70)
    assert len(report["unmatched"]) == 2
    first, second = report["speakers"]
    assert (first["id"], first["source"], first["turns"], first["sentences"]) == ("S1", "label", 2, 3)
    assert (second["name"], second["first"], second["seconds"]) == ("Speaker <2>", 21, 9)
    assert first["share"] + second["share"] == pytest.approx(1, abs=0.001)


def test_files_are_written_beside_the_table(takeaways: Call, workspace: Workspace) -> None:
    code, out, _ = takeaways("panel", "speakers", "--svg", "a/who.svg", "--rttm", "who.rttm")
    assert code == 0
    assert out.startswith("id ")
    picture = ET.parse(workspace.root / "a" / "who.svg").getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    words = " ".join(picture.itertext())
    assert "Who spoke when: panel" in words
    assert "Speaker <2>: 24\u202f% of the talking in 1 turn, first at 0:21." in words
    lines = (workspace.root / "who.rttm").read_text("utf-8").splitlines()
    assert lines[1] == "SPEAKER panel 1 21.000 9.000 <NA> <NA> Speaker_<2> <NA> <NA>"


def test_a_name_that_xml_cannot_hold_is_shown_without_that(workspace: Workspace) -> None:
    sidecar = '[speakers]\n"A\ufffeB & C" = { label = "Mike Schmidt" }\n'
    (workspace.inputs / "panel.toml").write_text(sidecar, "utf-8")
    with contexts() as given:
        picture = ET.fromstring(speakers.load(load(workspace, "panel.vtt")).svg().encode())
    assert list(map(not_plain, given)) == [[]]
    assert "AB & C" in " ".join(picture.itertext())


def test_a_dash_is_standard_output_and_there_is_one(takeaways: Call) -> None:
    _, out, _ = takeaways("panel", "speakers", "--rttm", "-")
    assert {line.split()[0] for line in out.splitlines()} == {"SPEAKER"}
    _, out, _ = takeaways("panel", "speakers", "--svg", "-")
    assert ET.fromstring(out).get("role") == "img"
    code, _, err = takeaways("panel", "speakers", "--rttm", "-", "--json")
    assert code == 2
    assert "standard output" in err


def test_a_talk_without_times_has_a_table_and_no_timeline(takeaways: Call) -> None:
    code, out, _ = takeaways("untimed", "speakers")
    assert code == 0
    assert len(out.splitlines()) == 3
    for option in ("--svg", "--rttm"):
        code, out, err = takeaways("untimed", "speakers", option, "file")
        assert (code, out) == (1, "")
        assert "inputs/untimed.md: has no times" in err
        assert "Give the recording" in err


def test_what_cannot_be_shown_is_one_line_with_a_remedy(takeaways: Call, workspace: Workspace) -> None:
    code, _, err = takeaways("pannel", "speakers")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "Did you mean panel?" in err
    (workspace.inputs / "new.md").write_text("Ann: One.\n", "utf-8")
    code, _, err = takeaways("new", "speakers")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "outputs/new/1_transcript.json: is not there yet. Make it: takeaways run inputs/new.md" in err
    assert takeaways("panel", "words")[0] == 2


def test_a_file_that_is_no_talk_is_told(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="is not a talk"):
        discovery.find(str(workspace.inputs / "panel.review.toml"), workspace)
    with pytest.raises(InputError, match="takeaways status lists"):
        discovery.find("x", Workspace(workspace.root / "empty"))


def test_what_listeners_throw_in_is_no_turn(takeaways: Call, workspace: Workspace) -> None:
    cues = "00:00.000 --> 00:05.000\n<v Ann>We went on and on.</v>\n\n"
    cues += "00:05.000 --> 00:05.500\n<v Bo>Yeah.</v>\n\n"
    cues += "00:05.500 --> 00:09.000\n<v Ann>It was so late then.</v>\n"
    (workspace.inputs / "aside.vtt").write_text(f"WEBVTT\n\n{cues}", "utf-8")
    for stage in ("transcribe", "segment"):
        run(workspace, "aside.vtt", only=stage)
    found = json.loads(takeaways("aside", "speakers", "--json")[1])["speakers"]
    assert [(one["name"], one["turns"], one["sentences"]) for one in found] == [("Ann", 1, 2), ("Bo", 0, 1)]
