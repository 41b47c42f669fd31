"""A sample of the author's writing, `style = "old-post.md"`: a text from which a writer takes the manner.

It is beside the file that names it, or in the workspace's root. Nothing outside the workspace is read, nor
what is no ordinary text: whoever wrote the settings may not be whose computer this is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError
from pipeline.files import FileMemory, digest_value, read_whole
from pipeline.workspace import front_matter_block
from pipeline.workspace.talks import Subject

MAX_CHARACTERS = 4_000  # that a prompt is shown: some 650 words, in which a manner shows
MAX_BYTES = 1 << 20
SUFFIXES = (".md", ".markdown", ".txt")
_TOPIC = "style 1"  # another number when it is read in another way: what is remembered is of no use then
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_DEFINITION = re.compile(r" {0,3}\[[^\[\]]++\]:")  # "[1]: https://…", where a link of that name leads
_COMMENT = re.compile(r"<!--(?:[^-]++|-(?!->))*+(?:-->)?")
_TAG = re.compile(r"<[^<>]*+>")  # with the address in it, an automatic link as well
_TARGET = r"(?:\((?:[^()]++|\([^()]*+\))*+\)|\[[^\[\]]*+\])"
_PICTURE = re.compile(rf"!\[[^\[\]]*+\]{_TARGET}")
_LINK = re.compile(rf"\[([^\[\]]*+)\]{_TARGET}")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s<>()]++")


@dataclass(frozen=True)
class StyleSample:
    """What a writer is shown of a text; `part` says in words how much of which file that is."""

    text: str
    part: str
    digest: str


def of(subject: Subject) -> StyleSample | None:
    """The sample that a talk's or a cohort's facts or settings name, None if they name none.

    Raises ConfigError: it is missing, outside the workspace, empty, too large or no text.
    """
    settings, root = subject.settings.extract, subject.workspace.root
    if name := subject.facts.style:
        file = subject.style_file
    elif name := settings.style:
        file = settings.origin("style")
    else:
        return None
    return _read(name, file.parent if file else root, file or "--set", root, subject.memory)


def files_named(tables: Mapping[str, Any], folder: Path, root: Path) -> Iterator[Path]:
    """The samples that a TOML file in `folder` names, as it calls them and with links followed."""
    settings = tables.get("extract")
    named = (tables.get("style"), settings.get("style") if isinstance(settings, dict) else None)
    for name in (name for name in named if isinstance(name, str)):
        paths = _paths(name, folder, root)[:1]
        if paths and paths[0].suffix.lower() in SUFFIXES:
            yield from (paths[0], *(Path(os.path.normpath(place / name)) for place in (folder, root)))


def _paths(name: str, folder: Path, root: Path) -> list[Path]:
    """The files called `name` beside the file that says so and in the root, links followed."""
    return [path for place in (folder, root) if (path := _resolved(place / name))]


def _read(name: str, folder: Path, file: Path | str, root: Path, memory: FileMemory) -> StyleSample:
    """The sample called `name` in `folder`, else in `root`. `file` is where that is said, for errors."""
    paths = _paths(name, folder, root)
    if not paths:
        what = f"style = '{name}' is not a file beside it or in {root}"
        raise ConfigError(what, file=file, remedy="Correct the name, or remove the line to do without.")
    fault, remedy = "", ""
    if not paths[0].is_relative_to(root.resolve()):
        fault, remedy = "leads out of the workspace", "Copy that file into the workspace."
    elif paths[0].suffix.lower() not in SUFFIXES or paths[0].name.startswith("."):
        fault, remedy = "is not a text's name", f"Name a file that ends in {' or '.join(SUFFIXES)}."
    else:
        try:
            return _remembered(paths[0], memory)
        except UnicodeDecodeError:
            fault, remedy = "is not text in UTF-8", "Save it as UTF-8."
        except OSError as error:
            fault, remedy = f"cannot be read ({error.strerror or error})", "Name a post of ordinary length."
        except ValueError as error:
            fault, remedy = str(error), "Name a post that its author wrote."
    raise ConfigError(f"style = '{name}' {fault}", file=file, remedy=remedy)


def _remembered(path: Path, memory: FileMemory) -> StyleSample:
    """The sample in a file, which is read again once it changed. Raises OSError, ValueError."""
    known = memory.recall(path, _TOPIC)
    if isinstance(known, dict):
        return StyleSample(**known)
    data, source = read_whole(path, MAX_BYTES)
    sample = _sample(path.name, data.decode("utf-8-sig"))
    if source:
        memory.remember(path, asdict(sample), source, _TOPIC)
    return sample


def _resolved(path: Path) -> Path | None:
    """The file at a path, links followed; None if there is none."""
    try:
        return path.resolve(strict=True) if path.is_file() else None
    except (OSError, ValueError, RuntimeError):  # too long for a name, a NUL in it, a ring of links
        return None


def _sample(name: str, text: str) -> StyleSample:
    """What a writer is shown of a text. Raises ValueError if it has no prose."""
    paragraphs = [] if "\0" in text else list(_paragraphs(text))
    if not paragraphs:
        raise ValueError("has no prose in it")
    shown = _first(paragraphs)
    whole = "\n\n".join(shown)
    shown_words, words = len(whole.split()), len(" ".join(paragraphs).split())
    part = "all of it" if shown_words >= words else f"its first {shown_words:,} of {words:,} words"
    return StyleSample(whole, f"{name}, {part}", digest_value(whole))


def _paragraphs(text: str) -> Iterator[str]:
    """The prose of a Markdown text, without front matter, code, pictures and where links lead."""
    lines = text.splitlines()[front_matter_block.split(text).lines :]
    is_code, prose = False, []
    for line in lines:
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code and not _DEFINITION.match(line):
            prose.append(line.strip())
    bare = _PICTURE.sub("", _TAG.sub("", _COMMENT.sub("", "\n".join(prose))))
    bare = _ADDRESS.sub("", _LINK.sub(r"\1", bare))
    for paragraph in re.split(r"\n(?:[ \t]*+\n)++", bare):
        if any(map(str.isalpha, paragraph)):
            yield " ".join(paragraph.split())


def _first(paragraphs: list[str]) -> list[str]:
    """As many whole paragraphs as there is room for; of a first one that is too long, its beginning."""
    shown: list[str] = []
    room = MAX_CHARACTERS + 2  # a blank line parts two paragraphs
    for paragraph in paragraphs:
        room -= len(paragraph) + 2
        if room < 0:
            break
        shown.append(paragraph)
    return shown or [paragraphs[0][:MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"]
