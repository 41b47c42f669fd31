"""Nothing in a workspace is written, made or removed through a link, wherever the link is."""

from __future__ import annotations

import os
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest

from pipeline.cli.init import make_workspace
from pipeline.errors import PlaceError, TakeawaysError
from pipeline.turns import voice_profiles
from pipeline.workspace.talks import Workspace
from pipeline.workspace.tree import Tree
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.helpers import Call, panel

REMEDY = (
    "Put a folder in its place. To have it on another disk, mount that there, or move the whole workspace"
)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder outside the workspace, with a file in it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", "utf-8")
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A cohort of one talk that is done."""
    place = panel(tmp_path_factory.mktemp("finished"), lines=14)
    (place.inputs / "c").mkdir()
    (place.inputs / "panel.md").rename(place.inputs / "c" / "panel.md")
    (place.inputs / "c" / "cohort.toml").write_text("", "utf-8")
    return place


@pytest.fixture
def place(finished: Workspace, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(finished.root, tmp_path / "workspace")))


def untouched(folder: Path) -> bool:
    return os.listdir(folder) == ["mine.txt"] and (folder / "mine.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize("way", ["a", "a/b", "a/b/c"])
def test_no_part_of_the_way_may_be_a_link(tmp_path: Path, elsewhere: Path, way: str) -> None:
    tree, link = Tree(tmp_path / "root"), tmp_path / "root" / way
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    folder = tmp_path / "root" / "a" / "b" / "c" / "d"
    (elsewhere / ".0123456789abcdef-1.takeaways.tmp").write_bytes(b"half")
    for done in (
        lambda: tree.check(folder),
        lambda: tree.make_folder(folder),
        lambda: tree.write(folder / "new.txt", b"new"),
        lambda: tree.write(link / "mine.txt", b"new"),
        lambda: tree.remove(link / "mine.txt"),
        lambda: tree.remove_leftovers(link),
        lambda: tree.remove_if_empty(folder),
    ):
        with pytest.raises(PlaceError) as caught:
            done()
        assert f"{link}: is a link to {elsewhere}, and nothing is written" in str(caught.value)
        assert REMEDY in str(caught.value)
    (elsewhere / ".0123456789abcdef-1.takeaways.tmp").unlink()
    assert untouched(elsewhere)


def test_what_is_outside_is_not_written_whatever_it_is_called(tmp_path: Path, elsewhere: Path) -> None:
    tree = Tree(tmp_path / "root")
    for path in (elsewhere, tree.root / ".." / "elsewhere", tree.root / "a" / ".." / ".." / "elsewhere"):
        for done in (
            lambda p=path: tree.write(p / "new.txt", b""),
            lambda p=path: tree.remove(p / "mine.txt"),
        ):
            with pytest.raises(PlaceError, match="is not in the workspace"):
                done()
    assert untouched(elsewhere)


def test_a_root_may_be_reached_through_links_and_a_link_is_replaced_by_a_file(
    tmp_path: Path, elsewhere: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to("real")
    tree = Tree(tmp_path / "root")
    tree.write(tree.root / "a" / "b.txt", b"one")
    assert (tmp_path / "real" / "a" / "b.txt").read_bytes() == b"one"
    for target in ("mine.txt", ".", "nowhere"):
        link = tmp_path / "real" / "a" / "c.txt"
        link.unlink(missing_ok=True)
        link.symlink_to(elsewhere / target)
        tree.write(tree.root / "a" / "c.txt", b"two")
        assert not link.is_symlink()
        assert link.read_bytes() == b"two"
    link.unlink()
    link.symlink_to(elsewhere / "mine.txt")
    tree.remove(tree.root / "a" / "c.txt")
    assert not os.path.lexists(link)
    assert untouched(elsewhere)


def test_leftovers_of_a_killed_writer_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".1-2.takeaways.tmp").write_bytes(b"half")
    (tmp_path / ".3-4.takeaways.tmp").mkdir()
    (tmp_path / ".keep.tmp").write_bytes(b"mine")
    assert Tree(tmp_path).remove_leftovers(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [".3-4.takeaways.tmp", ".keep.tmp"]


PLACES = (
    *("outputs", "outputs/c", "outputs/c/panel", ".takeaways", ".takeaways/talks", ".takeaways/talks/c"),
    *(f".takeaways/cache/c/panel.{what}" for what in ("voices", "vectors", "parses", "excerpt", "replies")),
    *(".takeaways/cache", ".takeaways/cache/c"),
)


@pytest.mark.parametrize("name", PLACES)
def test_a_link_where_a_talk_writes_is_told_before_any_work(
    place: Workspace, call: Call, elsewhere: Path, name: str
) -> None:
    (place.root / name).parent.mkdir(parents=True, exist_ok=True)
    (place.root / name).symlink_to(elsewhere)
    commands = [("run", "inputs/c/panel.md"), ("run", "inputs/c", "--force", "--dry-run"), ("status",)]
    for command in (*commands, ("forget", "c/panel")):
        code, out, err = call(*command)
        assert code == 1
        assert (
            f"{place.root / name}: is a link to {elsewhere}, and nothing is written through links"
            in out + err
        )
        assert REMEDY in out + err
        assert untouched(elsewhere)
    assert call("status", "--json")[0] == 1
    (place.root / name).unlink()
    assert call("run", "inputs/c/panel.md")[0] == 0


@pytest.mark.parametrize("name", ["outputs/c", ".takeaways/talks/c", ".takeaways/cache/c/cohort.vectors"])
def test_a_link_where_a_cohort_writes_is_told(
    place: Workspace, call: Call, elsewhere: Path, name: str
) -> None:
    (place.root / name).parent.mkdir(parents=True, exist_ok=True)
    if name == "outputs/c":
        call("run", "inputs/c/panel.md")
        shutil.move(place.outputs / "c", elsewhere.parent / "moved")
        elsewhere = elsewhere.parent / "moved"
    (place.root / name).symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    code, _, err = call("run", "inputs/c")
    assert code == 1
    assert f"{place.root / name}: is a link to {elsewhere}" in err
    assert sorted(elsewhere.rglob("*")) == before


def test_a_link_in_place_of_a_file_is_replaced(place: Workspace, call: Call, elsewhere: Path) -> None:
    home = place.outputs / "c" / "panel"
    home.mkdir(parents=True)
    states = place.root / ".takeaways" / "talks" / "c"
    states.mkdir(parents=True)
    links = [home / name for name in ("1_transcript.json", "2_turns.json", "4_post.json", "post.html")]
    for link in (*links, *(states / f"panel.{ending}" for ending in ("json", "source", "writing"))):
        link.symlink_to(elsewhere / "new.txt")
    assert call("run", "inputs/c/panel.md")[0] == 0
    assert untouched(elsewhere)
    assert not [path for path in (*home.iterdir(), *states.iterdir()) if path.is_symlink()]


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_a_lock_that_is_no_file_is_told(place: Workspace, call: Call, elsewhere: Path, what: str) -> None:
    lock = place.state("c/panel").lock
    lock.parent.mkdir(parents=True)
    if what == "link":
        lock.symlink_to(elsewhere / "new.txt")
    elif what == "pipe":
        os.mkfifo(lock)
    else:
        lock.mkdir()
    for command in ("run", "compare"):
        code, _, err = call(
            command, "inputs/c/panel.md", *["--model", "a", "--model", "b"] * (command != "run")
        )
        assert code == 1
        assert command != "run" or f"{lock}: is not a file. Remove it, and run again." in err
    assert untouched(elsewhere)


@pytest.mark.parametrize("name", ["inputs/c/panel.edits", "inputs/c"])
def test_a_copy_of_a_persons_edit_goes_through_no_link(
    place: Workspace, call: Call, elsewhere: Path, name: str
) -> None:
    assert call("run", "inputs/c/panel.md")[0] == 0
    post = place.outputs / "c" / "panel" / "post.md"
    post.write_text("mine", "utf-8")
    if name == "inputs/c":
        shutil.move(place.inputs / "c", elsewhere.parent / "moved")
        elsewhere = elsewhere.parent / "moved"
    (place.root / name).symlink_to(elsewhere)
    source = (place.inputs / "c" / "panel.md").resolve() if name == "inputs/c" else "inputs/c/panel.md"
    before = sorted(elsewhere.rglob("*"))
    if name == "inputs/c":
        (place.root / "inputs" / "panel.edits").symlink_to(elsewhere)
        assert call("run", str(source))[0] == 0
        (place.outputs / "panel" / "post.md").write_text("mine", "utf-8")
        post = place.outputs / "panel" / "post.md"
    code, _, err = call("run", str(source), "--force")
    assert code == 1
    assert ".edits: is a link to" in err
    assert "render: started" not in err
    assert post.read_text("utf-8") == "mine"
    assert sorted(elsewhere.rglob("*")) == before


def test_linked_inputs_are_read_and_need_no_copies(place: Workspace, call: Call, elsewhere: Path) -> None:
    shutil.move(place.inputs, elsewhere.parent / "recordings")
    place.inputs.symlink_to(elsewhere.parent / "recordings")
    assert call("run", "inputs/c/panel.md", "--force")[:2] == (0, "outputs/panel/post.html\n")


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_a_comparison_goes_through_no_link_and_to_no_folder(
    place: Workspace, call: Call, elsewhere: Path, kind: str
) -> None:
    assert call("run", "inputs/c/panel.md", "--to", "segment")[0] == 0
    page = place.outputs / "c" / "panel" / "compare.html"
    with FakeEndpoint() as server:
        sets = ("--set", f"extract.base_url={server.url}", "--model", "a", "--model", "b")
        if kind == "folder":
            page.mkdir()
            code, _, err = call("compare", "c/panel", *sets)
            assert (code, len(server.requests)) == (1, 0)
            assert f"{page}: is a folder, and a file is to have that name. Move it away" in err
        else:
            page.symlink_to(elsewhere / "new.html")
            assert call("compare", "c/panel", *sets)[0] == 0
            assert not page.is_symlink()
    assert untouched(elsewhere)


def test_voices_go_through_no_link(place: Workspace, call: Call, elsewhere: Path) -> None:
    (place.inputs / "voices").symlink_to(elsewhere)
    (elsewhere / "ann.toml").write_text('name = "Ann"', "utf-8")
    code, _, err = call("voices", "remove", "Ann")
    assert (code, "voices: is a link to" in err) == (1, True)
    with pytest.raises(PlaceError, match="is a link to"):
        voice_profiles.place_for("Bob", place, replace=False)
    assert (elsewhere / "ann.toml").exists()


def test_a_new_workspace_goes_through_no_link(tmp_path: Path, elsewhere: Path) -> None:
    root = tmp_path / "new"
    root.mkdir()
    for name in ("takeaways.toml", ".gitignore", "outputs"):
        link = root / name
        link.symlink_to(elsewhere / "made")
        with pytest.raises(TakeawaysError) if name != ".gitignore" else nullcontext():
            make_workspace(root)
        assert untouched(elsewhere)
        shutil.rmtree(root)
        root.mkdir()
    (root / "inputs").symlink_to(elsewhere)
    make_workspace(root)
    assert untouched(elsewhere)


def test_all_that_is_remembered_is_private(place: Workspace, call: Call) -> None:
    mask = os.umask(0)
    try:
        (place.root / ".takeaways" / "talks").mkdir(parents=True, mode=0o777)
        assert call("run", "inputs/c")[0] in (0, 1)
        assert call("status")[0] in (0, 1)
    finally:
        os.umask(mask)
    made = [place.root / ".takeaways", *(place.root / ".takeaways").rglob("*")]
    open_to_others = [path for path in made if path.stat().st_mode & 0o077 and path.name != "talks"]
    assert open_to_others == []
    assert (place.root / ".takeaways").stat().st_mode & 0o777 == 0o700
