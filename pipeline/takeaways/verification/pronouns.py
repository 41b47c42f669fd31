"""Pronouns: nobody is he or she until somebody said so. That is put right where the parse tells how."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language.comparable import unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure
from pipeline.takeaways.verification.syntax_tree import STAND_INS, Tree

UNSAID = Failure("pronoun", "nobody says he or she of them in this talk: write they, or the speaker again")

_GENDERED = (
    re.compile(r"\b(?:he|him|his|himself)(?:'\w+)?\b", re.I),
    re.compile(r"\b(?:she|her|hers|herself)(?:'\w+)?\b", re.I),
)
_PLURALS = {"he": "they", "she": "they", "him": "them", "hers": "theirs"}
_PLURALS |= {"himself": "themselves", "herself": "themselves"}
_FINITE = {"was": "were", "wasn't": "weren't", "is": "are", "has": "have", "does": "do"}
_FINITE |= {"'s be": "'re", "'s have": "'ve"}


def has_unsaid_pronoun(text: str, evidence: Evidence) -> bool:
    """Whether English prose says he or she where no sentence near uses a pronoun of the same gender.

    Cannot see: whom a pronoun that was said, too, refers to.
    """
    return evidence.talk.english and any(
        pronouns.search(unquoted(text)) and not any(map(pronouns.search, evidence.near_texts))
        for pronouns in _GENDERED
    )


def with_they(text: str, tree: Tree) -> str:
    """The text with "they", and its verbs to go with it, for "he" and "she"; quotations stay as they are."""
    blanked, shift, edits = unquoted(text), 0, []
    changes = dict(_changes(tree))
    for i, token in enumerate(tree.tokens):
        if speaker := tree.speakers.get(i):
            shift += len(f"{{{speaker}}}") - len(STAND_INS[int(speaker[1:]) % len(STAND_INS)])
        elif new := changes.get(i):
            start, end = token.start + shift, token.end + shift
            old = blanked[start:end]
            if old.replace("\u2019", "'") == token.text.replace("\u2019", "'"):
                new = new.replace("'", "\u2019") if "\u2019" in old else new
                edits.append((start, end, new.capitalize() if old[0].isupper() else new))
    for start, end, new in reversed(edits):
        text = text[:start] + new + text[end:]
    return text


def _changes(tree: Tree) -> Iterator[tuple[int, str]]:
    """What replaces which token."""
    for i, token in enumerate(tree.tokens):
        word = token.text.lower()
        if word in {"his", "her"}:
            yield i, "their" if token.tag == "PRP$" else "them" if word == "her" else "theirs"
        elif word in _PLURALS:
            yield i, _PLURALS[word]
            if word in {"he", "she"} and token.dependency in {"nsubj", "nsubjpass"}:
                yield from _verbs(tree, token.head)


def _verbs(tree: Tree, verb: int) -> Iterator[tuple[int, str]]:
    """The finite verb of a subject in the plural, and those that are joined to it."""
    auxiliaries = [k for k in tree.children[verb] if tree.label(k) in {"aux", "auxpass"}]
    finite = min([verb, *auxiliaries])
    word = tree.tokens[finite].text.lower()
    if tree.tokens[finite].tag == "VBZ" or word == "was":
        contracted = f"{word} {tree.lemma(finite)}"
        yield finite, _FINITE.get(word) or _FINITE.get(contracted) or tree.lemma(finite)
    for joined in tree.children[verb]:
        if tree.label(joined) == "conj" and not tree.has_subject(joined):
            yield from _verbs(tree, joined)
