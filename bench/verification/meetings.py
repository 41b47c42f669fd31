"""Floors of support, from what people wrote about meetings (QMSum).

An answer's sentence with the turns that it rests on is taken for a true claim; with an equally long span
of the same meeting, elsewhere, for one that nothing bears out. As a writer would, each cites the three
sentences of its span that are likest to it.
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

CITED = 3
WIDE = 6  # cited sentences where false alarms of the other checks are counted
SEED = 7


@dataclass(frozen=True)
class Pair:
    """A sentence against its own span, and against another."""

    meeting: str
    text: str
    true: Support
    false: Support
    alarms: tuple[Failure, ...]


def pairs(folder: Path, embed: Embed, limit: int | None = None) -> list[Pair]:
    """All answers of all meetings in a folder; `limit` meetings at most."""
    chance, found = random.Random(SEED), []
    for path in sorted(folder.glob("*.json"))[:limit]:
        meeting = json.loads(path.read_text("utf-8"))
        said = [_clean(turn["content"]) for turn in meeting["meeting_transcripts"]]
        pieces = [[s for s in re.split(r"(?<=[.?!]) +", turn) if len(s.split()) > 3] for turn in said]
        for query in meeting["specific_query_list"]:
            spans = [(int(a), int(b)) for a, b in query["relevant_text_span"]]
            own = {k for a, b in spans for k in range(a, b + 1)}
            other = _elsewhere(own, len(said), chance)
            mine, theirs = (
                [s for k in sorted(ks) if k < len(said) for s in pieces[k]] for ks in (own, other)
            )
            if len(mine) < CITED or len(theirs) < CITED:
                continue
            for sentence in re.split(r"(?<=[.?!]) +", query["answer"].strip()):
                if len(sentence.split()) > 5:
                    true, false = (
                        support.claim_support(sentence, _likest(sentence, some, embed, CITED), embed)
                        for some in (mine, theirs)
                    )
                    alarms = tuple(_alarms(sentence, mine, embed))
                    found.append(Pair(path.stem, sentence, true, false, alarms))
    return found


def _clean(text: str) -> str:
    text = re.sub(r"\{[^}]*\}", " ", text)
    return re.sub(r" +([.,?!'])", r"\1", re.sub(r"\s+", " ", text)).strip()


def _elsewhere(own: set[int], turns: int, chance: random.Random) -> set[int]:
    """As many turns in a row, none of them nor their neighbours in the own span, if there are as many."""
    size = min(len(own), turns // 3)
    starts = [k for k in range(turns - size) if own.isdisjoint(range(k - 2, k + size + 2))]
    return set(range(first := chance.choice(starts), first + size)) if starts else set()


def _alarms(sentence: str, span: Sequence[str], embed: Embed) -> Iterator[Failure]:
    """What other checks say of a true claim. Numbers may stand anywhere in its span.

    Names are left out: the answers call people by labels that nobody says.
    """
    said = [(0, "", text) for text in _likest(sentence, span, embed, WIDE)]
    index = EvidenceIndex(turns_of(said), span)
    evidence = index.evidence([f"n{number}" for number in range(len(said))])
    for check in (numbers.check_numbers, factuality.check_polarity, factuality.check_certainty):
        yield from check(sentence, evidence)


def _likest(sentence: str, pieces: Sequence[str], embed: Embed, count: int) -> list[str]:
    rows = embed([sentence, *pieces])
    best = np.argsort(-(rows[1:] @ rows[0]), kind="stable")[:count]
    return [pieces[k] for k in sorted(best)]
