"""The rules of the house, read off the imports: lazy ones, and those for types alone, count as any other."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Who may know whom: a folder, or a file at the top, imports from lower floors and from its own place.
FLOORS = (
    ("records", "errors", "files", "digests", "text", "word_lists", "stage_names", "reporting"),
    ("weights", "workspace"),
    ("engines",),
    ("transcripts",),
    ("turns",),
    ("takeaways",),
    ("post",),
    ("running",),
    ("stages",),
    ("cohort", "cluster", "compare", "review", "doctor"),
    ("cli",),
)
# Neighbours on one floor that may know each other, in one direction.
NEIGHBOURS = {
    **{(file, other): "the top is one place" for file in FLOORS[0] for other in FLOORS[0]},
    ("compare", "review"): "posts are compared over the speakers that review shows",
}
# Where a package from elsewhere may be imported. NumPy and SciPy may be wherever numbers are.
ENGINES = (
    *("av", "ctranslate2", "faster_whisper", "genai_prices", "kaldi_native_fbank", "onnxruntime", "openai"),
    *("pydub", "spacy", "tiktoken", "tokenizers", "torch", "whisper", "xllamacpp", "yt_dlp"),
)
THIRD_PARTY: Mapping[str, frozenset[str]] = {
    **{package: frozenset({"engines"}) for package in ENGINES},
    "charset_normalizer": frozenset({"transcripts"}),
    "click": frozenset({"cli"}),
    "distributed": frozenset({"cluster"}),
    "docx": frozenset({"transcripts", "export"}),
    "filelock": frozenset({"running", "weights"}),
    "huggingface_hub": frozenset({"weights"}),
    "jinja2": frozenset({"workspace"}),
    "py3langid": frozenset({"text"}),
    "rich": frozenset({"cli"}),
    "sentencex": frozenset({"transcripts"}),
    "starlette": frozenset({"review"}),
    "tomlkit": frozenset({"workspace"}),
    "yaml": frozenset({"workspace"}),
}
ANYWHERE = frozenset({"numpy", "scipy", "pydantic"})
# Names that files in several folders may have.
SHARED_NAMES = {"__init__": "every package has one", "writer": "each kind of takeaways has its writer"}
MOST_AT_TOP, MOST_MODULES, DEEPEST = 8, 190, 2


@dataclass(frozen=True)
class Import:
    """`line` of the file of module `by` imports `module`, or `name` from it."""

    by: str
    path: Path
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


def modules(root: Path, package: str = "pipeline") -> dict[str, Path]:
    """Module name to file, of a package below `root`."""
    found = {}
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(there: Mapping[str, Path], root: Path) -> Iterator[Import]:
    """Every import in these modules, wherever it stands; a module that a string names is imported by it."""
    for name, path in there.items():
        tree = ast.parse(path.read_text("utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                targets = [one for one in re.findall(r"\bpipeline(?:\.\w+)+", node.value) if one in there]
            elif isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}:{node.lineno}: write the whole name, not a relative one"
                full = [f"{node.module}.{alias.name}" for alias in node.names]
                targets = [one if one in there else str(node.module) for one in full]
            else:
                continue
            for target in dict.fromkeys(targets):
                yield Import(name, path.relative_to(root), node.lineno, target)


def place(module: str) -> str:
    """The folder of a module, or its own name if it is a file at the top; "" for the package itself."""
    return ".".join(module.split(".")[1:2])


def climbing(found: list[Import], there: Mapping[str, Path]) -> Iterator[str]:
    """Imports from a lower floor to a higher one, or between neighbours that are not to know each other."""
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    for one in found:
        by, of = place(one.by), place(one.module)
        if one.module not in there or by == of or not by:
            continue
        for name in (by, of):
            assert name in floor, f"{one}: '{name}' is on no floor; give it one in {__name__}.FLOORS"
        if floor[by] < floor[of]:
            yield (
                f"{one}: '{by}' is below '{of}' and must not know it. Move what both need to the lower "
                "one, or have the caller hand it in."
            )
        elif floor[by] == floor[of] and (by, of) not in NEIGHBOURS:
            yield f"{one}: '{by}' and '{of}' are neighbours. Move what both need to a floor below."


def misplaced(found: list[Import], there: Mapping[str, Path]) -> Iterator[str]:
    """Imports of other people's packages where they do not belong."""
    for one in found:
        package = one.module.split(".")[0]
        if one.module in there or package in sys.stdlib_module_names or package in ANYWHERE:
            continue
        allowed = THIRD_PARTY.get(package, frozenset())
        if place(one.by) not in allowed:
            if allowed:
                where = " or ".join(sorted(allowed))
                yield f"{one}: '{package}' belongs in {where}, behind something that the rest can call."
            else:
                yield f"{one}: '{package}' has no place yet; give it one in {__name__}.THIRD_PARTY."


def circles(found: list[Import], there: Mapping[str, Path]) -> Iterator[str]:
    """Modules that import each other, directly or by way of others (R. Tarjan 1972), an import of each."""
    arrows: dict[str, dict[str, Import]] = defaultdict(dict)
    for one in found:
        if one.module in there and one.module != one.by:
            arrows[one.by].setdefault(one.module, one)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> Iterator[str]:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in arrows[node]:
            if other not in index:
                yield from visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            circle = set(stack[at:])
            del stack[at:]
            if len(circle) > 1:
                arcs = [(to, one) for by in sorted(circle) for to, one in arrows[by].items()]
                inside = [str(one) for to, one in arcs if to in circle]
                yield f"a circle of {len(circle)}: {'; '.join(inside)}. Move what they share to a third."

    for node in there:
        if node not in index:
            yield from visit(node)


def crowded(there: Mapping[str, Path], root: Path) -> Iterator[str]:
    """Folders that are too full or too deep, and names that are found in several of them."""
    parts = {name: path.relative_to(root).parts[1:] for name, path in there.items()}
    top = [name for name, inside in parts.items() if len(inside) == 1]
    if len(top) > MOST_AT_TOP:
        listed = ", ".join(top)
        yield f"{len(top)} files at the top, of at most {MOST_AT_TOP}: {listed}. Find folders for some."
    if len(there) > MOST_MODULES:
        yield f"{len(there)} modules, of at most {MOST_MODULES}. Join those that mean nothing apart."
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in there.items()}
    sizes: dict[str, int] = defaultdict(int)
    named: dict[str, list[str]] = defaultdict(list)
    for name, inside in parts.items():
        if len(inside) > DEEPEST + 1:
            yield f"{there[name]} is {len(inside) - 1} folders deep, of at most {DEEPEST}. Move it up."
        if len(inside) > 1:
            sizes[inside[0]] += lines[name]
        named[Path(inside[-1]).stem].append(name)
    for folder, size in sizes.items():
        if size * 3 > sum(lines.values()):
            yield f"{folder}/ holds {size} of {sum(lines.values())} lines, more than a third. Part it."
    for name, those in named.items():
        if len(those) > 1 and name not in SHARED_NAMES:
            yield f"{' and '.join(those)} have one name. Rename one, or list it in {__name__}.SHARED_NAMES."


def faults(root: Path) -> list[str]:
    """Every breach of the rules below `root`, with what to do about it."""
    there = modules(root)
    found = list(imports(there, root))
    return [
        *climbing(found, there),
        *misplaced(found, there),
        *circles(found, there),
        *crowded(there, root),
    ]
