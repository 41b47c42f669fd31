"""Who is said to deny, doubt, regret, mock or fear something must have shown it.

Sees, in English: a verb or noun of a closed list that says how somebody stands to a matter, where that
speaker's cited sentences have neither the word itself nor any that shows it (a negation for "denies",
"sorry" for "regrets", …). Without a speaker, all the cited sentences are asked. Cannot see: what the
doubt or the denial was about, irony, and attitudes that are not listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.I)


_NO = r"no|not|\w+n't|never|none|nothing|nobody|cannot|without|neither|nor"
_BUT = r"but|however|although|though|actually|rather|instead|unless|yet|too"
_BAD = (
    r"problem\w*|issue\w*|bad|badly|worse|worst|wrong\w*|fail\w*|hard\w*|difficult\w*|concern\w*|"
    r"danger\w*|risk\w*|dislik\w+|lack\w*|los\w+|poor\w*|terrible|awful|horrible|annoy\w+|useless|flaw\w*|"
    r"broken|breaks?|mess\w*|mistake\w*|weak\w*|slow\w*|unfair|pointless|unfortunate\w*|sk?eptic\w*|"
    r"sceptic\w*|overrated|hype\w*|scam\w*|nonsense|crazy|insane|stupid|silly|ridiculous|absurd|"
    r"suck\w*|boring|clunky|ugly|garbage|trash|crap\w*|shit\w*|sad\w*|tired|pain\w*"
)
_UNSURE = (
    r"doubt\w*|unsure|uncertain|maybe|perhaps|might|may|could|wonder\w*|question\w*|whether|if|unclear|"
    r"unlikely|sk?eptic\w*|sceptic\w*|why|really"
)
_FEARED = (
    r"fear\w*|afraid|worr\w+|scar\w+|nervous|careful\w*|watch|beware|cautio\w+|warn\w*|threat\w*|attack\w*|"
    r"harm\w*|hurt\w*|unsafe|insecure|unless|otherwise|steal\w*|stol\w+|kill\w*|crash\w*|exploit\w*|"
    r"vulnerab\w+|dangerous|trust\w*|watch out|pressure|centrali[sz]\w+|downside\w*|trade-?offs?|caveats?"
)
_KINDS = (
    (
        _words(r"den(?:y|ies|ied|ying)|denials?"),
        _words(_NO, r"wrong|false|untrue|myth|lies?|den\w+|contrary|actually|but"),
    ),
    (
        _words(
            r"doubt(?:s|ed|ing)?|question(?:s|ed|ing)(?= (?:the|whether|if|that|how|why|any|its|their)\b)"
        ),
        _words(_NO, _BUT, _UNSURE, _BAD),
    ),
    (
        _words(r"regret(?:s|ted|ting)?|lament(?:s|ed|ing)?|rue[sd]?|bemoan(?:s|ed|ing)?|deplore[sd]?"),
        _words(
            r"sorry|regret\w*|sad\w*|unfortunate\w*|should(?:n't| not)? have|wish\w*|miss\w*|shame|pity|"
            r"lament\w*|alas|disappoint\w*|frustrat\w*|used to|hurt\w*|painful\w*",
            _BAD,
            _NO,
            r"only",
        ),
    ),
    (
        _words(
            r"mock(?:s|ed|ing)?|ridicul(?:es?|ed|ing)|laughs at|laughed at|derides?|derided|sneers?|jeers?|"
            r"scoffs?|scoffed"
        ),
        _words(
            r"funny|fun|jok\w+|laugh\w*|haha\w*|lol|mock\w*|so-called|supposedly|nonsense|crazy|insane|"
            r"stupid|silly|ridicul\w+|absurd|idiot\w*|dumb|clown\w*|scam\w*|magic\w*"
        ),
    ),
    (
        _words(
            r"critici[sz](?:es?|ed|ing)|dismiss(?:es|ed|ing)?|oppos(?:es?|ed|ing)|hat(?:es?|ed|ing)|"
            r"reject(?:s|ed|ing)?|complain(?:s|ed|ing)?|condemn(?:s|ed|ing)?|attacks(?= the\b)|blames?|"
            r"blamed|blasts?|slams?|slammed|denounc(?:es?|ed|ing)|disapprov(?:es?|ed|ing)|despis(?:es?|ed)|"
            r"dislik(?:es?|ed)|resents?|resented|loathes?|decr(?:y|ies|ied)|scolds?|accus(?:es?|ed|ing)"
        ),
        _words(_NO, _BUT, _BAD, r"against|oppos\w+|hat\w+|reject\w*|critic\w*|complain\w*|fault|enough"),
    ),
    (
        _words(
            r"fear(?:s|ed|ing)?|warn(?:s|ed|ing)?|worr(?:y|ies|ied|ying)|dread(?:s|ed)?|cautions|cautioned|"
            r"alarmed|frets?"
        ),
        _words(_FEARED, _BAD, _NO, _BUT, r"if|might|could|may|will|only|less"),
    ),
)
_NOT = re.compile(r"(?:not|n't|never|without|cannot|no)(?: \w+){0,2} $", re.I)
_JOINT = re.compile(r"\} and (?:\{S\d+\} )\S*$|both\W+$")
_BY = re.compile(r" by \{(S\d+)\}")


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """At most one: an attitude that nobody showed."""
    bare = t.plain(t.unquoted(text))
    for kind, shown in _KINDS:
        for match in kind.finditer(bare):
            if _NOT.search(bare[: match.start()]):
                continue
            stem = t.stem(match[0].lower().split()[0])
            who = _who(bare, match)
            said = [source for one in who for source in evidence.by(one)] or list(evidence.texts)
            if any(shown.search(t.plain(s)) or stem in map(t.stem, t.words_of(s)) for s in said):
                continue
            whose = "of theirs " if who else ""
            yield Failure("stance", f'it says "{match[0]}", but no cited sentence {whose}shows that')
            return


def named(word: str) -> bool:
    """Whether a word is of the lists of attitudes."""
    return any(kind.fullmatch(word) for kind, _ in _KINDS)


def _who(text: str, match: re.Match[str]) -> list[str]:
    """Whose attitude it is: the speaker before the word, or after a "by"; else the first one named."""
    before = text[: match.start()]
    if after := _BY.search(text[match.end() :]):
        return [after[1]]
    tokens = [m[1] for m in t.SPEAKER.finditer(before)]
    if tokens:
        return tokens[-2:] if _JOINT.search(before) else tokens[-1:]
    later = t.SPEAKER.search(text, match.end())
    return [later[1]] if later else []
