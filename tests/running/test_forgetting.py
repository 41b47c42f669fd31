"""What is remembered of a talk can be forgotten, whatever has become of its source, and nothing else is."""

from __future__ import annotations

import os
import shutil
import unicodedata
from hashlib import sha256
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.workspace.state import State
from pipeline.workspace.talks import Workspace
from tests.support.helpers import Call, panel

KEY = f"sha256:{'a' * 64}"
SECRET = b"what was said"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return panel(tmp_path, "x", lines=14)


def temporary(path: Path) -> Path:
    """What a killed writer of that file leaves."""
    tag = sha256(os.fsencode(path.name)).hexdigest()[:16]
    return path.with_name(f".{tag}-0123456789abcdef.takeaways.tmp")


def fill(place: Workspace, name: str) -> State:
    """Let all kinds of things be remembered of a talk, and be left by killed runs."""
    state = place.state(name)
    for cache in (state.replies, state.voices, state.excerpt, state.vectors, state.parses):
        cache.keep(KEY, SECRET)
        (cache.folder / ".0123456789abcdef-1.takeaways.tmp").write_bytes(SECRET)
    for path in (state.memory, state.memory.with_name(f"{Path(name).name}.voices.npz")):
        state.tree.write(path, SECRET)
        temporary(path).write_bytes(SECRET)
    state.lock.touch()
    home = place.outputs / name if not name.endswith("cohort") else (place.outputs / name).parent
    for folder in (home, home / "sets" / "questions", place.inputs / f"{name}.edits"):
        folder.mkdir(parents=True, exist_ok=True)
        temporary(folder / "post.html").write_bytes(SECRET)
    return state


def remains(place: Workspace, below: str = ".") -> list[str]:
    """Files that hold what was said."""
    files = (path for path in (place.root / below).rglob("*") if path.is_file())
    return sorted(path.relative_to(place.root).as_posix() for path in files if SECRET in path.read_bytes())


BROKEN = ["source", "x.toml", "x.review.toml", "cohort.toml", "takeaways.toml", "folder", "outputs"]


@pytest.mark.parametrize("broken", [None, *BROKEN])
@pytest.mark.parametrize("asked", ["c/x", "inputs/c/x.md"])
def test_a_talk_is_forgotten_whatever_is_broken_or_gone(
    place: Workspace, call: Call, asked: str, broken: str | None
) -> None:
    (place.inputs / "c").mkdir()
    (place.inputs / "x.md").rename(place.inputs / "c" / "x.md")
    fill(place, "c/x")
    if broken == "source":
        (place.inputs / "c" / "x.md").unlink()
    elif broken in ("folder", "outputs"):
        shutil.rmtree(place.inputs / "c" if broken == "folder" else place.outputs)
    elif broken:
        folder = place.root if broken == "takeaways.toml" else place.inputs / "c"
        (folder / broken).write_bytes(b"\xff[")
    code, out, err = call("forget", asked)
    assert (code, err) == (0, "")
    assert out.startswith("c/x: 1 replies removed, and what was heard of its voices, what it brought to its")
    assert "leftovers of killed runs" in out
    assert remains(place) == []
    assert call("forget", "c/x")[1] == "c/x: 0 replies removed\n"


@pytest.mark.parametrize("source", ["x.mp3", "x.tracks", "x.MP4", "x.json"])
def test_a_source_that_is_gone_is_known_by_its_path(place: Workspace, call: Call, source: str) -> None:
    (place.inputs / "x.md").unlink()
    fill(place, "x")
    assert call("forget", f"inputs/{source}")[0] == 0
    assert remains(place) == []
    fill(place, "x")
    assert call("forget", str(place.inputs / source))[0] == 0
    assert call("forget", f"/nowhere/{source}")[1].startswith("x: ")  # its name, were it of another folder


@pytest.mark.parametrize("asked", ["inputs/c", "c", "inputs/c/", "c/cohort"])
@pytest.mark.parametrize("there", [True, False])
def test_a_cohort_is_forgotten_though_its_folder_is_gone(
    place: Workspace, call: Call, asked: str, there: bool
) -> None:
    if there:
        (place.inputs / "c").mkdir()
    fill(place, "c/cohort")
    fill(place, "c/y")
    code, out, _ = call("forget", asked)
    assert (code, out[:28]) == (0, "c/cohort: 1 replies removed,")
    assert all("y" in name for name in remains(place, ".takeaways"))
    assert remains(place, ".takeaways")


NEIGHBOURS = ("x2", "x/y", "x.replies/y", "x.voices/y", "x.lock/y", "x.json/x", "x.excerpt", "X", "w")


def test_neighbours_are_not_forgotten(place: Workspace, call: Call) -> None:
    for name in NEIGHBOURS:
        fill(place, name)
    before = remains(place)
    fill(place, "x")
    assert call("forget", "x")[0] == 0
    assert remains(place) == before
    for name in NEIGHBOURS:
        assert call("forget", name)[1].startswith(f"{name}: 1 replies removed")
    assert remains(place) == []


def test_talks_that_are_called_as_files_of_others_are_run(place: Workspace, call: Call) -> None:
    for name in ("x.lock", "x.json", "x.source", "x.json~"):
        (place.inputs / name).mkdir()
        shutil.copy(place.inputs / "x.md", place.inputs / name / "y.md")
    assert call("run", "inputs")[0] == 0
    assert call("status")[0] == 0
    assert call("forget", "x.json/y")[0] == 0


def test_a_talk_that_is_worked_on_is_not_forgotten(place: Workspace, call: Call) -> None:
    state = fill(place, "x")
    before = remains(place)
    with FileLock(state.lock):
        code, out, err = call("forget", "x")
    assert (code, out) == (1, "")
    assert "x: another run is working on it. Wait for it to end." in err
    assert remains(place) == before


@pytest.mark.parametrize(
    ("forgotten", "at_work"),
    [("ser/cohort", "ser"), ("ser", "ser/cohort"), ("x", "x/sets/q"), ("x/sets/q", "x")],
)
def test_what_another_is_writing_into_the_same_folder_stays(
    place: Workspace, call: Call, forgotten: str, at_work: str
) -> None:
    for name in (forgotten, at_work):
        fill(place, name)
    shared = place.outputs / max(forgotten, at_work, key=lambda name: name.count("sets"))
    shared = shared if shared.name != "cohort" else shared.parent
    written = temporary(shared / "index.html")
    written.write_bytes(SECRET)
    with FileLock(place.state(at_work).lock):
        assert call("forget", forgotten)[0] == 0
        assert written.exists()
    assert call("forget", forgotten)[0] == 0
    assert not written.exists()


def test_a_folder_in_the_way_keeps_nothing_else(place: Workspace, call: Call) -> None:
    state = fill(place, "x")
    state.memory.unlink()
    for folder in (state.memory, state.replies.path("b" * 64), state.voices.path("b" * 64)):
        folder.mkdir()
    call("forget", "x")
    left = [path for path in place.root.rglob("*") if path.is_file() and path.read_bytes() == SECRET]
    assert left == []


def test_an_unknown_name_is_told_and_makes_nothing(place: Workspace, call: Call) -> None:
    code, _, err = call("forget", "nothing")
    assert (code, "no talk and no cohort of that name is known here. Did you mean x?" in err) == (1, True)
    for asked in ("../..", "/", "", ".", "x.mp3/../..", "\x1b[31m", "a" * 300):
        code, _, err = call("forget", asked)
        assert (code, "\x1b" in err) in ((1, False), (0, False))
    assert not (place.root / ".takeaways").exists()
    assert call("forget", "x")[1] == "x: 0 replies removed\n"
    assert not (place.root / ".takeaways").exists()
    fill(place, "caf\u00e9/panel")
    err = call("forget", "caf\u00e9/pannel")[2]
    assert "Did you mean caf\u00e9/panel" in err


def test_a_name_is_known_in_any_case_and_normal_form(place: Workspace, call: Call) -> None:
    fill(place, "Caf\u00e9")
    assert call("forget", unicodedata.normalize("NFD", "caf\u00e9"))[0] == 0
    assert remains(place) == []


def test_after_forgetting_a_run_does_the_same_and_edits_are_still_edits(place: Workspace, call: Call) -> None:
    assert call("run", "inputs")[0] == 0
    post = place.outputs / "x" / "post.md"
    post.write_text("mine", "utf-8")
    assert "what was known of its files" in call("forget", "x")[1]
    assert "render edited" in call("status")[1]
    assert call("run", "inputs")[0] == 0
    assert post.read_text("utf-8") == "mine"
