"""Sentences whose speaker hangs on a moment are flagged: real recordings, through the real stages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.records import Sentence, Turns
from pipeline.running.artifacts import load
from pipeline.running.runner import Plan, run_talk
from pipeline.stages import STAGES
from pipeline.workspace import discovery
from pipeline.workspace.talks import Workspace
from tests.support.helpers import Recorder

Span = tuple[float, float, str]
SHIFT = 0.3  # seconds by which a person's boundaries may be off


def truth(path: Path) -> list[Span]:
    """Who spoke when, from RTTM or STM."""
    lines = [line.split() for line in path.read_text("utf-8").splitlines() if not line.startswith(";")]
    if path.suffix == ".stm":
        return [(float(line[3]), float(line[4]), line[2]) for line in lines]
    return [(float(line[3]), float(line[3]) + float(line[4]), line[7]) for line in lines]


def heard_most(sentence: Sentence, spans: list[Span], moved: float = 0.0) -> str | None:
    """Whose speech takes up most of a sentence, if all boundaries are moved by some seconds."""
    assert sentence.start is not None
    assert sentence.end is not None
    shares: dict[str, float] = {}
    for start, end, who in spans:
        common = min(sentence.end, end + moved) - max(sentence.start, start + moved)
        shares[who] = shares.get(who, 0.0) + max(0.0, common)
    best = max(shares, key=lambda who: shares[who])
    return best if shares[best] > 0 else None


def length(sentence: Sentence) -> int:
    """Words."""
    return sentence.words[1] - sentence.words[0]


@pytest.fixture(scope="module")
def segmented(tmp_path_factory: pytest.TempPathFactory, data: Path) -> dict[str, Turns]:
    workspace = Workspace(tmp_path_factory.mktemp("doubt"))
    workspace.inputs.mkdir()
    found = {}
    for name in ("phone.wav", "chaincode.opus"):
        (workspace.inputs / name).symlink_to(data / name)
        ((source,), _) = discovery.discover([workspace.inputs / name], workspace)
        talk = run_talk(source, workspace, Plan(STAGES[:2]), Recorder())
        turns = load(talk, STAGES[1])
        assert isinstance(turns, Turns)
        found[name] = turns
    return found


@pytest.mark.parametrize(
    ("name", "reference"), [("phone.wav", "phone.rttm"), ("chaincode.opus", "chaincode.stm")]
)
def test_no_sentence_hangs_on_a_moment_unflagged(
    segmented: dict[str, Turns], data: Path, name: str, reference: str
) -> None:
    spans, turns = truth(data / reference), segmented[name]
    assert len(turns.speakers) == len({who for *_, who in spans})
    hanging = [
        s
        for s in turns.sentences()
        if len({heard_most(s, spans, moved) for moved in (-SHIFT, 0.0, SHIFT)} - {None}) > 1
    ]
    loose = [s for s in hanging if not s.flags]
    assert sum(map(length, loose)) <= 4, loose  # a word or two may hang on how a processor rounds
    sure = [s for s in turns.sentences() if not s.flags]
    assert len(sure) >= 3
    assert sum(map(length, sure)) > 15


@pytest.mark.parametrize(
    ("name", "reference"), [("phone.wav", "phone.rttm"), ("chaincode.opus", "chaincode.stm")]
)
def test_what_is_not_flagged_is_right(
    segmented: dict[str, Turns], data: Path, name: str, reference: str
) -> None:
    spans, turns = truth(data / reference), segmented[name]
    whom: dict[str, Counter[str | None]] = {}
    for sentence in turns.sentences():
        if not sentence.flags:
            whom.setdefault(sentence.speaker, Counter())[heard_most(sentence, spans)] += length(sentence)
    most = {speaker: words.most_common(1)[0] for speaker, words in whom.items()}
    assert sum(n for _, n in most.values()) > 0.85 * sum(words.total() for words in whom.values()), whom
    assert len({person for person, _ in most.values()}) == len(whom)
