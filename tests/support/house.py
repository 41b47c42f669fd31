"""Rules about imports and folders. Lazy imports, and those for types alone, count as any other."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Layers, lowest first: a folder, or a file at the top, imports only from lower floors and from itself.
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
# Imports allowed within one floor, in one direction: (importer, imported), and why.
NEIGHBOURS = {
    **{(file, other): "the top is one place" for file in FLOORS[0] for other in FLOORS[0]},
    ("compare", "review"): "posts are compared over the speakers that review shows",
}
# Where third-party packages may be imported.
ENGINES = (
    *("av", "ctranslate2", "faster_whisper", "genai_prices", "kaldi_native_fbank", "onnxruntime", "openai"),
    *("pydub", "spacy", "tiktoken", "tokenizers", "torch", "whisper", "xllamacpp", "yt_dlp"),
)
THIRD_PARTY: Mapping[str, frozenset[str]] = {
    **{package: frozenset({"engines"}) for package in ENGINES},
    "charset_normalizer": frozenset({"transcripts"}),
    "click": frozenset({"cli"}),
    "distributed": frozenset({"cluster"}),
    "docx": frozenset({"export"}),
    "filelock": frozenset({"running", "weights"}),
    "huggingface_hub": frozenset({"weights"}),
    "jinja2": frozenset({"workspace"}),
    "markdown_it": frozenset({"transcripts"}),
    "py3langid": frozenset({"text"}),
    "rich": frozenset({"cli"}),
    "sentencex": frozenset({"transcripts"}),
    "snowballstemmer": frozenset({"takeaways"}),
    "starlette": frozenset({"review"}),
    "tomlkit": frozenset({"workspace"}),
    "yaml": frozenset({"workspace"}),
}
ANYWHERE = frozenset({"numpy", "pydantic"})
# Names that files in several folders may have.
SHARED_NAMES = {"__init__": "every package has one", "writer": "each kind of takeaways has its writer"}
MOST_AT_TOP, MOST_MODULES, DEEPEST = 8, 278, 2


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
    paths = {}
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return paths


def imports(paths: Mapping[str, Path], root: Path) -> Iterator[Import]:
    """Every import in these modules, at any depth. Naming a module in a string counts as importing it."""
    for name, path in paths.items():
        tree = ast.parse(path.read_text("utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                named = re.findall(r"\bpipeline(?:\.\w+)+", node.value)
                targets = [module for module in named if module in paths]
            elif isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}:{node.lineno}: write the whole name, not a relative one"
                full_names = [f"{node.module}.{alias.name}" for alias in node.names]
                targets = [full if full in paths else str(node.module) for full in full_names]
            else:
                continue
            for target in dict.fromkeys(targets):
                yield Import(name, path.relative_to(root), node.lineno, target)


def place(module: str) -> str:
    """The folder of a module, or its own name if it is a file at the top; "" for the package itself."""
    return ".".join(module.split(".")[1:2])


def climbing(all_imports: list[Import], paths: Mapping[str, Path]) -> Iterator[str]:
    """Imports from a higher floor, or from a neighbour that may not be imported."""
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    for import_ in all_imports:
        by, of = place(import_.by), place(import_.module)
        if import_.module not in paths or by == of or not by:
            continue
        for name in (by, of):
            assert name in floor, f"{import_}: '{name}' is on no floor; give it one in {__name__}.FLOORS"
        if floor[by] < floor[of]:
            yield (
                f"{import_}: '{by}' is below '{of}' and must not know it. Move what both need to the lower "
                "one, or have the caller hand it in."
            )
        elif floor[by] == floor[of] and (by, of) not in NEIGHBOURS:
            yield f"{import_}: '{by}' and '{of}' are neighbours. Move what both need to a floor below."


def misplaced(all_imports: list[Import], paths: Mapping[str, Path]) -> Iterator[str]:
    """Imports of third-party packages where they do not belong."""
    for import_ in all_imports:
        package = import_.module.split(".")[0]
        if import_.module in paths or package in sys.stdlib_module_names or package in ANYWHERE:
            continue
        allowed = THIRD_PARTY.get(package, frozenset())
        if place(import_.by) not in allowed:
            if allowed:
                where = " or ".join(sorted(allowed))
                yield f"{import_}: '{package}' belongs in {where}, behind something that the rest can call."
            else:
                yield f"{import_}: '{package}' has no place yet; give it one in {__name__}.THIRD_PARTY."


def circles(all_imports: list[Import], paths: Mapping[str, Path]) -> Iterator[str]:
    """Modules that import each other, directly or by way of others, with the imports that do it.

    They are strongly connected components (R. Tarjan 1972).
    """
    edges: dict[str, dict[str, Import]] = defaultdict(dict)
    for import_ in all_imports:
        if import_.module in paths and import_.module != import_.by:
            edges[import_.by].setdefault(import_.module, import_)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> Iterator[str]:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges[node]:
            if other not in index:
                yield from visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            first = stack.index(node)
            circle = set(stack[first:])
            del stack[first:]
            if len(circle) > 1:
                out_edges = [edge for by in sorted(circle) for edge in edges[by].items()]
                inside = [str(import_) for target, import_ in out_edges if target in circle]
                yield f"a circle of {len(circle)}: {'; '.join(inside)}. Move what they share to a third."

    for node in paths:
        if node not in index:
            yield from visit(node)


def crowded(paths: Mapping[str, Path], root: Path) -> Iterator[str]:
    """Folders that are too full or too deep, and file names that occur in several of them."""
    parts = {name: path.relative_to(root).parts[1:] for name, path in paths.items()}
    top = [name for name, inside in parts.items() if len(inside) == 1]
    if len(top) > MOST_AT_TOP:
        listed = ", ".join(top)
        yield f"{len(top)} files at the top, of at most {MOST_AT_TOP}: {listed}. Find folders for some."
    if len(paths) > MOST_MODULES:
        yield f"{len(paths)} modules, of at most {MOST_MODULES}. Join those that mean nothing apart."
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in paths.items()}
    lines_of_folder: dict[str, int] = defaultdict(int)
    modules_by_stem: dict[str, list[str]] = defaultdict(list)
    for name, inside in parts.items():
        if len(inside) > DEEPEST + 1:
            yield f"{paths[name]} is {len(inside) - 1} folders deep, of at most {DEEPEST}. Move it up."
        if len(inside) > 1:
            lines_of_folder[inside[0]] += lines[name]
        modules_by_stem[Path(inside[-1]).stem].append(name)
    for folder, size in lines_of_folder.items():
        if size * 3 > sum(lines.values()):
            yield f"{folder}/ holds {size} of {sum(lines.values())} lines, more than a third. Part it."
    for stem, names in modules_by_stem.items():
        if len(names) > 1 and stem not in SHARED_NAMES:
            yield f"{' and '.join(names)} have one name. Rename one, or list it in {__name__}.SHARED_NAMES."


def faults(root: Path) -> list[str]:
    """Every breach of the rules below `root`, with what to do about it."""
    paths = modules(root)
    all_imports = list(imports(paths, root))
    return [
        *climbing(all_imports, paths),
        *misplaced(all_imports, paths),
        *circles(all_imports, paths),
        *crowded(paths, root),
    ]
