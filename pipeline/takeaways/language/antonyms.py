"""Pairs of English words that say the opposite. Each side is a concept's plus or minus."""

from __future__ import annotations

import re
from functools import cache

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w

# plus | minus; every form that matters is a stem's, see text.stem
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
