"""What a reader kept of a talk: its words, whose they are, when turns begin, and what nobody said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from rapidfuzz.distance import LCSseq

from bench.transcripts.talks import Turn
from pipeline.records import Word
from pipeline.text import tokens
from pipeline.transcripts import Reading

TIME_TOLERANCE_SECONDS = 1.0
STRANGER = "Unknown speaker"  # the same as no label
# Other notes are on times, encodings or what was left out.
_ON_SPEAKERS = re.compile(r"speaker|label|name|nobody|who\b", re.IGNORECASE)


@dataclass
class Score:
    """Counts of words, and of turns with a time.

    `right` words are under their speaker's label, `role_in_label` of them under one with a role behind the
    name. `nobody`: words without a label though the file gives one. `wrong`: words under another's label. Of
    both, those of files with a note on it are `..._told`. `unsaid` were not said. `refused` counts files.
    """

    files: int = 0
    refused: int = 0
    said: int = 0
    kept: int = 0
    right: int = 0
    role_in_label: int = 0
    nobody_told: int = 0
    nobody_silent: int = 0
    wrong_told: int = 0
    wrong_silent: int = 0
    unsaid: int = 0
    starts: int = 0
    starts_kept: int = 0

    def add(self, other: Score) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def bare(text: str) -> str:
    """Letters and digits alone, in small letters."""
    return "".join(filter(str.isalnum, text.casefold()))


def name(label: str) -> str:
    """A label without a role behind it, in small letters."""
    return label.partition(" (")[0].partition(", ")[0].casefold()


def on_speakers(notes: Sequence[str]) -> bool:
    """Whether a note says that it is not certain who speaks."""
    return any(map(_ON_SPEAKERS.search, notes))


def of_nothing(turns: Sequence[Turn]) -> Score:
    """The score of a file that was refused."""
    return Score(files=1, refused=1, said=sum(bool(bare(word)) for turn in turns for word in turn.words))


def score(turns: Sequence[Turn], reading: Reading, times: bool, voices: bool) -> Score:
    """`times`, `voices`: the file gives them."""
    # A word in which a sentence ends ("OK.So") is two, on either side.
    said = [
        (bare(part), turn, not n)
        for turn in turns
        for n, part in enumerate(part for word in turn.words for part in tokens(word))
    ]
    said = [entry for entry in said if entry[0]]
    heard = [(bare(part), word) for word in reading.words for part in word.text.split()]
    heard = [entry for entry in heard if entry[0]]
    told = on_speakers(reading.notes)
    result = Score(files=1, said=len(said))
    for at, word in enumerate(aligned([text for text, *_ in said], heard)):
        _, turn, is_first = said[at]
        result.starts += times and is_first
        if word is None:
            continue
        result.kept += 1
        result.starts_kept += (
            times
            and is_first
            and word.start is not None
            and abs(word.start - turn.start) <= TIME_TOLERANCE_SECONDS
        )
        _add_label(result, word.label, turn.speaker if voices else None, told)
    result.unsaid = len(heard) - result.kept
    return result


def _add_label(result: Score, label: str | None, expected: str | None, told: bool) -> None:
    label = None if label == STRANGER else label
    if label == expected or (label and expected and name(label) == name(expected)):
        result.right += 1
        result.role_in_label += bool(label and label.casefold() != name(label))
    elif label is None:
        result.nobody_told += told
        result.nobody_silent += not told
    else:
        result.wrong_told += told
        result.wrong_silent += not told


def aligned(said: Sequence[str], heard: Sequence[tuple[str, Word]]) -> list[Word | None]:
    """For each word said, the word heard that it is in a longest common subsequence."""
    found: list[Word | None] = [None] * len(said)
    for block in LCSseq.opcodes(said, [text for text, _ in heard]):
        if block.tag == "equal":
            for offset in range(block.src_end - block.src_start):
                found[block.src_start + offset] = heard[block.dest_start + offset][1]
    return found
