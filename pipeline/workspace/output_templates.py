"""Templates: where they are, what each is made of, and what they are rendered to."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pipeline import text
from pipeline.errors import ConfigError, TemplateError
from pipeline.files import digest_bytes, digest_value
from pipeline.stage_names import TalkStage

if TYPE_CHECKING:  # Jinja2 is imported only when a template is read: `--help` and `import` stay quick
    import jinja2

_SUFFIX = ".j2"
_BUILT_IN = "builtin/"  # a template that overrides post.html.j2 may extend "builtin/post.html.j2"
_ESCAPED_SUFFIXES = frozenset({"", ".html", ".htm", ".xhtml", ".xml", ".svg"})
_ARTIFACTS = frozenset(stage.artifact for stage in TalkStage)
_TOO_COMPLEX = "has a number that is too long, or brackets that nest too deeply"
_FILTERS = {
    "markdown": text.markdown,
    "markdown_url": text.markdown_url,
    "webvtt": text.webvtt,
    "webvtt_time": text.webvtt_time,
    "quoted": text.quoted,
    "clock": text.clock,
}


def beside(name: str) -> Path:
    """A folder of texts that come with the program: in a wheel, else in the repository."""
    package = Path(__file__).parents[1]
    return package / name if (package / name).is_dir() else package.parent / name


@dataclass(frozen=True)
class Templates:
    """The templates that a workspace has. A file in an earlier folder replaces its namesake in a later one.

    `NAME.EXT.j2` at the top of a folder makes the output `NAME.EXT`; a name that begins with `_` is a
    partial. Methods raise TemplateError with the file, and with the line where one is at fault.
    """

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, root: Path) -> Templates:
        """Those of the workspace at `root`, and after them the built-in ones."""
        own, built_in = root / "templates", beside("templates")
        return cls((own, built_in) if own != built_in else (built_in,))

    def outputs(self) -> tuple[str, ...]:
        """The names of the files that can be made, sorted."""
        paths = {path.name.removesuffix(_SUFFIX): path for path in self._files() if path.name[0] not in "_."}
        for name in _ARTIFACTS & paths.keys():
            raise TemplateError(
                f"would overwrite the artifact {name}", file=paths[name], remedy="Give it another name."
            )
        return tuple(sorted(paths))

    def chosen(self, wanted: tuple[str, ...] | None) -> tuple[str, ...]:
        """The outputs that are wanted, None for all. Raises ConfigError for one that no template makes."""
        available = self.outputs()
        for name in wanted or ():
            if name not in available:
                raise ConfigError(
                    f"render.templates names '{name}', and there is no templates/{name}{_SUFFIX}",
                    remedy=f"There are: {', '.join(available)}.",
                )
        return available if wanted is None else tuple(name for name in available if name in wanted)

    def digest(self, output: str) -> str:
        """SHA-256 over the template with all that it includes, imports or extends."""
        closure: dict[str, str | None] = {}
        waiting = [output + _SUFFIX]
        while waiting:
            name = waiting.pop()
            if name in closure:
                continue
            path = self.find(name)
            closure[name] = None
            if path is not None:
                source = _read(path)
                closure[name] = digest_bytes(source.encode())
                waiting += self._references(source, path)
        return digest_value(closure)

    def render(self, output: str, **context: Any) -> str:
        """The text of an output. The same templates and context give the same text."""
        import jinja2

        known = tuple(context)
        try:
            return self._environment.get_template(output + _SUFFIX).render(context)
        except jinja2.TemplateSyntaxError as error:
            raise _syntax_error(error, error.filename or output) from error
        except jinja2.UndefinedError as error:
            what, _, remedy = str(error).partition("\n")
            raise TemplateError(
                what, file=self._place(error, output), remedy=remedy or f"Known there: {', '.join(known)}."
            ) from error
        except jinja2.TemplateNotFound as error:
            available = sorted({path.name for path in self._files()})
            raise TemplateError(
                f"asks for the template '{error.name}', which is nowhere",
                file=self._place(error, output),
                remedy=f"There are: {', '.join(available)}.",
            ) from error
        except TemplateError:
            raise
        except Exception as error:  # a template is a small program of the user's, and may fail in any way
            raise TemplateError(
                f"failed with {type(error).__name__}: {error}",
                file=self._place(error, output),
                remedy="Correct that line.",
            ) from error

    def find(self, name: str) -> Path | None:
        """The file of a template by its name with `.j2`; None if the folders have none."""
        folders = (self.folders[-1],) if name.startswith(_BUILT_IN) else self.folders
        inside = PurePosixPath(name.removeprefix(_BUILT_IN))
        if inside.is_absolute() or ".." in inside.parts:
            return None
        return next((folder / inside for folder in folders if (folder / inside).is_file()), None)

    def _files(self) -> list[Path]:
        return [path for folder in reversed(self.folders) for path in sorted(folder.glob(f"*{_SUFFIX}"))]

    def _references(self, source: str, path: Path) -> list[str]:
        import jinja2

        try:
            names = _referenced(source)
        except jinja2.TemplateSyntaxError as error:
            raise _syntax_error(error, path) from error
        except (ValueError, RecursionError) as error:
            raise TemplateError(_TOO_COMPLEX, file=path, remedy="Write it more simply.") from error
        references = [name for name in names if name is not None]
        if None in names:  # a name that is computed may be that of any partial
            references += [file.name for file in self._files() if file.name.startswith("_")]
        return references

    @cached_property
    def _environment(self) -> jinja2.Environment:
        return _environment(self)

    def _place(self, error: Exception, output: str) -> str:
        """ "file:line" of the template line that was running when `error` arose."""
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.filename.endswith(_SUFFIX):
                return f"{frame.filename}:{frame.lineno}"
        return str(self.find(output + _SUFFIX) or output)


class TextError(Exception):
    """What is wrong in a text in Jinja2's language, and in which of its lines (from 1)."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what, self.line = what, line


def names_in(source: str) -> set[str]:
    """The variables that a text uses. Raises TextError."""
    import jinja2
    from jinja2 import meta

    try:
        return set(meta.find_undeclared_variables(jinja2.Environment().parse(source)))
    except jinja2.TemplateSyntaxError as error:
        raise TextError((error.message or "does not parse").rstrip("."), error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise TextError(_TOO_COMPLEX, 1) from error


def render_text(source: str, values: Mapping[str, Any]) -> str:
    """A text that stands by itself, with its variables put in. Raises TextError."""
    import jinja2

    try:
        environment = _environment(Templates(()))
        environment.autoescape = False
        return environment.from_string(source).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise TextError((error.message or "does not parse").rstrip("."), error.lineno) from error
    except Exception as error:  # a text is a small program of the user's, and may fail in any way
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == "<template>"), 1)
        raise TextError(str(error).partition("\n")[0], line or 1) from error


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"cannot be read ({error})", file=path, remedy="Save it as UTF-8 text that you may read."
        ) from error


def _syntax_error(error: jinja2.TemplateSyntaxError, file: Path | str) -> TemplateError:
    return TemplateError(
        (error.message or "is not a valid template").rstrip("."),
        file=f"{file}:{error.lineno}",
        remedy="Correct that line (the language is Jinja2).",
    )


def _escapes(name: str | None) -> bool:
    """Whether values are escaped: in markup, and in a partial whose name does not say what it is for."""
    return PurePosixPath((name or "").removesuffix(_SUFFIX)).suffix.lower() in _ESCAPED_SUFFIXES


def _environment(templates: Templates) -> jinja2.Environment:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Undefined(jinja2.StrictUndefined):
        @property
        def _undefined_message(self) -> str:
            if self._undefined_hint:
                return str(self._undefined_hint)
            return _unknown(str(self._undefined_name), self._undefined_obj, jinja2.utils.missing)

    def load(name: str) -> tuple[str, str, None] | None:
        path = templates.find(name)
        return (_read(path), str(path), None) if path else None

    environment = ImmutableSandboxedEnvironment(  # a template that was downloaded is text, not a program
        loader=jinja2.FunctionLoader(load),
        undefined=Undefined,
        autoescape=_escapes,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    return environment


def _unknown(name: str, owner: object, missing: object) -> str:
    """What is wrong with a name; of an owner's, on a second line, the names that it has."""
    if owner is missing:
        return f"unknown name '{name}'"
    kind = type(owner).__name__.removesuffix("View")
    if is_dataclass(owner):
        known = [name for name in dir(owner) if not name.startswith("_")]
    else:
        known = [str(key) for key in owner] if isinstance(owner, dict) else []
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"Did you mean '{near[0]}'? " if near else ""
    return f"a {kind} has no '{name}'\n{meant}Known there: {', '.join(known) or 'nothing'}."


@lru_cache(maxsize=256)
def _referenced(source: str) -> tuple[str | None, ...]:
    """The templates that one refers to, None for a computed name.

    Raises TemplateSyntaxError, ValueError or RecursionError.
    """
    from jinja2 import Environment, meta

    syntax = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
    return tuple(meta.find_referenced_templates(syntax.parse(source)))
