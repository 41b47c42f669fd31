"""Word documents (.docx), as Markdown: what a reader of the document sees in its body.

ECMA-376 (Office Open XML), Part 1. Known from files and programs: Teams' download, with a picture, the name,
the time, a line break and the words of a turn in one paragraph.

Read here and not with python-docx: that leaves out text inserted while changes were tracked, refuses
documents with a dangling relationship, which Word opens, and holds all pictures in memory.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

from pipeline.errors import InputError
from pipeline.files import MAX_READ_BYTES
from pipeline.transcripts.documents.markdown import Run, paragraph, prefixed
from pipeline.transcripts.documents.tables import Table, written
from pipeline.transcripts.text_decoding import AS_DOCX

_ZIP = b"PK\x03\x04"
_DIRECTORY_ENTRY = b"PK\x01\x02"
_MAX_PARTS = 20_000  # of a package; a document with pictures on every page has some thousand
_CHUNK_BYTES = 1 << 20
_MAIN_PART = "word/document.xml"
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError),
    *(KeyError, ValueError, OverflowError, ElementTree.ParseError),
)
_COPY = "Copy what was said into a text file, each turn as `Name: what they said`."
# What other packages have in them, what they are, and what to do.
_OTHER_PACKAGES = (
    ("xl/", "is a spreadsheet", _COPY),
    ("ppt/", "is a presentation", _COPY),
    ("Index/", "is a document of Pages, Numbers or Keynote", "Export it there to Word (.docx)."),
    ("META-INF/", "is a document, but not one of Word's", AS_DOCX),
    ("", "is an archive (ZIP)", "Unpack it, and run with what is in it."),
)  # fmt: skip


def is_package(raw: bytes) -> bool:
    """Whether the bytes are an archive, as Word documents are."""
    return raw.startswith(_ZIP)


def read_word(raw: bytes, path: Path) -> str:
    """The body of a Word document as Markdown, tracked changes accepted.

    Raises InputError if it is broken, too large, protected by a password, or of another program.
    """
    if raw.count(_DIRECTORY_ENTRY) > _MAX_PARTS:
        raise InputError(f"has more than {_MAX_PARTS:,} parts", file=path, remedy=_COPY)
    with _told_if_broken(path), zipfile.ZipFile(io.BytesIO(raw)) as package:
        if any(info.flag_bits & 1 for info in package.infolist()):
            remedy = "Take the password off, and run again."
            raise InputError("is protected by a password", file=path, remedy=remedy)
        names = frozenset(package.namelist())
        main = _main_part(package, names, path)
        styles = _Styles()
        if (styles_part := f"{main.rpartition('/')[0]}/styles.xml") in names:
            _parse(package, styles_part, styles, path)
        body = _Body(styles.looks())
        _parse(package, main, body, path)
    return written(body.blocks)


@contextmanager
def _told_if_broken(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        remedy = "Open it in Word or LibreOffice and save it again, or copy its text into a text file."
        raise InputError("is a broken Word document or archive", file=path, remedy=remedy) from error


def _main_part(package: zipfile.ZipFile, names: frozenset[str], path: Path) -> str:
    """The part that holds the text. Raises InputError if the package is not a Word document."""
    relationships = _Relationships()
    if "_rels/.rels" in names:
        _parse(package, "_rels/.rels", relationships, path)
    for name in (relationships.main, _MAIN_PART):
        if name in names and not name.startswith(("xl/", "ppt/")):
            return name
    prefixed = (kind for kind in _OTHER_PACKAGES if any(name.startswith(kind[0]) for name in names))
    _, what, remedy = next(prefixed, _OTHER_PACKAGES[-1])
    raise InputError(what, file=path, remedy=remedy)


def _parse(package: zipfile.ZipFile, part: str, target: _Target, path: Path) -> None:
    """Feed a part to a target in pieces: nothing but what the target keeps is held in memory."""
    parser = ElementTree.XMLParser(target=target)
    with package.open(part) as file:
        for _ in range(MAX_READ_BYTES // _CHUNK_BYTES):
            if not (chunk := file.read(_CHUNK_BYTES)):
                parser.close()
                return
            parser.feed(chunk)
    raise InputError(f"has more than {MAX_READ_BYTES >> 20} MB of text", file=path, remedy=_COPY)


class _Target:
    """A target of ElementTree's parser; names are without their namespaces."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.opened(_local(tag), {_local(key): value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        self.closed(_local(tag))

    def doctype(self, *_: Any) -> NoReturn:
        raise ValueError("no document of Word's has one: entities would be declared in it")

    def opened(self, name: str, values: Mapping[str, str]) -> None: ...

    def closed(self, name: str) -> None: ...

    def data(self, text: str) -> None: ...

    def close(self) -> None: ...


def _local(name: str) -> str:
    return name.rpartition("}")[2]


class _Relationships(_Target):
    main = ""

    def opened(self, name: str, values: Mapping[str, str]) -> None:
        if values.get("Type", "").endswith("/officeDocument"):
            self.main = values.get("Target", "").lstrip("/")


@dataclass
class _Look:
    """How text looks by its style or by itself, None where nothing is said; `heading` 0 is none."""

    bold: bool | None = None
    italic: bool | None = None
    hidden: bool | None = None
    heading: int = 0
    is_item: bool = False

    def set(self, name: str, values: Mapping[str, str]) -> None:
        """Take over one property of text."""
        is_on = values.get("val", "1") not in ("0", "false", "off")
        if name == "b":
            self.bold = is_on
        elif name == "i":
            self.italic = is_on
        elif name == "vanish":
            self.hidden = is_on
        elif name == "numId":
            self.is_item = values.get("val") != "0"
        elif name == "outlineLvl" and re.fullmatch("[0-5]", values.get("val", "")):
            self.heading = int(values["val"]) + 1

    def over(self, other: _Look) -> _Look:
        """This look, and the other one's where it says nothing."""
        return _Look(
            other.bold if self.bold is None else self.bold,
            other.italic if self.italic is None else self.italic,
            other.hidden if self.hidden is None else self.hidden,
            self.heading or other.heading,
            self.is_item or other.is_item,
        )


_PLAIN = _Look()
_HEADING_STYLE = re.compile(r"heading ([1-6])|title", re.IGNORECASE)
_MAX_BASES = 20  # styles that a style is based on, in turn


class _Styles(_Target):
    """Reads styles.xml: styles are based on each other, by their keys."""

    def __init__(self) -> None:
        self._own: dict[str, _Look] = {}
        self._bases: dict[str, str] = {}
        self._key = ""

    def opened(self, name: str, values: Mapping[str, str]) -> None:
        value = values.get("val", "")
        if name == "style":
            self._key = values.get("styleId", "")
            self._own[self._key] = _Look()
        elif not self._key:
            return
        elif name == "basedOn":
            self._bases[self._key] = value
        elif name == "name" and (heading := _HEADING_STYLE.fullmatch(value)):
            self._own[self._key].heading = int(heading[1] or 1)
        else:
            self._own[self._key].set(name, values)

    def closed(self, name: str) -> None:
        if name == "style":
            self._key = ""

    def looks(self) -> dict[str, _Look]:
        """How text of each style looks."""
        return {key: self._look(key) for key in self._own}

    def _look(self, key: str) -> _Look:
        look = self._own[key]
        for _ in range(_MAX_BASES):
            key = self._bases.get(key, "")
            if key not in self._own:
                break
            look = look.over(self._own[key])
        return look


@dataclass
class _Paragraph:
    look: _Look = field(default_factory=_Look)
    run: _Look | None = None  # that is open, over the paragraph's
    runs: list[Run] = field(default_factory=list)


# Deleted or moved away, or there for old programs beside what new ones show.
_NOT_SHOWN = frozenset({"del", "moveFrom", "Fallback", "rPrChange", "pPrChange"})
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class _Body(_Target):
    """Writes the body's paragraphs and tables. Tables in tables are read as part of the outer one's cell."""

    def __init__(self, styles: Mapping[str, _Look]) -> None:
        self.blocks: list[str | Table] = []
        self._styles = styles
        self._not_shown = 0  # how many open elements are within one that is not shown, and itself
        self._paragraphs: list[_Paragraph] = []  # open: a text box has its own within another
        self._is_text = False
        self._table_depth = 0
        self._rows: list[list[list[str]]] = []  # of the outermost table: cells of blocks

    def opened(self, name: str, values: Mapping[str, str]) -> None:
        if self._not_shown or name in _NOT_SHOWN:
            self._not_shown += 1
        elif name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "tbl":
            self._table_depth += 1
        elif name == "tr" and self._table_depth == 1:
            self._rows.append([])
        elif name == "tc" and self._table_depth == 1 and self._rows:
            self._rows[-1].append([])
        elif self._paragraphs:
            self._opened_in(self._paragraphs[-1], name, values)

    def _opened_in(self, now: _Paragraph, name: str, values: Mapping[str, str]) -> None:
        if name == "r":
            now.run = _Look()
        elif name == "t":
            self._is_text = True
        elif name in ("pStyle", "rStyle"):
            look = self._styles.get(values.get("val", ""), _PLAIN)
            if now.run is None:
                now.look = now.look.over(look)
            else:
                now.run = now.run.over(look)
        elif now.run is not None and name in _CHARACTERS:
            self._add(_CHARACTERS[name])
        elif now.run is not None:
            now.run.set(name, values)
        elif name in ("numId", "outlineLvl"):
            now.look.set(name, values)

    def data(self, text: str) -> None:
        if self._is_text and not self._not_shown and self._paragraphs:
            self._add(text)

    def _add(self, text: str) -> None:
        now = self._paragraphs[-1]
        look = (now.run or _PLAIN).over(now.look)
        if not look.hidden:
            now.runs.append(Run(text, bool(look.bold) and not now.look.heading, bool(look.italic)))

    def closed(self, name: str) -> None:
        if self._not_shown:
            self._not_shown -= 1
        elif name == "t":
            self._is_text = False
        elif name == "r" and self._paragraphs:
            self._paragraphs[-1].run = None
        elif name == "p" and self._paragraphs:
            self._finish(self._paragraphs.pop())
        elif name == "tbl":
            self._table_depth -= 1
            if not self._table_depth:
                self.blocks.append(self._rows)
                self._rows = []

    def _finish(self, done: _Paragraph) -> None:
        block = paragraph(done.runs)
        if self._table_depth and self._rows and self._rows[-1]:
            self._rows[-1][-1].append(block)
        else:
            prefix = f"{'#' * done.look.heading} " if done.look.heading else "- " * done.look.is_item
            self.blocks.append(prefixed(block, prefix) if block else "")
