"""How somebody, or a whole talk, is said to stand to a matter must show in what is cited."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.records import talk_of
from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.evidence import Evidence, Failure

_TURNS = (
    (
        t.any_of(
            r"agree[sd]?|agreeing|concurs?|concurred|confirms?|confirmed|seconds|seconded|echoe?s|echoed",
        ),
        t.any_of(
            r"yes|yeah|yep|yup|agree\w*|exactly|right|true|correct|absolutely|definitely|sure|indeed|"
            r"totally|same",
            r"of course|(?:good|great) point|me too|makes? (?:a lot of )?sense|fair|likewise|also|too|"
            r"precisely",
            r"concur\w*|mm-hmm|mhm|\+1|cool|perfect|okay|ok|(?:as|like) \w+ (?:said|mentioned)",
        ),
        "agreed",
    ),
    (
        t.any_of(
            r"disagree[sd]?|disagreeing|push(?:es|ed|ing)? back|objects|objected|counters|countered|"
            r"disputes?",
            r"disputed|contradicts?|contradicted|rejects?|rejected|rebuts?|rebutted|challenges|challenged",
        ),
        t.any_of(
            r"no|not|but|disagree\w*|however|actually|though|although|\w+n't|wrong|never|doubt\w*|unsure|"
            r"rather",
            r"instead|concern\w*|problem|sk?ceptical|skeptical|unless|contrary|except|yet|oppos\w+|reject\w*",
        ),
        "disagreed",
    ),
)
_NOT = re.compile(r"(?:not|n't|never|without|cannot)(?: \w+){0,2} $", re.I)
_JOINT = re.compile(r"\} and (?:\{S\d+\} )\S*$|both\W+$")
_FAR = 2  # words between a speaker and what they are said to do


def agreement(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Agreement or disagreement that nobody showed.

    Who is said to agree or to disagree must have shown it. Sees, in English: agreement or disagreement
    without any word of it in that speaker's cited sentences. Cannot see: agreement shown by what is said
    rather than by a word of it, and with what somebody agrees.
    """
    bare = t.plain(t.unquoted(text))
    for turn, signs, what in _TURNS:
        for match in turn.finditer(bare):
            before = bare[: match.start()]
            who = [m[1] for m in t.SPEAKER.finditer(before)]
            if not who or len(before.rsplit("}", 1)[-1].split()) > _FAR or _NOT.search(before):
                continue
            meant = who[-2:] if _JOINT.search(before) else who[-1:]
            said = [source for one in meant for source in evidence.by(one)]
            if said and not any(signs.search(t.plain(source)) for source in said):
                yield Failure(
                    "stance",
                    f"{{{meant[-1]}}} is said to have {what}, but no cited sentence of theirs shows it",
                )


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
        t.any_of(r"den(?:y|ies|ied|ying)|denials?"),
        t.any_of(_NO, r"wrong|false|untrue|myth|lies?|den\w+|contrary|actually|but"),
    ),
    (
        t.any_of(
            r"doubt(?:s|ed|ing)?|question(?:s|ed|ing)(?= (?:the|whether|if|that|how|why|any|its|their)\b)"
        ),
        t.any_of(_NO, _BUT, _UNSURE, _BAD),
    ),
    (
        t.any_of(r"regret(?:s|ted|ting)?|lament(?:s|ed|ing)?|rue[sd]?|bemoan(?:s|ed|ing)?|deplore[sd]?"),
        t.any_of(
            r"sorry|regret\w*|sad\w*|unfortunate\w*|should(?:n't| not)? have|wish\w*|miss\w*|shame|pity|"
            r"lament\w*|alas|disappoint\w*|frustrat\w*|used to|hurt\w*|painful\w*",
            _BAD,
            _NO,
            r"only",
        ),
    ),
    (
        t.any_of(
            r"mock(?:s|ed|ing)?|ridicul(?:es?|ed|ing)|laughs at|laughed at|derides?|derided|sneers?|jeers?|"
            r"scoffs?|scoffed"
        ),
        t.any_of(
            r"funny|fun|jok\w+|laugh\w*|haha\w*|lol|mock\w*|so-called|supposedly|nonsense|crazy|insane|"
            r"stupid|silly|ridicul\w+|absurd|idiot\w*|dumb|clown\w*|scam\w*|magic\w*"
        ),
    ),
    (
        t.any_of(
            r"critici[sz](?:es?|ed|ing)|dismiss(?:es|ed|ing)?|oppos(?:es?|ed|ing)|hat(?:es?|ed|ing)|"
            r"reject(?:s|ed|ing)?|complain(?:s|ed|ing)?|condemn(?:s|ed|ing)?|attacks(?= the\b)|blames?|"
            r"blamed|blasts?|slams?|slammed|denounc(?:es?|ed|ing)|disapprov(?:es?|ed|ing)|despis(?:es?|ed)|"
            r"dislik(?:es?|ed)|resents?|resented|loathes?|decr(?:y|ies|ied)|scolds?|accus(?:es?|ed|ing)"
        ),
        t.any_of(_NO, _BUT, _BAD, r"against|oppos\w+|hat\w+|reject\w*|critic\w*|complain\w*|fault|enough"),
    ),
    (
        t.any_of(
            r"fear(?:s|ed|ing)?|warn(?:s|ed|ing)?|worr(?:y|ies|ied|ying)|dread(?:s|ed)?|cautions|cautioned|"
            r"alarmed|frets?"
        ),
        t.any_of(_FEARED, _BAD, _NO, _BUT, r"if|might|could|may|will|only|less"),
    ),
)
_DENIED = re.compile(  # "no" denies a noun: "no fear"
    r"(?:not|n't|never|without|cannot|no)(?: \w+){0,2} $", re.I
)
_BY = re.compile(r" by \{(S\d+)\}")


def attitudes(text: str, evidence: Evidence) -> Iterator[Failure]:
    """At most one: an attitude that nobody showed.

    Who is said to deny, doubt, regret, mock or fear something must have shown it. Sees, in English: a verb
    or noun of a closed list that says how somebody stands to a matter, where that speaker's cited sentences
    have neither the word itself nor any that shows it (a negation for "denies", "sorry" for "regrets", …).
    Without a speaker, all the cited sentences are asked. Cannot see: what the doubt or the denial was
    about, irony, and attitudes that are not listed.
    """
    bare = t.plain(t.unquoted(text))
    for kind, shown in _KINDS:
        for match in kind.finditer(bare):
            if _DENIED.search(bare[: match.start()]):
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


_SEVERAL = re.compile(
    r"\b(?:both|all|several|many|most|various|different|multiple|two|three|four|five|the|these)"
    r"(?: of (?:the|these))?(?: \w+)? (?:talks|conversations|panels|podcasts|sessions|episodes|interviews)\b"
    r"(?:[^.]{0,12}?)\b(agree|disagree|concur|say|argue|stress|emphasi[sz]e|highlight|discuss|mention|note|point|"
    r"cover|explore|address|suggest|explain|describe|claim|stat|show|talk|warn|share)",
    re.I,
)
_AGREEING = frozenset({"agree", "disagree", "concur"})


def several_talks(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Talks that speak with one voice.

    What several talks are said to say must be cited from several; that they agree is nobody's to say. Sees,
    in English: "both talks", "these conversations" and the like as those who say, argue or agree. Cannot
    see: agreement between talks that is told in other words ("a common thread is …").
    """
    talks = {talk_of(sentence.id) for sentence in evidence.cited}
    if talks == {""}:  # the evidence is of one talk, which may speak of others
        return
    for match in _SEVERAL.finditer(t.unquoted(text)):
        if match[1].lower() in _AGREEING:
            yield Failure("stance", "talks do not agree or disagree; say which speaker argues what")
        elif len(talks) < 2:
            yield Failure("uncited", "it speaks of several talks, but cites only one")
