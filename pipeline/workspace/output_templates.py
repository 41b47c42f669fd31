"""Templates: where they are, what each is made of, and what they are rendered to."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError, TemplateError
from pipeline.files import digest_bytes, digest_value, open_regular
from pipeline.stage_names import CohortStage, TalkStage
from pipeline.text import visible
from pipeline.workspace import template_language
from pipeline.workspace.plain_views import require_plain
from pipeline.workspace.template_language import SUFFIX, JinjaError, Page
from pipeline.workspace.template_process import render_apart

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEMPLATE_BYTES = 1_000_000  # of a template with all that it includes, imports or extends
_BUILT_IN = "builtin/"  # a template that overrides post.html.j2 may extend "builtin/post.html.j2"
_ARTIFACTS = frozenset(stage.artifact for stages in (TalkStage, CohortStage) for stage in stages)
_TEXT = "text.md"
_SETTINGS = frozenset({"takeaways.toml", "cohort.toml"})  # which are looked for in every folder


def beside(name: str) -> Path:
    """A folder of texts that come with the program: in a wheel, else in the repository."""
    package = Path(__file__).parents[1]
    return package / name if (package / name).is_dir() else package.parent / name


@dataclass
class _Closure:
    """A template with all that it includes, imports or extends, by name: the files, None if there is none."""

    files: dict[str, Path | None] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def is_built_in(self) -> bool:
        return all(path.is_relative_to(beside("templates")) for path in self.files.values() if path)


@dataclass(frozen=True)
class Templates:
    """The templates that a workspace has. A file in an earlier folder replaces its namesake in a later one.

    `NAME.EXT.j2` at the top of a folder makes the output `NAME.EXT`; a name that begins with `_` is a
    partial. Methods raise TemplateError with the file, and with the line where one is at error.
    """

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, root: Path) -> Templates:
        """Those of the workspace at `root`, and after them the built-in ones."""
        own, built_in = root / "templates", beside("templates")
        return cls((own, built_in) if own != built_in else (built_in,))

    def outputs(self) -> tuple[str, ...]:
        """The names of the files that can be made, sorted."""
        paths = {path.name.removesuffix(SUFFIX): path for path in self._files() if path.name[0] not in "_."}
        known: dict[str, str] = {}
        for name, path in paths.items():
            if what := _refusal(name, known):
                shown = path if visible(name) == name else visible(str(path))
                raise TemplateError(what, file=shown, remedy="Give it another name.")
            known[_folded(name)] = name
        return tuple(sorted(paths))

    def chosen(self, wanted: tuple[str, ...] | None) -> tuple[str, ...]:
        """The outputs that are wanted, None for all. Raises ConfigError for one that no template makes."""
        available = self.outputs()
        for name in wanted or ():
            if name not in available:
                raise ConfigError(
                    f"render.templates names '{name}', and there is no templates/{name}{SUFFIX}",
                    remedy=f"There are: {', '.join(available)}.",
                )
        return available if wanted is None else tuple(name for name in available if name in wanted)

    def digest(self, output: str) -> str:
        """SHA-256 over the template with all that it includes, imports or extends."""
        closure = self._closure(output + SUFFIX, self._partials)
        digests = {name: digest_bytes(text.encode()) for name, text in closure.texts.items()}
        return digest_value({name: digests.get(name) for name in closure.files})

    def render(self, output: str, **context: Any) -> str:
        """The text of an output. The same templates and context give the same text."""
        return self.render_all([(output, context)])[0]

    def render_all(self, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
        """The texts of outputs, each given its context, which has to be plain data: see View.

        What is not built in from end to end is rendered in a child process. Raises TypeError for a context.
        """
        for _, context in wanted:
            require_plain(context)
        pages = [Page(output + SUFFIX, context) for output, context in wanted]
        everything = cache(self._names)
        closures = [self._closure(page.template, everything) for page in pages]
        texts: dict[int, str] = {}
        for is_built_in, render in ((True, template_language.render_here), (False, render_apart)):
            numbers = [n for n, closure in enumerate(closures) if closure.is_built_in is is_built_in]
            if not numbers:
                continue
            sources = {name: text for n in numbers for name, text in closures[n].texts.items()}
            with self._explained():
                texts |= zip(numbers, render(sources, [pages[n] for n in numbers]), strict=True)
        return [texts[n] for n in range(len(pages))]

    def find(self, name: str) -> Path | None:
        """The file of a template by its name with `.j2`; None if the folders have none."""
        folders = (self.folders[-1],) if name.startswith(_BUILT_IN) else self.folders
        inside = PurePosixPath(name.removeprefix(_BUILT_IN))
        if inside.is_absolute() or ".." in inside.parts:
            return None
        with suppress(OSError):  # of a name that is too long
            return next((folder / inside for folder in folders if (folder / inside).is_file()), None)
        return None

    def _files(self) -> list[Path]:
        """The templates at the top of the folders; the last one of a name counts."""
        paths = (path for folder in reversed(self.folders) for path in sorted(folder.glob(f"*{SUFFIX}")))
        return [path for path in paths if path.is_file()]

    def _partials(self) -> list[str]:
        return [path.name for path in self._files() if path.name.startswith("_")]

    def _names(self) -> list[str]:
        """The names that a template may compute. Raises TemplateError for folders without end."""
        inside: list[Path] = []
        for folder in self.folders:
            try:
                inside += (path.relative_to(folder) for path in folder.rglob(f"*{SUFFIX}"))
            except RecursionError as error:
                raise TemplateError(
                    "has folders that nest too deeply", file=folder, remedy="Move them elsewhere."
                ) from error
        built_in = [f"{_BUILT_IN}{path.name}" for path in self.folders[-1].glob(f"*{SUFFIX}")]
        return [*dict.fromkeys(path.as_posix() for path in inside), *built_in]

    def _closure(self, template: str, computable: Callable[[], Sequence[str]]) -> _Closure:
        """`computable` looks up what a computed name may be, which takes long among many files."""
        closure, size = _Closure(), 0
        waiting = [template]
        while waiting:
            name = waiting.pop()
            if name in closure.files:
                continue
            path = closure.files[name] = self.find(name)
            if path is None:
                continue
            text = closure.texts[name] = _read(path, MAX_TEMPLATE_BYTES - size)
            size += len(text.encode())
            with self._explained():
                names = template_language.referenced(text, name)
            waiting += [reference for reference in names if reference is not None]
            if None in names:
                waiting += computable()
        return closure

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raises TemplateError for a JinjaError."""
        try:
            yield
        except JinjaError as error:
            available = sorted({path.name for path in self._files()})
            path, line = self.find(error.name) or error.name, error.line
            raise TemplateError(
                error.what,
                file=f"{path}:{line}" if line else path,
                remedy=error.remedy or f"There are: {', '.join(available)}.",
            ) from error


def render_text(text: str, values: Mapping[str, Any], is_built_in: bool) -> str:
    """A text that stands by itself and escapes nothing, with its variables put in.

    Raises JinjaError, and TypeError for values that are not plain.
    """
    require_plain(values)
    render = template_language.render_here if is_built_in else render_apart
    return render({_TEXT: text}, [Page(_TEXT, values)])[0]


def _refusal(name: str, others: Mapping[str, str]) -> str | None:
    """Why there can be no output of that name; `others` are names, each by its folded form."""
    folded = _folded(name)
    if visible(name) != name or not name.strip(" .") or "\\" in name:
        return "makes a file with a name that cannot be shown, or is none"
    if folded in _ARTIFACTS:
        return f"would overwrite the artifact {folded}"
    if folded in _SETTINGS:
        return f"would make a {folded}, which holds settings"
    if folded in others:
        return f"would overwrite {others[folded]} where upper and lower case are the same in file names"
    return None


def _folded(name: str) -> str:
    """The same for names that are the same in some file system."""
    return unicodedata.normalize("NFC", name.casefold())


def _read(path: Path, max_bytes: int) -> str:
    """The text of a template. Raises TemplateError."""
    try:
        with open_regular(path) as file:
            data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise TemplateError(
                f"is too large: with all that goes together there are over {MAX_TEMPLATE_BYTES:,} bytes",
                file=path,
                remedy="Make it smaller.",
            )
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"cannot be read ({error})", file=path, remedy="Save it as UTF-8 text that you may read."
        ) from error
