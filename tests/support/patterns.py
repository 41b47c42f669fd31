"""Every regular expression of the program, and the methods it is used with.

Patterns at the top of a module are read off the imported module, those inside functions off the source.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import types
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.house import modules

# Where a function of re takes the flags; and its methods: those that go on behind a match cost alike.
_FLAGS_AT = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2, "finditer": 2, "findall": 2, "split": 3}
_FLAGS_AT |= {"sub": 4, "subn": 4}
_METHODS = {"match": "match", "fullmatch": "fullmatch", "search": "search"}
_METHODS |= dict.fromkeys(("finditer", "findall", "split", "sub", "subn"), "finditer")
_HARDEST = "finditer"  # from every place, and again behind what was found


@dataclass(frozen=True)
class Use:
    """A pattern as `method` of it is called; `where` is its file, and its name or its line there."""

    where: str
    pattern: re.Pattern[str]
    method: str

    def __str__(self) -> str:
        return f"{self.where}: {self.method} of {self.pattern.pattern!r:.200}"


def uses(root: Path) -> list[Use]:
    """Each use of each pattern below pipeline/, once."""
    paths = modules(root)
    trees = {module: ast.parse(path.read_text("utf-8")) for module, path in paths.items()}
    methods = _methods_by_name(trees)
    found: dict[tuple[re.Pattern[str], str], Use] = {}
    for module, path in paths.items():
        namespace = vars(importlib.import_module(module))
        file = str(path.relative_to(root))
        for name, value in namespace.items():
            called = methods[_key(module, name)] if isinstance(value, re.Pattern) else {_HARDEST}
            for pattern, bound in _patterns_in(value):
                for method in (bound,) if bound else called:
                    found.setdefault((pattern, method), Use(f"{file}, {name}", pattern, method))
        for line, pattern, method in _inside_functions(trees[module], namespace):
            found.setdefault((pattern, method), Use(f"{file}:{line}", pattern, method))
    return list(found.values())


def _key(module: str, name: str) -> tuple[str, str]:
    """What tells a name from others. One without an underscore may be imported elsewhere."""
    return (module if name.startswith("_") else "", name)


def _methods_by_name(trees: Mapping[str, ast.Module]) -> Mapping[tuple[str, str], set[str]]:
    """The methods that are called on what has a name; the hardest where it is handed on."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for module, tree in trees.items():
        attributes = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                name = node.id if isinstance(node, ast.Name) else node.attr
                method = _METHODS.get(attributes.get(id(node), _HARDEST))
                found[_key(module, name)] |= {method} if method else set()
    return found


def _patterns_in(value: object) -> Iterator[tuple[re.Pattern[str], str | None]]:
    """A value that is a pattern of text, or one of its methods, and those that it holds."""
    pattern, method = value, None
    if isinstance(value, types.BuiltinMethodType):
        pattern, method = value.__self__, _METHODS.get(value.__name__)
    if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
        yield pattern, method
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from _patterns_in(part)


def _inside_functions(
    tree: ast.Module, namespace: Mapping[str, object]
) -> Iterator[tuple[int, re.Pattern[str], str]]:
    """(line, pattern, method) of each call of a function of re; made-up words where only a run would tell."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = _Names(function, namespace)
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and (method := _function_of_re(call)):
                    flags = [*call.args[_FLAGS_AT[method] :][:1]]
                    flags += [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
                    pattern, *values = (names.value(node) for node in (call.args[0], *flags))
                    known = sum(value for value in values if isinstance(value, int))
                    yield call.lineno, re.compile(str(pattern), known), _METHODS.get(method, _HARDEST)


def _function_of_re(call: ast.Call) -> str | None:
    match call.func:
        case ast.Attribute(value=ast.Name(id="re"), attr=method) if method in _FLAGS_AT:
            return method
    return None


class _Anything(str):
    """Stands for what is handed in: a name, the attribute of something, what a method returns."""

    def __getattr__(self, name: str) -> _Anything:
        return self

    def __call__(self, *args: object, **kwargs: object) -> _Anything:
        return self


class _Names(dict[str, Any]):
    """The names that code in a function sees: its own are worked out from where they were last assigned."""

    def __init__(self, function: ast.FunctionDef, namespace: Mapping[str, object]) -> None:
        self._namespace = {**vars(builtins), **namespace}
        self._assigned = {
            node.targets[0].id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
        self._handed_in = {argument.arg for argument in arguments}

    def __missing__(self, name: str) -> object:
        if name in self._handed_in or name not in self._namespace | self._assigned:
            return _Anything("Ann")
        if name not in self._assigned:
            return self._namespace[name]
        return self.value(self._assigned.pop(name))  # while it is worked out, it is not assigned

    def value(self, node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), "<expression>", "eval"), self)  # our own source
