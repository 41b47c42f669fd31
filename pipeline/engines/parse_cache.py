"""Parsed sentences, kept between runs as arrays of numbers."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines import Token

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.workspace.state import ByteCache

MAX_STRINGS_BYTES = 1 << 24  # a talk of a million words has a megabyte of lemmas
# Of a token: start, end and head; then where its lemma, pos, tag and dependency are in a list of strings.
_COLUMNS, _FIRST_STRING = 7, 3


class ParseCache:
    """Tokens by text. Without a `cache`, they are remembered for as long as this object is.

    `save` keeps only those of texts that were asked for: the file does not grow over the years. `key` is the
    digest of what parses.
    """

    def __init__(self, cache: ByteCache | None, key: str) -> None:
        self._cache, self._key = cache, key
        self._rows: dict[str, NDArray[np.int32]] = {}  # by digest of the text: [tokens, 7]
        self._strings: list[str] = []
        try:
            if cache and (data := cache.recall(key)):
                self._rows, self._strings = _read(data)
        except Exception:  # NumPy and zipfile raise many kinds for a damaged file
            pass  # a cache: losing it costs only time
        self._ids = {string: number for number, string in enumerate(self._strings)}
        self._stored = frozenset(self._rows)
        self._asked: set[str] = set()

    def recall(self, text: str) -> tuple[Token, ...] | None:
        """The tokens of a text, None if it was not parsed."""
        key, strings = _digest(text), self._strings
        row = self._rows.get(key)
        if row is None or not _fits(row, text):
            return None
        self._asked.add(key)
        return tuple(
            Token(text[a:b], a, b, strings[lemma], strings[pos], strings[tag], strings[dependency], head)
            for a, b, head, lemma, pos, tag, dependency in row.tolist()
        )

    def keep(self, text: str, tokens: Sequence[Token]) -> None:
        """Remember the tokens of a text."""
        row = np.zeros((len(tokens), _COLUMNS), np.int32)
        for i, token in enumerate(tokens):
            strings = (token.lemma, token.pos, token.tag, token.dependency)
            row[i] = (token.start, token.end, token.head, *map(self._number, strings))
        self._rows[_digest(text)] = row
        self._stored = frozenset()  # what is stored is no longer all

    def _number(self, string: str) -> int:
        if string not in self._ids:
            self._ids[string] = len(self._strings)
            self._strings.append(string)
        return self._ids[string]

    def save(self) -> None:
        """Store what was asked for, if anything was. A folder that cannot be written costs only speed."""
        if self._cache is None or not self._asked or self._asked == self._stored:
            return
        rows = [self._rows[key] for key in self._asked]
        tokens = np.concatenate([np.zeros((0, _COLUMNS), np.int32), *rows])
        used, numbers = np.unique(tokens[:, _FIRST_STRING:], return_inverse=True)
        tokens[:, _FIRST_STRING:] = numbers.reshape(len(tokens), _COLUMNS - _FIRST_STRING)
        strings = json.dumps([self._strings[number] for number in used])
        file = io.BytesIO()
        np.savez(
            file,
            keys=np.array(list(self._asked)),
            counts=np.array(list(map(len, rows)), np.int64),
            tokens=tokens,
            strings=np.frombuffer(strings.encode(), np.uint8),
        )
        self._cache.keep_only(self._key, file.getvalue())


def _read(data: bytes) -> tuple[dict[str, NDArray[np.int32]], list[str]]:
    """What `save` stored. Raises ValueError, and what NumPy and zipfile raise.

    It may be a stranger's: no array is unpacked, which could take any amount of memory, and none is pickled.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        if any(member.compress_type != zipfile.ZIP_STORED for member in file.infolist()):
            raise ValueError("packed")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        keys, counts, tokens = arrays["keys"], arrays["counts"], arrays["tokens"]
        if arrays["strings"].nbytes > MAX_STRINGS_BYTES:
            raise ValueError("too many strings")
        strings = json.loads(arrays["strings"].tobytes())
    if not (isinstance(strings, list) and all(isinstance(string, str) for string in strings)):
        raise ValueError("not strings")
    if tokens.dtype != np.int32 or tokens.shape[1:] != (_COLUMNS,) or (tokens < 0).any():
        raise ValueError("not tokens")
    if (tokens[:, _FIRST_STRING:] >= len(strings)).any() or (counts < 0).any() or counts.sum() != len(tokens):
        raise ValueError("not all is there")
    rows = np.split(tokens, np.cumsum(counts)[:-1]) if len(counts) else []
    return dict(zip(keys.tolist(), rows, strict=True)), strings


def _fits(row: NDArray[np.int32], text: str) -> bool:
    """Whether tokens are slices of the text, and each has a root above it: a stranger's may go in circles."""
    start, end, head = row[:, 0], row[:, 1], row[:, 2]
    if not ((start <= end) & (end <= len(text)) & (head < len(row))).all():
        return False
    above = head
    for _ in range(len(row).bit_length()):  # each time twice as far up
        above = above[above]
    return bool((head[above] == above).all())


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
