"""Transcripts in JSON: of Podcasting 2.0, whisper.cpp, Whisper and its kin, and AssemblyAI."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.text import UNSPACED, placed
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
    "Known are those of Whisper and its kin (segments, transcription, chunks or words), of AssemblyAI "
    "(utterances or words), of ElevenLabs (words), and Podcasting 2.0 (segments)."
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
    unreadable = sum(_whisper_cpp_times(segment) == (None, None) for segment in segments)
    notes = [f"the times of {counted(unreadable, 'part')} cannot be read: left out"] if unreadable else []
    return ParsedTranscript(
        tuple(piece for segment in segments for piece in _whisper_cpp_pieces(segment)), notes
    )


def _whisper_cpp_pieces(segment: dict[str, Any]) -> Iterator[Piece]:
    text = segment.get("text")
    if not isinstance(text, str) or not strip_sounds(text).strip():
        return
    speaker = segment.get("speaker")
    label = f"Speaker {speaker}" if isinstance(speaker, str | int) and str(speaker).isdigit() else None
    words = _token_words(segment, label)
    if strip_sounds(text) == text and "".join(word.text for word in words).strip() == text.strip():
        yield from (replace(word, text=word.text.strip()) for word in words if word.text.strip())
    else:
        start, end = _whisper_cpp_times(segment)
        yield Piece(label, text, start, end, glued=not text[:1].isspace())


def _token_words(segment: dict[str, Any], label: str | None) -> list[Piece]:
    """Tokens joined into words (a space begins one); a word's probability is the mean of its tokens'."""
    words: list[Piece] = []
    token_texts: list[list[str]] = []
    token_probabilities: list[list[float]] = []
    for token in dict_entries(segment.get("tokens")):
        text = token.get("text")
        if not isinstance(text, str) or text.startswith("[_"):
            continue
        (start, end), probability = _whisper_cpp_times(token), parse_probability(token.get("p"))
        if words and not text.startswith(" ") and text.isascii():
            words[-1] = replace(words[-1], end=end)
        else:
            words.append(Piece(label, "", start, end, glued=not text.startswith(" "), is_word=True))
            token_texts.append([])
            token_probabilities.append([])
        token_texts[-1].append(text)
        token_probabilities[-1].extend([] if probability is None else [probability])
    means = [sum(values) / len(values) if values else None for values in token_probabilities]
    texts = map("".join, token_texts)
    return [
        replace(word, text=text, probability=mean)
        for word, text, mean in zip(words, texts, means, strict=True)
    ]


def _whisper_cpp_times(entry: dict[str, Any]) -> tuple[float | None, float | None]:
    """Start and end in seconds from `offsets`, otherwise from `timestamps`."""
    offsets, stamps = entry.get("offsets"), entry.get("timestamps")
    if isinstance(offsets, dict):
        return parse_milliseconds(offsets.get("from")), parse_milliseconds(offsets.get("to"))
    if isinstance(stamps, dict):
        return parse_seconds(stamps.get("from")), parse_seconds(stamps.get("to"))
    return None, None


# JSON of Whisper and related programs, and of services like OpenAI's.
#
# openai-whisper, faster-whisper, WhisperX and whisper-timestamped have segments (`start`, `end`, `text`,
# seconds) with `words`: `word` or `text`, `start`, `end`, and `probability` (openai-whisper, faster-whisper),
# `score` (WhisperX) or `confidence` (whisper-timestamped). faster-whisper writes no file itself: people dump
# a list of its segments, or put it under `segments`. WhisperX adds `speaker` to segments and words, and gives
# no times to words that it cannot align (numbers). Hugging Face's pipeline has `chunks` with `timestamp`
# pairs. OpenAI's API has `words` beside `segments` rather than in them, and without punctuation, which only
# `text` has. ElevenLabs has `words` with `speaker_id`, some of which are not words (`type` "spacing",
# "audio_event"). All this is known from the programs' sources, except for people's dumps and services'
# replies: from memory.

_UNSPACED = re.compile(f"[{UNSPACED}]")
_CLOSING_PUNCTUATION = re.compile(r"[.,;:!?\u2026\u3001\u3002\uff0c\uff01\uff1f)\]'\u2019\u201d%]+")


def is_whisper(content: Any) -> bool:
    return any(_timed_text(segment) for segment in _segments(content))


def _segments(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [segment for entry in content for segment in (dict_entries(entry) or dict_entries([entry]))]
    if not isinstance(content, dict):
        return []
    keys = ("segments", "utterances", "speakers", "chunks", "word_segments", "words")
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
