"""Links, loops and things that are in the way: they work, or one message says what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.workspace import discovery
from pipeline.workspace.talks import Workspace
from tests.support.helpers import Call, load, run


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    found = Workspace(tmp_path / "workspace")
    found.inputs.mkdir(parents=True)
    (found.inputs / "a.md").write_text("Ann: Salt is old.\n\nBob: Pepper is older than that.", "utf-8")
    return found


def test_a_link_is_a_talk_of_its_own_name(place: Workspace, call: Call) -> None:
    elsewhere = place.root.parent / "elsewhere.md"
    (place.inputs / "a.md").rename(elsewhere)
    (place.inputs / "linked.md").symlink_to(elsewhere)
    (place.inputs / "linked.toml").write_text("title = 'Beside the link'", "utf-8")
    assert call("run", "inputs")[:2] == (0, "outputs/linked/post.html\n")
    assert "Beside the link" in (place.outputs / "linked" / "post.md").read_text("utf-8")


def test_loops_of_links_end(place: Workspace, call: Call) -> None:
    (place.inputs / "loop").symlink_to(".")
    (place.inputs / "up").symlink_to("..")
    assert [source.name for source in discovery.discover([place.inputs], place)[0]] == ["a"]
    assert call("run", "inputs")[0] == 0
    assert call("run", "inputs/loop/loop/up/inputs/a.md")[:2] == (0, "outputs/a/post.html\n")
    assert os.listdir(place.outputs) == ["a"]


def test_links_that_lead_nowhere_are_told_and_the_rest_runs(place: Workspace, call: Call) -> None:
    (place.inputs / "gone.md").symlink_to("nowhere.md")
    (place.inputs / "self.md").symlink_to("self.md")
    os.mkfifo(place.inputs / "pipe.md")
    (place.inputs / "piped.md").symlink_to("pipe.md")
    (place.root / "package.json").write_text('{"name": "site"}', "utf-8")
    (place.inputs / "package.json").symlink_to("../package.json")
    code, out, err = call("run", "inputs")
    assert (code, out) == (1, "outputs/a/post.html\n")
    gone, own = err.splitlines()[-2:]
    assert gone.startswith(f"gone: transcribe failed: {place.inputs}/gone.md: the file is gone. Put it back")
    assert own.startswith(f"self: transcribe failed: {place.inputs}/self.md: Too many levels of symbolic")
    assert call("run", "inputs/gone.md")[2].endswith("gone.md: there is no such file. Check the path.\n")
    assert os.listdir(place.outputs) == ["a"]


def test_a_workspace_may_be_a_link_to_elsewhere(place: Workspace, call: Call) -> None:
    elsewhere = place.root.rename(place.root.parent / "elsewhere")
    place.root.symlink_to(elsewhere)
    assert call("run", "inputs")[0] == 0
    assert call("run", str(place.inputs / "a.md"), "-w", str(place.root))[0] == 0
    assert len(list(elsewhere.rglob("post.html"))) == 1
    assert call("status")[0] == 0


@pytest.mark.parametrize("name", ["outputs", "outputs/a", ".takeaways"])
@pytest.mark.parametrize("what", ["file", "dangling link"])
def test_what_is_in_the_way_of_a_folder_is_told(place: Workspace, call: Call, name: str, what: str) -> None:
    path = place.root / name
    path.parent.mkdir(exist_ok=True)
    if what == "file":
        path.write_text("mine", "utf-8")
    else:
        path.symlink_to("nowhere")
    code, _, err = call("run", "inputs")
    assert code == 1
    wrong = "is not a folder. Move it" if what == "file" else "is a link to nowhere, and nothing is written"
    assert f"a: start failed: {path}: {wrong}" in err
    assert call("status")[0] == 1
    assert path.is_symlink() if what != "file" else path.read_text("utf-8") == "mine"


def test_a_folder_in_the_way_of_an_artifact_is_told(place: Workspace, call: Call) -> None:
    (place.outputs / "a" / "1_transcript.json").mkdir(parents=True)
    for command in (("run", "inputs"), ("status",)):
        code, out, err = call(*command)
        assert code == 1
        assert "1_transcript.json: cannot be read (Is a directory). Mend it, or remove it" in out + err


def test_what_was_said_of_an_owner_may_be_damaged(place: Workspace) -> None:
    run(place, "a.md")
    note = place.state("a").source
    for content in (b"", b"/", b"\xff\xfe\x00", b"9" * 5000, b"..", b"gone.md"):
        note.write_bytes(content)
        assert run(place, "a.md").ran == []
        assert note.read_bytes() == b"inputs/a.md"


def test_a_moment_beyond_the_recording_is_told(place: Workspace, call: Call) -> None:
    (place.inputs / "a.md").write_text("[00:01] Ann: Salt is old.\n\n[00:05] Bob: Pepper is older.", "utf-8")
    (place.inputs / "a.toml").write_text('[speakers]\n"Cy" = { at = "09:59" }', "utf-8")
    code, _, err = call("run", "inputs")
    assert code == 1
    assert 'a.toml: "Cy" is bound to 9:59, and nobody speaks there. Give a moment at which' in err
    (place.inputs / "a.toml").unlink()
    review = '[[turn]]\nat = "09:59"\nto = "Ann"\n[[speaker]]\nname = "Cy"\nat = "09:58"'
    (place.inputs / "a.review.toml").write_text(review, "utf-8")
    code, _, err = call("run", "inputs")
    assert code == 0
    assert "a.review.toml: turn" in err
    assert '"Cy" is bound to 9:58, and nobody speaks there' in err
    assert load(place, "a.md").review.turn[0].at == 599
