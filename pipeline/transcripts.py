"""Transcripts that people already have: speaker-labelled Markdown or text, and WebVTT with voices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from pipeline.errors import InputError
from pipeline.facts import parse_moment
from pipeline.records import Word

_STAMP = re.compile(r"[\[(]?\b((?:\d{1,2}:)?\d{1,2}:\d{2}(?:\.\d+)?)\b[\])]?")
_LABEL = re.compile(
    r"^[\s\-\u2013]*(?P<bold>\*\*|__)?\s*(?P<label>[^\s:*_\[(][^:*\[(]{0,59}?)"
    r"\s*(?:\*\*|__)?\s*:\s*(?:\*\*|__)?(?:\s+|$)(?P<text>.*)$"
)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
# Scripts that put no spaces between words are cut at every character, so that sentences can be told apart.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_TOKEN = re.compile(rf"\s*(?:[{_UNSPACED}]|[^\s{_UNSPACED}]+)")
_REMEDY = "Write each turn as `Name: what they said` (or `**Name:** …`), with a blank line between turns."


@dataclass(frozen=True)
class _Piece:
    """A stretch of one speaker's text with the times that the source gives for it."""

    label: str | None
    text: str
    start: float | None = None
    end: float | None = None


def read(path: Path) -> tuple[Word, ...]:
    """The words of a transcript file, labelled and timed as far as the file says.

    A stamp gives the first word after it a start; a WebVTT cue gives its first word a start and its last
    one an end. Raises InputError if the file is empty, not UTF-8, malformed, or names no speaker.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "not UTF-8 text", file=path, remedy="Save it as UTF-8 text and run again."
        ) from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, remedy="Check the file.") from error
    if not text.strip():
        raise InputError("the transcript is empty", file=path, remedy=_REMEDY)
    pieces = list(_webvtt(text, path) if path.suffix.lower() == ".vtt" else _labelled(text))
    words = tuple(word for piece in pieces for word in _words(piece))
    if not any(word.label for word in words):
        raise InputError("no turn says who speaks", file=path, remedy=_REMEDY)
    return words


def language_of(words: tuple[Word, ...]) -> str:
    """The language that the text is most likely in (ISO 639-1), as py3langid has it."""
    import py3langid

    language, _ = py3langid.classify("".join(word.text for word in words[:3000]))
    return str(language)


def _words(piece: _Piece) -> Iterator[Word]:
    tokens = _TOKEN.findall(f" {piece.text.strip()}")
    for index, token in enumerate(tokens):
        yield Word(
            text=token,
            label=piece.label,
            start=piece.start if index == 0 else None,
            end=piece.end if index == len(tokens) - 1 else None,
        )


def _webvtt(text: str, path: Path) -> Iterator[_Piece]:
    import webvtt

    try:
        captions = webvtt.from_string(text).captions
    except webvtt.errors.MalformedFileError as error:
        raise InputError(
            f"not valid WebVTT ({error})", file=path, remedy="Its first line must be WEBVTT; export it again."
        ) from error
    for caption in captions:
        first, *voiced = _VOICE.split(caption.raw_text)
        spoken = [(None, first), *zip(voiced[::2], voiced[1::2], strict=True)]
        parts = [(label, plain) for label, raw in spoken if (plain := unescape(_TAG.sub("", raw)).strip())]
        for index, (label, plain) in enumerate(parts):
            yield _Piece(
                label=unescape(label).strip() if label else None,
                text=plain,
                start=_seconds(caption.start) if index == 0 else None,
                end=_seconds(caption.end) if index == len(parts) - 1 else None,
            )


def _seconds(clock: str) -> float:
    return float(parse_moment(clock))


def _labelled(text: str) -> Iterator[_Piece]:
    """Paragraphs of `Name: text`; a line without a label goes on with the speaker before it."""
    lines = [_line(line) for line in _without_front_matter(text.splitlines()) if not line.startswith("#")]
    labels = _labels(lines)
    speaker: str | None = None
    for line in lines:
        said = line.whole
        if line.label in labels:
            speaker, said = line.label, line.text
        if plain := _LINK.sub(r"\1", said.replace("**", "")).strip():
            yield _Piece(speaker, plain, start=line.stamp)


@dataclass(frozen=True)
class _Line:
    """A line without its stamp; `label` and `text` are what is before and after its first colon."""

    stamp: float | None
    whole: str
    label: str | None
    bold: bool
    text: str


def _line(line: str) -> _Line:
    stamp = _STAMP.search(line)
    if stamp:
        before, after = line[: stamp.start()], line[stamp.end() :]
        label = _LABEL.match(f"{before} {after}")
        if (label and len(label["text"]) <= len(after)) or not before.strip("-*_ \t"):
            return _parsed(_seconds(stamp[1]), f"{before}{after}".strip(), label)
    return _parsed(None, line, _LABEL.match(line))


def _parsed(stamp: float | None, whole: str, label: re.Match[str] | None) -> _Line:
    if label is None:
        return _Line(stamp, whole, None, False, whole)
    return _Line(stamp, whole, label["label"].strip(), bool(label["bold"]), label["text"])


def _labels(lines: list[_Line]) -> frozenset[str]:
    """Which of the texts before a colon are speakers, and not just words before a colon.

    Where labels are set in bold, only those count. Otherwise a label looks like a name (every word has a
    capital or a digit) or comes back.
    """
    if bold := {line.label for line in lines if line.label and line.bold}:
        return frozenset(bold)
    counts = Counter(line.label for line in lines if line.label)
    return frozenset(
        label
        for label, count in counts.items()
        if len(label.split()) <= 5
        and (count > 1 or all(re.search(r"[A-Z\d]", word) for word in label.split()))
    )


def _without_front_matter(lines: list[str]) -> list[str]:
    if lines and lines[0].strip() == "---" and "---" in (rest := [line.strip() for line in lines[1:]]):
        return lines[rest.index("---") + 2 :]
    return lines
