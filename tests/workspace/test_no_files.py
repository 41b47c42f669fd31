"""Pipes, devices and huge files where files should be: no command waits; each is told or replaced."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.files import MAX_READ_BYTES
from pipeline.workspace.talks import Workspace
from tests.support.helpers import Call, call_program, contents, panel, run

SECONDS = 60  # after which what hangs is ended

KINDS = ("pipe", "link to a pipe", "device", "socket")
TOLD = (
    *("outputs/panel/1_transcript.json", "outputs/panel/2_turns.json", "outputs/panel/4_post.json"),
    *("inputs/panel.toml", "inputs/panel.review.toml", "takeaways.toml", "inputs/cohort.toml"),
    *("inputs/said.vtt", "inputs/spoken.rttm", "inputs/voices/ann.toml", ".takeaways/talks/panel.lock"),
)
REPLACED = (
    *("outputs/panel/post.html", ".takeaways/talks/panel.json", ".takeaways/talks/panel.source"),
    *(".takeaways/talks/panel.writing", ".takeaways/talks/panel.compare"),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = panel(tmp_path_factory.mktemp("finished"), lines=14)
    run(place)
    return place


@pytest.fixture
def place(finished: Workspace, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(finished.root, tmp_path / "workspace")))


@pytest.fixture
def call(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Call]:
    def hung(*given: object) -> None:
        raise AssertionError("it hangs")

    def called(*arguments: str) -> tuple[int, str, str]:
        signal.alarm(SECONDS)
        code, out, err = call_program(place, monkeypatch, capsys, *arguments)
        signal.alarm(0)
        assert "Traceback" not in err
        assert "bug" not in out + err
        return code, out, err

    former = signal.signal(signal.SIGALRM, hung)
    yield called
    signal.alarm(0)
    signal.signal(signal.SIGALRM, former)


def put(path: Path, kind: str) -> None:
    """Put something there that is no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to a pipe":
        os.mkfifo(path.with_name("pipe"))
        path.symlink_to("pipe")
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        folder = os.open(path.parent, os.O_RDONLY)
        with socket.socket(socket.AF_UNIX) as server:  # the whole path may be too long for one
            server.bind(f"/proc/self/fd/{folder}/{path.name}")
        os.close(folder)


@pytest.mark.parametrize(
    ("name", "kind"), [(TOLD[1], kind) for kind in KINDS] + [(name, "pipe") for name in TOLD]
)
def test_what_is_no_file_is_told(place: Workspace, call: Call, name: str, kind: str) -> None:
    sidecar = {"inputs/said.vtt": "transcript = 'said.vtt'", "inputs/spoken.rttm": "rttm = 'spoken.rttm'"}
    if name in sidecar:
        (place.inputs / "panel.toml").write_text(sidecar[name], "utf-8")
    put(place.root / name, kind)
    before = contents(place.root)
    commands = [("run", "inputs", "--force"), ("status",), ("show", "panel", "speakers"), ("voices", "list")]
    results = [
        call(*command) for command in (*commands, ("compare", "panel", "--model", "a", "--model", "b"))
    ]
    if not name.startswith("inputs/voices"):  # which are read only where there are recordings
        assert results[0][0] == 1
        assert Path(name).name.removesuffix(".j2") in results[0][2]
        assert contents(place.root) == before
        assert name.endswith(".lock") or results[1][0] == 1
    assert call("forget", "panel")[0] == (1 if name.endswith(".lock") else 0)
    (place.root / name).unlink()
    shutil.rmtree(place.root / "templates", ignore_errors=True)
    (place.inputs / "panel.toml").unlink(missing_ok=True)
    assert call("run", "inputs")[0] == 0


@pytest.mark.parametrize(
    "name", ["templates/post.html.j2", "templates/_palette.css.j2", "prompts/recap/write.md"]
)
def test_what_is_no_file_is_no_template_and_no_prompt(place: Workspace, call: Call, name: str) -> None:
    before = contents(place.root)
    put(place.root / name, "pipe")
    assert call("run", "inputs", "--force")[0] == 0
    assert contents(place.root) == before


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_no_template(place: Workspace, call: Call, kind: str) -> None:
    (place.root / "templates").mkdir(exist_ok=True)
    put(place.root / "templates" / "mine.txt.j2", kind)
    assert call("run", "inputs", "--force")[0] == 0
    assert not (place.outputs / "panel" / "mine.txt").exists()


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize("name", REPLACED)
def test_what_is_no_file_is_replaced_where_nothing_is_lost(
    place: Workspace, call: Call, name: str, kind: str
) -> None:
    before = contents(place.root)
    put(place.root / name, kind)
    assert call("status")[0] in (0, 1)
    assert call("run", "inputs", "--force")[0] == 0
    assert contents(place.root) == before
    assert name.endswith(".compare") or not (place.root / name).is_symlink()
    assert call("status")[0] == 0


@pytest.mark.parametrize("name", ["2_turns.json", "4_post.json"])
def test_an_artifact_of_many_gigabytes_is_told_and_not_read(place: Workspace, call: Call, name: str) -> None:
    path = place.outputs / "panel" / name
    path.write_bytes(b"{")
    os.truncate(path, 10 << 30)
    for command in (("run", "inputs"), ("run", "inputs", "--force"), ("status",)):
        code, out, err = call(*command)
        assert code == 1
        assert (
            f"{name}: cannot be read (It has more than {MAX_READ_BYTES >> 20} MB). Mend it, or" in out + err
        )
    assert not (place.inputs / "panel.edits").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("inputs/panel.toml", "has 268,435,456 bytes"),
        ("templates/post.html.j2", "is too large"),
        ("inputs/panel.md", "It has more than 128 MB"),
    ],
)
def test_what_a_person_wrote_of_many_megabytes_is_told(
    place: Workspace, call: Call, name: str, message: str
) -> None:
    path = place.root / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.truncate(path, 1 << 28)
    code, out, err = call("run", "inputs")
    assert code == 1
    assert message in out + err
