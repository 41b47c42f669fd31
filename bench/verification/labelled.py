"""The hand-made claims of claims.json: excerpts of talks, true claims about them, and false twins of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.engines import Embed
from pipeline.records import Claim, Sentence, Speaker, Turn, Turns
from pipeline.takeaways.verification import Failure, Kind, Verifier, evidence, support

CLAIMS = Path(__file__).parent / "claims.json"
FACTS = ("Bitcoin", "Optech", "Lightning")
# What counts as caught for the right reason.
NAMED = {
    "speaker": {"speaker"},
    "negation": {"negation", "stance"},
    "number": {"number", "name"},  # a number that is part of a name
    "name": {"name"},
    "hedge": {"stance", "negation"},
    "antonym": {"stance", "negation"},
    "stance": {"stance", "negation"},
    "invented": {"support"},
    "quotation": {"quotation"},
    "pronoun": {"pronoun"},
}


@dataclass(frozen=True)
class Case:
    """A claim, how it was worded, what is wrong with it ("" if it is true), and which checks it failed."""

    half: str
    free: bool
    wrong: str
    text: str
    failures: tuple[Failure, ...]

    @property
    def codes(self) -> set[str]:
        return {failure.code for failure in self.failures}


def turns_of(rows: list[tuple[int, str, str]], language: str = "en") -> Turns:
    """Turns from (turn, speaker, sentence). Speakers get ids in order of appearance, sentences n0, n1, …"""
    ids = {name: f"S{number}" for number, name in enumerate(dict.fromkeys(row[1] for row in rows), 1)}
    sentences_by_turn: dict[int, list[Sentence]] = {}
    for i, (turn, name, text) in enumerate(rows):
        sentence = Sentence(id=f"n{i}", text=text, speaker=ids[name], words=(i * 500, i * 500 + 1))
        sentences_by_turn.setdefault(turn, []).append(sentence)
    return Turns(
        language=language,
        speakers=tuple(Speaker(id=id, name=name, source="label") for name, id in ids.items()),
        turns=tuple(
            Turn(id=f"t{number}", speaker=sentences[0].speaker, sentences=tuple(sentences))
            for number, sentences in sentences_by_turn.items()
        ),
    )


def cases(embed: Embed) -> Iterator[Case]:
    """Every claim and twin, checked."""
    excerpts: list[dict[str, Any]] = json.loads(CLAIMS.read_text("utf-8"))
    for excerpt in excerpts:
        verifier = Verifier(turns_of([tuple(row) for row in excerpt["sentences"]]), FACTS, embed)
        for claim in excerpt["claims"]:
            kind: Kind = claim["kind"]
            cites = tuple(f"n{number}" for number in claim["cites"])
            texts = {"": claim["text"]} | claim["twins"]
            for wrong, text in texts.items():
                failures = verifier.check(Claim(text=text, cites=cites), kind)
                yield Case(excerpt["half"], excerpt["free"], wrong.removesuffix(" again"), text, failures)


@dataclass(frozen=True)
class Support:
    """A true claim: how well its own sentences bear it out, and how well others of the same excerpt do."""

    half: str
    kind: str
    true: evidence.Support
    false: tuple[evidence.Support, ...]


def supports(embed: Embed) -> Iterator[Support]:
    """Every true claim with its own citations, and with each run of as many sentences elsewhere."""
    excerpts: list[dict[str, Any]] = json.loads(CLAIMS.read_text("utf-8"))
    for excerpt in excerpts:
        texts = [row[2] for row in excerpt["sentences"]]
        for claim in excerpt["claims"]:
            own, size = set(claim["cites"]), len(claim["cites"])
            runs = [range(first, first + size) for first in range(len(texts) - size + 1)]
            yield Support(
                excerpt["half"],
                claim["kind"],
                support.claim_support(claim["text"], [texts[i] for i in sorted(own)], embed),
                tuple(
                    support.claim_support(claim["text"], [texts[i] for i in run], embed)
                    for run in runs
                    if own.isdisjoint(range(run.start - 1, run.stop + 1))
                ),
            )
