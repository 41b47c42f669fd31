"""Deeds: what is planned, possible or asked is not told as done."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.takeaways.language.comparable import REPORTING
from pipeline.takeaways.verification.analysis import Analysis, Clause
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

_SPEAKING = REPORTING | WordLists.beside(__file__).word_set("speaking")


def doubt_deeds(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """At most one doubt: something that has happened, where nobody speaks of anything that has.

    Sees: a verb in the past or the perfect, but for what a speaker does in talking, where no cited sentence
    has any. Cannot see: whether it was this that happened.
    """
    trees = evidence.reader.trees([text])
    if not (evidence.trees and trees):
        return
    deeds = [clause for clause in trees[0].clauses if _is_deed(clause, trees[0])]
    if deeds and not any(token.tag in {"VBD", "VBN"} for tree in evidence.trees for token in tree.tokens):
        yield Failure("deed", f'it says that "{deeds[0].text}": do they say that it has happened?')


def _is_deed(clause: Clause, tree: Analysis) -> bool:
    """Whether a clause tells of something that has happened, other than in talking."""
    verb = tree.tokens[clause.verb]
    is_main = verb.dependency in {"ROOT", "conj", "ccomp"} and verb.tag in {"VBD", "VBN"}
    is_certain = (
        clause.happened and not (clause.supposed or clause.denied) and verb.text.lower() != verb.lemma
    )
    return is_main and is_certain and verb.lemma.lower() not in _SPEAKING
