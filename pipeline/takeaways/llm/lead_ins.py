"""Sentences that only lead up to what comes next, or on from what was before: they go when that is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from pipeline.records import Claim
from pipeline.takeaways.language.comparable import content
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import DraftSection, PullQuote
from pipeline.takeaways.llm.material import Material
from pipeline.takeaways.verification.syntax_tree import SUBJECTS, Tree

MAX_ANNOUNCING_WORDS = 9
Piece = Text | PullQuote  # of a section, in reading order

_COLONS = (":", "\uff1a")
_QUESTION_MARKS = ("?", "\uff1f", "\u061f")
_CLOSING = "\"'\u201d\u2019\u00bb) "
_ASIDE = re.compile(r"(?<=\}), [^,.]*+,")  # "{S4}, whose idea it was, …"
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?\u2026]) +(?=\S)")
# By the parse: determiners of what is not known yet, or is about to be told; and clauses, which say what.
_CATAPHORIC = frozenset({"a", "an", "another", "one", "this", "these", "two", "three", "more", "other"})
_CLAUSES = frozenset({"ccomp", "xcomp", "advcl", "relcl", "acl", "csubj", "pcomp", "conj", "neg"})


def pieces(section: DraftSection) -> Iterator[Piece]:
    """Sentences and quotes of a section in reading order."""
    for block in section.body:
        if isinstance(block, PullQuote):
            yield block
        else:
            yield from block.texts


def dangling(material: Material, pieces: Sequence[Piece], stands: Callable[[Piece], bool]) -> frozenset[Text]:
    """The sentences that lead nowhere any more, or on from nothing, since what was beside them is lost.

    A question, what ends in a colon, and what announces a quote lead to what comes next; any other linking
    sentence may lead on from what was before as well. After a colon at the end there is nothing.
    """
    gone = [not stands(piece) for piece in pieces]
    if pieces and isinstance(last := pieces[-1], Text):
        gone[-1] |= _bare_end(last.claim.text).endswith(_COLONS)
    for i, (_, piece) in enumerate(pairwise(pieces), 1):
        is_statement = isinstance(piece, Text) and piece.claim.kind == "linking" and not _is_open(piece)
        gone[i] |= gone[i - 1] and is_statement
    for i in reversed(range(len(pieces) - 1)):
        piece, following = pieces[i], pieces[i + 1]
        if gone[i + 1] and isinstance(piece, Text):
            gone[i] |= leads_up(material, piece, following)
    return frozenset(p for p, is_gone in zip(pieces, gone, strict=True) if is_gone and isinstance(p, Text))


def leads_up(material: Material, text: Text, following: Piece) -> bool:
    """Whether a sentence is only there for what comes after it."""
    claim = text.claim
    if claim.kind == "linking" or _bare_end(claim.text).endswith(_COLONS):
        return True
    if not isinstance(following, PullQuote):
        return False
    return _bare_end(claim.text).endswith(_QUESTION_MARKS) or announces(material, claim, following.sentences)


def announces(material: Material, claim: Claim, quoted: Sequence[str]) -> bool:
    """Whether a claim tells that somebody spoke, and not what they said: that is for the quote after it.

    Its last sentence does so, and those before that do, too, or ask. By the parse a speaker (or what is
    theirs) is the subject, no clause says what, each other noun is of something not told yet ("one more
    argument", "this way"), and no word of it stands in the lines. "{S3} said seven too" tells what.
    """
    parse = material.document.parse
    if not parse or claim.kind != "talk":
        return False
    *earlier, last = _BETWEEN_SENTENCES.split(claim.text)
    statements = [last, *(text for text in earlier if not text.endswith(_QUESTION_MARKS))]
    lines = [material.sentences[material.index[id]].text for id in {*claim.cites, *quoted}]
    said = {word for line in lines for word in content(line)}
    trees = Tree.parsed([_ASIDE.sub("", text) for text in statements], parse)
    return all(_announces(tree) and said.isdisjoint(content(_own_words(tree))) for tree in trees)


def _announces(tree: Tree) -> bool:
    """Whether a sentence has a speaker do something without saying what."""
    tokens = tree.tokens
    roots = [i for i, token in enumerate(tokens) if token.head == i]
    if len(tree.readable.split()) > MAX_ANNOUNCING_WORDS or len(roots) != 1:
        return False
    subjects = [i for i in tree.children[roots[0]] if tree.label(i) in SUBJECTS]
    theirs = {k for i in subjects for k in (i, *tree.children[i])}
    if not any(i in tree.speakers for i in theirs):
        return False
    rest = [i for i in range(len(tokens)) if i not in theirs]
    return not any(
        tree.label(i) in _CLAUSES or i in tree.speakers or (_is_thing(tree, i) and not _is_untold(tree, i))
        for i in rest
    )


def _is_thing(tree: Tree, i: int) -> bool:
    return tree.tokens[i].pos in {"NOUN", "PROPN"} or (
        tree.tokens[i].pos == "NUM" and not _is_counting(tree, i)
    )


def _is_counting(tree: Tree, i: int) -> bool:
    return tree.label(i) == "nummod"


def _is_untold(tree: Tree, i: int) -> bool:
    """Whether a noun is of something that is not known yet: "a doubt", "one more argument", "this way"."""
    return any(tree.lemma(k) in _CATAPHORIC for k in tree.children[i])


def _own_words(tree: Tree) -> str:
    """A sentence without its speakers."""
    return " ".join(token.text for i, token in enumerate(tree.tokens) if i not in tree.speakers)


def _is_open(text: Text) -> bool:
    """Whether a linking sentence is for what comes after it."""
    return _bare_end(text.claim.text).endswith((*_COLONS, *_QUESTION_MARKS, "\u2026"))


def _bare_end(text: str) -> str:
    return text.rstrip(_CLOSING)
