"""JSON of Whisper and related programs, of services like OpenAI's, and of AssemblyAI.

openai-whisper, faster-whisper, WhisperX and whisper-timestamped have segments (`start`, `end`, `text`,
seconds) with `words`: `word` or `text`, `start`, `end`, and `probability` (openai-whisper, faster-whisper),
`score` (WhisperX) or `confidence` (whisper-timestamped). faster-whisper writes no file itself: people dump a
list of its segments, or put it under `segments`. WhisperX adds `speaker` to segments and words, and gives no
times to words that it cannot align (numbers). Hugging Face's pipeline has `chunks` with `timestamp` pairs.
OpenAI's API has `words` beside `segments` rather than in them, and without punctuation, which only `text`
has. ElevenLabs has `words` with `speaker_id`, some of which are not words (`type` "spacing", "audio_event").
All this is known from the programs' sources, except for people's dumps and services' replies: from memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.text import UNSPACED, placed
from pipeline.transcripts.json_forms import dict_entries
from pipeline.transcripts.pieces import (
    ParsedTranscript,
    Piece,
    counted,
    parse_milliseconds,
    parse_probability,
    parse_seconds,
    strip_sounds,
)

_UNSPACED = re.compile(f"[{UNSPACED}]")
_CLOSING_PUNCTUATION = re.compile(r"[.,;:!?\u2026\u3001\u3002\uff0c\uff01\uff1f)\]'\u2019\u201d%]+")


def is_whisper(content: Any) -> bool:
    return any(_timed_text(segment) for segment in _segments(content))


def _segments(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [segment for entry in content for segment in (dict_entries(entry) or dict_entries([entry]))]
    if not isinstance(content, dict):
        return []
    keys = ("segments", "utterances", "chunks", "word_segments", "words")
    lists = (content.get(key) for key in keys)
    return next((items for items in map(dict_entries, lists) if any(map(_timed_text, items))), [])


def _timed_text(entry: dict[str, Any]) -> str:
    """The text of a timed word or segment; "" for anything else."""
    text = entry.get("text", entry.get("word"))
    time_keys = {"start", "end", "timestamp", "words"} & entry.keys()
    return text if isinstance(text, str) and time_keys else ""


def read_whisper(content: Any) -> ParsedTranscript:
    """One piece per word where words add up to their segment's text, otherwise one per segment.

    A segment's speaker takes precedence over its words': speakers of single words are less reliable, and
    would split sentences.
    """
    segments = _segments(content)
    separate_words = _separate_words(content)
    pieces = _align_to_text(content["text"], separate_words) if separate_words else []
    pieces = pieces or [piece for segment in segments for piece in _segment_pieces(segment)]
    unreadable = sum(
        entry.get(key) is not None and parse_seconds(entry.get(key)) is None
        for segment in separate_words or segments
        for entry in (segment, *dict_entries(segment.get("words")))
        for key in ("start", "end")
    )
    return ParsedTranscript(
        tuple(pieces), [f"left out {counted(unreadable, 'time')} that cannot be read"] if unreadable else []
    )


def _separate_words(content: Any) -> list[dict[str, Any]]:
    """Timed words beside the full text; [] where segments name speakers or have words of their own."""
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        return []
    segments = [entry for key in ("segments", "utterances") for entry in dict_entries(content.get(key))]
    redundant = any(_speaker_name(segment) or dict_entries(segment.get("words")) for segment in segments)
    return (
        []
        if redundant
        else [word for word in dict_entries(content.get("words")) if _timed_text(word).strip()]
    )


def _align_to_text(text: str, words: Sequence[dict[str, Any]]) -> list[Piece]:
    """The words of `text` with times and speakers taken from `words`; [] if they do not match it."""
    pieces: list[Piece] = []
    label = None
    for token in placed(strip_sounds(text), [_timed_text(word) for word in words]):
        first = {} if token.first is None else words[token.first]
        last = {} if token.last is None else words[token.last]
        label = _speaker_name(first) or _speaker_name(last) or label
        word_text, glued = token.text.strip(), not token.text[0].isspace()
        times = _times(first)[0], _times(last)[1]
        pieces.append(Piece(label, word_text, *times, _probability(first), glued, is_word=True))
    return pieces


def _segment_pieces(segment: dict[str, Any]) -> Iterator[Piece]:
    text, words = _timed_text(segment), dict_entries(segment.get("words"))
    if not strip_sounds(text).strip():
        return
    label = _speaker_name(segment)
    word_texts = [_timed_text(word) or str(word.get("word", "")) for word in words]
    if "".join("".join(word_texts).split()) != "".join(text.split()) or strip_sounds(text) != text:
        start, end = _times(segment)
        glued = not text[:1].isspace() and bool(_UNSPACED.match(text))
        yield Piece(label, text, start, end, _probability(segment), glued)
        return
    spaces = _spaces_before(word_texts)
    for word, word_text, has_space in zip(words, word_texts, spaces, strict=True):
        if word_text.strip():
            start, end = _times(word)
            speaker = label or _speaker_name(word)
            yield Piece(speaker, word_text, start, end, _probability(word), glued=not has_space, is_word=True)


def _speaker_name(entry: dict[str, Any]) -> str | None:
    name = entry.get("speaker", entry.get("speaker_id"))
    if isinstance(name, int) and not isinstance(name, bool):
        return f"Speaker {name}"
    return name.strip() or None if isinstance(name, str) else None


def _times(entry: dict[str, Any]) -> tuple[float | None, float | None]:
    pair = entry.get("timestamp")
    if isinstance(pair, list) and len(pair) == 2:
        return parse_seconds(pair[0]), parse_seconds(pair[1])
    return parse_seconds(entry.get("start")), parse_seconds(entry.get("end"))


def _probability(entry: dict[str, Any]) -> float | None:
    return next(
        (p for key in ("probability", "score", "confidence") if (p := parse_probability(entry.get(key)))),
        None,
    )


def _spaces_before(words: Sequence[str]) -> list[bool]:
    """Whether a space precedes each word: as given if any has one, else by script and punctuation."""
    if any(word[:1].isspace() for word in words[1:]):
        return [index == 0 or word[:1].isspace() for index, word in enumerate(words)]
    previous_words = ["", *words]
    return [
        not (
            _UNSPACED.match(word)
            or _CLOSING_PUNCTUATION.fullmatch(word.strip())
            or _UNSPACED.match(previous[-1:])
        )
        for word, previous in zip(words, previous_words, strict=False)
    ]


# JSON of AssemblyAI: like Whisper's above, but with times in milliseconds.
#
# `utterances` (null without speaker labels) have `speaker`, `text`, `start`, `end` and `words`; beside them
# are the `text` and `words` of the whole recording. From memory.

_LIST_KEYS = ("utterances", "words")
_TIME_KEYS = ("start", "end")


def is_assemblyai(content: Any) -> bool:
    """Whether there is an `utterances` field, and every time is a whole number."""
    if not isinstance(content, dict) or "utterances" not in content or not is_whisper(content):
        return False
    timed_entries = [entry for key in _LIST_KEYS for entry in dict_entries(content.get(key))]
    return all(isinstance(entry.get(key), int) for entry in timed_entries for key in _TIME_KEYS)


def read_assemblyai(content: Any) -> ParsedTranscript:
    """Utterances with their words, otherwise the words of the text."""
    lists = {key: [_in_seconds(entry) for entry in dict_entries(content.get(key))] for key in _LIST_KEYS}
    return read_whisper({**content, **lists})


def _in_seconds(entry: dict[str, Any]) -> dict[str, Any]:
    words = [_in_seconds(word) for word in dict_entries(entry.get("words"))]
    times = {key: parse_milliseconds(entry.get(key)) for key in _TIME_KEYS}
    return entry | times | ({"words": words} if words else {})
