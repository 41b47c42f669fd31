"""Scope: what is denied in a parsed text, only supposed, or has happened. English, by the parse."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

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
_MODEST = LISTS.word_set("modest")


def negators_over(tree: Tree, i: int) -> Iterator[tuple[int, int]]:
    """A token and the heads in whose scope it is, with how many negators each has."""
    return ((k, _negators(tree, k, towards)) for k, towards in _scope(tree, i))


def is_denied(tree: Tree, verb: int) -> bool:
    """Whether a clause is denied, by a negator of its verb, of what completes it, or of "I don't think"."""
    count, i = _negators(tree, verb, -1), verb
    for k in tree.children[verb]:
        if tree.label(k) in {"acomp", "xcomp", "oprd"}:
            count += _negators(tree, k, -1) + (tree.lemma(k) in _RARE)
    while tree.label(i) in {"ccomp", "xcomp"}:
        i = tree.tokens[i].head
        if tree.lemma(i) in _RAISING:
            count += _negators(tree, i, verb)
        count += tree.lemma(i) in DENYING
    count += tree.label(verb) == "pcomp" and tree.lemma(tree.tokens[verb].head) == "without"
    return count % 2 == 1


def has_happened(tree: Tree, verb: int) -> bool:
    """Whether a verb is in the past or the perfect."""
    auxiliaries = [k for k in tree.children[verb] if tree.label(k).startswith("aux")]
    tags = {tree.tokens[k].tag for k in (verb, *auxiliaries)}
    return "VBD" in tags or any(tree.lemma(k) == "have" and tree.label(k) == "aux" for k in auxiliaries)


def is_contrasted(tree: Tree, i: int) -> bool:
    """Whether a token is only what something is compared with: "than …", "instead of …"."""
    path = {i, *tree.ancestors(i)}
    words = (k for n in path for k in (n, *tree.children[n]) if tree.lemma(k) in {"than", "instead"})
    return any(k in path or tree.label(k) == "mark" for k in words)


def is_supposed(tree: Tree, i: int) -> bool:
    """Whether a token is said to be possible, wished, asked, or so if something else is, rather than so."""
    path = [i, *tree.ancestors(i)]
    return (
        tree.is_question
        or any(_supposes(tree, k, path[n - 1] if n else -1) for n, k in enumerate(path))
        or any(_may_be(tree, k, towards) for k, towards in islice(_scope(tree, i), HEDGE_REACH))
    )


def _scope(tree: Tree, i: int) -> Iterator[tuple[int, int]]:
    """A token and the heads in whose scope it is, each with the child on the way to it (-1 for itself)."""
    yield i, -1
    while tree.label(i) in IN_SCOPE:
        if tree.label(i) in {"conj", "relcl"} and tree.has_subject(i):
            return  # a clause of its own
        yield tree.tokens[i].head, i
        i = tree.tokens[i].head


def _negators(tree: Tree, i: int, towards: int) -> int:
    """How many negators depend on a token, or are it where the way leads to what it denies."""
    if _asks_why_not(tree, i):
        return 0
    count = int(towards >= 0 and tree.lemma(i) in DENYING and tree.label(towards) != "advmod")
    for k in tree.children[i]:
        label = tree.label(k)
        if k == towards:
            continue
        if label in {*SUBJECTS, "dobj", "attr", "pobj", "advmod"}:
            count += _is_negative(tree, k)  # "nobody does", "no longer"
        if label in {"advmod", "det", "preconj", "cc"}:
            count += tree.lemma(k) in _NEGATORS
        count += label == "neg"
    return count


def _asks_why_not(tree: Tree, i: int) -> bool:
    """Whether it is "why don't you", which denies nothing."""
    labels = [tree.label(k) for k in tree.children[i]]
    is_inverted = "aux" in labels and "nsubj" in labels and labels.index("aux") < labels.index("nsubj")
    return is_inverted and any(tree.lemma(k) == "why" for k in tree.children[i])


def _is_negative(tree: Tree, i: int) -> bool:
    """Whether it is "nobody", but not "nothing but", or has a "no"."""
    if tree.lemma(i) in _NOBODY:
        return all(tree.lemma(k) not in {"but", "except", "other"} for k in tree.children[i])
    labels = {"det", "neg", "advmod"}
    return any(tree.lemma(k) in {"no", "neither"} and tree.label(k) in labels for k in tree.children[i])


def _supposes(tree: Tree, i: int, towards: int) -> bool:
    """Whether a token makes all that depends on it something that is only supposed."""
    if towards >= 0 and tree.lemma(i) in _HEDGING:
        return True
    return any(
        (tree.label(k) == "aux" and tree.lemma(k) in _MODALS)
        or (tree.label(k) in {"advmod", "mark"} and tree.lemma(k) in _CONDITIONS)
        or (tree.label(k) == "advcl" and _is_condition(tree, k))
        for k in tree.children[i]
        if k != towards
    )


def _is_condition(tree: Tree, i: int) -> bool:
    """Whether a clause is a condition, other than "even if" or "if I understand"."""
    marks = {tree.lemma(k) for k in tree.children[i] if tree.label(k) in {"mark", "advmod"}}
    return bool(marks & _CONDITIONS) and "even" not in marks and tree.lemma(i) not in _MODEST


def _may_be(tree: Tree, i: int, towards: int) -> bool:
    """Whether a word such as "maybe" belongs to a token, which reaches no further than its clause."""
    return any(
        tree.lemma(k) in _HEDGES or (tree.label(k) == "ccomp" and tree.lemma(k) in _HEDGING)
        for k in tree.children[i]
        if k != towards
    )
