"""What a talk's own file says of it, from its first line to the post."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from pipeline.workspace.talks import Talk, Workspace
from tests.support.helpers import call_program, load, run

SPEECH = """
**Ann Lee [00:01]:** The harbour was dredged in 1984. It took three years, and the town paid for it.

**Bob Ito [00:20]:** What did the fishermen want? I remember that they wanted a deeper channel there.

**Ann Lee [00:40]:** They wanted a deeper channel and a cold store. The cold store was never built.
"""
LINK = "https://www.youtube.com/watch?v=UK9Yykf2aA4"
FRONT = (
    "title: Harbours",
    "date: 2024-05-02",
    f"media: {LINK}",
    "guests: [Ann Lee, Cy Dee]",
    "host: Bob Ito",
)


def write(
    root: Path, *front: str, name: str = "harbour.md", sidecar: str = "", cohort: str = ""
) -> Workspace:
    """A workspace with a talk that has this front matter."""
    workspace = Workspace(root)
    path = workspace.inputs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    block = "\n".join(["---", *front, "---", ""]) if front else ""
    path.write_text(block + SPEECH, "utf-8")
    path.with_suffix(".toml").write_text(sidecar, "utf-8")
    (workspace.inputs / "cohort.toml").write_text(cohort, "utf-8")
    return workspace


def post(workspace: Workspace, name: str = "harbour") -> str:
    return (workspace.outputs / name / "post.md").read_text("utf-8")


def used(workspace: Workspace) -> dict[str, object]:
    """What the post's artifact says that it was made with."""
    made: dict[str, object] = json.loads((workspace.outputs / "harbour" / "4_post.json").read_text("utf-8"))[
        "used"
    ]
    return made


def test_a_post_shows_what_its_transcript_says_of_itself_and_that_it_does(tmp_path: Path) -> None:
    workspace = write(tmp_path, *FRONT)
    recorder = run(workspace, "harbour.md")
    page = post(workspace)
    assert 'title: "Harbours"' in page
    assert 'date: "2024-05-02"' in page
    assert f"[Recording]({LINK})" in page
    assert f"[0:20]({LINK}&t=20s)" in page or f"[0:40]({LINK}&t=40s)" in page
    assert "Hosted by Bob Ito." in page
    assert "Cy Dee" not in page
    assert not recorder.warnings
    assert "title, date, recording from harbour.md" in recorder.notes
    assert used(workspace)["title from"] == "harbour.md"


def test_words_of_front_matter_are_no_speech(tmp_path: Path) -> None:
    workspace = write(tmp_path, *FRONT, "summary: Zeppelins over the quay")
    run(workspace, "harbour.md", only="transcribe")
    assert "Zeppelins" not in (workspace.outputs / "harbour" / "1_transcript.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "front", "sidecar", "date", "origin"),
    [
        ("harbour.md", (), "", "2020-01-01", "cohort.toml"),
        ("2021-01-01-harbour.md", (), "", "2021-01-01", "the name 2021-01-01-harbour"),
        (
            "2021-01-01-harbour.md",
            ("title: A", "date: 2022-01-01"),
            "",
            "2022-01-01",
            "2021-01-01-harbour.md",
        ),
        ("2021-01-01-harbour.md", ("date: soon",), "", "2021-01-01", "the name 2021-01-01-harbour"),
        (
            "2021-01-01-harbour.md",
            ("date: 2022-01-01",),
            "date = 2023-01-01",
            "2023-01-01",
            "2021-01-01-harbour.toml",
        ),
        ("2021-01-01 port/harbour.md", (), "", "2021-01-01", "the name 2021-01-01 port/harbour"),
    ],
)
def test_the_nearer_statement_holds(
    name: str, front: tuple[str, ...], sidecar: str, date: str, origin: str, tmp_path: Path
) -> None:
    talk = load(write(tmp_path, *front, name=name, sidecar=sidecar, cohort="date = 2020-01-01"), name)
    assert (talk.facts.date, talk.origins["date"]) == (date, origin)


def test_a_sidecar_may_take_back_what_the_file_says(tmp_path: Path) -> None:
    workspace = write(tmp_path, *FRONT, sidecar='recording = ""\ntitle = "Quays"')
    run(workspace, "harbour.md")
    assert LINK not in post(workspace)
    assert 'title: "Quays"' in post(workspace)
    assert {key for key in used(workspace) if key.endswith(" from")} == {"date from"}


def test_names_in_front_matter_bind_as_those_of_a_cohort_do(tmp_path: Path) -> None:
    workspace = write(tmp_path, "title: A", "guests: [Greg Sanders, Nobody Heard]")
    path = workspace.inputs / "harbour.md"
    text = path.read_text("utf-8").replace("Ann Lee", "Speaker 1").replace("Bob Ito", "Speaker 2")
    path.write_text(text.replace("The harbour was", "Hello, I'm Greg. The harbour was"), "utf-8")
    recorder = run(workspace, "harbour.md")
    assert "**Greg Sanders**" in post(workspace)
    assert "(?)" not in post(workspace)
    assert not recorder.warnings


def test_the_sidecars_name_for_a_speaker_holds(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Annabel Lee" = { label = "Ann Lee", role = "Port" }'
    workspace = write(tmp_path, *FRONT, sidecar=sidecar)
    run(workspace, "harbour.md")
    assert "Annabel Lee (Port)" in post(workspace)


def edit(workspace: Workspace, before: str, after: str) -> list[str]:
    """The stages that run after an edit of the transcript."""
    path = workspace.inputs / "harbour.md"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    return run(workspace, "harbour.md").ran


def test_a_change_of_front_matter_makes_what_it_touches_anew(tmp_path: Path) -> None:
    workspace = write(tmp_path, *FRONT, "series: Tides")
    run(workspace, "harbour.md")
    assert edit(workspace, "Tides", "Moons") == ["transcribe"]  # which finds the same words
    assert edit(workspace, "title: Harbours", "title: Quays") == ["transcribe", "render"]
    assert 'title: "Quays"' in post(workspace)
    assert edit(workspace, "Cy Dee", "Eve Fox") == ["transcribe", "render"]
    (workspace.inputs / "harbour.toml").write_text('title = "Quays"', "utf-8")
    assert run(workspace, "harbour.md").ran == []


def test_what_is_malformed_is_a_warning_with_file_and_line(tmp_path: Path) -> None:
    workspace = write(
        tmp_path, "title: Harbours", "date: 03/05/2024", "media: https://a b", "guests: [ann-lee]"
    )
    recorder = run(workspace, "harbour.md")
    assert recorder.warnings == [
        "harbour.md: line 3: left out date: '03/05/2024' is no certain day; write it as YYYY-MM-DD",
        "harbour.md: line 4: left out media: 'https://a b' is no http(s) link",
        "harbour.md: line 5: left out guests: 'ann-lee' is not a name",
    ]
    assert 'title: "Harbours"' in post(workspace)


def test_a_transcript_beside_a_recording_speaks_for_it(tmp_path: Path) -> None:
    workspace = write(tmp_path, *FRONT)
    (workspace.inputs / "2021-01-01 talk.mp3").write_bytes(b"ID3")
    (workspace.inputs / "2021-01-01 talk.toml").write_text('transcript = "harbour.md"', "utf-8")
    talk = load(workspace, "2021-01-01 talk.mp3")
    assert (talk.facts.title, talk.facts.date) == ("Harbours", "2024-05-02")


def test_the_day_in_a_recordings_name_is_its_date(tmp_path: Path) -> None:
    workspace = write(tmp_path)
    (workspace.inputs / "GMT20240502-140322_Recording.mp3").write_bytes(b"ID3")
    assert load(workspace, "GMT20240502-140322_Recording.mp3").facts.date == "2024-05-02"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_front_matter_is_read_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    workspace = write(tmp_path, "title: Häfen")
    path = workspace.inputs / "harbour.md"
    path.write_bytes(path.read_text("utf-8").replace("\n", "\r\n").encode(encoding))
    assert load(workspace, "harbour.md").facts.title == "Häfen"


@pytest.mark.parametrize("form", ["vtt", "srt", "json", "txt"])
def test_other_files_have_no_front_matter(form: str, tmp_path: Path) -> None:
    texts = {
        "vtt": "WEBVTT\n\n00:00.000 --> 00:02.000\nTitle: what is a title?\n",
        "srt": "1\n00:00:00,000 --> 00:00:02,000\nTitle: what is a title?\n",
        "json": '{"text": "Hello.", "segments": [{"start": 0, "end": 1, "text": "Hello."}]}',
        "txt": "Title? What is a title: a name.\n",
    }
    workspace = write(tmp_path)
    (workspace.inputs / f"other.{form}").write_text(texts[form], "utf-8")
    assert load(workspace, f"other.{form}").own.facts == {}


def aged(path: Path) -> None:
    """Make a file as if it had been there for long."""
    os.utime(path, (1.7e9, 1.7e9))
    while path.stat().st_ctime > time.time() - 2:
        time.sleep(0.1)


def test_only_the_head_of_a_file_is_read_and_not_again_until_it_changes(tmp_path: Path) -> None:
    workspace = write(tmp_path, *FRONT)
    path = workspace.inputs / "harbour.md"
    with path.open("a", encoding="utf-8") as file:
        file.write("**Ann Lee:** The cold store was never built.\n" * 1_000_000)
    aged(path)

    def timed_load() -> tuple[float, Talk]:
        started = time.perf_counter()
        talk = load(workspace, "harbour.md")
        talk.memory.save()
        return time.perf_counter() - started, talk

    first, _ = timed_load()
    assert first < 0.5
    _, talk = timed_load()
    assert (talk.facts.title, talk.own.guests) == ("Harbours", ("Ann Lee", "Cy Dee"))
    remembered = (workspace.root / ".takeaways/talks/harbour.json").read_text("utf-8")
    assert "front matter" in remembered
    assert "cold store" not in remembered
    path.write_text(path.read_text("utf-8")[:2000].replace("Harbours", "Quays"), "utf-8")
    assert timed_load()[1].facts.title == "Quays"


def test_show_says_where_each_fact_is_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = write(
        tmp_path, *FRONT, "tags: sea, tide", sidecar='occasion = "Port week"', cohort='tone = "dry"'
    )
    code, out, _ = call_program(workspace, monkeypatch, capsys, "show", "harbour", "facts")
    assert code == 0
    assert out.splitlines() == [
        "tone: dry (from cohort.toml)",
        "title: Harbours (from harbour.md)",
        "date: 2024-05-02 (from harbour.md)",
        f"recording: {LINK} (from harbour.md)",
        "occasion: Port week (from harbour.toml)",
        "hosts: Bob Ito (from harbour.md)",
        "guests: Ann Lee, Cy Dee (from harbour.md)",
        "tags: sea, tide (from harbour.md)",
    ]
    code, out, _ = call_program(workspace, monkeypatch, capsys, "show", "harbour", "facts", "--json")
    assert json.loads(out)["title"] == {"value": "Harbours", "from": "harbour.md"}
