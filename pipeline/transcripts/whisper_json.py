"""JSON of Whisper and its kin, of services like OpenAI's, and of AssemblyAI.

openai-whisper, faster-whisper, WhisperX and whisper-timestamped have segments (`start`, `end`, `text`,
seconds) with `words`: `word` or `text`, `start`, `end`, and `probability` (openai-whisper, faster-whisper),
`score` (WhisperX) or `confidence` (whisper-timestamped). faster-whisper writes no file itself: people dump a
list of its segments, or put it under `segments`. WhisperX adds `speaker` to segments and words, and gives no
times to words that it cannot align (numbers). Hugging Face's pipeline has `chunks` with `timestamp` pairs.
OpenAI's API has `words` beside `segments`, not in them, and without punctuation, which only `text` has.
ElevenLabs has `words` with `speaker_id`, of which some are no words (`type` "spacing", "audio_event"). Known
from these programs' sources; what people dump and services answer, from memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.text import UNSPACED, placed
from pipeline.transcripts.json_forms import entries
from pipeline.transcripts.pieces import Found, Piece, many, milliseconds, seconds, share, spoken

_UNSPACED = re.compile(f"[{UNSPACED}]")
_CLOSING = re.compile(r"[.,;:!?\u2026\u3001\u3002\uff0c\uff01\uff1f)\]'\u2019\u201d%]+")


def is_whisper(content: Any) -> bool:
    return any(_said(segment) for segment in _segments(content))


def _segments(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [found for entry in content for found in (entries(entry) or entries([entry]))]
    if not isinstance(content, dict):
        return []
    keys = ("segments", "utterances", "chunks", "word_segments", "words")
    lists = (content.get(key) for key in keys)
    return next((found for found in map(entries, lists) if any(map(_said, found))), [])


def _said(entry: dict[str, Any]) -> str:
    said = entry.get("text", entry.get("word"))
    timed = {"start", "end", "timestamp", "words"} & entry.keys()
    return said if isinstance(said, str) and timed else ""


def read_whisper(content: Any) -> Found:
    """Words where they add up to their segment's text, else segments.

    A segment's speaker goes before its words': who has each single word is less sure, and cuts sentences.
    """
    segments = _segments(content)
    apart = _words_apart(content)
    pieces = _in_text(content["text"], apart) if apart else []
    pieces = pieces or [piece for segment in segments for piece in _pieces(segment)]
    unread = sum(
        entry.get(key) is not None and seconds(entry.get(key)) is None
        for segment in apart or segments
        for entry in (segment, *entries(segment.get("words")))
        for key in ("start", "end")
    )
    return Found(tuple(pieces), [f"left out {many(unread, 'time')} that cannot be read"] if unread else [])


def _words_apart(content: Any) -> list[dict[str, Any]]:
    """Timed words beside the whole text; [] where segments say who speaks or have their own words."""
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        return []
    segments = [entry for key in ("segments", "utterances") for entry in entries(content.get(key))]
    more = any(_name(segment) or entries(segment.get("words")) for segment in segments)
    return [] if more else [word for word in entries(content.get("words")) if _said(word).strip()]


def _in_text(text: str, words: Sequence[dict[str, Any]]) -> list[Piece]:
    """The words of the text with the times and speakers of those words; [] if they are not in it."""
    pieces: list[Piece] = []
    label = None
    for token in placed(spoken(text), [_said(word) for word in words]):
        first = {} if token.first is None else words[token.first]
        last = {} if token.last is None else words[token.last]
        label = _name(first) or _name(last) or label
        said, glued = token.text.strip(), not token.text[0].isspace()
        times = _times(first)[0], _times(last)[1]
        pieces.append(Piece(label, said, *times, _probability(first), glued, whole=True))
    return pieces


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
    named = entry.get("speaker", entry.get("speaker_id"))
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


# JSON of AssemblyAI: as Whisper's above, but with times in milliseconds.
#
# `utterances` (null without speaker labels) have `speaker`, `text`, `start`, `end` and `words`; beside them
# are `text` and `words` of the whole. From memory.

_LISTS = ("utterances", "words")
_TIMES = ("start", "end")


def is_assemblyai(content: Any) -> bool:
    """Whether it has a place for utterances, and all times are whole numbers."""
    if not isinstance(content, dict) or "utterances" not in content or not is_whisper(content):
        return False
    timed = [entry for key in _LISTS for entry in entries(content.get(key))]
    return all(isinstance(entry.get(key), int) for entry in timed for key in _TIMES)


def read_assemblyai(content: Any) -> Found:
    """Utterances with their words, else the words of the text."""
    lists = {key: [_in_seconds(entry) for entry in entries(content.get(key))] for key in _LISTS}
    return read_whisper({**content, **lists})


def _in_seconds(entry: dict[str, Any]) -> dict[str, Any]:
    words = [_in_seconds(word) for word in entries(entry.get("words"))]
    times = {key: milliseconds(entry.get(key)) for key in _TIMES}
    return entry | times | ({"words": words} if words else {})
