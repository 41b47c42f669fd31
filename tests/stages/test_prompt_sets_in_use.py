"""Prompt sets in use: only extract and render run, each set has its own folder, none harms another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.helpers import call_program, panel


def test_another_set_reruns_extract_and_render_into_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = panel(tmp_path, lines=24)
    home = place.outputs / "panel"
    with FakeEndpoint() as server:
        (tmp_path / "takeaways.toml").write_text(
            f'[extract]\nbase_url = "{server.url}"\nmodel = "any"\n', "utf-8"
        )
        assert call_program(place, monkeypatch, capsys, "run", "inputs")[0] == 0
        before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
        code, out, err = call_program(place, monkeypatch, capsys, "run", "inputs", "--prompts", "newsletter")
        assert code == 0
        assert "transcribe" not in err
        assert "segment" not in err
        assert all(path.read_bytes() == data for path, data in before.items())
        assert {path.name for path in (home / "sets" / "newsletter").iterdir()} == {
            path.name for path in before if path.name not in ("1_transcript.json", "2_turns.json")
        }
        assert out.strip() == "outputs/panel/sets/newsletter/post.html"
        again = call_program(place, monkeypatch, capsys, "run", "inputs", "--prompts", "newsletter")
        assert again[0] == 0
        assert "extract" not in again[2]
        assert call_program(place, monkeypatch, capsys, "status", "--prompts", "newsletter")[0] == 0
        code, out, _ = call_program(place, monkeypatch, capsys, "status", "--why", "--prompts", "questions")
        assert code == 1
        assert "extract missing" in out
    links = (home / "sets" / "newsletter" / "post.html").read_text("utf-8")
    assert 'href="transcript.md"' in links


def test_a_first_run_with_a_set_makes_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = panel(tmp_path, lines=24)
    with FakeEndpoint() as server:
        sets = ("--set", f"extract.base_url={server.url}", "--set", "extract.model=any")
        code, _, _ = call_program(
            place, monkeypatch, capsys, "run", "inputs", "--prompts", "questions", *sets
        )
    assert code == 0
    assert (place.outputs / "panel" / "2_turns.json").is_file()
    assert (place.outputs / "panel" / "sets" / "questions" / "post.html").is_file()
    assert not (place.outputs / "panel" / "post.html").exists()


def test_a_set_without_a_model_is_wrong_use_that_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = panel(tmp_path, lines=12)
    code, _, err = call_program(place, monkeypatch, capsys, "run", "inputs", "--prompts", "newsletter")
    assert code == 2
    assert "no file or flag names a language model, and the extractive writer reads no prompts" in err
    code, _, err = call_program(place, monkeypatch, capsys, "run", "inputs", "--prompts", "newslettre")
    assert code == 2
    assert "Did you mean 'newsletter'?" in err
    assert not place.outputs.exists()


def test_a_changed_prompt_reruns_what_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only replies to the changed prompt, and what hangs on them, are asked for again."""
    place = panel(tmp_path, lines=24)
    with FakeEndpoint() as server:
        sets = ("--set", f"extract.base_url={server.url}", "--set", "extract.model=any")
        call_program(place, monkeypatch, capsys, "run", "inputs", *sets)
        made = len(server.requests)
        own = tmp_path / "prompts" / "recap" / "frame.md"
        own.parent.mkdir(parents=True)
        text = (ROOT / "prompts" / "recap" / "frame.md").read_text("utf-8")
        own.write_text(text.replace("three to eight words", "two to five words"), "utf-8")
        _, out, _ = call_program(place, monkeypatch, capsys, "status", "--why", *sets)
        assert "extract: prompts recap changed" in out
        call_program(place, monkeypatch, capsys, "run", "inputs", *sets)
        assert len(server.requests) - made <= 2


def test_an_edit_of_what_all_sets_share_is_kept_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = panel(tmp_path, lines=12)
    sets = ("--set", "extract.model=any", "--set", "extract.base_url=http://127.0.0.1:9/v1")
    only = ("run", "inputs", "--from", "segment", "--to", "segment", "--prompts", "newsletter", *sets)
    call_program(place, monkeypatch, capsys, "run", "inputs", "--to", "segment")
    turns = place.outputs / "panel" / "2_turns.json"
    turns.write_text(turns.read_text("utf-8").replace("Bitcoin", "Bytecoin", 1), "utf-8")
    code, _, err = call_program(place, monkeypatch, capsys, *only, "--force")
    assert code == 0, err
    assert "Bytecoin" in (place.inputs / "panel.edits" / "2_turns.json").read_text("utf-8")
    assert "Bytecoin" not in turns.read_text("utf-8")


def test_what_openai_would_cost_is_told_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = panel(tmp_path, lines=24)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    call_program(place, monkeypatch, capsys, "run", "inputs", "--to", "segment")
    asked = ("run", "inputs", "--dry-run", "--set", "extract.model=gpt-4.1-mini")
    code, out, _ = call_program(place, monkeypatch, capsys, *asked)
    assert code == 0
    assert "at most about $0.0" in out
    code, out, _ = call_program(place, monkeypatch, capsys, *asked, "--set", "extract.model=some-model")
    assert "price not known" in out
