"""Step one of reading a text transcript: each line cleaned of its markup once.

Markdown as people write it in transcripts, in single lines: CommonMark's blocks would join lines that are
turns of their own, and take an indented line for code. Inline markup is parsed by markdown-it-py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from pipeline.records import LeftOut
from pipeline.transcripts.lines.stamps import CLOCK
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LISTS = WordLists.beside(__file__)
_TAGS = _LISTS.word_set("html_elements")
_EMPHASIS_TAGS = _LISTS.word_set("emphasis_elements")

_COMMENT = re.compile(
    r"<!--(?:(?!<!--).)*?-->|\{%-?\s?comment\s?-?%\}(?:(?!\{%).)*?\{%-?\s?endcomment\s?-?%\}"
    r"|<(?P<tag>script|style)\b(?:(?!</?(?P=tag)).)*?</(?P=tag)>",
    re.S,
)
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_RULE = re.compile(r"\s*([-*_=~])(?:\s*\1){2,}\s*$")
_UNDERLINE = re.compile(r"={3,}\s*$")
_HEADING = re.compile(r"\s{0,3}(#{1,6})(?:\s+|$)")
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*$")
_TABLE_RULE = re.compile(r"(?=[\s|:+]*+-)[\s|:+-]++")
_BREAK = re.compile(r"<br\s*/?>|\[br\]|\\N", re.IGNORECASE)
_CHANGE_WITHIN = re.compile(r"(?<=[.!?\u2026\"'\u201d\u2019)\]])\s+(?=>>)")  # ">>": somebody else speaks
_QUOTE_MARK = re.compile(r"\s{0,3}>\s?(?!>)")
_LIST_MARK = re.compile(r"\s*(?:[-*+\u2022\u2013\u2014]\s+|\[[ xX]\]\s)+")
_MARGIN_NUMBER = re.compile(r"^\s*+(\d{1,4})(?:[.)]\s++|\s{2,}+|\t)")
_DEFINITION = re.compile(r"\s{0,3}\[(?:\^[^\]\n]{1,40}\]:\s|[^\]\n]{1,40}\]:\s+<?(?:https?:|[/#.]))")
_SHORTCODE = re.compile(r"\{\{(?![\w '-]*\}\})[^{}]*\}\}|\{%[^{}]*%\}|\{:[^{}]*\}|\[\^[^\]\s]{1,20}\]")
_LOOSE_BOLD = re.compile(r"\*\*([^*]{1,200}+)\*\*|__([^_]{1,200}+)__")
_MAY_HAVE_MARKUP = re.compile(r"[*_\\`&<\[{~]")
_LINKED_CLOCK = re.compile(rf"[\[(]?({CLOCK})[\])]?")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_MIN_NUMBERED_SHARE = 0.6  # of lines count up: then the numbers are the page's, or a list's
_EMPHASIS_REACH = 300  # characters from a line's start within which emphasis may show a label


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it reads, without its markup.

    `emphasis` are the spans [start, end) of characters, near its start, that are in bold or italics.
    `level` is a heading's, 0 for other lines; `cells` are a table row's.
    """

    number: int
    text: str
    emphasis: tuple[tuple[int, int], ...] = ()
    level: int = 0
    cells: tuple[str, ...] = ()
    opens_paragraph: bool = False
    listed: bool = False
    quoted: bool = False
    linked: bool = False  # all of it is the text of links

    def is_emphasised(self, start: int, end: int) -> bool:
        """Whether all of [start, end) is in bold or italics."""
        return any(first <= start and end <= last for first, last in self.emphasis)

    @property
    def all_emphasised(self) -> bool:
        return bool(self.text) and self.is_emphasised(0, len(self.text.rstrip(" :.")))


@dataclass
class Cleaned:
    """The lines of a text, and what is in it besides: code, comments, footnotes."""

    lines: list[Line] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def clean(text: str, first_number: int = 1) -> Cleaned:
    """All lines that hold text, cleaned. `first_number` is that of the first line in the file."""
    raw_lines = _without_margin_numbers(_blanked_comments(text).splitlines())
    fenced = _fenced(raw_lines)
    cleaned = Cleaned()
    is_open = False
    for number, raw in _parted(raw_lines, first_number):
        if number - first_number in fenced or _FENCE.match(raw):
            cleaned.left_out += [LeftOut(line=number, text=raw, why="code")] if not _FENCE.match(raw) else []
            is_open = False
        elif _DEFINITION.match(raw):
            cleaned.left_out.append(LeftOut(line=number, text=raw.strip(), why="footnote or link"))
        elif _UNDERLINE.match(raw) and is_open:
            cleaned.lines[-1] = _as_heading(cleaned.lines[-1])
            is_open = False
        elif _TABLE_RULE.fullmatch(raw) and cleaned.lines and cleaned.lines[-1].cells:
            cleaned.left_out.append(LeftOut(line=number - 1, text=cleaned.lines.pop().text, why="table"))
        elif _RULE.match(raw) or not any(
            map(str.isalnum, (line := _clean_line(raw, number, not is_open)).text)
        ):
            is_open = False
        else:
            cleaned.lines.append(line)
            is_open = not line.level
    return cleaned


def _clean_line(raw: str, number: int, opens_paragraph: bool) -> Line:
    if heading := _HEADING.match(raw):
        text, emphasis, _ = clean_inline(raw[heading.end() :].rstrip("# \t"))
        return Line(number, text, emphasis, level=len(heading[1]), opens_paragraph=True)
    if _TABLE_ROW.match(raw):
        cells = tuple(clean_inline(cell)[0] for cell in raw.strip().strip("|").split("|"))
        return Line(number, "\t".join(cells).strip(), cells=cells, opens_paragraph=True)
    quoted = False
    while quote := _QUOTE_MARK.match(raw):
        raw, quoted = raw[quote.end() :], True
    listed = _LIST_MARK.match(raw)
    text, emphasis, linked = clean_inline(raw[listed.end() :] if listed else raw)
    opens = opens_paragraph or bool(listed)
    return Line(number, text, emphasis, 0, (), opens, bool(listed), quoted, linked)


def _parted(raw_lines: Sequence[str], first_number: int) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one with `<br>` in it, or a change of speaker, is several."""
    for number, raw in enumerate(raw_lines, first_number):
        first, *others = _BREAK.split(raw) if "<" in raw or "[br" in raw or "\\N" in raw else [raw]
        if ">>" in raw:
            first, *others = [part for line in (first, *others) for part in _CHANGE_WITHIN.split(line)]
        is_row = bool(others) and first.lstrip().startswith("|")
        yield number, f"{first} |" if is_row else first
        for other in others:
            if text := other.strip().rstrip("|" if is_row else ""):
                yield number, text


def _as_heading(line: Line) -> Line:
    return Line(line.number, line.text, line.emphasis, level=1, opens_paragraph=True)


def _blanked_comments(text: str) -> str:
    """The text without comments and scripts; the lines keep their numbers."""
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)


def _fenced(lines: Sequence[str]) -> frozenset[int]:
    """Which lines are fenced code; none if most of the text is, since that is the transcript itself."""
    inside: set[int] = set()
    opened: int | None = None
    for index, line in enumerate(lines):
        if _FENCE.match(line):
            if opened is not None:
                inside.update(range(opened + 1, index))
            opened = index if opened is None else None
    letters = sum(map(len, lines))
    return frozenset(inside) if 2 * sum(len(lines[i]) for i in inside) < letters else frozenset()


def _without_margin_numbers(lines: list[str]) -> list[str]:
    """Lines without the numbers before them, where most have one and they count up."""
    numbers = [int(match[1]) if (match := _MARGIN_NUMBER.match(line)) else None for line in lines]
    counting = sum(
        number is not None and (number == 1 or number == before + 1)
        for before, number in zip(_last_numbers(numbers), numbers, strict=True)
    )
    filled = sum(bool(line.strip()) for line in lines)
    if counting < 3 or counting < _MIN_NUMBERED_SHARE * filled:
        return lines
    return [_MARGIN_NUMBER.sub("", line, count=1) for line in lines]


def _last_numbers(numbers: Sequence[int | None]) -> Iterator[int]:
    last = 0
    for number in numbers:
        yield last
        last = last if number is None else number


# Inline markup.


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable("strikethrough")


def clean_inline(raw: str) -> tuple[str, tuple[tuple[int, int], ...], bool]:
    """A text without emphasis, tags of HTML, entities, escapes and links.

    Also the spans that were emphasised, and whether all of it is links.

    A link whose text is a time becomes that time in brackets: [7:12]. Images go.
    """
    raw = raw.strip()
    raw = raw[:-1] if raw.endswith("\\") else raw  # it goes on with the next line
    if not _MAY_HAVE_MARKUP.search(raw):
        return raw, (), False
    raw = _LOOSE_BOLD.sub(_tightened, _SHORTCODE.sub("", raw))
    runs = _Runs()
    for token in _parser().parseInline(raw)[0].children or ():
        runs.add(token)
    text = "".join(runs.texts)
    spans = runs.spans
    if "**" in text:
        text, spans = text.replace("**", ""), []
    indent = len(text) - len(text.lstrip())
    emphasis = tuple(
        (max(0, first - indent), last - indent) for first, last in spans if first < _EMPHASIS_REACH
    )
    return text.strip(), emphasis, runs.is_linked


def _tightened(bold: re.Match[str]) -> str:
    """Bold as CommonMark has it: no space inside, and none missing after it."""
    words = (bold[1] or bold[2]).strip()
    following = bold.string[bold.end() : bold.end() + 1]
    space = " " if following.isalnum() or following in ("\u2026", '"') else ""
    return f"**{words}**{space}" if words else ""


class _Runs:
    """The text of inline tokens, and where it is emphasised."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self._length = 0
        self._depth = 0
        self._link_start = 0
        self._in_link = False
        self._has_link = False
        self._has_other_words = False
        self._may_go_on = False  # the last span has not ended

    def add(self, token: Token) -> None:
        kind = token.type
        if kind in ("text", "code_inline"):
            self._append(token.content)
        elif kind in ("softbreak", "hardbreak"):
            self._append(" ")
        elif kind in ("strong_open", "em_open"):
            self._depth += 1
        elif kind in ("strong_close", "em_close"):
            self._depth -= 1
            self._may_go_on &= self._depth > 0
        elif kind == "link_open":
            self._link_start, self._in_link = len(self.texts), True
            self._append("<" * (token.markup == "autolink"))
        elif kind == "link_close":
            self._append(">" if token.markup == "autolink" else "")
            self._close_link()
        elif kind == "html_inline":
            self._add_tag(token.content)

    @property
    def is_linked(self) -> bool:
        return self._has_link and not self._has_other_words

    def _append(self, text: str) -> None:
        self._has_other_words |= not self._in_link and any(map(str.isalnum, text))
        if self._depth > 0 and text:
            start = self.spans.pop()[0] if self._may_go_on else self._length
            self.spans.append((start, self._length + len(text)))
            self._may_go_on = True
        elif text.strip():
            self._in_link = False
        self._has_link = False
        self._has_other_words = False
        self._may_go_on = False
        self.texts.append(text)
        self._length += len(text)

    def _close_link(self) -> None:
        self._in_link, self._has_link = False, True
        text = "".join(self.texts[self._link_start :])
        if clock := _LINKED_CLOCK.fullmatch(text.strip()):
            del self.texts[self._link_start :]
            self._length -= len(text)
            if self.spans and self.spans[-1][1] > self._length:
                self.spans[-1] = (min(self.spans[-1][0], self._length), self._length)
            self._append(f"[{clock[1]}]")

    def _add_tag(self, tag: str) -> None:
        parts = _TAG.match(tag)
        if not parts or parts[2].lower() not in _TAGS:
            self._append(tag)
        elif parts[2].lower() in _EMPHASIS_TAGS:
            self._depth = max(0, self._depth + (-1 if parts[1] else 1))
        elif parts[2].lower() in ("br", "p", "div", "li", "td", "dd"):
            self._append(" ")
