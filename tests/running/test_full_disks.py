"""Disks that are full or only read, folders without rights, clocks that are wrong: told, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.workspace.talks import Workspace
from tests.support.helpers import contents, panel, temporaries
from tests.support.stopped import PATIENCE, call, start

SPACE = "No space left on device. Free some space there, and run again: finished stages are kept.\n"
RIGHTS = "Permission denied. Give this user the right to read and write there.\n"
READ_ONLY = "Read-only file system. Mount it writable, or copy the workspace to where one can write.\n"
STAGES = {
    "transcribe": "1_transcript.json",
    "segment": "2_turns.json",
    "extract": "3_takeaways.json",
    "render": "post",
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = panel(tmp_path_factory.mktemp("finished"), lines=14)
    assert call(place.root, "run", "inputs").returncode == 0
    return place


@pytest.fixture
def place(finished: Workspace, tmp_path: Path) -> Workspace:
    """A talk of which all is done."""
    return Workspace(Path(shutil.copytree(finished.root, tmp_path / "workspace")))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], capture_output=True
    ).returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    for folder in reversed([folder for folder in mounted if folder.startswith(str(tmp_path))]):
        subprocess.run(["umount", "-l", folder], check=True)


def moved(folder: Path, disk: Path) -> None:
    """Move a folder to a disk, and mount it where it was."""
    shutil.copytree(folder, disk / folder.name)
    shutil.rmtree(folder)
    folder.mkdir()
    subprocess.run(["mount", "--bind", disk / folder.name, folder], check=True)


def fill(disk: Path) -> Path:
    """Write all the space there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler


def test_a_full_disk_is_told_by_each_stage_and_nothing_is_lost(place: Workspace, small: Path) -> None:
    moved(place.outputs, small)
    before, filler = contents(place.root), fill(small)
    for stage, file in STAGES.items():
        failed = call(place.root, "run", "inputs", "--only", stage, "--force")
        assert failed.returncode == 1
        told = failed.stderr.splitlines(keepends=True)[-1]
        assert told.startswith(f"panel: {stage} failed: {place.outputs}/panel/{file}")
        assert told.endswith(SPACE)
        assert contents(place.root) == before
    filler.unlink()
    assert call(place.root, "run", "inputs", "--force").returncode == 0
    assert contents(place.root) == before
    assert not temporaries(place.root)


def test_no_space_for_what_is_remembered_is_told_or_costs_only_time(place: Workspace, small: Path) -> None:
    before = contents(place.root)
    moved(place.root / ".takeaways", small)
    filler = fill(small)
    for stage in ("transcribe", "segment", "extract"):
        assert call(place.root, "run", "inputs", "--only", stage, "--force").returncode == 0
    failed = call(place.root, "run", "inputs", "--only", "render", "--force")
    assert failed.returncode == 1
    assert f"{place.root}/.takeaways/talks/panel.writing: {SPACE}" in failed.stderr
    assert contents(place.root) == before
    filler.unlink()
    assert call(place.root, "run", "inputs").returncode == 0
    assert contents(place.root) == before


def test_no_space_for_a_model_is_told(place: Workspace, small: Path) -> None:
    run = ("run", "inputs", "--only", "extract", "--force")
    failed = call(place.root, *run, TAKEAWAYS_CACHE=str(small))
    assert failed.returncode == 1
    assert "the model minilm cannot be stored (No space left on device). Free some disk" in failed.stderr
    assert str(small / "models") in failed.stderr
    assert not [path for path in small.rglob("*") if path.is_file() and path.stat().st_size]
    subprocess.run(["mount", "-o", "remount,size=100m", small], check=True)
    assert call(place.root, *run, TAKEAWAYS_CACHE=str(small)).returncode == 0


def test_no_space_for_temporary_files_is_none_of_its_business(place: Workspace, small: Path) -> None:
    fill(small)
    assert call(place.root, "run", "inputs", "--force", TMPDIR=str(small)).returncode == 0


WITHOUT = "-dac_override,-dac_read_search,-fowner"
RIGHTLESS = ("setpriv", f"--bounding-set={WITHOUT}", f"--inh-caps={WITHOUT}")


@pytest.fixture
def rightless() -> tuple[str, ...]:
    """A prefix: as a user for whom the modes of files hold, which they do not for root."""
    if os.geteuid():
        return ()
    if not shutil.which("setpriv") or subprocess.run([*RIGHTLESS, "true"], capture_output=True).returncode:
        pytest.skip("no way to do without root's rights")
    return RIGHTLESS


def frozen(folder: Path) -> None:
    """Take the right to write from a folder and all below."""
    for path in sorted([folder, *folder.rglob("*")], reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)


@pytest.mark.parametrize("new", [False, True], ids=["had", "new"])
@pytest.mark.parametrize("folder", ["outputs", "outputs/panel"])
def test_outputs_that_may_not_be_written(
    tmp_path: Path, rightless: tuple[str, ...], folder: str, new: bool
) -> None:
    place = panel(tmp_path, lines=14)
    (place.inputs / "deep").mkdir()
    shutil.copy(place.inputs / "panel.md", place.inputs / "deep" / "other.md")
    (place.root / folder).mkdir(parents=True)
    if not new:
        assert call(place.root, "run", "inputs/panel.md").returncode == 0
    before = contents(place.root)
    frozen(place.root / folder)
    failed = call(place.root, "run", "inputs", "--force", "--to", "transcribe", under=rightless)
    assert failed.returncode == 1
    assert f"panel: transcribe failed: {place.outputs}/panel" in failed.stderr
    assert "panel: transcribe: " not in failed.stderr  # no work in vain
    assert RIGHTS in failed.stderr
    assert "Traceback" not in failed.stderr
    others = {name for name in contents(place.root) if "/deep/" in name}
    assert bool(others) == (folder == "outputs/panel")  # other talks are undisturbed
    assert {name: data for name, data in contents(place.root).items() if name not in others} == before
    for path in (place.outputs, place.outputs / "panel"):
        if path.is_dir():
            path.chmod(0o755)
    assert call(place.root, "run", "inputs", under=rightless).returncode == 0


def test_inputs_need_not_be_written(tmp_path: Path, rightless: tuple[str, ...]) -> None:
    place = panel(tmp_path, lines=14)
    (place.inputs / "cohort.toml").write_text('title = "All"\n')
    frozen(place.inputs)
    done = call(place.root, "run", "inputs", under=rightless)
    assert done.returncode == 0, done.stderr
    assert (place.outputs / "panel" / "post.html").is_file()
    assert (place.outputs / "cohort.html").is_file()
    assert call(place.root, "status", "inputs", under=rightless).returncode == 0


def test_a_folder_for_what_is_remembered_that_may_not_be_written(
    place: Workspace, rightless: tuple[str, ...]
) -> None:
    frozen(place.root / ".takeaways")
    before = contents(place.root)
    failed = call(place.root, "run", "inputs", "--force", under=rightless)
    assert failed.returncode == 1
    assert f"{place.root}/.takeaways/talks/panel.lock: {RIGHTS}" in failed.stderr
    assert call(place.root, "status", under=rightless).returncode == 0
    assert contents(place.root) == before


def test_a_workspace_on_a_disk_that_is_only_read(place: Workspace) -> None:
    before = contents(place.root)
    under = only_read(place.root, place.root)
    failed = call(place.root, "run", "inputs", "--force", under=under)
    assert failed.returncode == 1
    assert f"{place.root}/.takeaways/talks/panel.lock: {READ_ONLY}" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert call(place.root, "status", under=under).returncode == 0
    assert contents(place.root) == before


MODEL = "--set extract.model=any --set extract.base_url=http://127.0.0.1:9/v1"
WRITING = {  # what writes into outputs/, and what is said
    "run inputs/panel.md --force": "panel: transcribe failed: {outputs}/panel: ",
    "run inputs/panel.md --force --from render": "panel: render failed: {outputs}/panel: ",
    f"run inputs/panel.md --prompts newsletter {MODEL}": "panel: extract failed: {outputs}/panel/sets",
    f"compare panel --prompts recap --prompts newsletter {MODEL}": "takeaways: {outputs}/panel: ",
    "cohort inputs --force": "inputs: cohort failed: {outputs}: ",
    "init outputs/new": "takeaways: outputs/new: cannot be made (Read-only file system)",
}
READING = (
    "status",
    "run inputs/panel.md",
    "run inputs/panel.md --dry-run --force",
    "voices list",
    "cohort inputs",
)


def only_read(folder: Path, root: Path) -> tuple[str, ...]:
    """A prefix: in `root`, with a folder on a disk that is only read."""
    bound = f'mount --bind -o ro "{folder}" "{folder}" && cd "{root}" && exec "$@"'
    under = ("unshare", "-m", "sh", "-c", bound, "sh")
    if subprocess.run([*under, "true"], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    return under


def test_outputs_on_a_disk_that_is_only_read(place: Workspace) -> None:
    (place.inputs / "cohort.toml").write_text("")
    assert call(place.root, "cohort", "inputs").returncode == 0
    before, under = contents(place.root), only_read(place.outputs, place.root)
    for command, said in WRITING.items():
        failed = call(place.root, *command.split(), under=under)
        assert failed.returncode == 1
        assert said.format(outputs=place.outputs) in failed.stderr
        assert ": forced" not in failed.stderr  # no work in vain
        assert "nothing listens there" not in failed.stdout + failed.stderr
    for command in READING:
        assert call(place.root, *command.split(), under=under).returncode == 0
    assert contents(place.root) == before


def test_inputs_that_cannot_take_the_copy_of_an_edit(place: Workspace) -> None:
    path = place.outputs / "panel" / "3_takeaways.json"
    path.write_text(path.read_text().replace('"title": "', '"title": "My '))
    before, under = contents(place.root), only_read(place.inputs, place.root)
    failed = call(place.root, "run", "inputs", "--only", "extract", "--force", under=under)
    assert f"panel: extract failed: {place.inputs}/panel.edits: {READ_ONLY}" in failed.stderr
    assert ": forced" not in failed.stderr
    assert contents(place.root) == before


FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


@pytest.fixture
def odd_dates(place: Workspace) -> Workspace:
    """Its files are of 1970 and 2100."""
    for number, path in enumerate(sorted(p for p in place.root.rglob("*") if p.is_file())):
        when = (0, 4102444800)[number % 2]
        os.utime(path, (when, when))
    return place


def test_dates_of_files_say_nothing(odd_dates: Workspace) -> None:
    before = contents(odd_dates.root)
    assert call(odd_dates.root, "status").returncode == 0
    assert call(odd_dates.root, "run", "inputs").stderr == ""
    assert contents(odd_dates.root) == before


@pytest.mark.skipif(FAKETIME is None, reason="no libfaketime: apt-get install libfaketime")
def test_a_clock_that_is_wrong_makes_nothing_stale_and_no_time_negative(odd_dates: Workspace) -> None:
    place, before = odd_dates, contents(odd_dates.root)
    wrong = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "@1980-01-01 00:00:00"}
    status = call(place.root, "status", "--why", **wrong)
    assert (status.returncode, "stale" in status.stdout) == (0, False)
    assert call(place.root, "run", "inputs", **wrong).stderr == ""
    # A clock that runs backwards.
    back = {**wrong, "FAKETIME": "@1980-01-01 00:00:00 x-1", "DONT_FAKE_MONOTONIC": "1"}
    again = call(place.root, "run", "inputs", "--force", **back)
    assert again.returncode == 0
    assert "done in -" not in again.stderr
    assert contents(place.root) == before
    assert call(place.root, "status").returncode == 0


# Each look at the clock finds it right, ten years ahead or ten years behind, in turn.
JUMPING = """
import itertools, time
right, jumps = time.time_ns, itertools.cycle((0, 10, -10))
time.time_ns = lambda: right() + next(jumps) * 31_557_600 * 10**9
time.time = lambda: time.time_ns() / 1e9
from pipeline.cli.main import main
main()
"""


def test_a_clock_that_jumps_while_a_run_goes_on(place: Workspace) -> None:
    before, program = contents(place.root), (sys.executable, "-c", JUMPING)
    for arguments in (("run", "inputs", "--force"), ("run", "inputs")):
        run = start(place.root, *arguments, program=program)
        told = run.communicate(timeout=PATIENCE)[1]
        assert (run.returncode, "Traceback" in told, "in -" in told) == (0, False, False), told
    assert ": done in" not in told  # the second finds nothing to do
    assert contents(place.root) == before
    assert call(place.root, "status").returncode == 0
    page = place.outputs / "panel" / "post.md"
    page.write_text(page.read_text().replace("e", "i", 1))  # of the same size, at once
    assert start(place.root, "status", program=program).wait(PATIENCE) == 0
    assert "edited" in call(place.root, "status").stdout
