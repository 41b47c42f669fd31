"""A small talk, and what the rules make of claims about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pipeline.engines import syntax
from pipeline.engines.sentence_vectors import SentenceEncoder
from pipeline.records import Claim, Sentence, Speaker, Turn, Turns
from pipeline.takeaways.verification import Findings, Place, Verifier
from pipeline.weights import models
from pipeline.workspace.sidecar import Facts

Rows = Sequence[tuple[str, str]]  # (speaker, sentence)


@cache
def encoder() -> SentenceEncoder:
    return SentenceEncoder(models.locate("minilm") / "model.onnx")


def turns_of(rows: Rows, language: str = "en") -> Turns:
    """A turn a sentence; ids are n0, n1, …; speakers S1, S2, … in order of appearance."""
    ids = {name: f"S{number}" for number, name in enumerate(dict.fromkeys(row[0] for row in rows), 1)}
    sentences = [
        Sentence(id=f"n{k}", text=text, speaker=ids[name], words=(100 * k, 100 * k + 1))
        for k, (name, text) in enumerate(rows)
    ]
    return Turns(
        language=language,
        speakers=tuple(Speaker(id=id, name=name, source="label") for name, id in ids.items()),
        turns=tuple(Turn(id=f"t{k}", speaker=s.speaker, sentences=(s,)) for k, s in enumerate(sentences)),
    )


def verifier(rows: Rows, facts: Facts | None = None, language: str = "en") -> Verifier:
    """As the writers make one, with a parser where there is one for the language."""
    parse = syntax.parser(language)
    return Verifier(turns_of(rows, language), facts or Facts(offsets={}), encoder(), parse)


def findings(
    rows: Rows,
    text: str,
    *cites: int,
    place: Place = "prose",
    facts: Facts | None = None,
    language: str = "en",
    earlier: Sequence[str] = (),
) -> Findings:
    """What the rules make of a claim that cites these rows; the first if none are given."""
    claim = Claim(text=text, cites=tuple(f"n{k}" for k in cites or (0,)))
    return verifier(rows, facts, language).check(claim, place, earlier)


def failed(found: Findings) -> set[str]:
    """The codes of the hard rules that refuse a claim."""
    return {failure.code for failure in found.failures}


def doubted(found: Findings) -> set[str]:
    """The codes of all rules that a claim fails or that doubt it."""
    return {reason.code for reason in (*found.failures, *found.doubts)}
