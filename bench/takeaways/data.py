"""Talks whose topics people have marked: their labelled words go through `pipeline.turns`.

Every sentence keeps the turn of the reference that it comes from. How transcripts are read is measured in
bench/transcripts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pipeline.records import Media, Transcript, Turns, Word
from pipeline.transcripts.sentences import sentence_ends
from pipeline.turns import assemble, attribution

KINDS = ("podcasts", "meetings")
SHORT = (
    100  # words that no topic covers: fewer belong to the topic before them, more are a stretch of their own
)

_TAG = re.compile(r"\{[^{}]*\}")  # QMSum: {disfmarker}, {vocalsound}
_BEFORE = re.compile(r"\s+(?=[.,?!;:)%]|n't\b|'(?:s|m|re|ve|ll|d)\b)")  # QMSum's tokens are parted by spaces


@dataclass(frozen=True)
class Said:
    """A turn of the reference: who, what, and the number of its topic (None: of none)."""

    speaker: str
    text: str
    topic: int | None


@dataclass(frozen=True)
class Reference:
    """What people marked. `topics` and `segments` have an entry a sentence of the talk, in order of speech.

    `topics` is the number of its topic, None where there is none. `segments` is the number of the stretch
    between two boundaries. `turn` is its turn of the reference, an index of `said`. `summaries` are texts
    about the talk by others.
    """

    said: tuple[Said, ...]
    topics: tuple[int | None, ...]
    segments: tuple[int, ...]
    turn: tuple[int, ...]
    summaries: tuple[str, ...]


@dataclass(frozen=True)
class Talk:
    name: str
    kind: str
    turns: Turns
    reference: Reference


def talks(folder: Path) -> Iterator[Talk]:
    """All talks of a data folder: `transcripts/bitcoinops/*.json` and `transcripts/qmsum/*.json`."""
    for kind, name in (("podcasts", "bitcoinops"), ("meetings", "qmsum")):
        paths = sorted((folder / "transcripts" / name).glob("*.json"))
        if not paths:
            raise SystemExit(f"no transcripts/{name}/*.json in the data folder")
        for path in paths:
            yield _talk(path.stem, kind, *_read(path))


def said_in(path: Path) -> list[Said]:
    """The turns of one file of a data folder, as the program is to read them."""
    return _read(path)[0]


def _read(path: Path) -> tuple[list[Said], tuple[str, ...]]:
    """Turns, and texts about the talk."""
    content = json.loads(path.read_text("utf-8"))
    said, summaries = _podcast(content) if "turns" in content else _meeting(content)
    return [turn for turn in said if turn.text], summaries


def _podcast(content: dict) -> tuple[list[Said], tuple[str, ...]]:
    """A newsletter's recap. Before its first topic is the introduction, which is of no topic."""
    numbers = {
        topic: n for n, topic in enumerate(dict.fromkeys(t["topic"] for t in content["turns"] if t["topic"]))
    }
    said = [Said(t["speaker"], _plain(t["text"]), numbers.get(t["topic"])) for t in content["turns"]]
    return said, ("\n".join(content["reference_summaries"].values()),)


def _meeting(content: dict) -> tuple[list[Said], tuple[str, ...]]:
    """QMSum. Where the spans of two topics overlap, the one that begins later has the turn.

    What stands after a name in brackets, an office mostly, is not part of it.
    """
    rows = content["meeting_transcripts"]
    topics: list[int | None] = [None] * len(rows)
    spans = [
        (int(first), int(last), number)
        for number, topic in enumerate(content["topic_list"])
        for first, last in topic["relevant_text_span"]
    ]
    for first, last, number in sorted(spans):
        topics[first : last + 1] = [number] * (min(last + 1, len(rows)) - first)
    said = [
        Said(row["speaker"].split(" (")[0], _plain(_BEFORE.sub("", _TAG.sub(" ", row["content"]))), topic)
        for row, topic in zip(rows, topics, strict=True)
    ]
    return said, tuple(query["answer"] for query in content["general_query_list"])


def _plain(text: str) -> str:
    """Without what the program would read as markup."""
    text = re.sub(r"\[([^\[\]]*)\]\([^)\s]*\)", r"\1", text).replace("**", "")
    return " ".join(text.split())


def _talk(name: str, kind: str, said: list[Said], summaries: tuple[str, ...]) -> Talk:
    found = read(said)
    words = [number for number, turn in enumerate(said) for _ in turn.text.split()]
    if [w for turn in said for w in turn.text.split()] != [
        w for s in found.sentences() for w in s.text.split()
    ]:
        raise SystemExit(f"{name}: the program read other words than the reference has")
    turn = tuple(words[sentence.words[0]] for sentence in found.sentences())
    segments = _segments(said)
    return Talk(
        name,
        kind,
        found,
        Reference(
            tuple(said), tuple(said[t].topic for t in turn), tuple(segments[t] for t in turn), turn, summaries
        ),
    )


def read(said: Sequence[Said]) -> Turns:
    """Turns as the program makes them of labelled words."""
    words = tuple(Word(text=f" {word}", label=turn.speaker) for turn in said for word in turn.text.split())
    transcript = Transcript(media=Media(name="talk.md", kind="transcript"), language="en", words=words)
    texts = [word.text for word in words]
    ends = sentence_ends.ends(words, texts, transcript.language)
    return assemble.assemble(transcript, texts, ends, attribution.by_label(words))


def _segments(said: Sequence[Said]) -> list[int]:
    """The stretch of each turn: a new one where the topic changes, short gaps left out."""
    labels: list[int | None] = []
    for topic, group in groupby(said, key=lambda turn: turn.topic):
        run = list(group)
        short = topic is None and sum(len(turn.text.split()) for turn in run) < SHORT
        labels += [labels[-1] if short and labels else topic] * len(run)
    if labels and labels[0] is None:
        opening = next((n for n, label in enumerate(labels) if label is not None), len(labels))
        if sum(len(turn.text.split()) for turn in said[:opening]) < SHORT:
            labels[:opening] = [labels[opening]] * opening if opening < len(labels) else labels[:opening]
    found, number = [], 0
    for at, label in enumerate(labels):
        number += bool(at and label != labels[at - 1])
        found.append(number)
    return found
