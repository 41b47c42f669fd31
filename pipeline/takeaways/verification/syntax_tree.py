"""A parsed text: who is subject of what, and what is denied, supposed or asked in it.

Labels are spaCy's English ones (ClearNLP). Where a parser for another language uses other labels, operators
are not seen, and less is doubted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from pipeline.takeaways.language.comparable import SPEAKER, plain, stem
from pipeline.takeaways.language.english import FUNCTION
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.engines import Parse, Token

LISTS = WordLists.beside(__file__)
# Names that stand for speakers while a text is parsed.
STAND_INS = ("Alice", "Brian", "Carol", "David", "Emily", "Frank", "Grace", "Henry", "Irene", "James")
SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "csubjpass"})
# What these join lies in the scope of a word that denies or hedges the head.
IN_SCOPE = frozenset(
    [
        "ccomp",
        "xcomp",
        "acomp",
        "attr",
        "dobj",
        "pobj",
        "prep",
        "pcomp",
        "acl",
        "conj",
        "amod",
        "advmod",
        "compound",
        "agent",
        "dative",
        "oprd",
        "relcl",
        "npadvmod",
        "nmod",
        "appos",
        "nummod",
        "dep",
    ]
)
CLAUSES = frozenset({"ccomp", "advcl", "relcl", "acl", "conj", "parataxis", "xcomp", "pcomp"})
NEAR_TERMS = 5  # on each side
HEDGE_REACH = 3  # heads, from a word such as "maybe" down
COMPARATIVES = frozenset({"more", "less", "fewer"})
OPEN_CLASSES = frozenset({"NOUN", "VERB", "ADJ", "PROPN", "ADV", "NUM"})
_NEGATIVE = LISTS.word_set("negative_adjectives")
_NEGATORS, _NEGATIVE_SUBJECTS = LISTS.word_set("negators"), LISTS.word_set("negative_subjects")
_DENYING = LISTS.word_set("denying_verbs")
_HEDGES, _HEDGING_VERBS = LISTS.word_set("hedges"), LISTS.word_set("hedging_verbs")
_MODALS, _CONDITIONS = LISTS.word_set("modals"), LISTS.word_set("conditions")
_LIGHT = LISTS.word_set("light_words")
_MODEST = frozenset({"understand", "remember", "recall"})  # "if I understand", which is no condition
_TAG = re.compile(rf", *{LISTS.any_of('tags')}\W*$", re.I)
_RAISING = frozenset(
    {
        "think",
        "believe",
        "say",
        "mean",
        "seem",
        "suppose",
        "expect",
        "see",
        "know",
        "consider",
        "find",
        "call",
    }
)


@dataclass(frozen=True)
class Term:
    """A word of an open class.

    `denied_at` is 1 for the first such word that a negator reaches, 2 for what depends on that, …, and 0 for
    what none denies, or two do. `supposed` is whether it is said to be possible rather than so.
    """

    word: str
    concept: str  # its stem
    at: int
    denied_at: int
    supposed: bool
    contrasted: bool  # "than …", "instead of …"
    near: frozenset[str]  # concepts of the words around it


@dataclass(frozen=True)
class Clause:
    """A verb with what belongs to it: the concepts, and whether it is denied, only supposed, or has happened."""

    verb: int
    text: str
    predicate: frozenset[str]  # the concepts of the verb and of what completes it
    concepts: frozenset[str]
    denied: bool
    supposed: bool
    happened: bool


@dataclass(frozen=True)
class Tree:
    """The tokens of a text, in which `speakers` gives the id of each token that stands for a speaker."""

    text: str
    tokens: tuple[Token, ...]
    speakers: dict[int, str]

    @classmethod
    def parsed(cls, texts: Sequence[str], parse: Parse) -> list[Tree]:
        """Parse texts, in which each speaker's token is a name meanwhile."""
        readable, offsets_of = [], []
        for text in texts:
            pieces, offsets, end = [], {}, 0
            length = 0
            for match in SPEAKER.finditer(text):
                pieces.append(text[end : match.start()])
                length += len(pieces[-1])
                offsets[length] = match[1]
                pieces.append(STAND_INS[int(match[1][1:]) % len(STAND_INS)])
                length, end = length + len(pieces[-1]), match.end()
            readable.append(plain("".join([*pieces, text[end:]])))
            offsets_of.append(offsets)
        return [
            cls(
                text,
                tokens,
                {i: offsets[token.start] for i, token in enumerate(tokens) if token.start in offsets},
            )
            for text, tokens, offsets in zip(texts, parse(readable), offsets_of, strict=True)
        ]

    @cached_property
    def children(self) -> list[list[int]]:
        """The indices of what depends on each token."""
        children: list[list[int]] = [[] for _ in self.tokens]
        for i, token in enumerate(self.tokens):
            if token.head != i:
                children[token.head].append(i)
        return children

    def lemma(self, i: int) -> str:
        """The lemma of a token in lower case."""
        return self.tokens[i].lemma.lower()

    def subtree(self, i: int) -> Iterator[int]:
        """A token and all that depends on it."""
        todo = [i]
        while todo:
            yield (k := todo.pop())
            todo.extend(self.children[k])

    def ancestors(self, i: int) -> Iterator[int]:
        """The heads of a token, from its own to the root."""
        while self.tokens[i].head != i:
            yield (i := self.tokens[i].head)

    def subjects(self, i: int) -> Iterator[int]:
        """The subjects of a verb, with what is joined to them by "and"; else those of the verb that it follows."""
        own = [k for k in self.children[i] if self.tokens[k].dependency in SUBJECTS]
        if not own and self.tokens[i].dependency in {"conj", "xcomp"}:
            yield from self.subjects(self.tokens[i].head)
        for k in own:
            yield k
            yield from self.joined(k)

    def joined(self, i: int) -> Iterator[int]:
        """What is joined to a token by "and" or a comma."""
        for k in self.children[i]:
            if self.tokens[k].dependency == "conj":
                yield k
                yield from self.joined(k)

    @cached_property
    def is_question(self) -> bool:
        """Whether it asks, but for a tag or in the way of a statement."""
        text = self.text.rstrip("\"') ")
        return text.endswith("?") and not _TAG.search(text)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The words of open classes, but those that hold for anything."""
        indices = [i for i in range(len(self.tokens)) if self._is_term(i)]
        concepts = [stem(self.lemma(i)) for i in indices]
        terms = []
        for n, i in enumerate(indices):
            near = frozenset(concepts[max(0, n - NEAR_TERMS) : n + NEAR_TERMS + 1]) - {concepts[n]}
            terms.append(
                Term(
                    self.tokens[i].text,
                    concepts[n],
                    i,
                    self._denied_at(i),
                    self.is_supposed(i),
                    self._is_contrasted(i),
                    near,
                )
            )
        return tuple(terms)

    def _is_term(self, i: int) -> bool:
        token = self.tokens[i]
        word = token.text.lower()
        if i in self.speakers or not word[:1].isalnum():
            return False
        if word in COMPARATIVES:
            return True
        is_light = word in FUNCTION or word in _LIGHT or self.lemma(i) in _LIGHT
        return token.pos in OPEN_CLASSES and not is_light

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses that say something; what a speaker says in "I think that …" is one of its own."""
        heads = {i for i in range(len(self.tokens)) if self._heads_clause(i)}
        members: dict[int, list[int]] = {head: [] for head in heads}
        for i in range(len(self.tokens)):
            members[next(k for k in (i, *self.ancestors(i)) if k in heads)].append(i)
        concepts = {term.at: term.concept for term in self.terms if not term.contrasted}
        return tuple(
            Clause(
                verb,
                " ".join(self.tokens[i].text for i in sorted(own)),
                frozenset(concepts[k] for k in self._predicate(verb) if k in concepts),
                frozenset(concepts[i] for i in own if i in concepts),
                self._is_clause_denied(verb),
                self.is_supposed(verb),
                self._has_happened(verb),
            )
            for verb, own in sorted(members.items())
        )

    def _predicate(self, verb: int) -> Iterator[int]:
        yield verb
        for k in self.children[verb]:
            if self.tokens[k].dependency in {"acomp", "attr", "dobj", "xcomp", "oprd"}:
                yield k

    def _heads_clause(self, i: int) -> bool:
        token = self.tokens[i]
        if token.dependency == "ROOT":
            return True
        if token.dependency in {"ccomp", "advcl", "relcl", "acl", "parataxis", "pcomp"}:
            return token.pos in {"VERB", "AUX"} or self._has_subject(i)
        return token.dependency == "conj" and token.pos in {"VERB", "AUX"}

    def _is_clause_denied(self, verb: int) -> bool:
        """Whether a verb is denied, by a negator of its own, of what it governs, or of "I don't think"."""
        count, i = self._negators(verb, -1), verb
        for k in self.children[verb]:
            if self.tokens[k].dependency in {"acomp", "xcomp", "oprd"}:
                count += self._negators(k, -1) + (self.lemma(k) in _NEGATIVE)
        while self.tokens[i].dependency in {"ccomp", "xcomp"}:
            i = self.tokens[i].head
            if self.lemma(i) in _RAISING:
                count += self._negators(i, verb)
        if self.tokens[verb].dependency == "pcomp" and self.lemma(self.tokens[verb].head) == "without":
            count += 1
        return count % 2 == 1

    def _has_happened(self, verb: int) -> bool:
        """Whether a verb is in the past or the perfect."""
        tags = [
            self.tokens[k].tag for k in self.children[verb] if self.tokens[k].dependency.startswith("aux")
        ]
        has = any(self.lemma(k) == "have" for k in self.children[verb] if self.tokens[k].dependency == "aux")
        return self.tokens[verb].tag == "VBD" or "VBD" in tags or has

    def _is_contrasted(self, i: int) -> bool:
        path = [i, *self.ancestors(i)]
        near = [k for n in path for k in (n, *self.children[n]) if self.lemma(k) in {"than", "instead"}]
        return any(k in path or self.tokens[k].dependency == "mark" for k in near)

    def _denied_at(self, i: int) -> int:
        """How many terms lead from a negator to a token; 0 if an even number of negators reach it."""
        depth, count, first = 0, 0, 0
        for k, towards in self._scope(i):
            depth += self._is_term(k)
            if negators := self._negators(k, towards):
                count, first = count + negators, first or depth
        return max(first, 1) if count % 2 else 0

    def _scope(self, i: int, also: Set[str] = frozenset()) -> Iterator[tuple[int, int]]:
        """A token and the heads in whose scope it is, each with the child on the way to it (-1 for itself)."""
        yield i, -1
        while self.tokens[i].dependency in IN_SCOPE or self.tokens[i].dependency in also:
            token, head = self.tokens[i], self.tokens[i].head
            if head == i or (token.dependency in {"conj", "relcl"} and self._has_subject(i)):
                return  # a clause of its own
            yield head, i
            i = head

    @property
    def has_clause(self) -> bool:
        """Whether it has a verb with a subject."""
        return any(token.dependency in SUBJECTS for token in self.tokens)

    def _has_subject(self, i: int) -> bool:
        return any(self.tokens[k].dependency in SUBJECTS for k in self.children[i])

    def _negators(self, i: int, towards: int) -> int:
        """How many negators depend on a token, or are it where the way leads to what it denies."""
        if self._asks_why_not(i):
            return 0
        count = 0
        for k in self.children[i]:
            lemma = self.lemma(k)
            if k == towards:
                continue
            count += self.tokens[k].dependency == "advmod" and self._is_negative(k)  # "no longer"
            if self.tokens[k].dependency in {"neg", "advmod", "det", "preconj", "cc"} and (
                self.tokens[k].dependency == "neg" or lemma in _NEGATORS
            ):
                count += 1
            if self.tokens[k].dependency in {*SUBJECTS, "dobj", "attr", "pobj"} and self._is_negative(k):
                count += 1
        if towards >= 0 and self.lemma(i) in _DENYING:
            count += 1
        return count

    def _asks_why_not(self, i: int) -> bool:
        """Whether it is "why don't you", which denies nothing."""
        order = [self.tokens[k].dependency for k in self.children[i]]
        is_why = any(self.lemma(k) == "why" for k in self.children[i])
        return is_why and "aux" in order and "nsubj" in order and order.index("aux") < order.index("nsubj")

    def _is_negative(self, i: int) -> bool:
        """Whether it is "nobody", or a noun with "no", but for "nothing but"."""
        if self.lemma(i) in _NEGATIVE_SUBJECTS or self.tokens[i].text.lower() in _NEGATIVE_SUBJECTS:
            return all(self.lemma(k) not in {"but", "except", "other"} for k in self.children[i])
        return any(
            self.lemma(k) in {"no", "neither"} and self.tokens[k].dependency in {"det", "neg", "advmod"}
            for k in self.children[i]
        )

    def is_supposed(self, i: int) -> bool:
        """Whether it is said to be possible, or if something else is, rather than so."""
        if self.is_question:
            return True
        path = [i, *self.ancestors(i)]
        if any(self._supposes(k, path[n - 1] if n else -1) for n, k in enumerate(path)):
            return True
        return any(self._may_be(k, towards) for k, towards in islice(self._scope(i), HEDGE_REACH))

    def _supposes(self, i: int, towards: int) -> bool:
        """Whether a token, and all that depends on it, is only supposed."""
        if towards >= 0 and self.lemma(i) in _HEDGING_VERBS:
            return True
        return any(
            (self.tokens[k].dependency == "aux" and self.lemma(k) in _MODALS)
            or (self.tokens[k].dependency in {"advmod", "mark"} and self.lemma(k) in _CONDITIONS)
            or (self.tokens[k].dependency == "advcl" and self._is_condition(k))
            for k in self.children[i]
            if k != towards
        )

    def _is_condition(self, i: int) -> bool:
        """Whether a clause is a condition, other than "even if" or "if I understand"."""
        marks = {self.lemma(k) for k in self.children[i] if self.tokens[k].dependency in {"mark", "advmod"}}
        return bool(marks & _CONDITIONS) and "even" not in marks and self.lemma(i) not in _MODEST

    def _may_be(self, i: int, towards: int) -> bool:
        """Whether a word such as "maybe" belongs to a token, which reaches no further than its clause."""
        return any(
            self.lemma(k) in _HEDGES
            or (self.tokens[k].dependency == "ccomp" and self.lemma(k) in _HEDGING_VERBS)
            for k in self.children[i]
            if k != towards
        )
