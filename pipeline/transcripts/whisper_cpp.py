"""JSON of whisper.cpp (`-oj`, and `-ojf` with tokens).

`transcription` is a list with `offsets` (from, to, milliseconds), `timestamps` (from, to, "00:00:01,000"),
`text`, with `-di` a `speaker` ("0", "1", "?"), and with `-ojf` `tokens` with `text`, `offsets` and `p`. Known
from examples/cli/cli.cpp of ggml-org/whisper.cpp.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipeline.transcripts.json_forms import entries
from pipeline.transcripts.pieces import Found, Piece, many, milliseconds, seconds, share, spoken


def fits(content: Any) -> bool:
    parts = entries(content.get("transcription")) if isinstance(content, dict) else []
    return any(isinstance(part.get("text"), str) for part in parts)


def read(content: Any) -> Found:
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
