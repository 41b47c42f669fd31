"""What a text affirms and what it denies: English rules over negators, their reach, and antonyms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

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
        meaning, turned = concept(word)
        depth = depth if denials[at] else 0
        if word in _ONLY_TO and _negates(words, at):  # "fails to"
            continue
        if word[0].isdigit() or (word in _SILENT and turned is None):
            continue
        denied = denials[at] % 2 == 1
        depth += bool(denials[at])
        found.append(Term(word, meaning, denied == bool(turned), denied, bool(turned), at, depth))
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
    return any(_negates(words, at) for at in range(len(words))) or any(concept(word)[1] for word in words)


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


# Pairs of English words that say the opposite. Each side is a concept's plus or minus.

# plus | minus; every form that matters is a stem's, see comparable.stem
_PAIRS = """
more greater | less fewer
better | worse
best | worst
good | bad
increase rise grow raise spike surge climb | decrease reduce shrink drop decline fall fell fallen
easy easier easily simple simpler | hard harder difficult difficulty complex complicated
support favour favor endorse | oppose
agree | disagree
accept | reject refuse
cheap cheaper | expensive costly pricier
fast faster quick quicker quickly | slow slower slowly
safe safer secure safely | unsafe dangerous insecure risky
possible possibly | impossible
likely | unlikely
public publicly | private privately
strong stronger strengthen | weak weaker weaken
high higher | low lower
large larger big bigger | small smaller
long longer | short shorter
early earlier | late later
succeed success successful | fail fails failed failure
optimistic | pessimistic
necessary | unnecessary
important | unimportant trivial
useful | useless
right correct | wrong incorrect
true | false
add adds adding added addition | remove removes removing removed removal delete deletes deleting deleted
positive | negative
major | minor
centralized centralised | decentralized decentralised
compatible | incompatible
custodial | noncustodial
internal | external
help helps helpful | hurt harm harmful
encourage | discourage
above | below
maximum max | minimum min
buy | sell
online | offline
onchain | offchain
save saves saved saving savings | cost costs costing waste wastes
incoming inbound | outgoing outbound
often frequently usually | rarely seldom
majority | minority
temporary | permanent
enable allow permit | disable prevent forbid prohibit ban
open | closed
visible | invisible hidden
valid | invalid
efficient | inefficient
reliable | unreliable
available | unavailable
stable | unstable
known | unknown
trusted | untrusted trustless
confirmed | unconfirmed
popular | unpopular
clear | unclear
able | unable
same | different
everyone everybody | nobody
inside | outside
upside advantage benefit | downside disadvantage drawback
"""


_DENYING = re.compile(r"(?:un|non)(\w{4,})$")
_NOT_DENYING = w.listed(
    """nonce nonces nonetheless uncle uncover uncovers under undergo undergone underline underlying
    undermine underneath underscore underscores understand understanding understands understood
    undertake undo unfold unfolds unfortunate unfortunately unified uniform unify union unions
    unique unison unitary unite united universal universe university unless unlock unlocked
    unlocking unlocks unpack unpacks until unusual unusually unveil unveiled unveils"""
)


@cache
def _table() -> dict[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for line in _PAIRS.strip().splitlines():
        plus, minus = (side.split() for side in line.split("|"))
        for side, turned in ((plus, False), (minus, True)):
            for word in side:
                found[word] = (f"~{plus[0]}", turned)
                if len(t.stem(word)) > 3:
                    found.setdefault(t.stem(word), found[word])
    return found


def concept(word: str) -> tuple[str, bool | None]:
    """The concept of a word, and whether it is its minus; None if it is in no pair.

    "unspendable" is the minus of "spend".
    """
    table = _table()
    if hit := table.get(word) or table.get(t.stem(word)):
        return hit
    if (match := _DENYING.match(word)) and word not in _NOT_DENYING:
        return t.stem(match[1]), True
    return t.stem(word), None
