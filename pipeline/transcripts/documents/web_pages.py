"""Web pages (.html) saved from a meeting tool or a podcast's site, as Markdown: what a reader of them sees.

Tags are found here and not by html.parser, which takes time with the square of a page that is broken on
purpose. Podcasting 2.0 has transcripts as `<cite>Ann:</cite> <time>0:03</time> <p>…</p>`:
https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from itertools import islice

from pipeline.text import count_words
from pipeline.transcripts.documents.markdown import Run, paragraph, prefixed
from pipeline.transcripts.documents.tables import Table, written
from pipeline.word_lists import WordLists

_PAGE = re.compile(
    r"\s*(?:<\?[^<>]*>\s*|<!--(?:(?!<!--|-->).)*+-->\s*)*+<(?:!doctype\s+html|html)[\s>]", re.I | re.S
)
_PAGE_WITHIN_CHARS = 8192
_ANY_TAG = re.compile(r"</?(?:p|div|span|br|li|ul|table|body|h[1-6]|b|strong|i|em)(?:\s[^<>]*)?/?>", re.I)
_COMMENT = re.compile(r"<!--(?:(?!<!--|-->).)*+(?:-->)?|<[!?][^<>]*>?", re.S)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,60})((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_CLOCK_AT_START, _CLOCK_AT_END = re.compile(r"[\[(]?\d{1,2}:\d\d"), re.compile(r"\d:\d\d[\])]?$")
_BOLD, _ITALIC = (
    re.compile(r"font-weight:\s?(?:bold|[6-9]00)", re.I),
    re.compile(r"font-style:\s?italic", re.I),
)
_TRANSCRIPT = re.compile(r"\b(?:id|class|itemprop|aria-label)\s?=\s?[\"']?[^\"'<>]{0,200}transcript", re.I)

_TAGS = WordLists.beside(__file__)
_BLOCKS, _VOID = frozenset(_TAGS["blocks"]), frozenset(_TAGS["void"])
_NOT_SHOWN = frozenset(_TAGS["not_shown"])
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_RAW = frozenset({"script", "style", "textarea", "title"})  # hold no tags
# Elements that end open ones, unless those are outside of the last one.
_CELLS = frozenset({"td", "th"})
_ENDS = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    **dict.fromkeys(_CELLS, (_CELLS, frozenset({"table"}))),
    **dict.fromkeys(("dt", "dd"), (frozenset({"dt", "dd"}), frozenset({"dl"}))),
}
# Parts of a page, from the outside in, which count alone if they hold enough of the words around them.
_MAIN, _ARTICLE, _IS_TRANSCRIPT = 1, 2, 4
_MIN_PART_SHARE, _MIN_PART_WORDS = 0.3, 1000
_MIN_NOTED_SHARE = 0.03
_MAX_LOOKED_BACK = 100  # open elements
_MAX_CELL_BLOCKS = 3  # more in a cell, and the table is there for the layout


def is_page(text: str) -> bool:
    """Whether the text begins as a web page does."""
    return bool(_PAGE.match(text[:_PAGE_WITHIN_CHARS]))


def has_tags(text: str) -> bool:
    """Whether there are tags in it, as in a part of a page that was saved."""
    return bool(_ANY_TAG.search(text))


def read_page(text: str) -> tuple[str, list[str]]:
    """What the page shows as Markdown, without navigation, forms' controls and footers, and notes.

    If the page says which part of it is the transcript, its main part or its article, only that counts.
    """
    page = _Page()
    page.read(_COMMENT.sub("", text))
    blocks = all_blocks = page.blocks
    for part in (_MAIN, _ARTICLE, _IS_TRANSCRIPT):
        within = [block for block in blocks if block.parts & part]
        if _words(within) >= min(_MIN_PART_SHARE * _words(blocks), _MIN_PART_WORDS) and within:
            blocks = within
    left_out = _words(all_blocks) - _words(blocks)
    is_worth_a_note = left_out > _MIN_NOTED_SHARE * _words(all_blocks)
    notes = [f"left out {left_out} words of the page around the transcript"] if is_worth_a_note else []
    return written([block.content for block in blocks]), notes


@dataclass(frozen=True, slots=True)
class _Block:
    content: str | Table
    parts: int  # of the page, in which it is


def _words(blocks: Sequence[_Block]) -> int:
    return count_words(written([block.content for block in blocks]))


@dataclass(frozen=True, slots=True)
class _Open:
    """An open element, and how text in it looks."""

    name: str = ""
    bold: bool = False
    italic: bool = False
    shown: bool = True
    is_button: bool = False
    is_preformatted: bool = False
    parts: int = 0

    def inner(self, name: str, attributes: str) -> _Open:
        """An element that begins within this one."""
        part = {"main": _MAIN, "article": _ARTICLE}.get(name, 0)
        return _Open(
            name,
            self.bold or name in ("b", "strong", "dt") or bool(_BOLD.search(attributes)),
            self.italic or name in ("i", "em") or bool(_ITALIC.search(attributes)),
            self.shown and name not in _NOT_SHOWN,
            self.is_button or name == "button",
            self.is_preformatted or name == "pre",
            self.parts | part | (_IS_TRANSCRIPT if _TRANSCRIPT.search(attributes) else 0),
        )


class _Page:
    """Turns tags and text into blocks."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self._open = [_Open()]
        self._open_counts = Counter[str]()
        self._runs: list[Run] = []
        self._prefix = ""
        self._rows: list[list[list[str]]] = []  # of the outermost table: cells of blocks

    def read(self, text: str) -> None:
        position = 0
        while match := _TAG.search(text, position):
            self._add(text[position : match.start()])
            position = match.end()
            name = match[2].lower()
            if match[1]:
                self._end(name)
            elif name in _RAW:
                end = re.compile(f"</{name}", re.IGNORECASE).search(text, position)
                position = end.start() if end else len(text)
            else:
                self._start(name, unescape(match[3]))
        self._add(text[position:])
        self._finish_block()
        self._finish_table()

    def _add(self, markup: str) -> None:
        now = self._open[-1]
        if not now.shown or not markup:
            return
        text = unescape(markup)
        text = text.expandtabs(4) if now.is_preformatted else _SPACE.sub(" ", text)
        if now.is_button and not _CLOCK_AT_START.match(text.strip()):
            return  # "Play", "Share"
        before = self._runs[-1].text[-12:] if self._runs else ""
        # Pages set times apart from names by their style alone.
        if before.strip() and (_CLOCK_AT_START.match(text) or _CLOCK_AT_END.search(before)):
            text = f" {text}"
        self._runs.append(Run(text, now.bold and not self._prefix.startswith("#"), now.italic))

    def _start(self, name: str, attributes: str) -> None:
        if name == "br":
            self._runs.append(Run("\n"))
        self._end_before(name)
        if name in _VOID:
            return
        if name in ("cite", "time"):
            self._runs.append(Run(" "))
        if name in _HEADINGS:
            self._prefix = f"{'#' * int(name[1])} "
        elif name == "li":
            self._prefix = "- "
        if self._open_counts["table"] == 1:
            if name == "tr":
                self._rows.append([])
            elif name in ("td", "th") and self._rows:
                self._rows[-1].append([])
        self._open.append(self._open[-1].inner(name, attributes))
        self._open_counts[name] += 1

    def _end_before(self, name: str) -> None:
        """End what cannot go on when an element begins, though the page does not say that it ends."""
        if name in _BLOCKS:
            self._finish_block()
            self._end("p")
        ended, outside = _ENDS.get(name, (frozenset(), frozenset()))
        for element in islice(reversed(self._open), _MAX_LOOKED_BACK) if ended else ():
            if element.name in ended:
                self._end(element.name)
            if element.name in ended | outside:
                return

    def _end(self, name: str) -> None:
        """End an element and what is open in it; nothing if none of that name is open."""
        if name in ("cite", "time"):
            self._runs.append(Run(" "))
        if not self._open_counts[name]:
            return
        ended = ""
        while ended != name:
            if self._open[-1].name in _BLOCKS:
                self._finish_block()
            ended = self._open.pop().name
            self._open_counts[ended] -= 1
            if ended == "li" or ended in _HEADINGS:
                self._prefix = ""
            if ended == "table" and not self._open_counts["table"]:
                self._finish_table()

    def _finish_block(self) -> None:
        text = prefixed(paragraph(self._runs), self._prefix)
        self._runs = []
        if text.strip(" #-"):
            self._prefix = ""
            if self._rows and self._rows[-1]:
                self._rows[-1][-1].append(text)
            else:
                self.blocks.append(_Block(text, self._open[-1].parts))

    def _finish_table(self) -> None:
        rows, self._rows = self._rows, []
        is_layout = any(len(cell) > _MAX_CELL_BLOCKS for cells in rows for cell in cells)
        contents = [block for cells in rows for cell in cells for block in cell] if is_layout else [rows]
        self.blocks += (_Block(content, self._open[-1].parts) for content in contents)
