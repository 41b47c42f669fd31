"""JSON transcripts of Podcasting 2.0 and whisper.cpp, and what to say of JSON that nobody knows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.transcripts.pieces import Found, Piece, many, milliseconds, seconds, share, spoken

KNOWN = "Known are those of Whisper and its kin (segments or transcription), and Podcasting 2.0 (segments)."


def parsed(text: str, path: Path) -> Any:
    """The content of a JSON file. Raises InputError if it is not valid JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(
            f"is not valid JSON{where}", file=path, remedy="Export it again, or check that it is whole."
        ) from error


def unknown(content: Any, path: Path) -> InputError:
    """What to say of JSON that no reader takes."""
    if isinstance(content, dict):
        keys = [re.sub(r"[^ -~]", "?", key)[:30] for key in content]
        what = f"an object with {', '.join(keys[:5])}{', …' if len(keys) > 5 else ''}" if keys else "empty"
    else:
        what = f"a list of {len(content)} entries" if isinstance(content, list) else "a single value"
    return InputError(f"is JSON, but no transcript that is known: {what}", file=path, remedy=KNOWN)


def entries(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; [] for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


# Podcasting 2.0 JSON transcripts.
#
# https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md: version, and
# segments with speaker, startTime, endTime (seconds) and body. A segment may be a sentence or a single word.


def is_podcast(content: Any) -> bool:
    segments = entries(content.get("segments")) if isinstance(content, dict) else []
    return any("body" in segment for segment in segments)


def read_podcast(content: Any) -> Found:
    """Segments; one without a speaker goes on with the speaker before it."""
    pieces = []
    speaker: str | None = None
    unread = 0
    for segment in entries(content["segments"]):
        named, body = segment.get("speaker"), segment.get("body")
        speaker = named.strip() or speaker if isinstance(named, str) else speaker
        start, end = seconds(segment.get("startTime")), seconds(segment.get("endTime"))
        unread += "startTime" in segment and start is None
        if isinstance(body, str):
            pieces.append(Piece(speaker, body, start, end))
    return Found(tuple(pieces), [f"left out {many(unread, 'time')} that cannot be read"] if unread else [])


# JSON of whisper.cpp (`-oj`, and `-ojf` with tokens).
#
# `transcription` is a list with `offsets` (from, to, milliseconds), `timestamps` (from, to, "00:00:01,000"),
# `text`, with `-di` a `speaker` ("0", "1", "?"), and with `-ojf` `tokens` with `text`, `offsets` and `p`.
# Known from examples/cli/cli.cpp of ggml-org/whisper.cpp.


def is_whisper_cpp(content: Any) -> bool:
    parts = entries(content.get("transcription")) if isinstance(content, dict) else []
    return any(isinstance(part.get("text"), str) for part in parts)


def read_whisper_cpp(content: Any) -> Found:
    """A word a piece where tokens add up to the text, else a segment a piece."""
    parts = entries(content["transcription"])
    unread = sum(_times(part) == (None, None) for part in parts)
    notes = [f"the times of {many(unread, 'part')} cannot be read: left out"] if unread else []
    return Found(tuple(piece for part in parts for piece in _pieces(part)), notes)


def _pieces(part: dict[str, Any]) -> Iterator[Piece]:
    text = part.get("text")
    if not isinstance(text, str) or not spoken(text).strip():
        return
    speaker = part.get("speaker")
    label = f"Speaker {speaker}" if isinstance(speaker, str | int) and str(speaker).isdigit() else None
    words = _words(part, label)
    if spoken(text) == text and "".join(word.text for word in words).strip() == text.strip():
        yield from (replace(word, text=word.text.strip()) for word in words if word.text.strip())
    else:
        start, end = _times(part)
        yield Piece(label, text, start, end, glued=not text[:1].isspace())


def _words(part: dict[str, Any], label: str | None) -> list[Piece]:
    """Tokens, put together where one begins without a space; a word is as probable as its tokens' mean."""
    words: list[Piece] = []
    scores: list[list[float]] = []
    for token in entries(part.get("tokens")):
        said = token.get("text")
        if not isinstance(said, str) or said.startswith("[_"):
            continue
        (start, end), score = _times(token), share(token.get("p"))
        if words and not said.startswith(" ") and said.isascii():
            words[-1] = replace(words[-1], text=words[-1].text + said, end=end)
        else:
            words.append(Piece(label, said, start, end, glued=not said.startswith(" "), whole=True))
            scores.append([])
        scores[-1].extend([] if score is None else [score])
    means = [sum(own) / len(own) if own else None for own in scores]
    return [replace(word, probability=mean) for word, mean in zip(words, means, strict=True)]


def _times(part: dict[str, Any]) -> tuple[float | None, float | None]:
    """Seconds of `offsets`, else of `timestamps`."""
    offsets, stamps = part.get("offsets"), part.get("timestamps")
    if isinstance(offsets, dict):
        return milliseconds(offsets.get("from")), milliseconds(offsets.get("to"))
    if isinstance(stamps, dict):
        return seconds(stamps.get("from")), seconds(stamps.get("to"))
    return None, None
