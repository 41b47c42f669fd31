"""Prompt sets: a folder of Markdown files, one for each prompt; front matter declares its variables.

A workspace's own prompts/ goes first, file by file; a set that lacks a file has that of `recap`. A post is
written in one call, by whole.md, unless the set has files of its own for the steps and no whole.md.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator

from pipeline.errors import PromptError
from pipeline.files import digest_value, read_text
from pipeline.records import Record
from pipeline.workspace import output_templates, template_language, validation
from pipeline.workspace.talks import Workspace
from pipeline.workspace.template_language import JinjaError

DEFAULT = "recap"
MAX_FRONT_CHARACTERS = 20_000
MAX_PROMPT_CHARACTERS = 10_000_000  # with what is put in; a window of a million tokens holds half of them
_FRONT = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*\n(.*)", re.DOTALL)
_FACTS = (
    "language", "audience", "tone", "length", "occasion", "glossary", "notes", "links", "speakers", "people",
    "known", "style",
)  # fmt: skip
_DRAFTING = ("map", "choose", "write", "heading", "frame")  # the steps in whose place `whole` does it all

# What each step gives a prompt besides _FACTS; the first is what it cannot do without.
STEPS: Mapping[str, tuple[str, ...]] = {
    "whole": ("transcript", "fewest", "most", "quotes", "words"),
    "map": ("transcript", "most"),
    "choose": ("points", "fewest", "most"),
    "write": ("transcript", "points", "theme", "paragraphs", "sentences", "quotes", "outline", "before"),
    "heading": ("text", "theme", "others"),
    "frame": ("themes",),
    "judge": ("sentences", "transcript"),
}

Bound = Annotated[int, Field(ge=1, le=12)]


class FrontMatter(Record):
    """Front matter. Besides what it declares, a prompt may bound what its step asks for."""

    description: Annotated[str, Field(min_length=1)]
    variables: tuple[str, ...]
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    themes: tuple[Bound, Bound] | None = None
    paragraphs: Annotated[int | None, Field(ge=1, le=6)] = None
    sentences: Annotated[int | None, Field(ge=1, le=8)] = None
    quotes: Annotated[int | None, Field(ge=0, le=6)] = None

    @field_validator("themes")
    @classmethod
    def _fewest_come_first(cls, themes: tuple[int, int] | None) -> tuple[int, int] | None:
        if themes and themes[0] > themes[1]:
            raise ValueError(f"the fewest, {themes[0]}, are more than the most, {themes[1]}")
        return themes


@dataclass(frozen=True)
class Prompt:
    """One prompt: its front matter, and a Jinja2 text."""

    path: Path
    front: FrontMatter
    body: str

    def render(self, **values: Any) -> str:
        """The text for a model; `values` has all that the step gives. Raises PromptError."""
        declared = {name: values[name] for name in self.front.variables}
        try:
            is_built_in = self.path.is_relative_to(_packaged())
            text = output_templates.render_text(self.body, declared, is_built_in).strip()
        except JinjaError as error:
            declare = f"Declare it in `variables`, or correct it. Declared: {', '.join(declared)}."
            raise PromptError(
                error.what, file=f"{self.path}:{_line(self.path, self.body) + (error.line or 1) - 1}",
                remedy=error.remedy if error.remedy == template_language.DO_LESS else declare,
            ) from error  # fmt: skip
        if len(text) > MAX_PROMPT_CHARACTERS:
            what = f"makes a prompt of {len(text):,} characters, of at most {MAX_PROMPT_CHARACTERS:,}"
            raise PromptError(what, file=self.path, remedy="Make it shorter.")
        return text


@dataclass(frozen=True)
class PromptSet:
    """The prompts of a set by step, each found and read. `digest` changes when any of them does.

    `why_by_steps` says, in words for the user, why a set has no whole.md to write by; "" where it has one.
    """

    name: str
    prompts: Mapping[str, Prompt]
    digest: str
    why_by_steps: str = ""

    def __getitem__(self, step: str) -> Prompt:
        return self.prompts[step]

    @property
    def whole(self) -> Prompt | None:
        """The prompt that asks for the whole post in one call; None if it is to be written step by step."""
        return self.prompts.get("whole")


def load(workspace: Workspace, name: str = DEFAULT) -> PromptSet:
    """A set, read and checked. Raises PromptError: no such set, or a file that does not fit its step."""
    folders = _folders(workspace)
    if not re.fullmatch(r"[\w-]+", name):
        raise PromptError(
            f"'{name}' cannot be the name of a prompt set",
            file=workspace.root / "prompts",
            remedy="A name has letters, digits, - and _.",
        )
    if not any((folder / name).is_dir() for folder in folders):
        near = difflib.get_close_matches(name, sets(workspace), n=1)
        raise PromptError(
            f"there is no prompt set '{name}'",
            file=workspace.root / "prompts" / name,
            remedy=f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(sets(workspace))}.",
        )
    _refuse_unknown_files(folders, name)
    found = {step: _find(_places(folders, name, step)) for step in STEPS}
    why_by_steps = _why_by_steps(folders, name, found)
    if why_by_steps:
        del found["whole"]
    prompts = {step: _read(step, path) for step, path in found.items()}
    contents = {step: [prompt.front.model_dump(mode="json"), prompt.body] for step, prompt in prompts.items()}
    return PromptSet(name, prompts, digest_value(contents), why_by_steps)


def sets(workspace: Workspace) -> list[str]:
    """The names of the sets there are, sorted."""
    return sorted(
        {path.name for folder in _folders(workspace) if folder.is_dir() for path in folder.iterdir()
         if path.is_dir() and path.name[0] not in "._" and any(path.glob("*.md"))}
    )  # fmt: skip


def _folders(workspace: Workspace) -> tuple[Path, ...]:
    own, packaged = workspace.root / "prompts", _packaged()
    return (own, packaged) if own != packaged else (packaged,)


def _packaged() -> Path:
    return output_templates.beside("prompts")


def _places(folders: tuple[Path, ...], name: str, step: str) -> list[Path]:
    """Where a step's file may be, the place that goes first in front."""
    return [folder / which / f"{step}.md" for which in (name, DEFAULT) for folder in folders]


def _find(places: list[Path]) -> Path:
    for path in places:
        if path.is_file():
            return path
    raise PromptError("is nowhere", file=places[0], remedy="Install takeaways again, or write that file.")


def _why_by_steps(folders: tuple[Path, ...], name: str, found: Mapping[str, Path]) -> str:
    """Why whole.md is passed over: files of the steps go before it; "" if none does.

    Whoever wrote those wants them used, and whole.md would use none of them.
    """
    order = [place.parent for place in _places(folders, name, "whole")]
    before = order[: order.index(found["whole"].parent)]
    nearer = [found[step] for step in _DRAFTING if found[step].parent in before]
    if not nearer:
        return ""
    listed = " and ".join(filter(None, [", ".join(path.name for path in nearer[:-1]), nearer[-1].name]))
    return (
        f"prompt set '{name}' has {listed} of its own and no whole.md, so the post is written step by step. "
        f"To have it written in one call, put a whole.md beside {'them' if nearer[1:] else 'it'}."
    )


def _refuse_unknown_files(folders: tuple[Path, ...], name: str) -> None:
    """A misspelt file name would silently change nothing."""
    for folder in folders:
        for path in sorted((folder / name).glob("*.md")):
            if path.stem not in STEPS and path.stem.lower() != "readme":
                near = difflib.get_close_matches(path.stem, STEPS, n=1)
                meant = f"Did you mean {near[0]}.md? " if near else ""
                raise PromptError(
                    "is not a prompt of any step", file=path,
                    remedy=f"{meant}Steps: {', '.join(f'{step}.md' for step in STEPS)}.",
                )  # fmt: skip


def _read(step: str, path: Path) -> Prompt:
    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"cannot be read ({error})", file=path, remedy="Save it as UTF-8 text.") from error
    match = _FRONT.match(text)
    if not match:
        raise PromptError(
            "has no front matter", file=path,
            remedy="Begin it with ---, description: and variables: lines, and --- again.",
        )  # fmt: skip
    prompt = Prompt(path, _front(path, match[1]), match[2])
    _check_variables(step, prompt)
    return prompt


def _front(path: Path, text: str) -> FrontMatter:
    import yaml

    if len(text) > MAX_FRONT_CHARACTERS:
        what = f"front matter has {len(text):,} characters, of at most {MAX_FRONT_CHARACTERS:,}"
        raise PromptError(what, file=path, remedy="Put the prompt's text below the second ---.")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise ValueError("*name stands for what is elsewhere, and a few make a list of millions")
        content = yaml.safe_load(text)
    except Exception as error:  # PyYAML raises errors of other kinds for odd dates, numbers and tags
        raise PromptError(f"front matter is not YAML ({error})", file=path, remedy="Mend it.") from error
    try:
        return FrontMatter.model_validate(content)
    except ValidationError as error:
        fault = validation.first_of(error, FrontMatter)
        raise PromptError(f"front matter: {fault.what}", file=path, remedy=fault.remedy) from error


def _check_variables(step: str, prompt: Prompt) -> None:
    """Raises PromptError unless what is declared is given, what is used is declared, the first among it."""
    given, declared = (*STEPS[step], *_FACTS), prompt.front.variables
    try:
        used = template_language.names_in(prompt.body)
    except JinjaError as error:
        line = _line(prompt.path, prompt.body) + (error.line or 1) - 1
        raise PromptError(
            error.what, file=f"{prompt.path}:{line}", remedy="The language is Jinja2."
        ) from error
    for name in declared:
        if name not in given:
            near = difflib.get_close_matches(name, given, n=1)
            meant = f"Did you mean '{near[0]}'? " if near else ""
            raise PromptError(
                f"declares '{name}', which the step {step} does not give", file=prompt.path,
                remedy=f"{meant}It gives: {', '.join(given)}.",
            )  # fmt: skip
    if undeclared := sorted(used - set(declared)):
        raise PromptError(
            f"uses {', '.join(undeclared)} without declaring it", file=prompt.path,
            remedy=f"Add it to `variables`, which has: {', '.join(declared)}.",
        )  # fmt: skip
    if STEPS[step][0] not in used:
        raise PromptError(
            f"does not use {{{{ {STEPS[step][0]} }}}}", file=prompt.path,
            remedy="Without it the model is not shown what it is to work on.",
        )  # fmt: skip


def _line(path: Path, body: str) -> int:
    """The line of the file on which the body begins."""
    text = read_text(path)
    return text[: len(text) - len(body)].count("\n") + 1
