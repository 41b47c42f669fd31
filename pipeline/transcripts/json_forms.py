"""JSON transcripts of Podcasting 2.0 and whisper.cpp, and the error for JSON that no reader recognises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.transcripts.pieces import (
    ParsedTranscript,
    Piece,
    counted,
    parse_milliseconds,
    parse_probability,
    parse_seconds,
    strip_sounds,
)

KNOWN_FORMS = (
    "Known are those of Whisper and its kin (segments or transcription), and Podcasting 2.0 (segments)."
)


def parse_json(text: str, path: Path) -> Any:
    """The content of a JSON file. Raises InputError if it is not valid JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(
            f"is not valid JSON{where}", file=path, remedy="Export it again, or check that it is whole."
        ) from error


def unknown_form_error(content: Any, path: Path) -> InputError:
    """The error for JSON that no reader takes; it says what is in the file."""
    if isinstance(content, dict):
        keys = [re.sub(r"[^ -~]", "?", key)[:30] for key in content]
        summary = f"an object with {', '.join(keys[:5])}{', …' if len(keys) > 5 else ''}" if keys else "empty"
    else:
        summary = f"a list of {len(content)} entries" if isinstance(content, list) else "a single value"
    return InputError(f"is JSON, but no transcript that is known: {summary}", file=path, remedy=KNOWN_FORMS)


def dict_entries(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; [] for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


# Podcasting 2.0 JSON transcripts.
#
# https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md: version, and
# segments with speaker, startTime, endTime (seconds) and body. A segment may be a sentence or a single word.


def is_podcast(content: Any) -> bool:
    segments = dict_entries(content.get("segments")) if isinstance(content, dict) else []
    return any("body" in segment for segment in segments)


def read_podcast(content: Any) -> ParsedTranscript:
    """One piece per segment; a segment without a speaker continues with the previous speaker."""
    pieces = []
    speaker: str | None = None
    unreadable = 0
    for segment in dict_entries(content["segments"]):
        speaker_field, text = segment.get("speaker"), segment.get("body")
        speaker = speaker_field.strip() or speaker if isinstance(speaker_field, str) else speaker
        start, end = parse_seconds(segment.get("startTime")), parse_seconds(segment.get("endTime"))
        unreadable += "startTime" in segment and start is None
        if isinstance(text, str):
            pieces.append(Piece(speaker, text, start, end))
    return ParsedTranscript(
        tuple(pieces), [f"left out {counted(unreadable, 'time')} that cannot be read"] if unreadable else []
    )


# JSON of whisper.cpp (`-oj`, and `-ojf` with tokens).
#
# `transcription` is a list with `offsets` (from, to, milliseconds), `timestamps` (from, to, "00:00:01,000"),
# `text`, with `-di` a `speaker` ("0", "1", "?"), and with `-ojf` `tokens` with `text`, `offsets` and `p`.
# Known from examples/cli/cli.cpp of ggml-org/whisper.cpp.


def is_whisper_cpp(content: Any) -> bool:
    segments = dict_entries(content.get("transcription")) if isinstance(content, dict) else []
    return any(isinstance(segment.get("text"), str) for segment in segments)


def read_whisper_cpp(content: Any) -> ParsedTranscript:
    """One piece per word where the tokens add up to the text, otherwise one per segment."""
    segments = dict_entries(content["transcription"])
    unreadable = sum(_times(segment) == (None, None) for segment in segments)
    notes = [f"the times of {counted(unreadable, 'part')} cannot be read: left out"] if unreadable else []
    return ParsedTranscript(tuple(piece for segment in segments for piece in _segment_pieces(segment)), notes)


def _segment_pieces(segment: dict[str, Any]) -> Iterator[Piece]:
    text = segment.get("text")
    if not isinstance(text, str) or not strip_sounds(text).strip():
        return
    speaker = segment.get("speaker")
    label = f"Speaker {speaker}" if isinstance(speaker, str | int) and str(speaker).isdigit() else None
    words = _token_words(segment, label)
    if strip_sounds(text) == text and "".join(word.text for word in words).strip() == text.strip():
        yield from (replace(word, text=word.text.strip()) for word in words if word.text.strip())
    else:
        start, end = _times(segment)
        yield Piece(label, text, start, end, glued=not text[:1].isspace())


def _token_words(segment: dict[str, Any], label: str | None) -> list[Piece]:
    """Tokens joined into words (a space begins one); a word's probability is the mean of its tokens'."""
    words: list[Piece] = []
    token_probabilities: list[list[float]] = []
    for token in dict_entries(segment.get("tokens")):
        text = token.get("text")
        if not isinstance(text, str) or text.startswith("[_"):
            continue
        (start, end), probability = _times(token), parse_probability(token.get("p"))
        if words and not text.startswith(" ") and text.isascii():
            words[-1] = replace(words[-1], text=words[-1].text + text, end=end)
        else:
            words.append(Piece(label, text, start, end, glued=not text.startswith(" "), is_word=True))
            token_probabilities.append([])
        token_probabilities[-1].extend([] if probability is None else [probability])
    means = [sum(values) / len(values) if values else None for values in token_probabilities]
    return [replace(word, probability=mean) for word, mean in zip(words, means, strict=True)]


def _times(entry: dict[str, Any]) -> tuple[float | None, float | None]:
    """Start and end in seconds from `offsets`, otherwise from `timestamps`."""
    offsets, stamps = entry.get("offsets"), entry.get("timestamps")
    if isinstance(offsets, dict):
        return parse_milliseconds(offsets.get("from")), parse_milliseconds(offsets.get("to"))
    if isinstance(stamps, dict):
        return parse_seconds(stamps.get("from")), parse_seconds(stamps.get("to"))
    return None, None
