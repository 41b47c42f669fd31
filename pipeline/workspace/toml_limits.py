"""Refuses TOML that would take all memory or time to parse, before it is parsed."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.errors import ConfigError

MAX_FILE_BYTES = 2**20
MAX_KEY_PARTS = 20  # of a dotted key: tomllib takes time and memory by their square
MAX_DEPTH = 20  # of lists and tables in one another

# Strings and comments as wholes, else what separates and nests. An unfinished string ends with its line or
# the file: to say so is left to the parser. Nothing is looked at twice (possessive quantifiers).
_TOKEN = re.compile(
    r'"""(?:[^\\"]|\\.|"(?!""))*+"{0,5}'
    r"|'''(?:[^']|'(?!''))*+'{0,5}"
    r'|"(?:[^"\\\n]|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+"
    r"|[\[\]{}=,.\n]",
    re.DOTALL,
)


def check_size(path: Path) -> None:
    """Raises ConfigError for a file that nobody wrote by hand, OSError."""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise ConfigError(
            f"has {size:,} bytes, of at most {MAX_FILE_BYTES:,}",
            file=path,
            remedy="Is it the right file? Leave out what it need not say.",
        )


def check_nesting(text: str, path: Path) -> None:
    """Raises ConfigError for keys of too many parts and too deep lists or tables, with the line."""
    depth, parts, line = 0, 1, 1
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == ".":
            parts += 1
        elif token in "[]{}=,\n":
            parts = 1
            depth = max(0, depth + (token in "[{") - (token in "]}"))
        if parts > MAX_KEY_PARTS:
            what = f"line {line}: a key has more than {MAX_KEY_PARTS} parts with dots between them"
            raise ConfigError(what, file=path, remedy="Nothing here needs that; put a name in quotes.")
        if depth > MAX_DEPTH:
            what = f"line {line}: lists or tables are nested more than {MAX_DEPTH} deep"
            raise ConfigError(what, file=path, remedy="Nothing here needs that; remove them.")
        line += token.count("\n")
