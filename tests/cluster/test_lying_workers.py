"""A worker may lie, be broken, or be of nobody knows what version: it is told, and other talks go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cluster import answers
from pipeline.cluster.answers import MAX_LETTERS
from pipeline.running.batch import Failure, run_one
from pipeline.running.runner import Plan
from pipeline.stages import STAGES
from pipeline.workspace import discovery
from pipeline.workspace.talks import Workspace
from tests.support import ROOT
from tests.support.dask_cluster import Processes, Told, run, wait_for_workers
from tests.support.helpers import Recorder, panel

pytest.importorskip("distributed")
SAID = {  # what is said of the talk that each lie is about
    "nothing": "worker liar says that it is done, but: ",
    "torn": "2_turns.json: is not valid JSON",
    "page": "post.html is not what was to be written",
    "edited": "3_takeaways.json is not what was to be written",
    "forged": "refers to the sentence 's9999', which is not in 2_turns.json",
    "outside": "is not the name of a file",
    "other": "a worker answered what no task answers",
    "state": "a worker answered what no task answers",
    "group": "a worker answered what no task answers",
    "refuses": "loud loud",
    "fails": "loud loud",
    "wordless": "the cluster could not do it",
    "shouts": "the cluster could not do it (RuntimeError: ",
    "unreadable": "no number",
}
GOOD = ("events", "flood", "honest")


@pytest.fixture(scope="module")
def lied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[Failure], Told]:
    """A run in which one worker lies about every talk but a few."""
    place = Workspace(tmp_path_factory.mktemp("lied"))
    for name in (*SAID, *GOOD):
        panel(place.root, name, lines=12)
    processes = Processes(tmp_path_factory.mktemp("processes"))
    try:
        address, _ = processes.scheduler()
        processes.worker(address, "liar", "--preload", str(ROOT / "tests" / "support" / "lying_worker.py"))
        wait_for_workers(address, 1)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(answers, "PATIENCE_SECONDS", 0.0)
            failures, told = run(address, place)
    finally:
        processes.kill()
    return place, failures, told


@pytest.mark.parametrize("lie", SAID)
def test_a_lie_is_a_failure_that_says_what_is_wrong(
    lied: tuple[Workspace, list[Failure], Told], lie: str
) -> None:
    [failure] = [failure for failure in lied[1] if failure.talk == lie]
    assert SAID[lie] in failure.reason
    assert failure.reason.isprintable()
    assert len(failure.reason) < 2 * MAX_LETTERS
    assert failure.stage.isprintable()


def test_other_talks_are_done_and_nothing_outside_is_touched(
    lied: tuple[Workspace, list[Failure], Told],
) -> None:
    place, failures, _ = lied
    assert {failure.talk for failure in failures} == set(SAID)
    for name in GOOD:
        assert (place.outputs / name / "post.html").is_file()
    assert {path.stem for path in place.inputs.iterdir()} == {*SAID, *GOOD}


def test_what_workers_tell_is_short_harmless_and_bounded(
    lied: tuple[Workspace, list[Failure], Told],
) -> None:
    told = lied[2]
    for message in (
        *told.warnings,
        *told.notes,
        *(one for reasons in told.reasons.values() for one in reasons),
    ):
        assert message.isprintable()
        assert len(message) < 2 * MAX_LETTERS
    assert "warning 0" in told.warnings
    assert len(told.warnings) < 1200


def test_a_workspace_that_shows_late_what_a_worker_wrote_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = panel(tmp_path, lines=12)
    [source] = discovery.discover([place.inputs], place)[0]
    inspector = answers.Inspector(place, Plan(STAGES))
    inspector.admit(source)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            assert run_one(source, place, Plan(STAGES), Recorder()) is None

    monkeypatch.setattr(answers.time, "sleep", sleep)
    assert inspector.fault(source) is None
    assert len(slept) == 3
    (place.outputs / "panel" / "4_post.json").unlink()
    assert "4_post.json: is not there yet" in (inspector.fault(source) or "")
    assert sum(slept) == answers.PATIENCE_SECONDS
