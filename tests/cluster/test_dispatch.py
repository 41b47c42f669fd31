"""Talks on a real Dask cluster: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pipeline.cluster import dispatch as cluster
from pipeline.errors import ClusterError
from pipeline.running.batch import run_one
from pipeline.running.runner import Plan
from pipeline.stages import STAGES
from pipeline.workspace import discovery
from pipeline.workspace.talks import Workspace
from tests.support import DATA
from tests.support.dask_cluster import PATIENCE, PYTHON, Processes, Told, run, wait_for, wait_for_workers
from tests.support.helpers import Recorder, contents, panel

distributed: Any = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler without workers."""
    processes = Processes(tmp_path_factory.mktemp("scheduler"))
    try:
        yield processes.scheduler()[0]
    finally:
        processes.kill()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    folder = tmp_path / "processes"
    folder.mkdir()
    started = Processes(folder)
    try:
        yield started
    finally:
        started.kill()


def workspace(root: Path, number: int) -> Workspace:
    for at in range(number):
        place = panel(root, f"talk{at}", lines=12 + 2 * at)
    return place


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What four talks come to without a cluster."""
    place = workspace(tmp_path_factory.mktemp("home"), 4)
    for source in discovery.discover([place.inputs], place)[0]:
        assert run_one(source, place, Plan(STAGES), Recorder()) is None
    return contents(place.root)


def of_first(number: int, files: dict[str, bytes]) -> dict[str, bytes]:
    names = tuple(f"outputs/talk{at}/" for at in range(number))
    return {name: data for name, data in files.items() if name.startswith(names)}


def test_three_workers_make_what_is_made_at_home_and_a_failure_stops_nobody(
    tmp_path: Path, processes: Processes, address: str, at_home: dict[str, bytes]
) -> None:
    place = workspace(tmp_path / "shared", 4)
    (place.inputs / "empty.md").write_text("")
    for at in range(3):
        processes.worker(address, f"worker{at}")
    wait_for_workers(address, 3)
    failures, told = run(address, place)
    assert [(failure.talk, failure.stage) for failure in failures] == [("empty", "transcribe")]
    assert of_first(4, contents(place.root)) == at_home
    assert len(told.done) == 16
    assert run(address, place)[1].done == []


def middle(place: Workspace) -> str:
    """A talk that is begun and not done, as soon as there is one."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for home in place.outputs.glob("talk*"):
            if (home / "1_transcript.json").is_file() and not (home / "3_takeaways.json").is_file():
                return home.name
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def holder(place: Workspace, talk: str, workers: Sequence[subprocess.Popen[bytes]]) -> int:
    """The process that has the lock of a talk open."""
    import psutil  # Dask needs it

    lock = str(place.state(talk).lock)
    (pid,) = [
        worker.pid
        for worker in workers
        if lock in [file.path for file in psutil.Process(worker.pid).open_files()]
    ]
    return pid


def halt_in_the_middle(place: Workspace, workers: Sequence[subprocess.Popen[bytes]]) -> tuple[str, int]:
    """Freeze a worker that is in the middle of a talk; the talk and the worker's process."""
    talk = middle(place)
    pid = holder(place, talk, workers)
    os.kill(pid, signal.SIGSTOP)
    assert not (place.outputs / talk / "4_post.json").exists()
    return talk, pid


def test_a_killed_worker_s_talk_is_done_by_another(
    tmp_path: Path, processes: Processes, address: str, at_home: dict[str, bytes]
) -> None:
    place = workspace(tmp_path / "shared", 4)
    workers = [processes.worker(address, f"mortal{at}") for at in range(2)]
    wait_for_workers(address, 2)
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(run, address, place)
        _, pid = halt_in_the_middle(place, workers)
        os.kill(pid, signal.SIGKILL)
        failures, _ = outcome.result(PATIENCE)
    assert failures == []
    assert contents(place.root) == at_home


def test_a_talk_that_kills_its_workers_is_given_up(tmp_path: Path, processes: Processes) -> None:
    place = workspace(tmp_path / "shared", 1)
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    address, _ = processes.scheduler(**once, PYTHONPATH=str(another_version(tmp_path / "old", "distributed")))
    workers = [processes.worker(address, f"mortal{at}") for at in range(2)]
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(run, address, place)
        _, pid = halt_in_the_middle(place, workers)
        os.kill(pid, signal.SIGKILL)
        ((failure,), told) = outcome.result(PATIENCE)
    assert "1 worker died while working on this talk, probably for want of memory" in failure.reason
    assert "the scheduler has distributed 9.9 (here " in told.warnings[0]


def test_a_worker_without_enough_memory_says_so(tmp_path: Path, processes: Processes, address: str) -> None:
    import psutil

    place = workspace(tmp_path / "shared", 1)
    shutil.copy(DATA / "jfk.flac", place.inputs)
    free = processes.worker(address, "free")
    wait_for_workers(address, 1)
    most = psutil.Process(free.pid).memory_info().vms + (128 << 20)  # in which no recogniser can be loaded
    free.kill()
    free.wait()
    limit = ("sh", "-c", f'ulimit -v {most >> 10} && exec "$@"', "sh")
    worker = processes.worker(address, "narrow", under=limit)
    failures, _ = run(address, place)
    enough = "not enough memory. Close other programs, or use a smaller model."
    assert {failure.talk: failure.reason for failure in failures} == {"jfk": enough, "talk0": enough}
    assert worker.poll() is None


def elsewhere(root: Path) -> tuple[str, ...]:
    """A prefix that gives a command another, empty folder at `root`."""
    probe = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", str(root)], capture_output=True)
    if probe.returncode:
        pytest.skip("no right to mount a folder for one process alone")
    return ("unshare", "-m", "sh", "-c", f'mount -t tmpfs none "{root}" && exec "$@"', "sh")


def test_a_worker_without_the_folder_is_left_out(tmp_path: Path, processes: Processes, address: str) -> None:
    place = workspace(tmp_path / "shared", 3)
    processes.worker(address, "blind", under=elsewhere(place.root))
    wait_for_workers(address, 1)
    failures, told = run(address, place)
    assert len(failures) == 3
    assert "blind: it does not see the folder" in failures[0].reason
    assert "Mount the same folder" in failures[0].reason
    seeing = processes.worker(address, "seeing")
    wait_for_workers(address, 2)
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(run, address, place)
        halt_in_the_middle(place, [seeing])
        seeing.kill()
        processes.worker(address, "later")
        failures, told = outcome.result(PATIENCE)
    assert failures == []
    assert sum("left out" in warning for warning in told.warnings) == 1


def another_version(folder: Path, package: str = "takeaways") -> Path:
    """A folder for PYTHONPATH with the metadata of another version of a package."""
    metadata = folder / f"{package}-9.9.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 9.9\n")
    return folder


def test_a_worker_of_another_version_is_refused(tmp_path: Path, processes: Processes, address: str) -> None:
    place = workspace(tmp_path / "shared", 1)
    processes.worker(address, "ahead", PYTHONPATH=str(another_version(tmp_path / "other")))
    ((failure,), told) = run(address, place)
    assert "no workers yet: waiting" in told.notes
    assert "ahead: it has takeaways 9.9, here is " in failure.reason


@pytest.mark.parametrize("known", [True, False])
def test_a_worker_that_cannot_import_the_package_is_told(
    tmp_path: Path, processes: Processes, address: str, known: bool
) -> None:
    place = workspace(tmp_path / "shared", 1)
    bare = another_version(tmp_path / "bare") if known else tmp_path / "bare"
    bare.mkdir(exist_ok=True)
    (bare / "sitecustomize.py").write_text("import sys\nsys.modules['pipeline.cluster.tasks'] = None\n")
    processes.worker(address, "bare", PYTHONPATH=str(bare))
    ((failure,), _) = run(address, place)
    assert (
        "it has takeaways 9.9, here is" if known else "a worker cannot import takeaways"
    ) in failure.reason


def test_a_stage_that_wants_a_gpu_goes_where_one_is(
    tmp_path: Path, processes: Processes, address: str
) -> None:
    place = workspace(tmp_path / "shared", 3)
    (place.inputs / "empty.md").write_text("")
    processes.worker(address, "plain")
    wait_for_workers(address, 1)
    with ThreadPoolExecutor(1) as pool, distributed.Client(address, set_as_default=False) as client:
        with distributed.get_task_stream(client) as stream:
            told, sources = Told(), discovery.discover([place.inputs], place)[0]
            running = pool.submit(
                cluster.run_all, address, ("transcribe",), sources, place, Plan(STAGES), told
            )
            wait_for(lambda: told.notes)
            processes.worker(address, "graphic", "--resources", "GPU=1")
            failures = running.result(PATIENCE)
        names = {one: worker["name"] for one, worker in client.scheduler_info()["workers"].items()}
    assert "no worker offers a GPU" in told.notes[0]
    where = [(task["key"].split()[0], names[task["worker"]]) for task in stream.data]
    assert len(where) == 8
    assert [(failure.talk, failure.stage) for failure in failures] == [("empty", "transcribe")]
    assert {name for stages, name in where if stages == "transcribe"} == {"graphic"}
    assert {stages for stages, _ in where} == {"transcribe", "segment+extract+render"}
    assert sorted(told.ends) == ["empty", "talk0", "talk1", "talk2"]


@pytest.mark.parametrize("nobody", ["tcp://127.0.0.1:9", "nonsense", "nonsense://x:1"])
def test_without_a_scheduler_there_is_a_clear_error(tmp_path: Path, nobody: str) -> None:
    place = workspace(tmp_path, 1)
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers there.*Start one"):
        cluster.run_all(nobody, (), discovery.discover([place.inputs], place)[0], place, Plan(STAGES), Told())


def test_a_scheduler_that_dies_leaves_clear_failures(tmp_path: Path, processes: Processes) -> None:
    place = workspace(tmp_path / "shared", 2)
    address, scheduler = processes.scheduler()
    worker = processes.worker(address, "orphan")
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(run, address, place)
        talk, _ = halt_in_the_middle(place, [worker])
        scheduler.kill()
        failures, _ = outcome.result(PATIENCE)
    assert talk in [failure.talk for failure in failures]
    lost = f"the connection to the scheduler at {address} was lost. Finished stages are kept"
    assert all(failure.reason.startswith(lost) for failure in failures)
    assert (place.outputs / talk / "1_transcript.json").is_file()


def test_an_interrupt_ends_the_run_here_and_there(tmp_path: Path, processes: Processes, address: str) -> None:
    place = workspace(tmp_path / "shared", 2)
    worker = processes.worker(address, "stopped")
    command = (PYTHON, "-c", "from pipeline.cli.main import main; main()", "run", str(place.inputs))
    client = processes.start(*command, "--workspace", str(place.root), "--dask", address, log="client")
    talk, pid = halt_in_the_middle(place, [worker])
    made = set(place.outputs.rglob("4_post.json"))
    client.send_signal(signal.SIGINT)
    assert client.wait(PATIENCE) == 130
    assert not list((place.root / ".takeaways" / "runs").iterdir())
    os.kill(pid, signal.SIGCONT)
    with FileLock(place.state(talk).lock, timeout=PATIENCE):
        assert not (place.outputs / talk / "4_post.json").exists()
    with distributed.Client(address, set_as_default=False) as watcher:
        wait_for(lambda: not any(watcher.processing().values()))
    assert set(place.outputs.rglob("4_post.json")) == made
    log = (processes.folder / "client.log").read_text()
    assert log.endswith("Stopped. Finished stages are kept; run again to go on.\n")
    assert "distributed" not in log


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_scheduler_that_hangs_does_not_hold_up_the_end(
    tmp_path: Path, processes: Processes, number: int
) -> None:
    place = workspace(tmp_path / "shared", 1)
    address, scheduler = processes.scheduler()
    worker = processes.worker(address, "stopped")
    command = (PYTHON, "-c", "from pipeline.cli.main import main; main()", "run", str(place.inputs))
    client = processes.start(*command, "--workspace", str(place.root), "--dask", address, log="client")
    talk, pid = halt_in_the_middle(place, [worker])
    scheduler.send_signal(signal.SIGSTOP)
    client.send_signal(number)
    assert client.wait(PATIENCE) == 130
    assert not list((place.root / ".takeaways" / "runs").iterdir())
    log = (processes.folder / "client.log").read_text()
    assert log.endswith("Stopped. Finished stages are kept; run again to go on.\n")
    os.kill(pid, signal.SIGCONT)
    with FileLock(place.state(talk).lock, timeout=PATIENCE):
        assert not (place.outputs / talk / "4_post.json").exists()
