"""Podcasting 2.0 JSON transcripts.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md: version, and
segments with speaker, startTime, endTime (seconds) and body. A segment may be a sentence or a single word.
"""

from __future__ import annotations

from typing import Any

from pipeline.transcripts.json_forms import entries
from pipeline.transcripts.pieces import Found, Piece, many, seconds


def fits(content: Any) -> bool:
    segments = entries(content.get("segments")) if isinstance(content, dict) else []
    return any("body" in segment for segment in segments)


def read(content: Any) -> Found:
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
