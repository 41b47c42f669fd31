"""Scope: what is denied in a parsed text, or only supposed. English, by the parse."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from pipeline.takeaways.verification.syntax_tree import SUBJECTS, Tree
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
# What these join lies in the scope of a word that denies or hedges the head.
IN_SCOPE = LISTS.word_set("labels_in_scope")
HEDGE_REACH = 3  # heads, from a word such as "maybe" down
_NEGATORS, _NOBODY = LISTS.word_set("negators"), LISTS.word_set("nobody")
DENYING, _RARE, _RAISING = LISTS.word_set("denying"), LISTS.word_set("rare"), LISTS.word_set("raising")
_HEDGES, _HEDGING = LISTS.word_set("hedges"), LISTS.word_set("hedging")
_MODALS, _CONDITIONS = LISTS.word_set("modals"), LISTS.word_set("conditions")
_MODEST, _OF_DEGREE = LISTS.word_set("modest"), LISTS.word_set("of_degree")


def negators_over(tree: Tree, i: int) -> Iterator[tuple[int, list[int]]]:
    """A token and the heads in whose scope it is, with the negators that each has."""
    return ((k, _negators(tree, k, towards)) for k, towards in _scope(tree, i))


def negators_of(tree: Tree, verb: int) -> list[int]:
    """What denies a clause: negators of its verb, of what completes it, or of "I don't think".

    An even number of them affirms it.
    """
    found, i = _negators(tree, verb, -1), verb
    for k in tree.children[verb]:
        if tree.label(k) in {"acomp", "xcomp", "oprd"}:
            found += _negators(tree, k, -1) + [k] * (tree.lemma(k) in _RARE)
    while _is_complement(tree, i):
        i = tree.tokens[i].head
        if tree.lemma(i) in _RAISING:
            found += _negators(tree, i, verb)
        found += [i] * (tree.lemma(i) in DENYING)
    if tree.label(verb) != "pcomp":
        return found
    preposition = tree.tokens[verb].head  # "does not insist on watching"
    found += _negators(tree, tree.tokens[preposition].head, preposition)
    return found + [preposition] * (tree.lemma(preposition) == "without")


def _is_complement(tree: Tree, i: int) -> bool:
    """Whether a clause is what its head says; one that comes before it is only joined to it: "you can: …"."""
    return tree.label(i) == "xcomp" or (tree.label(i) == "ccomp" and tree.tokens[i].head < i)


def is_contrasted(tree: Tree, i: int) -> bool:
    """Whether a token is only what something is compared with: "than …", "instead of …"."""
    path = {i, *tree.ancestors(i)}
    words = (k for n in path for k in (n, *tree.children[n]) if tree.lemma(k) in {"than", "instead"})
    return any(k in path or tree.label(k) == "mark" for k in words)


def hedge_over(tree: Tree, i: int) -> str:
    """The word by which a token is only possible, wished, asked, or so if something else is; "" if none."""
    if tree.is_question:
        return "?"
    path = [i, *tree.ancestors(i)]
    found = chain(
        *(_supposing(tree, k, path[n - 1] if n else -1) for n, k in enumerate(path)),
        *(_hedging(tree, k, towards) for k, towards in islice(_scope(tree, i), HEDGE_REACH)),
    )
    return next(map(tree.word, found), "")


def _scope(tree: Tree, i: int) -> Iterator[tuple[int, int]]:
    """A token and the heads in whose scope it is, each with the child on the way to it (-1 for itself)."""
    yield i, -1
    while tree.label(i) in IN_SCOPE:
        if tree.label(i) in {"conj", "relcl"} and tree.has_subject(i):
            return  # a clause of its own
        if tree.label(i) == "ccomp" and not _is_complement(tree, i):
            return
        yield tree.tokens[i].head, i
        i = tree.tokens[i].head


def _negators(tree: Tree, i: int, towards: int) -> list[int]:
    """The negators that depend on a token, or it itself where the way leads to what it denies."""
    if _asks_why_not(tree, i):
        return []
    found = [i] * (towards >= 0 and tree.lemma(i) in DENYING and tree.label(towards) != "advmod")
    for k in tree.children[i]:
        label = tree.label(k)
        if k == towards:
            continue
        if label in {*SUBJECTS, "dobj", "attr", "pobj", "advmod"}:
            found += _negative(tree, k)  # "nobody does", "no longer"
        if label in {"advmod", "det", "preconj", "cc"}:
            found += [k] * (tree.lemma(k) in _NEGATORS)
        found += [k] * (label == "neg")
    return found


def _asks_why_not(tree: Tree, i: int) -> bool:
    """Whether it is "why don't you", which denies nothing."""
    labels = [tree.label(k) for k in tree.children[i]]
    is_inverted = "aux" in labels and "nsubj" in labels and labels.index("aux") < labels.index("nsubj")
    return is_inverted and any(tree.lemma(k) == "why" for k in tree.children[i])


def _negative(tree: Tree, i: int) -> list[int]:
    """A token that is "nobody", but not of "nothing but", or the "no" that it has; at most one."""
    if tree.lemma(i) in _NOBODY:
        return [i] * all(tree.lemma(k) not in {"but", "except", "other"} for k in tree.children[i])
    labels = {"det", "neg", "advmod"}
    words = {"no", "neither"} | ({"not"} if tree.lemma(i) in _OF_DEGREE else set())  # "not really a failure"
    return [k for k in tree.children[i] if tree.lemma(k) in words and tree.label(k) in labels][:1]


def _supposing(tree: Tree, i: int, towards: int) -> Iterator[int]:
    """Words at a token that make all that depends on it something that is only supposed."""
    if towards >= 0 and tree.lemma(i) in _HEDGING:
        yield i
    for k in tree.children[i]:
        if k == towards:
            continue
        if (tree.label(k) == "aux" and tree.lemma(k) in _MODALS) or (
            tree.label(k) in {"advmod", "mark"} and tree.lemma(k) in _CONDITIONS
        ):
            yield k
        elif tree.label(k) == "advcl":
            yield from _conditions(tree, k)


def _conditions(tree: Tree, i: int) -> list[int]:
    """The "if" of a clause that is a condition, other than "even if" or "if I understand"."""
    marks = [k for k in tree.children[i] if tree.label(k) in {"mark", "advmod"}]
    if tree.lemma(i) in _MODEST or any(tree.lemma(k) == "even" for k in marks):
        return []
    return [k for k in marks if tree.lemma(k) in _CONDITIONS]


def _hedging(tree: Tree, i: int, towards: int) -> Iterator[int]:
    """Words such as "maybe" that belong to a token, which reach no further than its clause."""
    for k in tree.children[i]:
        is_thought = tree.label(k) == "ccomp" and tree.lemma(k) in _HEDGING
        if k != towards and (tree.lemma(k) in _HEDGES or is_thought):
            yield k
