"""Prompt sets: found file by file, checked before anything is asked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.errors import PromptError
from pipeline.workspace import prompt_sets, template_language
from pipeline.workspace.talks import Workspace

GOOD = (
    "---\ndescription: mine\nvariables: [transcript, most]\n---\nAt most {{ most }} from {{ transcript }}\n"
)


def put(root: Path, text: str, name: str = "mine/map.md") -> Workspace:
    path = root / "prompts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return Workspace(root)


def test_the_sets_that_come_with_the_program_are_whole(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    assert prompt_sets.sets(place) == ["cohort", "newsletter", "questions", "recap"]
    digests = {name: prompt_sets.load(place, name).digest for name in prompt_sets.sets(place)}
    assert len(set(digests.values())) == 4
    for name in digests:
        for step, prompt in prompt_sets.load(place, name).prompts.items():
            assert prompt.front.description
            own = prompt_sets.STEPS[step][0]
            given = {**dict.fromkeys(prompt.front.variables, ""), "fewest": 2, "most": 3}
            assert "MATTER" in prompt.render(**{**given, own: "MATTER"})


def test_every_variable_that_a_prompt_declares_changes_what_it_says(tmp_path: Path) -> None:
    """A declared variable that is never used would be a promise that is not kept."""
    for name in prompt_sets.sets(Workspace(tmp_path)):
        for prompt in prompt_sets.load(Workspace(tmp_path), name).prompts.values():
            used = template_language.names_in(prompt.body)
            assert used == set(prompt.front.variables), prompt.path


def test_a_workspace_overrides_file_by_file(tmp_path: Path) -> None:
    before = prompt_sets.load(Workspace(tmp_path))
    place = put(tmp_path, GOOD, "recap/map.md")
    after = prompt_sets.load(place)
    assert after["map"].render(transcript="lines", most=3) == "At most 3 from lines"
    assert after["write"].body == before["write"].body
    assert after.digest != before.digest
    (tmp_path / "prompts" / "recap" / "map.md").unlink()
    shutil.rmtree(tmp_path / "prompts")
    assert prompt_sets.load(place).digest == before.digest


def test_a_set_of_ones_own_takes_the_rest_from_recap(tmp_path: Path) -> None:
    place = put(tmp_path, GOOD)
    mine = prompt_sets.load(place, "mine")
    assert mine["map"].front.description == "mine"
    assert mine["frame"].body == prompt_sets.load(place)["frame"].body
    assert "mine" in prompt_sets.sets(place)


WHOLE = "---\ndescription: mine\nvariables: [transcript]\n---\nWrite it all. {{ transcript }}\n"
JUDGE = "---\ndescription: mine\nvariables: [sentences]\n---\nTrue? {{ sentences }}\n"
HEADING = "---\ndescription: mine\nvariables: [text]\n---\nA heading for {{ text }}\n"


@pytest.mark.parametrize(
    ("files", "name", "is_whole"),
    [
        ({}, "recap", True),
        ({}, "newsletter", True),
        ({"mine/judge.md": JUDGE}, "mine", True),
        ({"recap/judge.md": JUDGE}, "recap", True),
        ({"mine/whole.md": WHOLE}, "mine", True),
        ({"mine/whole.md": WHOLE, "mine/map.md": GOOD}, "mine", True),
        ({"recap/whole.md": WHOLE, "mine/judge.md": JUDGE}, "mine", True),
        ({"recap/map.md": GOOD}, "newsletter", True),  # which newsletter's own goes before
        ({"mine/map.md": GOOD}, "mine", False),
        ({"mine/heading.md": HEADING}, "mine", False),
        ({"recap/map.md": GOOD}, "recap", False),
        ({"recap/map.md": GOOD, "mine/judge.md": JUDGE}, "mine", False),
        ({"newsletter/map.md": GOOD}, "newsletter", False),
        ({"recap/whole.md": WHOLE, "mine/map.md": GOOD}, "mine", False),
    ],
)
def test_files_of_ones_own_for_the_steps_are_not_passed_over(
    tmp_path: Path, files: dict[str, str], name: str, is_whole: bool
) -> None:
    for path, text in files.items():
        put(tmp_path, text, path)
    prompts = prompt_sets.load(Workspace(tmp_path), name)
    assert bool(prompts.whole) is is_whole
    assert bool(prompts.why_by_steps) is not is_whole
    nearest = "whole.md" in " ".join(files)
    assert not is_whole or not nearest or prompts["whole"].body.startswith("Write it all.")


def test_why_a_set_goes_step_by_step_is_said_in_words(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    place = put(tmp_path, HEADING, "mine/heading.md")
    assert prompt_sets.load(place, "mine").why_by_steps == (
        "prompt set 'mine' has map.md and heading.md of its own and no whole.md, so the post is written step "
        "by step. To have it written in one call, put a whole.md beside them."
    )
    before = prompt_sets.load(place, "mine").digest
    put(tmp_path, WHOLE, "mine/whole.md")
    assert prompt_sets.load(place, "mine").digest != before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Just text", "map.md: has no front matter"),
        ("---\ndescription: [\n---\n{{ transcript }}", "front matter is not YAML"),
        ("---\nvariables: [transcript]\n---\n{{ transcript }}", "front matter: 'description' is missing"),
        (GOOD.replace("description", "descripton"), "descripton"),
        (GOOD.replace("variables: [", "temperature: 9\nvariables: ["), "'temperature'"),
        (
            GOOD.replace("most]", "mots]"),
            "declares 'mots', which the step map does not give. Did you mean 'most'?",
        ),
        (GOOD.replace(", most]", "]"), "uses most without declaring it"),
        (GOOD.replace("{{ transcript }}", "it"), "does not use {{ transcript }}"),
        (GOOD.replace("{{ most }}", "{{ most"), "map.md:5"),
        (GOOD.replace("variables: [", "themes: [0, 3]\nvariables: ["), "'themes.0'"),
        (
            GOOD.replace("variables: [", "themes: [5, 3]\nvariables: ["),
            "the fewest, 5, are more than the most, 3",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    place = put(tmp_path, text)
    with pytest.raises(PromptError) as raised:
        prompt_sets.load(place, "mine")
    assert message in str(raised.value)
    assert "map.md" in str(raised.value)


def test_a_set_that_is_not_there_and_a_file_of_no_step(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="Did you mean 'recap'"):
        prompt_sets.load(Workspace(tmp_path), "recapp")
    place = put(tmp_path, GOOD, "mine/maps.md")
    with pytest.raises(PromptError, match=r"Did you mean map\.md"):
        prompt_sets.load(place, "mine")


@pytest.mark.parametrize("name", ["", ".", "..", "mine/../..", "a b", "/etc"])
def test_a_name_that_leads_elsewhere_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(PromptError, match="cannot be the name of a prompt set"):
        prompt_sets.load(put(tmp_path, GOOD), name)


def test_a_fault_while_rendering_names_the_line(tmp_path: Path) -> None:
    text = GOOD.rstrip() + "\n\n{{ most.nothing.at_all }}\n"
    with pytest.raises(PromptError) as raised:
        prompt_sets.load(put(tmp_path, text), "mine")["map"].render(transcript="x", most=3)
    assert "map.md:7" in str(raised.value)


def test_what_was_said_is_not_read_as_a_template(tmp_path: Path) -> None:
    prompt = prompt_sets.load(put(tmp_path, GOOD), "mine")["map"]
    said = "{{ most }} {% raw %} <b>&"
    assert said in prompt.render(transcript=said, most=3)
