"""No talk writes where another one does: the second is told of both, and the first loses nothing."""

from __future__ import annotations

import os
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.running import ownership
from pipeline.workspace.talks import Workspace
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.helpers import Call, contents, load, panel, temporaries


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return panel(tmp_path, "x", lines=14)


def add(place: Workspace, name: str) -> None:
    """A talk of that name that says something else."""
    path = place.inputs / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Ann: Salt is old, and it was always dear.\n\nBob: So is pepper, I am told.", "utf-8")


@pytest.mark.parametrize("first", ["set", "talk", "an earlier version's set"])
def test_a_talk_and_the_prompt_set_of_another_do_not_share_a_folder(
    place: Workspace, call: Call, first: str
) -> None:
    add(place, "x/sets/questions")
    with FakeEndpoint() as server:
        model = f'[extract]\nbase_url = "{server.url}"\nmodel = "any"\n'
        (place.root / "takeaways.toml").write_text(model, "utf-8")
        runs = [["run", "inputs/x.md", "--prompts", "questions"], ["run", "inputs/x/sets/questions.md"]]
        if first == "talk":
            runs.reverse()
        assert call(*runs[0])[0] == 0
        before = contents(place.root)
        if first == "an earlier version's set":
            place.state("x/sets/questions").source.unlink()
        for command in (runs[1], [*runs[1], "--force"]):
            code, _, err = call(*command)
            assert code == 1
            owner = "x/sets/questions.md" if first == "talk" else "x.md"
            assert f"same output folder as {place.inputs / owner}: outputs/x/sets/questions. Rename" in err
            assert contents(place.root) == before
        assert call(*runs[0])[0] == 0
        assert call("run", "inputs/x.md")[0] == 0


def test_a_killed_note_of_whose_a_prompt_sets_folder_is_leaves_nothing(place: Workspace, call: Call) -> None:
    note = place.state("x/sets/questions").source
    note.parent.mkdir(parents=True)
    tag = sha256(os.fsencode(note.name)).hexdigest()[:16]
    (note.parent / f".{tag}-0123456789abcdef.takeaways.tmp").touch()
    with FakeEndpoint() as server:
        model = ("--set", f"extract.base_url={server.url}", "--set", "extract.model=any")
        assert call("run", "inputs/x.md", "--prompts", "questions", *model)[0] == 0
    assert not temporaries(place.root)


def test_cohorts_whose_names_some_file_systems_take_for_one_are_told(place: Workspace, call: Call) -> None:
    for folder, name in (("C", "one"), ("c", "two")):
        add(place, f"{folder}/{name}")
        (place.inputs / folder / "cohort.toml").touch()
    code, out, err = call("run", "inputs/C", "inputs/c")
    assert code == 1
    assert "outputs/C/one/post.html\noutputs/c/two/post.html\noutputs/C/index.html" in out
    assert "only in case or in how letters are encoded" in err
    assert not (place.outputs / "c" / "index.html").exists()


def test_a_cohort_may_be_where_a_talk_keeps_a_prompt_set(place: Workspace, call: Call) -> None:
    add(place, "x/sets/questions/a")
    assert call("run", "inputs")[0] == 0


def test_a_talk_whose_folder_is_to_be_where_a_page_is_is_told(place: Workspace, call: Call) -> None:
    assert call("run", "inputs/x.md")[0] == 0
    before = contents(place.root)
    for name in ("x/post.html", "x/2_turns.json", "x/post.html/deep"):
        add(place, name)
        code, _, err = call("run", f"inputs/{name}.md", "--force")
        assert code == 1
        assert f"is to have a folder where {place.inputs / 'x.md'} has a page: outputs/x/" in err
        assert call("status", f"inputs/{name}.md")[0] == 1
        assert contents(place.root) == before


@pytest.mark.parametrize("name", ["x/post.md", "x/4_post.json", "x/4_post.json/deep"])
def test_a_page_that_is_to_be_where_the_folder_of_a_talk_is_is_told(
    place: Workspace, call: Call, name: str
) -> None:
    add(place, name)
    assert call("run", f"inputs/{name}.md")[0] == 0
    before = contents(place.root)
    code, _, err = call("run", "inputs/x.md")
    assert code == 1
    assert str(Path(name).parts[1]) in err
    assert {path: data for path, data in contents(place.root).items() if path in before} == before
    assert not (place.outputs / "x" / "post.html").exists()


def test_outputs_that_some_file_systems_take_for_one_are_told_before_any_is_written(
    place: Workspace, call: Call
) -> None:
    (place.root / "templates").mkdir()
    for name, other in (("Post.md", "post.md"), ("4_Post.json", "4_post.json"), ("cafe\u0301", "caf\u00e9")):
        shutil.rmtree(place.root / "templates")
        (place.root / "templates").mkdir()
        (place.root / "templates" / f"{name}.j2").write_text("mine", "utf-8")
        (place.root / "templates" / "caf\u00e9.j2").write_text("mine", "utf-8")
        code, _, err = call("run", "inputs")
        assert code == 1
        assert re.search(f"templates/({name}|{other}).j2: would overwrite .*({name}|{other})", err)
        assert not (place.outputs / "x" / "post.html").exists()


def test_where_case_does_not_count_a_renamed_source_is_the_same_talk(place: Workspace) -> None:
    """As it looks there: what the note names is there under either name, and is one file."""
    add(place, "X")
    (place.inputs / "x.md").unlink()
    os.link(place.inputs / "X.md", place.inputs / "x.md")
    (place.outputs / "X").mkdir(parents=True)
    for name in ("x", "X"):
        state = place.state(name)
        state.tree.write(state.source, b"inputs/X.md")
    ownership.claim(load(place, "x.md"))
    assert place.state("x").source.read_bytes() == b"inputs/x.md"


def test_modes_that_a_person_gave_stay(place: Workspace, call: Call) -> None:
    mask = os.umask(0o022)
    try:
        assert call("run", "inputs")[0] == 0
        home = place.outputs / "x"
        assert {path.stat().st_mode & 0o777 for path in home.iterdir()} == {0o644}
        for path in home.iterdir():
            path.chmod(0o600)
        assert call("run", "inputs", "--force")[0] == 0
        assert {path.stat().st_mode & 0o777 for path in home.iterdir()} == {0o600}
        (home / "post.md").write_text("mine", "utf-8")
        assert call("run", "inputs", "--force")[0] == 0
        assert (place.inputs / "x.edits" / "post.md").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(mask)
