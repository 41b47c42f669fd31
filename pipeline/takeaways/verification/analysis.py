"""What a parsed text says, in pieces that can be compared: terms and clauses. English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pipeline.takeaways.language.comparable import stem
from pipeline.takeaways.language.english import FUNCTION
from pipeline.takeaways.verification import scope
from pipeline.takeaways.verification.syntax_tree import Tree
from pipeline.word_lists import WordLists

NEAR_TERMS = 5  # on each side of a term, which tell what it is said of
OPEN_CLASSES = frozenset({"NOUN", "VERB", "ADJ", "PROPN", "ADV", "NUM"})
COMPARATIVES = frozenset({"more", "less", "fewer"})
_LIGHT = WordLists.beside(__file__).word_set("light_words")


@dataclass(frozen=True)
class Term:
    """A word of an open class, at a token of the text, and the clause in which it is said.

    `denied_at` is 1 for the first such word that a negator reaches, 2 for what depends on that, …, and 0 for
    what none denies, or two do. `hedge` is a word by which it is only supposed. `contrasted` is what is only
    compared with: "than …".
    """

    word: str
    concept: str  # its stem
    at: int
    denied_at: int
    negators: tuple[str, ...]
    hedge: str
    contrasted: bool
    near: frozenset[str]  # concepts of the words around it
    clause: str


@dataclass(frozen=True)
class Clause:
    """A verb with what belongs to it. `predicate` has the concepts of the verb and of what completes it."""

    verb: int
    text: str  # as written
    predicate: frozenset[str]
    concepts: frozenset[str]
    negators: tuple[str, ...]

    @property
    def denied(self) -> bool:
        return len(self.negators) % 2 == 1


class Analysis(Tree):
    """A parsed text, and what it says."""

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The words of open classes, but for those that hold for anything."""
        indices = [i for i in range(len(self.tokens)) if self._is_term(i)]
        concepts = [stem(self.lemma(i)) for i in indices]
        clauses = {i: self.written(own) for own in self._members.values() for i in own}
        return tuple(
            Term(
                self.tokens[i].text,
                concepts[n],
                i,
                *self._denial(i),
                scope.hedge_over(self, i),
                scope.is_contrasted(self, i),
                frozenset(concepts[max(0, n - NEAR_TERMS) : n + NEAR_TERMS + 1]) - {concepts[n]},
                clauses[i],
            )
            for n, i in enumerate(indices)
        )

    def _is_term(self, i: int) -> bool:
        token, word = self.tokens[i], self.tokens[i].text.lower()
        if i in self.speakers or not word[:1].isalnum():
            return False
        is_light = word in FUNCTION or word in _LIGHT or self.lemma(i) in _LIGHT
        return word in COMPARATIVES or (token.pos in OPEN_CLASSES and not is_light)

    def _denial(self, i: int) -> tuple[int, tuple[str, ...]]:
        """How many terms lead from a negator to a token, 0 if an even number reach it; and the negators."""
        depth, first, found = 0, 0, list[int]()
        for k, negators in scope.negators_over(self, i):
            depth += self._is_term(k) and not (depth and self.lemma(k) in scope.DENYING)
            if negators:
                first = first or depth
                found += negators
        return max(first, 1) if len(found) % 2 else 0, tuple(map(self.word, found))

    @cached_property
    def _members(self) -> dict[int, list[int]]:
        """The tokens of each clause, by its verb; what somebody thinks, in "I think that …", has its own."""
        heads = {i for i in range(len(self.tokens)) if self._heads_clause(i)}
        members: dict[int, list[int]] = {head: [] for head in sorted(heads)}
        for i in range(len(self.tokens)):
            members[next(k for k in (i, *self.ancestors(i)) if k in heads)].append(i)
        return members

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses of the text."""
        concepts = {term.at: term.concept for term in self.terms if not term.contrasted}
        return tuple(
            Clause(
                verb,
                self.written(own),
                frozenset(concepts[k] for k in self._predicate(verb) if k in concepts),
                frozenset(concepts[i] for i in own if i in concepts),
                tuple(map(self.word, scope.negators_of(self, verb))),
            )
            for verb, own in self._members.items()
        )

    def _heads_clause(self, i: int) -> bool:
        token = self.tokens[i]
        if token.dependency in {"ccomp", "advcl", "relcl", "acl", "parataxis", "pcomp"}:
            return token.pos in {"VERB", "AUX"} or self.has_subject(i)
        return token.head == i or (token.dependency == "conj" and token.pos in {"VERB", "AUX"})

    def _predicate(self, verb: int) -> Iterator[int]:
        completing = {"acomp", "attr", "dobj", "xcomp", "oprd"}
        yield verb
        yield from (k for k in self.children[verb] if self.label(k) in completing)
