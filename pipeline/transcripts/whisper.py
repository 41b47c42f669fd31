"""JSON of openai-whisper, faster-whisper, WhisperX and whisper-timestamped, and of OpenAI's API.

All have segments (`start`, `end`, `text`, seconds) with `words`: `word` or `text`, `start`, `end`, and
`probability` (openai-whisper, faster-whisper), `score` (WhisperX) or `confidence` (whisper-timestamped).
faster-whisper writes no file itself: people dump a list of its segments, or put it under `segments`.
WhisperX adds `speaker` to segments and words, and gives no times to words that it cannot align (numbers).
Hugging Face's pipeline has `chunks` with `timestamp` pairs. Known from these programs' sources; what people
dump, from memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.transcripts.json_forms import entries
from pipeline.transcripts.pieces import UNSPACED, Found, Piece, many, seconds, share, spoken

_UNSPACED = re.compile(f"[{UNSPACED}]")
_CLOSING = re.compile(r"[.,;:!?\u2026\u3001\u3002\uff0c\uff01\uff1f)\]'\u2019\u201d%]+")


def fits(content: Any) -> bool:
    return any(_said(segment) for segment in _segments(content))


def _segments(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [found for entry in content for found in (entries(entry) or entries([entry]))]
    if not isinstance(content, dict):
        return []
    lists = (content.get(key) for key in ("segments", "chunks", "word_segments", "words"))
    return next((found for found in map(entries, lists) if any(map(_said, found))), [])


def _said(entry: dict[str, Any]) -> str:
    said = entry.get("text", entry.get("word"))
    timed = {"start", "end", "timestamp", "words"} & entry.keys()
    return said if isinstance(said, str) and timed else ""


def read(content: Any) -> Found:
    """Words where they add up to their segment's text, else segments.

    A segment's speaker goes before its words': who has each single word is less sure, and cuts sentences.
    """
    segments = _segments(content)
    pieces = [piece for segment in segments for piece in _pieces(segment)]
    unread = sum(
        entry.get(key) is not None and seconds(entry.get(key)) is None
        for segment in segments
        for entry in (segment, *entries(segment.get("words")))
        for key in ("start", "end")
    )
    return Found(tuple(pieces), [f"left out {many(unread, 'time')} that cannot be read"] if unread else [])


def _pieces(segment: dict[str, Any]) -> Iterator[Piece]:
    text, words = _said(segment), entries(segment.get("words"))
    if not spoken(text).strip():
        return
    label = _name(segment)
    said = [_said(word) or str(word.get("word", "")) for word in words]
    if "".join("".join(said).split()) != "".join(text.split()) or spoken(text) != text:
        start, end = _times(segment)
        glued = not text[:1].isspace() and bool(_UNSPACED.match(text))
        yield Piece(label, text, start, end, _probability(segment), glued)
        return
    spaced = _spaced(said)
    for word, written, space in zip(words, said, spaced, strict=True):
        if written.strip():
            start, end = _times(word)
            who = label or _name(word)
            yield Piece(who, written, start, end, _probability(word), glued=not space, whole=True)


def _name(entry: dict[str, Any]) -> str | None:
    named = entry.get("speaker")
    if isinstance(named, int) and not isinstance(named, bool):
        return f"Speaker {named}"
    return named.strip() or None if isinstance(named, str) else None


def _times(entry: dict[str, Any]) -> tuple[float | None, float | None]:
    pair = entry.get("timestamp")
    if isinstance(pair, list) and len(pair) == 2:
        return seconds(pair[0]), seconds(pair[1])
    return seconds(entry.get("start")), seconds(entry.get("end"))


def _probability(entry: dict[str, Any]) -> float | None:
    return next((p for key in ("probability", "score", "confidence") if (p := share(entry.get(key)))), None)


def _spaced(said: Sequence[str]) -> list[bool]:
    """Whether a space is before each word: as given if any has one, else by script and punctuation."""
    if any(word[:1].isspace() for word in said[1:]):
        return [index == 0 or word[:1].isspace() for index, word in enumerate(said)]
    before = ["", *said]
    return [
        not (_UNSPACED.match(word) or _CLOSING.fullmatch(word.strip()) or _UNSPACED.match(last[-1:]))
        for word, last in zip(said, before, strict=False)
    ]
