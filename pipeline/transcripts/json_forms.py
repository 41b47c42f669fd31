"""JSON: whether it may be a transcript, told by its ends, and its content."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pipeline.errors import InputError

_ENDS = 8192  # bytes at either end that are looked at
_SPOKEN = re.compile(r'"(?:text|word|body)"\s*:')
_TIMED = re.compile(r'"(?:start|startTime|offsets|timestamps?)"\s*:')
_HELD = re.compile(
    r'\s*\[\s*\{|\s*\{\s*"text"\s*:|.*"(?:segments|transcription|word_segments|chunks|utterances|words)"',
    re.DOTALL,
)

KNOWN = "Known are those of Whisper and its kin (segments or transcription), and Podcasting 2.0 (segments)."


def may_be_transcript(path: Path) -> bool:
    """Whether a .json file looks like a transcript, by its first and last kilobytes."""
    try:
        with path.open("rb") as file:
            head = file.read(_ENDS)
            file.seek(max(0, path.stat().st_size - _ENDS))
            tail = file.read(_ENDS)
    except OSError:
        return True  # told when it is read
    wide = b"\0" in head
    text = "".join(part.replace(b"\0", b"").decode("utf-8", "ignore") for part in (head, tail))
    text = text.lstrip("\ufeff") if not wide else text[text.find("{") :]
    return bool(_HELD.match(text) and _SPOKEN.search(text) and _TIMED.search(text))


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
