"""Which words of a text are affirmed and which denied: English rules over negators, their reach and
antonyms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pipeline.takeaways.language import antonyms
from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w

_NEUTRAL = re.compile(  # negators that deny nothing
    r"\bnot (?:only|just|merely|simply|solely|to mention|until|so much|least)\b|\bno (?:doubt|matter|"
    r"wonder|problem)\b"
    r"|\b(?:whether|if|or|why) not\b|\bnothing but\b|\bcan(?:'t|not) (?:help|wait)\b|\bwhy (?:don't|"
    r"doesn't|can't|not)\b"
    r"|^(?:\w+,? ){0,2}(?:do|does|did|is|are|was|wo|would|should|ca|could|have|has)n't (?:you|we|it|they|"
    r"that|this|there|i)\b"
    r"|,\s*(?:do|does|did|is|are|was|wo|would|should|ca|could|have|has)n't (?:you|we|it|they|that|this|"
    r"there|i)\W*$"
    r"|\bno (?:less|lower|fewer|more|smaller|higher|later|bigger|greater|worse|better) than\b"
    r"|\bnot un(?=\w)|\bno,|^no\b(?=\W)|\bnot (?=too long\b)",
    re.I,
)
_REACH = {  # negators, and how many words after them they may deny
    **dict.fromkeys(("not", "never", "cannot", "neither", "nobody", "nothing", "none", "nor"), 9),
    **dict.fromkeys(("hardly", "barely", "scarcely", "rarely", "seldom"), 7),
    **dict.fromkeys(
        ("no", "without", "lack", "lacks", "lacking", "avoid", "avoids", "avoiding", "avoided"), 5
    ),
    **dict.fromkeys(("fail", "fails", "failed", "refuse", "refuses", "refused", "unable", "unlikely"), 6),
    **dict.fromkeys(("stops", "stopped", "prevents", "prevent", "preventing", "prevented", "impossible"), 6),
    **dict.fromkeys(("declines", "declined", "zero", "absence", "free"), 3),
}
_ONLY_TO = frozenset(
    ["fail", "fails", "failed", "refuse", "refuses", "refused", "unable", "declines", "declined"]
)  # before "to"
_KNOWING = frozenset(
    ["know", "knows", "knew", "remember", "recall", "care", "matter", "sure", "clear", "certain"]
)
_INSTEAD = {("rather", "than"), ("instead", "of"), ("as", "opposed"), ("no", "longer"), ("no", "one")}
_BREAK = re.compile(r"[,;:.!?()\u2013\u2014\u2026]|--")
_BREAKERS = w.listed("but because so although though while whereas if when since unless which until except")
_TERMLESS = w.FUNCTION - w.listed("only")
_REPORTING = w.listed(
    """say says said think thinks thought argue argues argued explain explains explained believe believes
    believed note notes noted suggest suggests mean means meant guess feel feels tell tells told
    describe describes stress stresses warn warns add adds thing things way ways lot bit kind sort point
    points case make makes course seem seems seemed appear appears even
    go goes going gone get gets got getting come comes coming include includes including included"""
)
_SILENT = _TERMLESS | _REPORTING | frozenset(_REACH)


@dataclass(frozen=True)
class Term:
    """A word that something is said of. `concept` is shared by its forms and antonyms, `affirmed` its sign.

    `denied` tells whether a negator reaches it, `depth` counts the content words from there (the first is 1;
    0 without any), and `turned` tells whether it is the other word of a pair of antonyms.
    """

    word: str
    concept: str
    affirmed: bool
    denied: bool
    turned: bool
    at: int
    depth: int


@lru_cache(maxsize=8192)
def terms(text: str) -> tuple[Term, ...]:
    """The content words of an English text with their signs, in order."""
    plain = _NEUTRAL.sub(lambda m: re.sub(r"[^\W_]", "\u00b7", m[0]), t.SPEAKER.sub("they", t.plain(text)))
    matches = list(t.WORD.finditer(plain))
    words = [m[0].lower() for m in matches]
    breaks = [bool(_BREAK.search(plain[one.end() : two.start()])) for one, two in pairwise(matches)]
    denials = _denials(words, [False, *breaks])
    found: list[Term] = []
    depth = 0
    for at, word in enumerate(words):
        concept, turned = antonyms.concept(word)
        depth = depth if denials[at] else 0
        if word in _ONLY_TO and _negates(words, at):  # "fails to"
            continue
        if word[0].isdigit() or (word in _SILENT and turned is None):
            continue
        denied = denials[at] % 2 == 1
        depth += bool(denials[at])
        found.append(Term(word, concept, denied == bool(turned), denied, bool(turned), at, depth))
    return tuple(found)


IMPLIED = re.compile(  # a denial in other words
    r"\b(?:refus\w+|stop\w*|keeps? .{1,30} from|rare\w*|avoid\w*|prevent\w*|protect\w*|guard\w*|without|"
    r"lack\w*|"
    r"until|before|unless|wrong\w*|missing|unlike|except|fail\w*|hard\w*|barely|instead|against|wait\w*|"
    r"impossible|lose[sd]?|losing|lost|limit\w*|caps?|forbid\w*|ban\w*|reject\w*|away from|apart from)\b",
    re.I,
)


@lru_cache(maxsize=8192)
def implies_denial(text: str) -> bool:
    """Whether a text denies something, if only in such words as "refuse" or "until"."""
    return bool(IMPLIED.search(text)) or any(term.denied for term in terms(text))


@lru_cache(maxsize=8192)
def denies(text: str) -> bool:
    """Whether a text has a negator, or a word that amounts to one."""
    plain = _NEUTRAL.sub(" ", t.plain(text))
    words = t.words_of(plain)
    return any(_negates(words, at) for at in range(len(words))) or any(
        antonyms.concept(word)[1] for word in words
    )


def _denials(words: Sequence[str], breaks: Sequence[bool]) -> list[int]:
    """By how many negators each word is reached."""
    counts = [0] * len(words)
    for at in range(len(words)):
        reach = _negates(words, at)
        if not reach:
            continue
        for k in range(at + 1, min(len(words), at + 1 + reach)):
            if breaks[k] or words[k] in _BREAKERS or (words[k] == "and" and _begins_anew(words, k)):
                break
            counts[k] += 1
            if words[k] in _KNOWING:  # "I don't know whether it works" does not deny that it works
                break
    return counts


def _negates(words: Sequence[str], at: int) -> int:
    """How far the word denies what follows; 0 if it is no negator."""
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word.endswith("n't") or (word, after) in _INSTEAD:
        return 9
    if word == "free" and after != "of":
        return 0
    if word in {"stop", "quit", "cease"} and (after.endswith("ing") or after == "from"):
        return 5
    if word in _ONLY_TO and after != "to":
        return 0
    return _REACH.get(word, 0)


def _begins_anew(words: Sequence[str], at: int) -> bool:
    after = words[at + 1] if at + 1 < len(words) else ""
    return after in w.PRONOUNS or after in w.AUXILIARIES or after in {"then", "so", "instead", "therefore"}
