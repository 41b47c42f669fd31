"""Whose words are whose: the program's own transcript and turns beside what people wrote down."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kaldialign import align
from meeteval.wer import cp_word_error_rate

from bench.speakers.clips import ROOT

SpokenWords = list[tuple[str, str]]  # speaker, word; in order

GAP = "*"


@dataclass(frozen=True)
class Words:
    """`wrong` of the `matched` words, those heard as they were said, went to another speaker.

    `errors` are those of cpWER: words wrong, missing, too many or with the wrong speaker, of `length`.
    """

    errors: int
    length: int
    wrong: int
    matched: int
    speakers: int
    found: int


def words_of(recording: Path, truth: Path) -> Words:
    """What the program makes of a recording, against the truth in an STM file."""
    said, heard = _said(truth), _heard(recording)
    reference, hypothesis = _by_speaker(said), _by_speaker(heard)
    result = cp_word_error_rate(reference, hypothesis, reference_sort=False, hypothesis_sort=False)
    same = {(left, right) for left, right in result.assignment if left and right}
    pairs = _matched(said, heard)
    wrong = sum(pair not in same for pair in pairs)
    return Words(result.errors, result.length, wrong, len(pairs), len(reference), len(hypothesis))


def _said(path: Path) -> SpokenWords:
    """The words of an STM file, in order of time."""
    lines = [line.split(maxsplit=5) for line in path.read_text("utf-8").splitlines() if line.strip()]
    lines.sort(key=lambda line: float(line[3]))
    return [(line[2], word) for line in lines for word in _plain(line[5])]


def _plain(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def _heard(recording: Path) -> SpokenWords:
    """The words that the first two stages find, run in a workspace of their own."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        (workspace / "inputs").mkdir()
        shutil.copy(recording, workspace / "inputs")
        start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pipeline.cli.main import main; main()"
        command = [sys.executable, "-c", start, "run", "inputs", "--to", "segment"]
        subprocess.run(command, cwd=workspace, check=True, stdout=subprocess.DEVNULL)
        outputs = workspace / "outputs" / recording.stem
        transcript = json.loads((outputs / "1_transcript.json").read_text("utf-8"))["data"]
        turns = json.loads((outputs / "2_turns.json").read_text("utf-8"))["data"]
    return [
        (sentence["speaker"], word)
        for turn in turns["turns"]
        for sentence in turn["sentences"]
        for spoken in transcript["words"][slice(*sentence["words"])]
        for word in _plain(spoken["text"])
    ]


def _by_speaker(spoken: SpokenWords) -> dict[str, str]:
    words_by_speaker: dict[str, list[str]] = {}
    for speaker, word in spoken:
        words_by_speaker.setdefault(speaker, []).append(word)
    return {speaker: " ".join(words) for speaker, words in words_by_speaker.items()}


def _matched(said: SpokenWords, heard: SpokenWords) -> list[tuple[str, str]]:
    """The two speakers of each word that was heard as it was said."""
    next_said, next_heard = iter(said), iter(heard)
    pairs = []
    for said_word, heard_word in align([word for _, word in said], [word for _, word in heard], GAP):
        speakers = (
            next(next_said)[0] if said_word != GAP else "",
            next(next_heard)[0] if heard_word != GAP else "",
        )
        if said_word == heard_word:
            pairs.append(speakers)
    return pairs
