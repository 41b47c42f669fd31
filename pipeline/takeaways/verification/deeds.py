"""Deeds: what is planned, possible or asked is not told as done."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.takeaways.language.comparable import REPORTING
from pipeline.takeaways.verification.analysis import Analysis, Clause
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_SPEAKING = REPORTING | LISTS.word_set("speaking")
_STEERING, _TALKING = LISTS.word_set("steering"), LISTS.word_set("talking")
_TURNS = frozenset(LISTS["turns"])


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
        yield Failure(
            "deed",
            f'it tells "{deeds[0].text}" as done: do the cited lines say that it has happened, rather than '
            "that it is planned, possible or asked?",
        )


def _is_deed(clause: Clause, tree: Analysis) -> bool:
    """Whether a clause tells of something that has happened, other than in talking."""
    verb = tree.tokens[clause.verb]
    is_main = verb.dependency in {"ROOT", "conj", "ccomp"} and verb.tag in {"VBD", "VBN"}
    is_certain = (
        clause.happened and not (clause.supposed or clause.denied) and verb.text.lower() != verb.lemma
    )
    return is_main and is_certain and not _is_talking(clause.verb, tree)


def _is_talking(verb: int, tree: Analysis) -> bool:
    """Whether a verb is of what is done in talking, by itself or by what belongs to it.

    "Turned to fees" and "began with a question" steer a talk; "turned the key" and "began the work" do not.
    """
    lemma, children = tree.lemma(verb), tree.children[verb]
    objects = [k for k in children if tree.label(k) in {"dobj", "nsubjpass"}]
    if lemma not in _STEERING or not objects:
        return lemma in _SPEAKING or any(f"{lemma} {tree.lemma(k)}" in _TURNS for k in children)
    return any(k in tree.speakers or tree.lemma(k) in _TALKING for k in objects)
