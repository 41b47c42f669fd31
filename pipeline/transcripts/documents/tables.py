"""Tables of documents and web pages, as Markdown: lines of a table, or the turns that they hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.text import count_words

Table = Sequence[Sequence[Sequence[str]]]  # rows of cells of blocks of Markdown

_PIPE = re.compile(r"(?<!\\)\|")
_CLOCK = re.compile(r"[\[(]?((?:\d{1,2}:)?\d{1,2}:\d\d(?:[.,]\d+)?)[\])]?(?!\w).{0,20}")
_MAX_NAME_WORDS = 6
_MIN_TRANSCRIPT_SHARE = 0.5  # of a document's words, in tables with names: fewer are a list of tasks


def written(blocks: Sequence[str | Table]) -> str:
    """Paragraphs and tables as one text, with blank lines between.

    Where most is said in tables with a column of names that come back, a row is a turn. A table of a single
    column is no more than its paragraphs.
    """
    named = [_names_column(block) is not None and not isinstance(block, str) for block in blocks]
    words = [count_words(block if isinstance(block, str) else " ".join(_texts(block))) for block in blocks]
    are_turns = sum(
        count for count, is_named in zip(words, named, strict=True) if is_named
    ) >= _MIN_TRANSCRIPT_SHARE * sum(words)
    parts: list[str] = []
    for block, is_named in zip(blocks, named, strict=True):
        if isinstance(block, str):
            parts.append(block)
        elif is_named and are_turns:
            parts += _turns(block)
        elif all(len(cells) < 2 for cells in block):
            parts += _texts(block)
        else:
            parts.append("\n".join(map(_line, block)))
    return "\n\n".join(filter(None, parts))


def _texts(table: Table) -> Iterator[str]:
    return (block for cells in table for cell in cells for block in cell)


def _flat(cell: Sequence[str]) -> str:
    return " ".join(" ".join(cell).split())


def _line(cells: Sequence[Sequence[str]]) -> str:
    return f"| {' | '.join(_PIPE.sub(chr(92) + '|', _flat(cell)) for cell in cells)} |"


def _width(table: Table) -> int:
    return Counter(map(len, table)).most_common(1)[0][0]


def _said_column(table: Table) -> int:
    """The column with most of the text."""
    width = _width(table)
    sizes = [
        sum(len(_flat(cells[column])) for cells in table if len(cells) == width) for column in range(width)
    ]
    return sizes.index(max(sizes))


def _names_column(table: str | Table) -> int | None:
    """The column of short texts that come back beside the one of what is said; None if there is none."""
    if isinstance(table, str) or not table or _width(table) < 2:
        return None
    width, said = _width(table), _said_column(table)
    for column in range(width):
        texts = [_flat(cells[column]) for cells in table if len(cells) == width]
        names = [text for text in texts if text and not _CLOCK.fullmatch(text)]
        is_short = all(len(name.split()) <= _MAX_NAME_WORDS for name in names)
        recurs = len(names) >= 3 and 3 * len(set(names)) <= 2 * len(names)
        if column != said and is_short and recurs and 2 * len(names) >= len(texts):
            return column
    return None


def _turns(table: Table) -> Iterator[str]:
    """Paragraphs `**Name [time]:** …`; rows of another width, and headings, stay lines of a table."""
    width, said, named = _width(table), _said_column(table), _names_column(table)
    assert named is not None
    counts = Counter(_flat(cells[named]) for cells in table if len(cells) == width)
    for index, cells in enumerate(table):
        name = _flat(cells[named]) if len(cells) == width else ""
        if len(cells) != width or (index == 0 and counts[name] == 1):
            yield _line(cells)
            continue
        clocks = (match for cell in cells if (match := _CLOCK.fullmatch(_flat(cell))))
        time = next((f" [{match[1]}]" for match in clocks), "")
        first, *others = [*cells[said], ""]
        name = name.replace("*", "").strip(" :")
        yield f"**{name}{time}:** {first}" if name else f"{time} {first}".strip()
        yield from others
