"""What is in a folder and no talk is named once; what is given by name and cannot be read gets a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.workspace import sources
from pipeline.workspace.talks import Workspace
from tests.support.helpers import Call
from tests.support.transcript_cases import REFUSED_BY_NAME

TALK = "Ann: Salt is old, older than the port.\n\nBob: Pepper is older than that, and dearer.\n"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    (workspace.inputs / "week1").mkdir(parents=True)
    (workspace.inputs / "week1" / "salt.md").write_text(TALK, "utf-8")
    return workspace


def put(place: Workspace, *names: str) -> None:
    for name in names:
        path = place.inputs / "week1" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}" if name.endswith(".json") else "x", "utf-8")


def test_a_line_names_what_is_not_read(place: Workspace, call: Call) -> None:
    put(place, "notes.pdf", "slides.pptx", "minutes.pages", "data", "package.json", "old.zip")
    put(place, "README.pdf", ".hidden.pdf", "photo.JPG", "salt.review.toml", "cohort.toml", "Thumbs.db")
    put(place, "salt.edits/post.pdf", "voices/ann.pdf", ".git/objects.pdf")
    for name in ("salt.review.toml", "cohort.toml"):
        (place.inputs / "week1" / name).write_text("", "utf-8")
    expected = (
        "passed over, not read as talks: inputs/week1/data, inputs/week1/minutes.pages, "
        "inputs/week1/notes.pdf, inputs/week1/package.json, inputs/week1/slides.pptx. "
        "Export transcripts as Word documents (.docx), text (.txt), WebVTT or SRT.\n"
    )
    for command in ("run", "status", "run"):
        code, _, err = call(command, "inputs", *(["--to", "transcribe"] if command == "run" else []))
        assert code == (command == "status")
        assert err.count("passed over") == 2
        assert expected in err
        assert "passed over, not read as talks: inputs/week1/old.zip. Unpack archives first.\n" in err


def test_nothing_to_run_says_what_is_there(place: Workspace, call: Call) -> None:
    (place.inputs / "week1" / "salt.md").unlink()
    put(place, "notes.pdf", "double_click_to_convert_01.zoom", "chat.txt", "recording.conf")
    code, _, err = call("run", "inputs")
    assert code == 1
    assert "inputs/week1/chat.txt, inputs/week1/notes.pdf, inputs/week1/recording.conf. Export" in err
    assert "double_click_to_convert_01.zoom. Double-click .zoom files" in err


def test_of_many_only_some_are_named(place: Workspace, call: Call) -> None:
    put(place, *(f"page {number:03}.pdf" for number in range(400)))
    line = call("status")[2]
    assert line.count(".pdf") == 12
    assert " and 388 more. Export transcripts" in line


def test_a_transcript_beside_its_recording_is_not_read_unless_it_is_named(
    place: Workspace, call: Call
) -> None:
    put(place, "ann.mp3", "ann.vtt", "bob.mp3", "bob.vtt", "bob.rttm", "cyd.json", "cyd.srt")
    (place.inputs / "week1" / "bob.toml").write_text("transcript = 'bob.vtt'\nrttm = 'bob.rttm'", "utf-8")
    err = call("status")[2]
    assert "of the same name: inputs/week1/ann.vtt. To take one instead of listening: transcript =" in err
    assert "bob" not in err


@pytest.mark.parametrize(("name", "message"), [(name, message) for _, name, message in REFUSED_BY_NAME])
def test_what_is_given_by_name_and_cannot_be_read_gets_a_remedy(
    place: Workspace, call: Call, name: str, message: str
) -> None:
    put(place, name)
    code, _, err = call("run", f"inputs/week1/{name}")
    assert code == 1
    assert f"{name}: {message}" in " ".join(err.split())
    code, _, err = call("run", f"inputs/week1/{name}", "inputs/week1/salt.md", "--to", "transcribe")
    assert (code, "passed over" in err) == (0, True)


@pytest.mark.parametrize("name", ["chat.csv", "minutes", "talk.rst"])
def test_text_under_another_ending_gets_a_remedy_of_its_own(place: Workspace, call: Call, name: str) -> None:
    (place.inputs / "week1" / name).write_text("Zoë: Salt is old.\n" * 1000, "utf-8")
    code, _, err = call("run", f"inputs/week1/{name}")
    assert code == 1
    assert (
        f"{name}: is text, and its name does not say of what kind. If it is a transcript, name it .txt."
        in err
    )
    code, _, err = call("run", f"inputs/week1/{name}", "inputs/week1/salt.md", "--to", "transcribe")
    assert (code, "passed over" in err) == (0, True)


def test_sidecars_inside_a_recorders_folder_are_told_about(place: Workspace, call: Call) -> None:
    put(place, "quay/zoom_0.mp4", "quay/audio_only.m4a", "quay/closed_caption.txt", "quay/zoom_0.toml")
    (place.inputs / "week1" / "quay" / "closed_caption.txt").write_text(TALK, "utf-8")
    (place.inputs / "week1" / "quay" / "zoom_0.toml").write_text("title = 'Quay'", "utf-8")
    told = (
        "inputs/week1/quay/zoom_0.toml is not read: what it says of this talk belongs in "
        "inputs/week1/quay.toml\n"
    )
    for asked in ("inputs", "inputs/week1/quay", "inputs/week1/quay/audio_only.m4a"):
        assert call("status", asked)[2].count(told) == 1


def test_a_meeting_without_sound_is_read_from_its_folder(place: Workspace, call: Call) -> None:
    put(place, "quay 1.2/closed_caption.txt", "quay 1.2/meeting_saved_new_chat.txt")
    (place.inputs / "week1" / "quay 1.2" / "closed_caption.txt").write_text(TALK * 9, "utf-8")
    (place.inputs / "week1" / "quay 1.2.toml").write_text("title = 'The quay'", "utf-8")
    (place.inputs / "week1" / "quay 1.2.review.toml").write_text(
        "[[speaker]]\nat = 'Bob'\nname = 'Bob Ito'\n".replace("at = 'Bob'", "label = 'Bob'"), "utf-8"
    )
    code, out, err = call("run", "inputs/week1/quay 1.2")
    assert (code, out) == (0, "outputs/week1/quay 1.2/post.html\n")
    warning = "taken from closed_caption.txt; left out: meeting_saved_new_chat.txt"
    assert err.count(warning) == 1
    page = (place.outputs / "week1" / "quay 1.2" / "post.md").read_text("utf-8")
    assert "The quay" in page
    assert "Bob Ito" in page
    code, out, err = call("run", "inputs/week1/quay 1.2/meeting_saved_new_chat.txt")
    assert (code, warning in err) == (0, False)
    assert call("status", "inputs/week1/quay 1.2")[:1] == (0,)
    assert "Ann" in call("show", "week1/quay 1.2", "speakers")[1]
    assert call("cohort", "inputs/week1/quay 1.2")[0] == 1
    (place.inputs / "week1" / "quay 1.2").rename(place.inputs / "gone")
    assert call("forget", "inputs/week1/quay 1.2")[1].startswith("week1/quay 1.2: 0 replies removed, and")


@pytest.mark.parametrize(
    ("name", "content", "is_one"),
    [
        ("a.tsv", "start\tend\ttext\n1\t2\tHi.\n", True),
        ("a.tsv", "0.500000\t2.000000\tHi.\n", True),
        ("a.tsv", "name\tage\nAnn\t40\n", False),
        ("a.xml", "<?xml version='1.0'?>\n<tt:tt xmlns:tt='x'>", True),
        ("a.xml", "<rss><tt/></rss>", False),
    ],
)
def test_a_table_or_xml_is_a_talk_only_if_it_has_captions(
    tmp_path: Path, name: str, content: str, is_one: bool
) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / name).write_bytes(content.encode(encoding))
        assert sources.is_transcript(tmp_path / name) == is_one
