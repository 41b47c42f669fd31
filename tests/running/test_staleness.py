"""What runs again, and what never does: the promises about reruns and hand edits."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipeline import stage_names
from pipeline.errors import ArtifactError, BusyError, InputError
from pipeline.files import digest_bytes, digest_value
from pipeline.records import Post, Record, RenderedFile
from pipeline.reporting import Monitor
from pipeline.running import runner, staleness
from pipeline.running.runner import Plan, StageError, run_stages, run_talk
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stage_names import StageName
from pipeline.stages import RENDER, STAGES
from pipeline.workspace import discovery
from pipeline.workspace.talks import Talk, Workspace
from tests.support.helpers import Recorder, load, panel, run

ALL = [stage.name for stage in STAGES]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = panel(tmp_path_factory.mktemp("finished"))
    assert run(workspace).ran == ALL
    return workspace


@pytest.fixture
def done(finished: Workspace, tmp_path: Path) -> Workspace:
    """A workspace whose talk is finished, to change at will."""
    return Workspace(Path(shutil.copytree(finished.root, tmp_path / "workspace")))


def status(workspace: Workspace) -> list[str]:
    return [state.status for state in staleness.states(load(workspace), STAGES)]


def outputs(workspace: Workspace) -> dict[str, bytes]:
    """Rendered files by their bytes, artifacts by their data."""
    found = {}
    for path in sorted((workspace.outputs / "panel").iterdir()):
        raw = path.read_bytes()
        found[path.name] = json.dumps(json.loads(raw)["data"]).encode() if path.suffix == ".json" else raw
    return found


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


class Extra(StageName):
    TEASE = "tease"


class Teaser(Record):
    """The artifact of a stage that is not one of the program's."""

    text: str
    files: tuple[RenderedFile, ...]


def _tease(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product[Teaser]:
    text = upstream.of(Post).title
    file = RenderedFile(name="teaser.txt", digest=digest_bytes(text.encode()))
    return Product(Teaser(text=text, files=(file,)), {file.name: text.encode()})


@pytest.fixture
def tease(monkeypatch: pytest.MonkeyPatch) -> Stage[Talk, Teaser]:
    """A fifth stage, as somebody would add one."""
    monkeypatch.setitem(stage_names._ARTIFACTS, Extra.TEASE, "5_teaser.json")
    return Stage(Extra.TEASE, Teaser, _tease, needs=(RENDER,))


def test_another_stage_with_files_of_its_own_is_kept_as_the_others_are(
    done: Workspace, tease: Stage[Talk, Teaser]
) -> None:
    page = done.outputs / "panel" / "teaser.txt"

    def run_it(force: bool = False) -> list[str]:
        recorder = Recorder()
        run_stages(load(done), Plan((tease,), force), recorder)
        return recorder.ran

    def state() -> tuple[str, tuple[str, ...]]:
        last = staleness.states(load(done), (*STAGES, tease))[-1]
        return last.status, last.reasons

    assert run_it() == ["tease"]
    assert (run_it(), state()) == ([], ("fresh", ()))
    page.write_text("My own words", "utf-8")
    assert state() == ("edited", ())
    page.unlink()
    assert state() == ("stale", ("teaser.txt is missing",))
    assert run_it() == ["tease"]
    edit(page.with_name("5_teaser.json"), '"name": "teaser.txt"', '"name": "../teaser.txt"')
    with pytest.raises(ArtifactError, match="is not the name of a file"):
        state()


def test_what_a_stage_needs_and_does_not_name_is_told() -> None:
    with pytest.raises(LookupError, match="Post is of no stage in `needs`"):
        Upstream(()).of(Post)


def test_a_second_run_does_nothing(done: Workspace) -> None:
    assert run(done).ran == []
    assert status(done) == ["fresh"] * 4


def listed(workspace: Workspace) -> list[str]:
    """What matched nothing, as `status` lists it."""
    return [str(entry) for state in staleness.states(load(workspace), STAGES) for entry in state.unmatched]


def test_touching_everything_runs_nothing(done: Workspace) -> None:
    for path in [*done.inputs.rglob("*"), *done.outputs.rglob("*")]:
        path.touch()
    assert run(done).ran == []


def test_an_artifact_from_before_a_field_was_added_is_no_edit(done: Workspace) -> None:
    """A new optional field of a record must not make every older artifact look edited."""
    path = done.outputs / "panel" / "4_post.json"
    content = json.loads(path.read_text("utf-8"))
    del content["data"]["unmatched"]
    content["data_digest"] = digest_value(content["data"])
    path.write_text(json.dumps(content), "utf-8")
    assert status(done) == ["fresh"] * 4


def test_an_artifact_from_when_unmatched_entries_were_lines_is_as_it_was(done: Workspace) -> None:
    """Made by the program before: fresh, and a person's edit of it stands."""
    lines = ["fix: 'zebra' is not in the transcript", "turn: nobody speaks at 9:59"]
    path = done.outputs / "panel" / "2_turns.json"
    content = json.loads(path.read_text("utf-8"))
    content["data"]["unmatched"] = lines
    content["data_digest"] = digest_value(content["data"])
    path.write_text(json.dumps(content), "utf-8")
    assert status(done)[1] == "fresh"
    assert listed(done) == lines
    path.write_text(path.read_text("utf-8").replace("mempool", "memory pool"), "utf-8")
    assert status(done)[1] == "edited"
    run(done)
    assert "memory pool" in (done.outputs / "panel" / "transcript.md").read_text("utf-8")
    assert listed(done) == lines


def test_losing_the_machines_memory_runs_nothing(done: Workspace) -> None:
    assert run(done).ran == []
    for path in (done.root / ".takeaways").rglob("*.json"):
        path.unlink()
    assert run(done).ran == []


def test_a_template_reruns_only_render(done: Workspace) -> None:
    (done.root / "templates").mkdir()
    (done.root / "templates" / "titles.txt.j2").write_text("{{ post.title }}\n", "utf-8")
    recorder = run(done)
    assert recorder.ran == ["render"]
    assert (done.outputs / "panel" / "titles.txt").read_text("utf-8").strip()
    (done.root / "templates" / "titles.txt.j2").write_text("Title: {{ post.title }}\n", "utf-8")
    assert run(done).ran == ["render"]
    (done.root / "templates" / "titles.txt.j2").unlink()
    assert run(done).ran == ["render"]
    assert not (done.outputs / "panel" / "titles.txt").exists()


def test_an_extract_setting_reruns_extract_and_render(done: Workspace) -> None:
    recorder = run(done, sets=({"extract": {"themes": 3}},))
    assert recorder.ran == ["extract", "render"]
    assert "extract.themes: None → 3" in recorder.reasons["extract"]


def test_a_name_reruns_only_render(done: Workspace) -> None:
    (done.inputs / "panel.toml").write_text('[speakers]\n"Mike Schmidt" = { role = "Brink" }\n', "utf-8")
    assert run(done).ran == ["render"]
    assert "Brink" in (done.outputs / "panel" / "post.html").read_text("utf-8")


def test_a_review_name_reruns_only_render(done: Workspace) -> None:
    (done.inputs / "panel.review.toml").write_text(
        '[[speaker]]\nlabel = "Mark Erhardt"\nname = "Murch"\n', "utf-8"
    )
    assert run(done).ran == ["render"]
    assert "Murch" in (done.outputs / "panel" / "post.md").read_text("utf-8")


def test_a_fix_reaches_the_outputs_and_reruns_nothing_above_segment(done: Workspace) -> None:
    (done.inputs / "panel.review.toml").write_text('[[fix]]\nfrom = "mempool"\nto = "memory pool"\n', "utf-8")
    assert run(done).ran == ["segment", "extract", "render"]
    text = (done.outputs / "panel" / "transcript.md").read_text("utf-8")
    assert "memory pool" in text
    assert " mempool " not in text


def test_a_fix_that_matches_nothing_is_listed(done: Workspace) -> None:
    (done.inputs / "panel.review.toml").write_text('[[fix]]\nfrom = "zebra"\nto = "horse"\n', "utf-8")
    recorder = run(done)
    assert any("zebra" in warning for warning in recorder.warnings)
    data = json.loads((done.outputs / "panel" / "2_turns.json").read_text("utf-8"))["data"]
    why = "'zebra' is not in the transcript"
    assert data["unmatched"] == [{"file": "panel.review.toml", "entry": "fix", "why": why}]
    assert recorder.warnings == [f"panel.review.toml: fix: {why}"]


def test_equal_data_stops_a_rerun_early(done: Workspace) -> None:
    """The transcript file changes in a way that its words do not."""
    path = done.inputs / "panel.md"
    path.write_text(path.read_text("utf-8") + "\n\n", "utf-8")
    assert run(done).ran == ["transcribe"]


def test_force_runs_what_is_fresh_and_gives_the_same_bytes(done: Workspace) -> None:
    before = outputs(done)
    assert run(done, force=True).ran == ALL
    assert outputs(done) == before


def test_only_runs_one_stage_and_says_what_it_passed_over(done: Workspace) -> None:
    (done.inputs / "panel.review.toml").write_text('[[fix]]\nfrom = "mempool"\nto = "pool"\n', "utf-8")
    recorder = run(done, only="render", force=True)
    assert recorder.ran == ["render"]
    assert any("used as it is, though stale: review.fix changed" in warning for warning in recorder.warnings)


def test_only_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        run(panel(tmp_path), only="extract")
    assert isinstance(caught.value.__cause__, ArtifactError)
    assert "1_transcript.json: is not there yet" in str(caught.value.__cause__)


def test_an_edited_artifact_is_honoured_and_what_is_below_runs(done: Workspace) -> None:
    turns = done.outputs / "panel" / "2_turns.json"
    edit(turns, "cluster mempool", "CLUSTER mempool")
    assert status(done)[:2] == ["fresh", "edited"]
    kept = turns.read_bytes()
    assert run(done).ran[:1] == ["extract"]
    assert turns.read_bytes() == kept
    assert "CLUSTER mempool" in (done.outputs / "panel" / "transcript.md").read_text("utf-8")
    assert run(done).ran == []


def test_an_edited_artifact_is_replaced_only_by_force_after_a_copy(done: Workspace) -> None:
    turns = done.outputs / "panel" / "2_turns.json"
    edit(turns, "cluster mempool", "CLUSTER mempool")
    kept = turns.read_bytes()
    (done.inputs / "panel.review.toml").write_text('[[fix]]\nfrom = "Optech"\nto = "OpTech"\n', "utf-8")
    with pytest.raises(StageError) as caught:
        run(done)
    assert caught.value.stage == "segment"
    assert "edited by hand" in str(caught.value.__cause__)
    assert "inputs/panel.edits" in str(caught.value.__cause__)
    assert turns.read_bytes() == kept
    assert "segment" in run(done, force=True).ran
    assert (done.inputs / "panel.edits" / "2_turns.json").read_bytes() == kept
    assert b"CLUSTER" not in turns.read_bytes()


def test_an_edited_post_is_never_overwritten_without_force(done: Workspace) -> None:
    post = done.outputs / "panel" / "post.md"
    post.write_text(post.read_text("utf-8") + "\nMy own words.\n", "utf-8")
    assert status(done)[3] == "edited"
    assert run(done).ran == []
    (done.inputs / "panel.toml").write_text('title = "Another"\n', "utf-8")
    with pytest.raises(StageError, match="render"):
        run(done)
    assert "My own words." in post.read_text("utf-8")
    run(done, force=True)
    run_again = post.read_text("utf-8")
    assert "My own words." not in run_again
    assert "My own words." in (done.inputs / "panel.edits" / "post.md").read_text("utf-8")


def refused(workspace: Workspace, **options: Any) -> str:
    """The message of a run that must not go through."""
    with pytest.raises(StageError) as caught:
        run(workspace, **options)
    assert isinstance(caught.value.__cause__, ArtifactError)
    return str(caught.value.__cause__)


def test_an_edited_post_survives_the_loss_of_its_receipt(done: Workspace) -> None:
    post = done.outputs / "panel" / "post.md"
    post.write_text("Mine.\n", "utf-8")
    run(done, sets=({"render": {"templates": ["post.html"]}},))
    assert "post.md" in refused(done)
    (done.outputs / "panel" / "4_post.json").unlink()
    assert "post.md" in refused(done)
    assert post.read_text("utf-8") == "Mine.\n"


def test_a_persons_own_file_is_not_replaced_by_a_new_template(done: Workspace) -> None:
    notes = done.outputs / "panel" / "notes.txt"
    notes.write_text("Mine.\n", "utf-8")
    (done.root / "templates").mkdir()
    (done.root / "templates" / "notes.txt.j2").write_text("Theirs.\n", "utf-8")
    assert "notes.txt" in refused(done)
    run(done, force=True)
    assert notes.read_text("utf-8") == "Theirs.\n"
    assert (done.inputs / "panel.edits" / "notes.txt").read_text("utf-8") == "Mine.\n"


def test_an_edit_made_while_the_stage_runs_is_kept(done: Workspace) -> None:
    (done.inputs / "panel.review.toml").write_text('[[fix]]\nfrom = "Optech"\nto = "OpTech"\n', "utf-8")
    turns = done.outputs / "panel" / "2_turns.json"

    class Editor(Recorder):
        def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
            if stage == "segment":
                edit(turns, "cluster mempool", "CLUSTER mempool")

    ((source,), _) = discovery.discover([done.inputs / "panel.md"], done)
    with pytest.raises(StageError, match="segment"):
        run_talk(source, done, Plan(STAGES), Editor())
    assert "CLUSTER mempool" in turns.read_text("utf-8")


def test_a_talk_of_the_same_name_from_elsewhere_does_not_take_the_folder(
    done: Workspace, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "panel.md"
    other.parent.mkdir()
    other.write_text("**Ann:** Something else entirely was said here.\n", "utf-8")
    ((source,), _) = discovery.discover([other], done)
    with pytest.raises(InputError, match="same output folder"):
        run_talk(source, done, Plan(STAGES), Recorder())
    assert run(done).ran == []


def test_people_of_a_cohort_may_be_absent_and_lend_their_roles(done: Workspace) -> None:
    (done.inputs / "cohort.toml").write_text(
        '[speakers]\n"Mike Schmidt" = { role = "Brink" }\n"Nobody Here" = { role = "Ghost" }\n', "utf-8"
    )
    assert run(done).ran == ["render"]
    page = (done.outputs / "panel" / "post.html").read_text("utf-8")
    assert "Brink" in page
    assert "Ghost" not in page


def test_a_review_name_that_fits_nobody_is_listed_until_it_is_mended(done: Workspace) -> None:
    (done.inputs / "panel.review.toml").write_text('[[speaker]]\nlabel = "Zoe"\nname = "Zoë"\n', "utf-8")
    assert any("Zoe" in warning for warning in run(done).warnings)
    assert any("Zoe" in line for line in listed(done))


def test_a_removed_output_is_written_again(done: Workspace) -> None:
    (done.outputs / "panel" / "post.md").unlink()
    recorder = run(done)
    assert recorder.ran == ["render"]
    assert recorder.reasons["render"] == ("post.md is missing",)


def test_a_render_killed_between_files_is_not_taken_for_an_edit(
    done: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (done.inputs / "panel.toml").write_text('title = "Second"\n', "utf-8")
    monkeypatch.setattr(runner.artifacts, "save", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run(done)
    monkeypatch.undo()
    (done.inputs / "panel.toml").write_text('title = "Third"\n', "utf-8")
    assert run(done).ran == ["render"]
    assert "Third" in (done.outputs / "panel" / "post.md").read_text("utf-8")


def test_status_says_why(done: Workspace) -> None:
    edit(done.inputs / "panel.md", "cluster mempool", "clusters")
    states = staleness.states(load(done), STAGES)
    assert states[0].reasons == ("file panel.md changed",)
    assert [state.status for state in states] == ["stale"] * 4
    assert states[1].reasons == ("transcribe runs first",)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"language": "en"', '"language": 5', ["2_turns.json", "line ", "data.language"]),
        ('"speaker": "S1"', '"speaker": null', ["2_turns.json", "line ", "data.turns.0.speaker"]),
        ('"data":', '"dta":', ["2_turns.json", "lacks made_from or data"]),
        ("{", "[", ["2_turns.json", "not valid JSON", "line 2"]),
    ],
)
def test_a_broken_artifact_is_named_with_line_and_field(
    done: Workspace, old: str, new: str, words: list[str]
) -> None:
    edit(done.outputs / "panel" / "2_turns.json", old, new)
    with pytest.raises(StageError) as caught:
        run(done)
    for word in [*words, "remove it and run again"]:
        assert word in str(caught.value.__cause__)


def test_a_talk_that_is_being_worked_on_is_left_alone(done: Workspace) -> None:
    from filelock import FileLock

    with FileLock(done.state("panel").lock), pytest.raises(BusyError, match="another run"):
        run(done, force=True)


def test_an_edit_while_a_stage_waits_for_others_is_what_it_is_made_of(
    done: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both its receipt and its data: a receipt of the edit over data of before would lose the edit."""
    folder, looked = done.outputs / "panel", threading.Event()
    (folder / "3_takeaways.json").unlink()
    plain = runner._receipt_and_upstream

    def taken(stage: staleness.StageRun) -> Any:
        found = plain(stage)
        looked.set()
        return found

    monkeypatch.setattr(runner, "_receipt_and_upstream", taken)
    with ThreadPoolExecutor(1) as pool:
        with runner._COMPUTING:
            running = pool.submit(run, done)
            assert looked.wait(60)
            turns = json.loads((folder / "2_turns.json").read_bytes())
            turns["data"]["language"] = "de"
            (folder / "2_turns.json").write_text(json.dumps(turns), "utf-8")
        assert running.result().ran == ["extract", "render"]
    assert status(done) == ["fresh", "edited", "fresh", "fresh"]
    notes = json.loads((folder / "3_takeaways.json").read_bytes())["data"]["notes"]
    assert any("knows English best" in note for note in notes)
