"""The command line as a person meets it: messages, exit codes, JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.workspace.talks import Workspace
from tests.support.helpers import panel


def takeaways(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from pipeline.cli.main import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = panel(tmp_path_factory.mktemp("cli"))
    result = takeaways(workspace.root, "run", "inputs/panel.md")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "outputs/panel/post.html"
    return workspace


def test_status_is_fresh_and_exits_0(finished: Workspace) -> None:
    result = takeaways(finished.root, "status")
    assert result.returncode == 0
    assert result.stdout.split() == [
        "panel",
        *["transcribe", "fresh", "segment", "fresh", "extract", "fresh", "render", "fresh"],
    ]


def test_status_with_another_setting_is_stale_says_why_and_exits_1(finished: Workspace) -> None:
    result = takeaways(finished.root, "status", "--set", "extract.themes=3", "--why")
    assert result.returncode == 1
    assert "extract stale" in result.stdout
    assert "extract: extract.themes: None → 3" in result.stdout
    assert "render: extract runs first" in result.stdout


def test_status_as_json(finished: Workspace) -> None:
    report = json.loads(takeaways(finished.root, "status", "--json", "inputs/panel.md").stdout)
    assert report[0]["talk"] == "panel"
    assert [stage["status"] for stage in report[0]["stages"]] == ["fresh"] * 4


def test_one_failing_talk_does_not_stop_the_others(tmp_path: Path) -> None:
    place = panel(tmp_path, "good", lines=12)
    (place.inputs / "bad.md").write_text("[Applause]\n", "utf-8")
    (place.inputs / "worse.mp3").write_text("not audio\n", "utf-8")
    (place.inputs / "facts.md").write_text("Ann: Hi.\n", "utf-8")
    (place.inputs / "facts.toml").write_text("titel = 'x'\n", "utf-8")
    result = takeaways(tmp_path, "run", "inputs")
    assert result.returncode == 1
    assert (place.outputs / "good" / "post.html").is_file()
    failed = [line for line in result.stderr.splitlines() if " failed: " in line]
    assert [line.split(" failed: ")[0] for line in failed[-3:]] == [  # told at once, and again at the end
        "bad: transcribe",
        "facts: start",
        "worse: transcribe",
    ]
    assert "Traceback" not in result.stderr
    assert [p.name for p in place.outputs.rglob("*") if p.is_file() and "good" not in p.parts] == []
    report = json.loads(takeaways(tmp_path, "run", "inputs", "--json").stdout)
    assert report["done"] == ["good"]
    assert {f["talk"]: f["stage"] for f in report["failed"]} == {
        "bad": "transcribe",
        "facts": "start",
        "worse": "transcribe",
    }


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run"], 2, "Missing argument"),
        (["run", "nowhere.mp3"], 1, "nowhere.mp3: there is no such file"),
        (["run", "x", "--only", "extract", "--from", "segment"], 2, "--only cannot be combined"),
        (["run", "x", "--from", "render", "--to", "segment"], 2, "comes after"),
        (["run", "x", "--only", "cook"], 2, "cook"),
        (["run", "x", "--set", "nonsense"], 2, "stage.key=value"),
        (["run", "x", "--set", "extract.thems=3"], 2, "Did you mean 'themes'?"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_wrong_use_is_one_message(tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    result = takeaways(tmp_path, *arguments)
    assert result.returncode == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_makes_a_workspace_that_runs_and_is_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert takeaways(tmp_path, "init", "mine").returncode == 0
    panel(folder, lines=12)
    assert takeaways(folder, "run", "inputs").returncode == 0
    again = takeaways(tmp_path, "init", "mine")
    assert again.returncode == 1
    assert "is a workspace already" in again.stderr


def test_status_outside_a_workspace_and_on_a_broken_one_is_a_message(
    finished: Workspace, tmp_path: Path
) -> None:
    nothing = takeaways(tmp_path, "status")
    assert nothing.returncode == 1
    assert "there is no such file" in nothing.stdout
    root = tmp_path / "broken"
    shutil.copytree(finished.root, root)
    (root / "outputs" / "panel" / "2_turns.json").unlink()
    (root / "outputs" / "panel" / "2_turns.json").mkdir()
    broken = takeaways(root, "status")
    assert broken.returncode == 1
    assert "2_turns.json" in broken.stdout
    assert "Traceback" not in nothing.stderr + broken.stderr


def test_every_setting_in_the_scaffold_is_real(tmp_path: Path) -> None:
    """The commented lines of a new takeaways.toml, uncommented, are valid settings."""
    import re
    import tomllib

    from pipeline.cli.init import make_workspace
    from pipeline.workspace.config import Settings
    from pipeline.workspace.output_templates import Templates

    make_workspace(tmp_path)
    text = re.sub(r"^# (\w+ = )", r"\1", (tmp_path / "takeaways.toml").read_text("utf-8"), flags=re.MULTILINE)
    tables = tomllib.loads(text)
    Templates.of(tmp_path).chosen(tuple(tables["render"]["templates"]))
    settings = Settings.model_validate(tables)
    assert {name: set(table) for name, table in tables.items()} == {
        name: set(type(getattr(settings, name)).model_fields) for name in Settings.model_fields
    }


def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    report = json.loads(takeaways(tmp_path, "doctor", "--json").stdout)
    assert {"faster-whisper", "whisper-base", "minilm", "parser en", "speaker_frames.onnx"} <= {
        c["name"] for c in report
    }
    asked = takeaways(tmp_path, "doctor", "--set", "transcribe.model=enormous")
    assert asked.returncode == 1
    assert "neither a folder nor a known size" in asked.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pipeline.cli.main import cli\n"
        "try: cli(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'pydantic', 'numpy', 'av', 'jinja2', 'rich', 'onnxruntime', 'spacy'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_status_imports_no_engine(finished: Workspace) -> None:
    code = (
        "import sys\nfrom pipeline.cli.main import cli\n"
        "try: cli(['status'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'av', 'onnxruntime', 'faster_whisper', 'spacy', 'thinc'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=finished.root)
