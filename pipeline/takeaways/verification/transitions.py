"""Sentences that lead on from one to the next: they rest on nothing, and so may claim nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language import quantities
from pipeline.takeaways.language.comparable import QUOTED, SPEAKER, content
from pipeline.takeaways.verification.analysis import Analysis
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.takeaways.verification.known_names import KnownNames
from pipeline.takeaways.verification.numbers import is_in_date
from pipeline.takeaways.verification.proper_names import names_in
from pipeline.takeaways.verification.scope import negators_of
from pipeline.takeaways.verification.speaker_attribution import agents
from pipeline.takeaways.verification.syntax_tree import SUBJECTS
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_PIECE_END = re.compile(r"(?<=[.!;\u2026])\s+")
MAX_WORDS = 4  # content words of a statement that may do no more than lead on
_POINTING, _LEADING = LISTS.word_set("pointing"), LISTS.word_set("leading")


def check_transition(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """At most one failure: what a sentence without any source holds that needs one, if it is not known."""
    trees = evidence.reader.trees([text]) if evidence.talk.english else None
    speaking = agents(trees[0]) if trees else set(SPEAKER.findall(text))
    known = {n.value for fact in evidence.known for n in quantities.read(fact, evidence.talk.english)}
    claim = SPEAKER.sub(" ", text)
    numbers = [
        number
        for number in quantities.read(claim, evidence.talk.english)
        if not any(is_in_date(number, claim, date) for date in evidence.talk.dates)
    ]
    if speaking:
        yield Failure("uncited", f"it has {{{min(speaking)}}} say or do something, and cites no sentence")
    elif QUOTED.search(text):
        yield Failure("uncited", "it quotes, and cites no sentence")
    elif unknown := [number for number in numbers if number.value not in known]:
        yield Failure("uncited", f"it gives the number {unknown[0].text}, and cites no sentence")
    else:
        said = KnownNames([*evidence.known, evidence.date_words])
        for name in names_in(text, evidence, place, with_openings=trees is not None):
            if not said.has(name):
                yield Failure("uncited", f'it names "{name}", and cites no sentence')
                return


def doubt_transition(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A statement that may claim something, other than what is known.

    In English without a parser: one of some length; elsewhere any.
    """
    text = _statement(text)
    words = set(content(text))
    if not text or (
        words
        and words.issubset(word for fact in (*evidence.known, evidence.date_words) for word in content(fact))
    ):
        return
    trees = evidence.reader.trees([text]) if evidence.talk.english else None
    is_short = evidence.talk.english and len(words) <= MAX_WORDS
    if not is_short or (trees and any(_may_claim(trees[0], clause.verb) for clause in trees[0].clauses)):
        yield Failure("uncited", "it cites no sentence: does it claim anything about the talk?")


def _statement(text: str) -> str:
    """The text without a question at its end, or what ends in a colon: these lead on, whatever they say."""
    pieces = _PIECE_END.split(text.rstrip("\"'\u201d\u2019) "))
    return " ".join(pieces[:-1] if pieces[-1].endswith(("?", "\uff1f", ":", "\u2026")) else pieces)


def _may_claim(tree: Analysis, verb: int) -> bool:
    """Whether a clause, a main or a relative one, says something rather than to point to it ("Here is …").

    What points has its subject after the verb, or leads there: "That leaves the money", "Let us see".
    """
    if tree.tokens[verb].head != verb and not (
        tree.label(verb) in {"conj", "relcl"} and tree.has_subject(verb)
    ):
        return False
    subjects = [k for k in tree.children[verb] if tree.label(k) in SUBJECTS]
    if tree.tokens[verb].tag == "VBD" or negators_of(tree, verb):
        return True
    return any(k < verb and tree.lemma(k) not in _POINTING for k in subjects) or (
        any(k < verb for k in subjects) and tree.lemma(verb) not in _LEADING
    )
