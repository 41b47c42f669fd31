"""Jinja2 as templates and prompts use it: sandboxed, strict about names, and exact about lines at fault."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from functools import lru_cache
from itertools import islice
from pathlib import PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pipeline import text

if TYPE_CHECKING:  # Jinja2 is imported only when a template is read: `--help` and `import` stay quick
    import jinja2

SUFFIX = ".j2"
MAX_OUTPUT_CHARACTERS = 50_000_000  # of all pages of a talk; a page on twenty hours has some three million
DO_LESS = "Have that line do less."
_CHUNK_PIECES = 1000
_MAX_MESSAGE_CHARACTERS = 1000
_MAX_SIMILAR_CHARACTERS = 100  # of a name that others are compared with
_ESCAPED_SUFFIXES = frozenset({"", ".html", ".htm", ".xhtml", ".xml", ".svg"})
_TOO_COMPLEX = "has a number that is too long, or brackets that nest too deeply"
_FILTERS = {
    "markdown": text.markdown,
    "markdown_url": text.markdown_url,
    "webvtt": text.webvtt,
    "webvtt_time": text.webvtt_time,
    "quoted": text.quoted,
    "clock": text.clock,
}


class JinjaError(Exception):
    """What is wrong with a template, what to do, the template's name, and the line from 1.

    "" stands for what is not known, and None for no line.
    """

    def __init__(self, what: str, remedy: str = "", name: str = "", line: int | None = None) -> None:
        what, remedy = (text.visible(part[:_MAX_MESSAGE_CHARACTERS]) for part in (what, remedy))
        super().__init__(what, remedy, name, line)
        self.what, self.remedy, self.name, self.line = what, remedy, name, line


def too_slow(max_seconds: float, name: str = "", line: int | None = None) -> JinjaError:
    return JinjaError(f"takes more than {max_seconds:g} seconds", DO_LESS, name, line)


@dataclass(frozen=True)
class Page:
    """What is to be rendered: a template by its name, and what it is given."""

    template: str
    context: Mapping[str, Any]


class Renderer:
    """Renders templates. `sources` are their texts by name."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources, self._environment = sources, _environment(sources)
        self._room = MAX_OUTPUT_CHARACTERS

    def render(self, page: Page) -> str:
        """The text of a page. Raises JinjaError, and MemoryError, which is the machine's fault."""
        try:
            return self.text(page)
        except MemoryError:
            raise
        except Exception as error:  # a template is a small program of the user's, and may fail in any way
            raise self.explained(error, page) from error

    def text(self, page: Page) -> str:
        """The text of a page. The same templates and context give the same text. Raises anything."""
        template = self._environment.get_template(page.template)
        stream: Any = template.root_render_func(template.new_context(dict(page.context)))
        pieces = []
        try:
            while chunk := list(islice(stream, _CHUNK_PIECES)):
                self._room -= sum(map(len, chunk))
                if self._room < 0:
                    raise JinjaError(f"makes more than {MAX_OUTPUT_CHARACTERS:,} characters", DO_LESS)
                pieces.append("".join(chunk))
        except JinjaError as error:
            stream.throw(error)  # if it arose here, the template's line gets into its traceback
        return "".join(pieces)

    def explained(self, error: Exception, page: Page) -> JinjaError:
        """What an error that came out of a page means."""
        import jinja2

        if isinstance(error, jinja2.TemplateSyntaxError):
            return _syntax_error(error, error.filename or page.template)
        name, line = self._place(error.__traceback__, page)
        if isinstance(error, JinjaError):
            return JinjaError(error.what, error.remedy, name, line)
        if isinstance(error, jinja2.UndefinedError):
            what, _, remedy = str(error).partition("\n")
            return JinjaError(
                what, remedy or f"Known there: {', '.join(page.context) or 'nothing'}.", name, line
            )
        if isinstance(error, jinja2.TemplateNotFound):
            return JinjaError(f"asks for the template '{error.name}', which is nowhere", "", name, line)
        if isinstance(error, MemoryError):
            return JinjaError("takes more memory than a template may", DO_LESS, name, line)
        said = f": {error}".rstrip(": .")
        return JinjaError(f"failed with {type(error).__name__}{said}", "Correct that line.", name, line)

    def line(self, name: str, compiled_line: int) -> int:
        """The line of a template from that of the Python code that it was compiled to."""
        return self._environment.get_template(name).get_corresponding_lineno(compiled_line)

    def _place(self, trace: TracebackType | None, page: Page) -> tuple[str, int | None]:
        """The template and the line that was running."""
        places = []
        while trace is not None:
            places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
            trace = trace.tb_next
        name, line = next((place for place in reversed(places) if place[0] in self.sources), ("", 0))
        return (name, self.line(name, line)) if name else (page.template, None)


def render_here(sources: Mapping[str, str], pages: Sequence[Page]) -> list[str]:
    """The texts of the pages, in order; `sources` are templates by name. Raises JinjaError."""
    renderer = Renderer(sources)
    return [renderer.render(page) for page in pages]


def referenced(source: str, name: str) -> tuple[str | None, ...]:
    """The templates that one refers to, None for a computed name. Raises JinjaError."""
    import jinja2

    try:
        return _referenced(source)
    except jinja2.TemplateSyntaxError as error:
        raise _syntax_error(error, name) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise JinjaError(_TOO_COMPLEX, "Write it more simply.", name) from error


def names_in(source: str) -> set[str]:
    """The variables that a text uses. Raises JinjaError."""
    import jinja2
    from jinja2 import meta

    environment = _environment({})
    tracker = _code_generator(meta.TrackingCodeGenerator)(environment)
    try:
        tracker.visit(environment.parse(source))
        return set(tracker.undeclared_identifiers)
    except jinja2.TemplateSyntaxError as error:
        raise _syntax_error(error, "") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise JinjaError(_TOO_COMPLEX, line=1) from error


def _syntax_error(error: jinja2.TemplateSyntaxError, name: str) -> JinjaError:
    what = (error.message or "is not a valid template").rstrip(".")
    return JinjaError(what, "Correct that line (the language is Jinja2).", name, error.lineno)


@lru_cache(maxsize=64)
def _referenced(source: str) -> tuple[str | None, ...]:
    from jinja2 import Environment, meta

    syntax = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
    return tuple(meta.find_referenced_templates(syntax.parse(source)))


def _escapes(name: str | None) -> bool:
    """Whether values are escaped: in markup, and in a partial whose name does not say what it is for."""
    return PurePosixPath((name or "").removesuffix(SUFFIX)).suffix.lower() in _ESCAPED_SUFFIXES


def _environment(sources: Mapping[str, str]) -> jinja2.Environment:
    import jinja2
    from jinja2.compiler import CodeGenerator
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Undefined(jinja2.StrictUndefined):
        @property
        def _undefined_message(self) -> str:
            if self._undefined_hint:
                return str(self._undefined_hint)
            return _unknown(str(self._undefined_name), self._undefined_obj, jinja2.utils.missing)

    class Sandbox(ImmutableSandboxedEnvironment):  # a template that was downloaded is text, not a program
        code_generator_class = _code_generator(CodeGenerator)

    def load(name: str) -> tuple[str, str, None] | None:
        key = name if name in sources else str(PurePosixPath(name))
        return (sources[key], key, None) if key in sources else None

    environment = Sandbox(
        loader=jinja2.FunctionLoader(load),
        undefined=Undefined,
        autoescape=_escapes,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    del environment.globals["lipsum"], environment.filters["random"]  # which give another text every time
    return environment


def _code_generator(base: type) -> type[Any]:
    """A code generator that computes nothing: {{ 9 ** 9 ** 9 }} would take its time when it is compiled."""
    from jinja2 import nodes

    class WithoutFolding(base):  # type: ignore[misc]
        optimizer = property(lambda self: None, lambda self, value: None)

        def _output_child_to_const(self, node: nodes.Expr, frame: Any, finalize: Any) -> str:
            if not isinstance(node, nodes.Const | nodes.TemplateData):
                raise nodes.Impossible
            return str(super()._output_child_to_const(node, frame, finalize))

        def visit_EvalContextModifier(self, node: Any, frame: Any) -> None:  # noqa: N802
            if all(isinstance(keyword.value, nodes.Const) for keyword in node.options):
                super().visit_EvalContextModifier(node, frame)
                return
            for keyword in node.options:
                self.writeline(f"context.eval_ctx.{keyword.key} = ", node)
                self.visit(keyword.value, frame)
            frame.eval_ctx.volatile = True

    return WithoutFolding


def _unknown(name: str, owner: object, missing: object) -> str:
    """What is wrong with a name; of an owner's, on a second line, the names that it has."""
    if owner is missing:
        return f"unknown name '{name}'"
    kind = type(owner).__name__.removesuffix("View")
    if is_dataclass(owner):
        known = [name for name in dir(owner) if not name.startswith("_")]
    else:
        known = [str(key) for key in owner] if isinstance(owner, dict) else []
    near = difflib.get_close_matches(name[:_MAX_SIMILAR_CHARACTERS], known, n=1)
    meant = f"Did you mean '{near[0]}'? " if near else ""
    return f"a {kind} has no '{name}'\n{meant}Known there: {', '.join(known) or 'nothing'}."
