"""Artifacts that an earlier version wrote, in a form of its own: stale in plain words, and no edit lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.cohort import cohort_stages
from pipeline.cohort.cohort_stages import COHORT
from pipeline.errors import ArtifactError
from pipeline.running import artifacts, staleness
from pipeline.running.runner import StageError
from pipeline.stages import EXTRACT, STAGES
from pipeline.workspace.talks import Workspace
from tests.running.test_consistency import SAID
from tests.support import DATA
from tests.support.helpers import Recorder, load, run

OLDER = DATA / "older_forms"
WHY = f"made by another version of takeaways: extract v2, now {EXTRACT.versioned}"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = Workspace(tmp_path_factory.mktemp("finished"))
    place.inputs.mkdir()
    (place.inputs / "a.md").write_text(SAID, "utf-8")
    (place.inputs / "a.toml").write_text('notes = ["Kings paid for pepper, and for salt."]', "utf-8")
    run(place, "a.md")
    return place


@pytest.fixture
def place(finished: Workspace, tmp_path: Path) -> Workspace:
    """A talk whose takeaways are of an earlier version."""
    copy = Workspace(Path(shutil.copytree(finished.root, tmp_path / "workspace")))
    shutil.copy(OLDER / "3_takeaways.json", takeaways(copy))
    return copy


def takeaways(place: Workspace) -> Path:
    return place.outputs / "a" / "3_takeaways.json"


def edit(path: Path, before: str, after: str) -> str:
    """Change an artifact by hand; what it says then."""
    text = path.read_text("utf-8").replace(before, after)
    path.write_text(text, "utf-8")
    return text


def test_an_older_form_is_stale_and_made_anew(place: Workspace) -> None:
    state = staleness.states(load(place, "a.md"), STAGES)[2]
    assert (state.status, state.reasons[0]) == ("stale", WHY)
    assert run(place, "a.md").ran == ["extract"]  # the post says the same
    assert not (place.inputs / "a.edits").exists()
    assert '"body"' in takeaways(place).read_text("utf-8")
    assert run(place, "a.md").ran == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Salt is older than pepper", "Salt came first"),  # a heading
        ('"source": "s7",', ""),
        ('"reflections": ["Thanks to the cook."],', '"reflections": 3,'),  # what no version can read
    ],
)
def test_an_edit_in_an_older_form_is_refused_and_copied(place: Workspace, before: str, after: str) -> None:
    mine = edit(takeaways(place), before, after)
    for _ in range(2):  # looked at, and then remembered
        state = staleness.states(load(place, "a.md"), STAGES)[2]
        assert (state.status, state.reasons[0], state.edited) == ("edited", WHY, ("3_takeaways.json",))
    with pytest.raises(StageError) as caught:
        run(place, "a.md")
    assert f"edited by hand, and extract would replace it ({WHY}" in str(caught.value.__cause__)
    assert takeaways(place).read_text("utf-8") == mine
    recorder = run(place, "a.md", force=True)
    assert any("a copy is in inputs/a.edits/3_takeaways.json" in warning for warning in recorder.warnings)
    assert (place.inputs / "a.edits" / "3_takeaways.json").read_text("utf-8") == mine
    assert run(place, "a.md").ran == []


def test_what_needs_an_older_form_says_what_to_do(place: Workspace) -> None:
    with pytest.raises(StageError, match="render") as caught:
        run(place, "a.md", only="render")
    assert isinstance(caught.value.__cause__, ArtifactError)
    assert str(caught.value.__cause__) == (
        "outputs/a/3_takeaways.json: is in the form of another version of takeaways (extract v2, now "
        f"{EXTRACT.versioned}). Have it made anew: --from extract"
    )


def test_the_same_version_s_artifact_is_still_told_by_line(place: Workspace) -> None:
    edit(takeaways(place), "extract v2", EXTRACT.versioned)
    with pytest.raises(ArtifactError, match=r"line \d+: unknown key 'data\.themes\.0\.paragraphs'"):
        staleness.states(load(place, "a.md"), STAGES)


@pytest.mark.parametrize("is_edited", [False, True])
def test_a_cohort_s_older_form_is_no_other(finished: Workspace, tmp_path: Path, is_edited: bool) -> None:
    place = Workspace(tmp_path / "workspace")
    for name in ("a", "b"):
        for root in ("inputs", "outputs"):
            (place.root / root / "c").mkdir(parents=True, exist_ok=True)
        shutil.copy(finished.inputs / "a.md", place.inputs / "c" / f"{name}.md")
        run(place, f"c/{name}.md")
    folder, path = place.inputs / "c", place.outputs / "c" / "cohort.json"
    cohort = cohort_stages.make(folder, place, (), Recorder())
    shutil.copy(OLDER / "cohort.json", path)
    mine = edit(path, "Spec language", "Languages") if is_edited else ""
    (state, _) = staleness.states(cohort, cohort_stages.STAGES)
    assert state.status == ("edited" if is_edited else "stale")
    assert state.reasons[0] == f"made by another version of takeaways: cohort v1, now {COHORT.versioned}"
    if is_edited:
        with pytest.raises(StageError, match="cohort"):
            cohort_stages.make(folder, place, (), Recorder())
        assert path.read_text("utf-8") == mine
    cohort_stages.make(folder, place, (), Recorder(), force=is_edited)
    assert artifacts.load(cohort, COHORT).talks == ("c/a", "c/b")
    copies = list(place.inputs.rglob("*.edits/cohort.json"))
    assert [copy.read_text("utf-8") for copy in copies] == [mine] * is_edited
