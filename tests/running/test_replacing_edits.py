"""--force replaces what a person changed only after a whole copy of it is there, even of what is broken."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from pipeline.errors import ArtifactError
from pipeline.files import MAX_READ_BYTES
from pipeline.running.runner import StageError
from pipeline.workspace.talks import Workspace
from tests.support.helpers import contents, panel, run, temporaries
from tests.support.stopped import call, start


@pytest.fixture
def done(tmp_path: Path) -> Workspace:
    place = panel(tmp_path, lines=14)
    run(place)
    return place


BROKEN = (b"{", b"", b"\xff\xfe", b'{"made_from": {}, "data": {}}', b"[" * 100_000, b'{"a": 1' + b"1" * 5000)


@pytest.mark.parametrize("content", BROKEN)
@pytest.mark.parametrize("name", ["1_transcript.json", "2_turns.json", "3_takeaways.json", "4_post.json"])
def test_a_broken_artifact_is_replaced_by_force_after_a_copy(
    done: Workspace, name: str, content: bytes
) -> None:
    before = contents(done.root)
    artifact = done.outputs / "panel" / name
    artifact.write_bytes(content)
    with pytest.raises(StageError):
        run(done)
    assert artifact.read_bytes() == content
    recorder = run(done, force=True)
    assert contents(done.root) == before
    assert (done.inputs / "panel.edits" / name).read_bytes() == content
    assert any(f"{name} was edited by hand; a copy is in" in warning for warning in recorder.warnings)
    assert run(done).ran == []


def test_force_replaces_only_what_is_planned(done: Workspace) -> None:
    turns = done.outputs / "panel" / "2_turns.json"
    turns.write_bytes(b"{")
    with pytest.raises(StageError, match="segment") as caught:
        run(done, force=True, only="extract")
    assert isinstance(caught.value.__cause__, ArtifactError)
    assert turns.read_bytes() == b"{"
    run(done, force=True, only="segment")
    assert json.loads(turns.read_bytes())["data"]


def test_copies_never_replace_each_other_nor_anything_else(done: Workspace) -> None:
    post, edits = done.outputs / "panel" / "post.md", done.inputs / "panel.edits"
    edits.mkdir()
    (edits / "post.md").symlink_to("nowhere")
    (edits / "2-post.md").mkdir()
    for text in ("one", "two"):
        post.write_text(text, "utf-8")
        run(done, force=True)
    assert [(edits / f"{number}-post.md").read_text("utf-8") for number in (3, 4)] == ["one", "two"]
    assert (edits / "post.md").readlink() == Path("nowhere")


# Killed by the system when it writes more than 4 MB into a file.
KILLED = """
import resource, signal
from pipeline.cli.main import main
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20))
main()
"""


def test_killed_while_it_copies_there_is_no_half_copy(done: Workspace) -> None:
    post, edits, mine = done.outputs / "panel" / "post.md", done.inputs / "panel.edits", "mine\n" * (1 << 20)
    post.write_text(mine, "utf-8")
    command = ("run", "inputs", "--only", "render", "--force")
    process = start(done.root, *command, program=(sys.executable, "-c", KILLED))
    told = process.communicate()[1]
    assert process.returncode == -signal.SIGXFSZ, told
    assert post.read_text("utf-8") == mine
    assert list(edits.glob("*post.md")) == []
    assert len(temporaries(edits)) == 1
    assert call(done.root, "run", "inputs", "--force").returncode == 0
    assert (edits / "post.md").read_text("utf-8") == mine
    assert not temporaries(done.root)


def test_what_is_too_large_to_be_copied_is_not_replaced(done: Workspace) -> None:
    post = done.outputs / "panel" / "post.md"
    os.truncate(post, MAX_READ_BYTES + 1)
    with pytest.raises(StageError) as caught:
        run(done, force=True)
    assert "post.md: was edited by hand, and no copy can be made of it (It has" in str(caught.value.__cause__)
    assert post.stat().st_size == MAX_READ_BYTES + 1
