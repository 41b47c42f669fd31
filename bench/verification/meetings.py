"""Floors of support, from what people wrote about meetings (QMSum).

A sentence of an answer counts as a true claim about the turns it rests on, and as an unsupported one about an
equally long span elsewhere in the same meeting. As a writer would, each cites the three sentences of its span
that are most similar to it.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.verification.labelled import turns_of
from pipeline.engines import Embed
from pipeline.takeaways.verification import Failure, factuality, numbers, support
from pipeline.takeaways.verification.evidence import EvidenceIndex, Support

CITED_SENTENCES = 3
CITED_FOR_ALARMS = 6  # where false alarms of the other checks are counted
SEED = 7


@dataclass(frozen=True)
class Pair:
    """How well a sentence is supported by its own span, and by another; and false alarms of other checks."""

    meeting: str
    text: str
    true: Support
    false: Support
    alarms: tuple[Failure, ...]


def pairs(folder: Path, embed: Embed, limit: int | None = None) -> list[Pair]:
    """All answers of all meetings in a folder; `limit` meetings at most."""
    rng, all_pairs = random.Random(SEED), []
    for path in sorted(folder.glob("*.json"))[:limit]:
        meeting = json.loads(path.read_text("utf-8"))
        turns = [_clean(turn["content"]) for turn in meeting["meeting_transcripts"]]
        sentences = [[s for s in re.split(r"(?<=[.?!]) +", turn) if len(s.split()) > 3] for turn in turns]
        for query in meeting["specific_query_list"]:
            spans = [(int(first), int(last)) for first, last in query["relevant_text_span"]]
            own_turns = {turn for first, last in spans for turn in range(first, last + 1)}
            other_turns = _elsewhere(own_turns, len(turns), rng)
            own, other = (
                [s for turn in sorted(chosen) if turn < len(turns) for s in sentences[turn]]
                for chosen in (own_turns, other_turns)
            )
            if min(len(own), len(other)) < CITED_SENTENCES:
                continue
            for sentence in re.split(r"(?<=[.?!]) +", query["answer"].strip()):
                if len(sentence.split()) > 5:
                    true, false = (
                        support.claim_support(
                            sentence, _most_similar(sentence, span, embed, CITED_SENTENCES), embed
                        )
                        for span in (own, other)
                    )
                    alarms = tuple(_alarms(sentence, own, embed))
                    all_pairs.append(Pair(path.stem, sentence, true, false, alarms))
    return all_pairs


def _clean(text: str) -> str:
    text = re.sub(r"\{[^}]*\}", " ", text)
    return re.sub(r" +([.,?!'])", r"\1", re.sub(r"\s+", " ", text)).strip()


def _elsewhere(own: set[int], turns: int, rng: random.Random) -> set[int]:
    """As many turns in a row, away from the own span and its neighbours; empty if there are not as many."""
    size = min(len(own), turns // 3)
    starts = [i for i in range(turns - size) if own.isdisjoint(range(i - 2, i + size + 2))]
    return set(range(first := rng.choice(starts), first + size)) if starts else set()


def _alarms(sentence: str, span: Sequence[str], embed: Embed) -> Iterator[Failure]:
    """What other checks say of a true claim. Numbers may stand anywhere in its span.

    Names are left out: the answers call people by labels that nobody says.
    """
    cited = [(0, "", text) for text in _most_similar(sentence, span, embed, CITED_FOR_ALARMS)]
    index = EvidenceIndex(turns_of(cited), span)
    evidence = index.evidence([f"n{number}" for number in range(len(cited))])
    for check in (numbers.check_numbers, factuality.check_polarity, factuality.check_certainty):
        yield from check(sentence, evidence)


def _most_similar(sentence: str, candidates: Sequence[str], embed: Embed, count: int) -> list[str]:
    rows = embed([sentence, *candidates])
    best = np.argsort(-(rows[1:] @ rows[0]), kind="stable")[:count]
    return [candidates[i] for i in sorted(best)]
