"""Corrections of who said what, on a real recording, through the real stages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.workspace.talks import Workspace
from tests.support.heard import bare
from tests.support.helpers import Recorder, run


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Workspace:
    """Two women on a telephone, of whom the sidecar says that they are one."""
    found = Workspace(tmp_path_factory.mktemp("put-right"))
    found.inputs.mkdir()
    (found.inputs / "phone.wav").symlink_to(data / "phone.wav")
    (found.inputs / "phone.toml").write_text("[speakers]\ncount = 1\n", "utf-8")
    run(found, "phone.wav")
    return found


def corrected(workspace: Workspace, review: str) -> tuple[Recorder, dict[str, Any], dict[str, Any]]:
    (workspace.inputs / "phone.review.toml").write_text(review, "utf-8")
    recorder = run(workspace, "phone.wav")
    artifact = json.loads((workspace.outputs / "phone" / "2_turns.json").read_text("utf-8"))
    return recorder, artifact["data"], artifact["used"]


def sentence_at(turns: dict[str, Any], second: float) -> dict[str, Any]:
    """The sentence whose middle is nearest."""
    said: list[dict[str, Any]] = [s for t in turns["turns"] for s in t["sentences"]]
    return min(said, key=lambda s: abs((s["start"] + s["end"]) / 2 - second))


SPLIT = '[[speaker]]\nsplit = ["00:12.5", "00:25"]\n'


def test_one_voice_is_parted_without_listening_again(workspace: Workspace) -> None:
    recorder, turns, used = corrected(workspace, SPLIT)
    assert recorder.ran == ["segment", "extract", "render"]
    assert used["voices"] == "as heard before"
    assert turns["unmatched"] == []
    assert len(turns["speakers"]) == 2
    assert sentence_at(turns, 13.2)["speaker"] == "S1"
    assert sentence_at(turns, 25.6)["speaker"] == "S2"


def test_a_turn_is_moved_and_in_doubt_no_more(workspace: Workspace) -> None:
    _, turns, _ = corrected(workspace, SPLIT)
    words = " ".join(sentence_at(turns, 25.6)["text"].split()[-6:-2])
    move = f'[[turn]]\nat = "00:25"\nwords = {json.dumps(words)}\nto = "00:12.5"\n'
    _, turns, _ = corrected(workspace, SPLIT + move)
    moved = [s for t in turns["turns"] for s in t["sentences"] if bare(s["text"]) == bare(words)]
    assert [(s["speaker"], s.get("margin"), s["flags"]) for s in moved] == [("S1", None, [])]
    merge = '[[speaker]]\nmerge = ["00:12.5", "00:25"]\n'
    recorder, turns, _ = corrected(workspace, merge)
    assert len(turns["speakers"]) == 1
    assert recorder.warnings == [f"{e['file']}: {e['entry']}: {e['why']}" for e in turns["unmatched"]]
    assert ["already" in entry["why"] for entry in turns["unmatched"]] == [True]


def test_one_voice_is_not_parted_against_the_evidence(workspace: Workspace) -> None:
    """Both moments are the same woman's."""
    _, turns, _ = corrected(workspace, '[[speaker]]\nsplit = ["00:08.9", "00:12.5"]\n')
    assert len(turns["speakers"]) == 1
    assert ["does not tell two voices apart" in entry["why"] for entry in turns["unmatched"]] == [True]


def test_what_matches_nothing_is_listed(workspace: Workspace) -> None:
    nobody = '[[turn]]\nat = "09:59"\nto = "new"\n[[turn]]\nat = "00:12.5"\nto = "Zoe"\n'
    recorder, turns, _ = corrected(workspace, nobody)
    assert len(turns["unmatched"]) == len(recorder.warnings) == 2
    assert "nobody speaks at 9:59" in turns["unmatched"][0]["why"]
    assert "Zoe" in turns["unmatched"][1]["why"]


def test_a_name_reruns_only_the_page(workspace: Workspace) -> None:
    corrected(workspace, SPLIT)
    recorder, _, _ = corrected(workspace, SPLIT + '[[speaker]]\nat = "00:12.5"\nname = "Diane"\n')
    assert recorder.ran == ["render"]
    sidecar = '[speakers]\ncount = 1\n"Diane" = { at = "00:12.5" }\n"Sheila" = { at = "00:25" }\n'
    (workspace.inputs / "phone.toml").write_text(sidecar, "utf-8")
    recorder, _, _ = corrected(workspace, SPLIT)
    assert recorder.ran == ["render"]
    page = (workspace.outputs / "phone" / "transcript.md").read_text("utf-8")
    assert "**Sheila**" in page


def test_more_speakers_than_there_are_voices(workspace: Workspace) -> None:
    (workspace.inputs / "phone.toml").write_text("[speakers]\ncount = 9\n", "utf-8")
    recorder, turns, _ = corrected(workspace, "")
    assert len(turns["speakers"]) == 2
    assert ["no more than 2 can be told apart" in line for line in recorder.warnings] == [True]
