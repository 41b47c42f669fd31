"""The name of a template is that of a file that it makes: what a stranger may call it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import TemplateError
from pipeline.stage_names import CohortStage, TalkStage
from pipeline.workspace.output_templates import Templates

BUILT_IN = ("post.html", "post.md", "transcript.md", "transcript.vtt")


def outputs(root: Path, *names: str) -> tuple[str, ...]:
    (root / "templates").mkdir(exist_ok=True)
    for name in names:
        (root / "templates" / name).write_text("mine", "utf-8")
    return Templates.of(root).outputs()


@pytest.mark.parametrize("name", ["notes.txt", "Über uns.html", "投稿.md", "a.b.c", "-x", "~", "no-ending"])
def test_a_name_may_be_in_any_script(tmp_path: Path, name: str) -> None:
    assert set(outputs(tmp_path, f"{name}.j2")) == {*BUILT_IN, name}
    assert Templates.of(tmp_path).render(name) == "mine"


@pytest.mark.parametrize(
    "name", [".j2", "..j2", "...j2", ".hidden.j2", "..hidden.j2", "_part.j2", "notes.txt", "x.J2"]
)
def test_what_is_hidden_or_a_partial_or_no_template_makes_nothing(tmp_path: Path, name: str) -> None:
    assert outputs(tmp_path, name) == BUILT_IN


def test_a_folder_is_no_template(tmp_path: Path) -> None:
    (tmp_path / "templates" / "folder.txt.j2").mkdir(parents=True)
    (tmp_path / "templates" / "folder.txt.j2" / "inside.txt.j2").touch()
    assert outputs(tmp_path) == BUILT_IN


ARTIFACTS = [stage.artifact for stages in (TalkStage, CohortStage) for stage in stages]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *((name, f"would overwrite the artifact {name}") for name in ARTIFACTS),
        ("2_TURNS.json", r"would overwrite the artifact 2_turns\.json"),
        ("takeaways.toml", r"would make a takeaways\.toml, which holds settings"),
        ("Takeaways.TOML", r"would make a takeaways\.toml, which holds settings"),
        ("cohort.toml", r"would make a cohort\.toml, which holds settings"),
        ("Post.html", r"would overwrite post\.html where upper and lower case are the same"),
        ("a\x1b[2J.txt", "a name that cannot be shown"),
        ("a\nb.txt", "a name that cannot be shown"),
        ("a\udcff.txt", "a name that cannot be shown"),
        ("a\\..\\..\\b.txt", "a name that cannot be shown, or is none"),
        (" ", "a name that cannot be shown, or is none"),
    ],
)
def test_some_names_are_refused(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(TemplateError, match=f"(?s){why}.*Give it another name") as caught:
        outputs(tmp_path, f"{name}.j2")
    assert str(caught.value).isprintable()


def test_names_that_differ_in_form_alone_are_one(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="would overwrite"):
        outputs(tmp_path, "\u00e9.txt.j2", "e\u0301.txt.j2")


@pytest.fixture
def bottomless(tmp_path: Path) -> Iterator[Path]:
    """A folder of templates that holds a folder that holds a folder …"""
    folder = tmp_path / "templates"
    folder.mkdir()
    with contextlib.chdir(folder):
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
        yield folder
        for _ in range(1200):  # pytest could not
            os.chdir("..")
            os.rmdir("d")


def test_folders_without_end_are_told_where_a_name_is_computed(tmp_path: Path, bottomless: Path) -> None:
    outputs(tmp_path, "mine.txt.j2")
    assert Templates.of(tmp_path).render("mine.txt") == "mine"
    (bottomless / "mine.txt.j2").write_text("{% include name %}", "utf-8")
    with pytest.raises(TemplateError, match=f"{bottomless}: has folders that nest too deeply"):
        Templates.of(tmp_path).render("mine.txt", name="d/x.j2")
