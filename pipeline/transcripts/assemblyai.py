"""JSON of AssemblyAI: as Whisper's (pipeline.transcripts.whisper_json), but with times in milliseconds.

`utterances` (null without speaker labels) have `speaker`, `text`, `start`, `end` and `words`; beside them are
`text` and `words` of the whole. From memory.
"""

from __future__ import annotations

from typing import Any

from pipeline.transcripts import whisper_json
from pipeline.transcripts.json_forms import entries
from pipeline.transcripts.pieces import Found, milliseconds

_LISTS = ("utterances", "words")
_TIMES = ("start", "end")


def fits(content: Any) -> bool:
    """Whether it has a place for utterances, and all times are whole numbers."""
    if not isinstance(content, dict) or "utterances" not in content or not whisper_json.fits(content):
        return False
    timed = [entry for key in _LISTS for entry in entries(content.get(key))]
    return all(isinstance(entry.get(key), int) for entry in timed for key in _TIMES)


def read(content: Any) -> Found:
    """Utterances with their words, else the words of the text."""
    lists = {key: [_in_seconds(entry) for entry in entries(content.get(key))] for key in _LISTS}
    return whisper_json.read({**content, **lists})


def _in_seconds(entry: dict[str, Any]) -> dict[str, Any]:
    words = [_in_seconds(word) for word in entries(entry.get("words"))]
    times = {key: milliseconds(entry.get(key)) for key in _TIMES}
    return entry | times | ({"words": words} if words else {})
