"""A "maybe" must not become a "will", nor a question an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.language import polarity
from pipeline.takeaways.language.sentences import verbs
from pipeline.takeaways.verification.evidence import Embed, Evidence, Failure

_DOUBT = t.any_of(  # in a source
    r"might|may|maybe|perhaps|possibly|potentially|probably|presumably|could|not sure|unsure|i guess|"
    r"i suspect",
    r"likely|hopefully|in theory|(?:don't|do not) know|who knows|i wonder|seems?|i think|i hope|i believe",
    r"would guess|apparently|i'm hoping|i imagine|expect",
)
_STRONG = t.any_of(  # in a source, and what follows is only supposed
    r"might|may|maybe|perhaps|possibly|potentially|not sure|unsure|i guess|i suspect|in theory|who knows|"
    r"could",
)
_SOFT = t.any_of(  # in a claim: the doubt was kept
    r"might|may|maybe|perhaps|possibly|possible|possibility|potential(?:ly)?|probably|presumably|could|"
    r"can|unsure",
    r"not (?:sure|certain)|uncertain|suspects?|suspected|guess\w*|likely|unlikely|hop(?:es?|ed|ing|"
    r"efully)|theory",
    r"theoretical(?:ly)?|wonder\w*|seems?|speculat\w+|suggest\w*|consider\w*|doubt\w*|if|whether|would|"
    r"should",
    r"imagin\w+|expect\w*|think\w*|believe\w*|ask\w*|question\w*|open to|toy\w*|float\w*|propos\w+|"
    r"raise[sd]?",
    r"chance|risk\w*|hint\w*|tentative\w*|reckons?|supposes?|assum\w+|idea",
)
_SURE = (
    r"(?:is|are|am|absolutely|quite) (?:sure|certain)|certainly|definite(?:ly)?|undoubtedly|"
    r"unquestionably|surely|"
    r"no doubt|without (?:a )?doubt"
)
_PROVES = r"pro(?:ves?|ven|ved) (?:that|it|to)"
_CERTAIN = t.any_of(  # in a claim, where all its sources only suppose
    rf"will(?! not)|always|never|{_PROVES}|{_SURE}|inevitabl[ey]|guarantees?|guaranteed|impossible|must|"
    rf"invariably|bound to",
)
_KIN = (  # what in a source bears out what kind of certainty
    (
        t.any_of(r"inevitabl[ey]|bound to"),
        t.any_of(r"will|\w+'ll|won't|going to|gonna|inevitabl[ey]|bound to|shall|always"),
    ),
    (
        t.any_of(r"always|invariably"),
        t.any_of(
            r"always|every\w*|all|any\w*|whenever|each|constant\w*|never|still|continu\w*|keeps?|default",
            r"automatically|consistent\w*|forever",
        ),
    ),
    (
        t.any_of(r"never|impossible"),
        t.any_of(
            r"never|\w+n't|cannot|not|no|none|nobody|nothing|impossible|without|ever|zero|unable|any\w*|"
            r"infeasible"
        ),
    ),
    (
        t.any_of(r"must(?! not)"),
        t.any_of(
            r"must|ha(?:ve|s|d) to|need\w*|should|require\w*|got to|gotta|necessar\w+|essential\w*|only|"
            r"can't|cannot",
            r"important|if|unless|don't|sure",
        ),
    ),
    (
        t.any_of(r"guarantees?|guaranteed"),
        t.any_of(r"guarantee\w*|ensur\w+|promis\w+|assur\w+|makes? sure|enforce\w*"),
    ),
    (t.any_of(_PROVES), t.any_of(r"pro(?:ve|ves|ven|ved|of|ofs|ving)|show\w*|demonstrat\w+|verif\w+")),
    (
        t.any_of(_SURE),
        t.any_of(r"certain\w*|definite\w*|sure\w*|absolutely|obvious\w*|clear\w*|of course|no doubt|totally"),
    ),
)
_NOT = re.compile(r"(?:\bnot|n't|\bnever|\bwithout|\bcannot|\bno)(?: \w+){0,2} $", re.I)
_UNDER = 12  # words after a "might" that stand under it


def certainty(text: str, evidence: Evidence) -> Iterator[Failure]:
    """At most one: doubt that was lost.

    A "maybe" must not become a "will". Sees, in English: words of certainty that the sources do not bear
    out, and words that the sources put under "might" or "maybe" while the claim asserts them outright.
    Cannot see: doubt in the voice, "I think" that the claim leaves out, or a condition that it forgets.
    """
    bare = t.plain(t.unquoted(text))
    sources = [t.plain(source) for source in evidence.texts]
    for mine, theirs in _KIN:
        match = _certain(mine, bare)
        if match and not any(theirs.search(_sober(source)) for source in sources):
            yield Failure("stance", f'"{match[0]}" is more certain than the cited sentences are')
            return
    match = _certain(_CERTAIN, bare)
    if match and all(map(_DOUBT.search, sources)) and not any(map(_CERTAIN.search, sources)):
        yield Failure(
            "stance", f'"{match[0]}" is more certain than the cited sentences, which only suppose it'
        )
    elif not _SOFT.search(bare) and (word := _asserted(bare, sources)):
        yield Failure("stance", f'"{word}" is asserted, but the cited sentences only say that it might be so')


def _certain(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Where the pattern stands and is not denied ("is not sure")."""
    return next((m for m in pattern.finditer(text) if not _NOT.search(text[: m.start()])), None)


def _sober(source: str) -> str:
    """Without "not sure" and "I'm not certain", which bear out no certainty."""
    return re.sub(r"(?:\bnot|n't)(?: \w+ly)? (?:sure|certain|clear|obvious)\b", " ", source, flags=re.I)


def _asserted(text: str, sources: Sequence[str]) -> str:
    """A word of the claim that its sources have only under a "might"; only if most of what is shared is."""
    doubted: set[str] = set()
    firm: set[str] = set()
    for source in sources:
        under = _under(source)
        for term in polarity.terms(source):
            (doubted if term.at in under else firm).add(term.concept)
    shared = [term for term in polarity.terms(text) if term.concept in doubted | firm]
    lost = [term for term in shared if term.concept in doubted - firm]
    return lost[0].word if len(lost) > 1 and len(lost) * 2 > len(shared) else ""


def _under(source: str) -> set[int]:
    """The numbers of the words that stand under a word of doubt, to the end of the clause."""
    matches = list(t.WORD.finditer(source))
    found: set[int] = set()
    for match in _STRONG.finditer(source):
        stop = re.search(r"[,;.?!]", source[match.end() + 2 :])
        end = match.end() + 2 + stop.start() if stop else len(source)
        after = [k for k, m in enumerate(matches) if match.end() <= m.start() < end]
        found.update(after[:_UNDER])
    return found


PART = 0.5  # of what the best cited sentence bears out, from which another counts, too
_QUESTION = re.compile(r"\?[\"')\u201d\u2019]*\s*$")
_TAG = re.compile(
    r",\s*(?:right|no|yes|yeah|okay|ok|correct|huh|eh|you know|you see|(?:\w+n't|is|are|was|were|do|does|did|"
    r"has|have|can|will|would) (?:it|they|we|you|he|she|that|this|there|i))\W*$",
    re.I,
)
_TAIL = re.compile(r"(?:,|\bbut\b|\band\b)\W*(?:but |and )?\w+(?: \w+){0,2}\W*$")  # "I will, but you?"
_OPENS = re.compile(
    r"^\W*(?:(?:so|and|but|or|well|okay),? )*(?:i|we|it|they|that|this|there|the|yes|yeah)\b", re.I
)
_MEANT = re.compile(
    r"^\W*(?:(?:so|and|but|or|well),? )*(?!can't|couldn't)\w+n't\b", re.I
)  # "Isn't it too dear?"
_ANSWER = re.compile(
    r"^\W*(?:(?:oh|well|so|and|um|uh|i think),? )*(?:yes|yeah|yep|yup|right|exactly|absolutely|definitely|"
    r"sure|correct|indeed|totally|of course|no|nope|not|it (?:is|does|will|can)|they (?:are|do|will|can))\b",
    re.I,
)
_ASKING = re.compile(
    r"\?|\b(?:ask\w*|wonder\w*|question\w*|whether|curious|inquir\w*|enquir\w*|quer(?:y|ies)|"
    r"wants? to (?:know|hear|understand)|how|why|what|invit\w+|prompt\w*|probes?|press(?:es|ed)|request\w*|"
    r"suggest\w*|propos\w+|raises|raised|floats|unsure|unclear|considers|discuss\w*|explores|seeks|"
    r"turns? to)\b",
    re.I,
)
_TITLE_ASKS = re.compile(
    r"\?|\b(?:ask\w*|wonder\w*|question\w*|whether|how|why|what)\b|^(?:if|when|who|where|which)\b", re.I
)


def questions(text: str, evidence: Evidence, kind: str, embed: Embed) -> Iterator[Failure]:
    """A statement where the sources only ask.

    What was only asked must not be told as said. Sees, in English: a claim whose cited sentences, those
    that bear it out at all, all end in a question mark, and that has no word of asking itself. A tag (",
    right?") leaves a statement one, and "isn't it …?" means one; a heading without a verb names only a
    subject and passes. Cannot see: questions that were written without their mark, other questions that
    mean a statement, and an answer that says something else.
    """
    asked = [source for source in evidence.texts if _asks(source)]
    if not asked or (_TITLE_ASKS if kind == "heading" else _ASKING).search(t.plain(t.unquoted(text))):
        return
    if kind == "heading" and not _states(text):
        return
    told = [source for source in evidence.texts if not _asks(source)]
    if any(_ANSWER.search(t.plain(source)) for source in told):
        return
    best = max(_borne(text, asked, embed))
    if all(score < PART * best for score in _borne(text, told, embed)):
        yield Failure("stance", "the cited sentences only ask this; say who asks it, or cite the answer")


def _asks(source: str) -> bool:
    """Whether a sentence is a question rather than a statement with a tag."""
    plain = t.plain(source)
    if not _QUESTION.search(plain) or _TAG.search(plain):
        return False
    if _MEANT.search(plain):
        return False
    return not (_OPENS.search(plain) and _TAIL.search(plain))


def _states(heading: str) -> bool:
    """Whether a heading has a finite verb."""
    words = t.words_of(heading)
    return any(word in w.AUXILIARIES or (at and word in verbs()) for at, word in enumerate(words))


def _borne(text: str, sources: Sequence[str], embed: Embed) -> list[float]:
    """For each source, how well it bears out the text: cosine and share of its words, halved."""
    if not sources:
        return []
    rows = embed([text, *sources])
    mine = set(t.content(text))
    shared = [len(mine & set(t.content(source))) / max(1, len(mine)) for source in sources]
    return [(float(cosine) + share) / 2 for cosine, share in zip(rows[1:] @ rows[0], shared, strict=True)]
