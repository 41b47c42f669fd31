"""The first stage as a whole, on real recordings."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.workspace.talks import Workspace
from tests.support import DATA
from tests.support.heard import bare
from tests.support.helpers import run


def test_a_recording_that_was_cut_off_is_used_and_said_to_be_short(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.inputs.mkdir()
    whole = (DATA / "jfk.flac").read_bytes()
    (workspace.inputs / "cut.flac").write_bytes(whole[: len(whole) * 4 // 10])
    recorder = run(workspace, "cut.flac", only="transcribe")
    assert any("is the file whole?" in warning for warning in recorder.warnings)
    data = json.loads((workspace.outputs / "cut" / "1_transcript.json").read_text("utf-8"))["data"]
    assert 3 < data["duration"] < 6
    assert {"fellow", "americans"} & set(bare("".join(word["text"] for word in data["words"])).split())
    assert all(word["end"] <= data["duration"] for word in data["words"])


def test_a_recording_beside_a_transcript_gives_it_its_length(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.inputs.mkdir()
    (workspace.inputs / "talk.flac").write_bytes((DATA / "jfk.flac").read_bytes())
    (workspace.inputs / "talk.toml").write_text('transcript = "words.md"\n', "utf-8")
    (workspace.inputs / "words.md").write_text("Kennedy: And so, my fellow Americans.\n", "utf-8")
    assert run(workspace, "talk.flac", only="transcribe").warnings == []
    data = json.loads((workspace.outputs / "talk" / "1_transcript.json").read_text("utf-8"))["data"]
    assert round(data["duration"]) == 11
    assert data["words"][0]["label"] == "Kennedy"
