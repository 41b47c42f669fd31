"""What a text affirms and what it denies: English rules about negators, their scope, and antonyms."""

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
_REACH_WORDS = {  # negators, and how many of the following words they may deny
    **dict.fromkeys(("not", "never", "cannot", "neither", "nobody", "nothing", "none", "nor"), 9),
    **dict.fromkeys(("hardly", "barely", "scarcely", "rarely", "seldom"), 7),
    **dict.fromkeys(
        ("no", "without", "lack", "lacks", "lacking", "avoid", "avoids", "avoiding", "avoided"), 5
    ),
    **dict.fromkeys(("fail", "fails", "failed", "refuse", "refuses", "refused", "unable", "unlikely"), 6),
    **dict.fromkeys(("stops", "stopped", "prevents", "prevent", "preventing", "prevented", "impossible"), 6),
    **dict.fromkeys(("declines", "declined", "zero", "absence", "free"), 3),
}
_NEGATING_BEFORE_TO = frozenset(  # and not otherwise
    ["fail", "fails", "failed", "refuse", "refuses", "refused", "unable", "declines", "declined"]
)
_KNOWING_WORDS = frozenset(
    ["know", "knows", "knew", "remember", "recall", "care", "matter", "sure", "clear", "certain"]
)
_INSTEAD = {("rather", "than"), ("instead", "of"), ("as", "opposed"), ("no", "longer"), ("no", "one")}
_BREAK = re.compile(r"[,;:.!?()\u2013\u2014\u2026]|--")
_ENDERS = w.listed("but because so although though while whereas if when since unless which until except")
_FUNCTION_WORDS = w.FUNCTION - w.listed("only")
_REPORTING_WORDS = w.listed(
    """say says said think thinks thought argue argues argued explain explains explained believe believes
    believed note notes noted suggest suggests mean means meant guess feel feels tell tells told
    describe describes stress stresses warn warns add adds thing things way ways lot bit kind sort point
    points case make makes course seem seems seemed appear appears even
    go goes going gone get gets got getting come comes coming include includes including included"""
)
_NOT_TERMS = _FUNCTION_WORDS | _REPORTING_WORDS | frozenset(_REACH_WORDS)


@dataclass(frozen=True)
class Term:
    """A content word with its sign.

    `concept` is shared by a word's forms and antonyms, and `affirmed` is its sign. `denied` tells whether a
    negator reaches it; `depth` counts the content words from the negator on (the first is 1; 0 if no negator
    reaches it). `at` is its index among the text's words.
    """

    word: str
    concept: str
    affirmed: bool
    denied: bool
    at: int
    depth: int


@lru_cache(maxsize=8192)
def terms(text: str) -> tuple[Term, ...]:
    """The content words of an English text with their signs, in order."""
    cleaned = t.SPEAKER.sub("they", t.plain(text))
    cleaned = _NEUTRAL.sub(lambda match: re.sub(r"[^\W_]", "\u00b7", match[0]), cleaned)
    matches = list(t.WORD.finditer(cleaned))
    words = [match[0].lower() for match in matches]
    gaps = (cleaned[match.end() : following.start()] for match, following in pairwise(matches))
    breaks = [bool(_BREAK.search(gap)) for gap in gaps]
    denial_counts = _denial_counts(words, [False, *breaks])
    signed_terms: list[Term] = []
    depth = 0
    for at, word in enumerate(words):
        concept_name, is_turned = concept(word)
        depth = depth if denial_counts[at] else 0
        if word in _NEGATING_BEFORE_TO and _negator_reach(words, at):  # "fails to"
            continue
        if word[0].isdigit() or (word in _NOT_TERMS and is_turned is None):
            continue
        is_denied = denial_counts[at] % 2 == 1
        depth += bool(denial_counts[at])
        affirmed = is_denied == bool(is_turned)
        signed_terms.append(Term(word, concept_name, affirmed, is_denied, at, depth))
    return tuple(signed_terms)


IMPLIED = re.compile(  # a denial in other words
    r"\b(?:refus\w+|stop\w*|keeps? .{1,30} from|rare\w*|avoid\w*|prevent\w*|protect\w*|guard\w*|without|"
    r"lack\w*|"
    r"until|before|unless|wrong\w*|missing|unlike|except|fail\w*|hard\w*|barely|instead|against|wait\w*|"
    r"impossible|lose[sd]?|losing|lost|limit\w*|caps?|forbid\w*|ban\w*|reject\w*|away from|apart from)\b",
    re.I,
)


@lru_cache(maxsize=8192)
def implies_denial(text: str) -> bool:
    """Whether a text denies something, even if only with a word like "refuse" or "until"."""
    return bool(IMPLIED.search(text)) or any(term.denied for term in terms(text))


@lru_cache(maxsize=8192)
def denies(text: str) -> bool:
    """Whether a text contains a negator, or the negative word of a pair of antonyms."""
    cleaned = _NEUTRAL.sub(" ", t.plain(text))
    words = t.words_of(cleaned)
    has_negator = any(_negator_reach(words, at) for at in range(len(words)))
    return has_negator or any(concept(word)[1] for word in words)


def _denial_counts(words: Sequence[str], breaks: Sequence[bool]) -> list[int]:
    """The number of negators that reach each word."""
    counts = [0] * len(words)
    for at in range(len(words)):
        reach = _negator_reach(words, at)
        if not reach:
            continue
        for k in range(at + 1, min(len(words), at + 1 + reach)):
            if breaks[k] or words[k] in _ENDERS or (words[k] == "and" and _begins_anew(words, k)):
                break
            counts[k] += 1
            if words[k] in _KNOWING_WORDS:  # "I don't know whether it works" does not deny that it works
                break
    return counts


def _negator_reach(words: Sequence[str], at: int) -> int:
    """How many of the following words the word at `at` may deny; 0 if it is not a negator."""
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word.endswith("n't") or (word, after) in _INSTEAD:
        return 9
    if word == "free" and after != "of":
        return 0
    if word in {"stop", "quit", "cease"} and (after.endswith("ing") or after == "from"):
        return 5
    if word in _NEGATING_BEFORE_TO and after != "to":
        return 0
    return _REACH_WORDS.get(word, 0)


def _begins_anew(words: Sequence[str], at: int) -> bool:
    after = words[at + 1] if at + 1 < len(words) else ""
    return after in w.PRONOUNS or after in w.AUXILIARIES or after in {"then", "so", "instead", "therefore"}


# Pairs of English antonyms. The two sides are the positive and the negative words of one concept.

# positive | negative; words are matched by their stems too, see comparable.stem
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
def _concepts() -> dict[str, tuple[str, bool]]:
    concepts: dict[str, tuple[str, bool]] = {}
    for line in _PAIRS.strip().splitlines():
        positive, negative = (side.split() for side in line.split("|"))
        for side, is_turned in ((positive, False), (negative, True)):
            for word in side:
                concepts[word] = (f"~{positive[0]}", is_turned)
                if len(t.stem(word)) > 3:
                    concepts.setdefault(t.stem(word), concepts[word])
    return concepts


def concept(word: str) -> tuple[str, bool | None]:
    """The concept of a word, and whether the word is the concept's negative; None if it is in no pair.

    "unspendable" is the negative of "spend".
    """
    concepts = _concepts()
    if known := concepts.get(word) or concepts.get(t.stem(word)):
        return known
    if (match := _DENYING.match(word)) and word not in _NOT_DENYING:
        return t.stem(match[1]), True
    return t.stem(word), None
