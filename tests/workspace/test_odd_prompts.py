"""Prompts and templates as they should not be: one error that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import PromptError, TemplateError
from pipeline.workspace import prompt_sets
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.talks import Workspace

FRONT = "description: mine\nvariables: [transcript]\n"
BODY = "{{ transcript }}"


# Nine lists of nine of the list before: spelled out, four hundred million.
ALIASES = "&n0 [x], " + ", ".join(f"&n{n + 1} [{', '.join([f'*n{n}'] * 9)}]" for n in range(9))


def complaint(root: Path, front: str, body: str = BODY) -> str:
    path = root / "prompts" / "mine" / "map.md"
    path.parent.mkdir(parents=True)
    path.write_text(f"---\n{front}\n---\n{body}", "utf-8")
    with pytest.raises(PromptError) as caught:
        prompt_sets.load(Workspace(root), "mine")
    return str(caught.value).removeprefix(f"{path}: ").removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("temperature: 2024-99-99", "front matter is not YAML (month must be in 1..12)"),
        ("temperature: !!timestamp x", "front matter is not YAML"),
        ("temperature: !!bool x", "front matter is not YAML"),
        ("temperature: " + "9" * 5000, "front matter is not YAML"),
        ("temperature: " + "[" * 5000, "front matter is not YAML"),
        ("? [a]\n: b", "front matter is not YAML"),
        (f"description: [{ALIASES}]", "front matter is not YAML (*name stands for what is elsewhere, and"),
        ("x" * 20_001, "front matter has 20,001 characters, of at most 20,000. Put the prompt's text below"),
        ("- a\n- b", "front matter: it must be a table. It is the list [a, b] now."),
        ("variables: transcript", "front matter: 'description' is missing. Add it."),
        (f"{FRONT}themes: [3, 2]", "front matter: 'themes': the fewest, 3, are more than the most, 2."),
        (f"{FRONT}temprature: 1", "front matter: unknown key 'temprature'. Did you mean 'temperature'?"),
        (f"{FRONT}temperature: hot", "'temperature' must be a number. It is the text 'hot' now."),
        (f"{FRONT}temperature: .nan", "'temperature' must be at most 2. It is nan now."),
        ("description: a\nvariables: &a [*a]", "front matter is not YAML (*name stands for"),
    ],
)
def test_odd_front_matter_is_told(tmp_path: Path, front: str, said: str) -> None:
    assert said in complaint(tmp_path, front)


@pytest.mark.parametrize("odd", ["(" * 5000, "9" * 5000])
def test_what_jinja_cannot_bear_is_told(tmp_path: Path, odd: str) -> None:
    said = "has a number that is too long, or brackets that nest too deeply"
    assert said in complaint(tmp_path, FRONT, f"{{{{ {odd} }}}}{BODY}")
    path = tmp_path / "templates" / "mine.txt.j2"
    path.parent.mkdir()
    path.write_text(f"{{{{ {odd} }}}}", "utf-8")
    templates = Templates.of(tmp_path)
    with pytest.raises(TemplateError, match=rf"mine\.txt\.j2: {said}"):
        templates.digest("mine.txt")
    with pytest.raises(TemplateError, match=r"mine\.txt"):
        templates.render("mine.txt")


def test_a_prompt_without_measure_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prompts" / "mine" / "map.md"
    path.parent.mkdir(parents=True)
    path.write_text(f"---\n{FRONT}---\n{BODY}{{{{ 'x' * 10 ** 7 }}}}\n", "utf-8")
    prompt = prompt_sets.load(Workspace(tmp_path), "mine")["map"]
    with pytest.raises(PromptError, match=r"map\.md: makes a prompt of 10,000,001 characters"):
        prompt.render(transcript="a")
