"""Real conversations, with an invented time for each turn."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

WORDS_PER_SECOND = 2.5  # by which turns get their times

_MARK = re.compile(r"\{[^{}]*\}|\[[A-Z][a-z]+\.\]")  # QMSum: {disfmarker}, [Laughter.]
_TAG = re.compile(r"</?[a-z]+>")
_BEFORE = re.compile(r"\s+(?=[.,?!;:)%]|n't\b|'(?:s|m|re|ve|ll|d)\b)")  # QMSum's tokens are parted by spaces
_TURN_WITHIN = re.compile(r"\*\*([^*:]{1,60}):\*\*")  # a label that was taken for text


@dataclass(frozen=True)
class Turn:
    """What somebody says, from `start` (seconds). `office` is what the source gives in brackets."""

    speaker: str
    text: str
    office: str = ""
    topic: str = ""
    start: float = 0

    @property
    def words(self) -> list[str]:
        return self.text.split()


@dataclass(frozen=True)
class Talk:
    name: str
    turns: tuple[Turn, ...]

    @property
    def speakers(self) -> list[str]:
        """Everybody, in order of speech."""
        return list(dict.fromkeys(turn.speaker for turn in self.turns))


def load(data: Path, count: int | None = None) -> list[Talk]:
    """The talks in DATA/bitcoinops and DATA/qmsum; `count` of them, evenly spaced."""
    paths = [path for kind in ("bitcoinops", "qmsum") for path in sorted((data / kind).glob("*.json"))]
    if not paths:
        raise SystemExit(f"{data} has no bitcoinops/ or qmsum/ with talks")
    kept = paths if count is None else [paths[n * len(paths) // count] for n in range(min(count, len(paths)))]
    return [timed(path.stem, _turns(json.loads(path.read_text("utf-8")))) for path in kept]


def timed(name: str, turns: Iterator[Turn] | list[Turn]) -> Talk:
    """A talk whose turns follow each other at WORDS_PER_SECOND; turns without a word are left out."""
    placed, said = [], 0
    for turn in turns:
        if not any(map(str.isalnum, turn.text)):
            continue
        placed.append(replace(turn, start=said / WORDS_PER_SECOND))
        said += len(turn.words)
    return Talk(name, tuple(placed))


def _turns(content: dict[str, Any]) -> Iterator[Turn]:
    topics: dict[int, str] = {}
    for topic in content.get("topic_list", []):
        for first, last in topic["relevant_text_span"]:
            topics |= dict.fromkeys(range(int(first), int(last) + 1), topic["topic"])
    for number, turn in enumerate(content.get("turns") or content["meeting_transcripts"]):
        speaker, _, office = turn["speaker"].partition(" (")
        topic = turn.get("topic") or topics.get(number, "")
        text = _TAG.sub("", turn.get("text") or turn.get("content") or "")
        text = _BEFORE.sub("", _MARK.sub(" ", text))
        first, *others = _TURN_WITHIN.split(" ".join(text.split()))
        for who, said in zip((speaker, *others[::2]), (first, *others[1::2]), strict=True):
            yield Turn(who, said.strip(), office.removesuffix(")") if who == speaker else "", topic)
