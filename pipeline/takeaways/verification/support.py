"""A claim must be about what its sources say, and add nothing of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.language import polarity
from pipeline.takeaways.language.quantities import read
from pipeline.takeaways.verification import stance
from pipeline.takeaways.verification.evidence import Embed, Evidence, Failure

FLOOR = {"prose": 0.40, "frame": 0.34, "heading": 0.25}  # of `Support.score`
KIN = 0.55  # cosine from which one word stands for another
FEW = 4  # of many sources, so many bear out a claim
BRIEF = 3  # content words
INVENTED = 3  # content words in a clause, none of which the sources have
_WHO = r"\{S\d+\}(?:(?:,| and|, and|,? or) \{S\d+\})*,?"
_VERBS = "|".join(sorted(t.REPORTING))
REPORT = re.compile(
    rf"(?:\b(?:as|according to) )?{_WHO}"
    rf"(?:(?: (?:also|then|both|\w+ly))? (?:{_VERBS})\b(?: (?:that|how|why|whether|if|what))?)?"
)
_CLAUSE = re.compile(
    r"[,;:()\u2013\u2014]|\b(?:and|but|because|which|while|so|although|since|where|whereas)\b"
)


@dataclass(frozen=True)
class Support:
    """`cosine` to the likest sources, alone, in pairs and joined; the share of its content `words` said."""

    cosine: float
    shared: float
    words: int

    @property
    def score(self) -> float:
        return (self.cosine + self.shared) / 2

    @property
    def brief(self) -> bool:
        """Whether there are too few words for their vector to tell much, and at least half were said."""
        return self.words <= BRIEF and self.shared >= 0.5


def measure(text: str, sources: Sequence[str], embed: Embed, english: bool = True) -> Support:
    """How well the sources, or the likest few of many, bear out a text."""
    claim = REPORT.sub(" ", text).strip(" ,.") or text
    rows = embed([claim, *sources])
    best = sorted(np.argsort(-(rows[1:] @ rows[0]), kind="stable")[:FEW])
    few = [sources[k] for k in best]
    pieces = few + [" ".join(pair) for pair in pairwise(few)] + [" ".join(few)]
    cosine = float((embed(pieces) @ rows[0]).max())
    parts_of = t.content if english else t.letter_bigrams
    mine, theirs = parts_of(claim), {part for source in few for part in parts_of(source)}
    shared = sum(part in theirs for part in mine) / len(mine) if mine else 0.0
    return Support(cosine, shared, len(mine))


def support(text: str, evidence: Evidence, kind: str, embed: Embed) -> Iterator[Failure]:
    """A claim that its sources do not bear out, or a clause of it.

    A claim must be about what its sources say, and add nothing of its own. Sees: a claim whose vector and
    words are far from all that it cites; a clause with several content words of which the sources have
    none, nor anything near. Cannot see: a false statement in the sources' own words. Short titles pass
    without the floor if half their words were said; prose does not, see predicates. The floors are measured
    in bench/verification.
    """
    borne = measure(text, evidence.texts, embed, evidence.english)
    brief = evidence.english and borne.brief and kind != "prose"
    if borne.score < FLOOR[kind] and not brief:
        yield Failure("support", "the cited sentences do not say this; keep to what they say or cite others")
    elif evidence.english and kind != "heading" and (clause := _invented(text, evidence, embed)):
        yield Failure("support", f'the part "{clause}" is in none of the cited sentences')


def _invented(text: str, evidence: Evidence, embed: Embed) -> str:
    """A clause that brings its own matter."""
    said = [word for source in evidence.known for word in t.words_of(source) if t.is_content(word)]
    stems = {t.stem(word) for word in said}
    for clause in _CLAUSE.split(REPORT.sub(",", t.plain(t.unquoted(text)))):
        words = [word for word in t.words_of(clause) if t.is_content(word)]
        new = [word for word in words if t.stem(word) not in stems]
        if len(new) < INVENTED or len(new) * 4 < len(words) * 3:
            continue
        rows = embed([*new, *sorted(set(said))])
        kin = (rows[: len(new)] @ rows[len(new) :].T).max(axis=1)
        if sum(kin < KIN) >= INVENTED and sum(kin < KIN) * 4 >= len(words) * 3:
            return clause.strip()
    return ""


WORD_KIN = 0.5  # cosine from which one word may stand for another
FEW_WORDS = 4  # content words up to which each must be borne out
_BE = w.listed("is are was were be been being isn't aren't wasn't weren't")
_JUDGED = re.compile(  # "finds it absurd"
    r"\b(?:finds?|found|calls?|called|deems?|deemed|considers?|considered) (?:it|this|them) "
    r"(?:all |an? |too |very |quite |rather |\w+ly )?([a-z]{4,})\b"
)
_TOKEN = "xspeaker"  # for a speaker's token
_GENERAL = w.listed(
    """able alone apply begin belong bring choose come concern consider contain continue depend discuss do
    done draft early earlier exist go happen have hold include interest involve keep late later lie list
    lose name need next part pass possible prefer present problem ready refer remain replace rest result run
    serve set show spend stand start stay stop subject true turn worth case cause common different
    important matter chance whoever whatever wherever whichever anyway
    took taken gave given got made went gone children kids"""
)
_SPEAKS = w.listed(  # what somebody does in a talk, of which the talk itself says nothing
    """advise apologise apologize argue assume assure challenge check close comment conclude confirm correct
    credit cut defend demand demonstrate detail dwell elaborate end finish float focus follow guess guide hear
    help hint illustrate interrupt introduce invite joke judge laugh lay lean leave listen look move muse
    open plead point praise present probe promise propose qualify question raise react rank read recap
    recommend regard refer reject repeat return say see send sketch skip specify speculate spell start
    summarise summarize teach tease thank touch trace treat try understand urge view
    walk want welcome wonder worry"""
)

_SAME = [  # what single words' vectors do not tell
    w.listed(line)
    for line in (
        "good great nice excellent fantastic wonderful awesome amazing brilliant cool positive",
        "bad terrible awful horrible poor lousy negative",
        "happy glad pleased delighted proud content love loves like likes enjoy enjoys satisfied",
        "big large huge great enormous massive",
        "small tiny little minor",
        "hard difficult tough tricky complicated challenging",
        "fast quick rapid",
        "fun funny amusing",
        "silly ridiculous absurd stupid crazy nonsense insane",
    )
]
_SPEAKING = {t.stem(word) for word in _SPEAKS}
_FREE = {t.stem(word) for word in _GENERAL}


def predicates(text: str, evidence: Evidence, embed: Embed) -> Iterator[Failure]:
    """At most one: a predicate of which no source has anything.

    What a claim says of its subject must have been said: a predicate needs its word, or one near to it.
    Sees, in English: in prose of a few content words, each of them that neither the cited sentences nor
    those next to them have, nor anything whose vector is near; in longer prose the word after "is" or "was"
    or "finds it", and the verb after a speaker's token. Words that hold for anything ("keep", "come",
    "need") are let go. Cannot see: a predicate that was said of something else, the opposite of a word (see
    negation), a longer claim's other verbs, and what follows such a general word.
    """
    bare = REPORT.sub(lambda m: f" {_TOKEN} " if m[0].rstrip(",").endswith("}") else " ", t.unquoted(text))
    words = t.words_of(bare)
    candidates = _every(words)
    if len(candidates) > FEW_WORDS:
        candidates = _predicates(words)
    judged: list[str] = _JUDGED.findall(t.plain(t.unquoted(text)).lower())
    candidates += filter(t.is_content, judged)
    if word := _foreign(candidates, evidence, embed):
        yield Failure("support", f'"{word}" is in none of the cited sentences, nor anything like it')


def _every(words: Sequence[str]) -> list[str]:
    """The content words, but for what a speaker does in talking."""
    return [
        word
        for at, word in enumerate(words)
        if t.is_content(word)
        and word != _TOKEN
        and not (at and words[at - 1] in {_TOKEN, "and", "then"} and t.stem(word) in _SPEAKING)
    ]


def _predicates(words: Sequence[str]) -> list[str]:
    """The content words right after a form of "to be" or a speaker's token."""
    found: list[str] = []
    for at, word in enumerate(words):
        if word not in _BE and word != _TOKEN:
            continue
        rest = words[at + 1 : at + 4]
        while rest and (rest[0] in w.FUNCTION or rest[0].endswith("ly")) and rest[0] not in w.CONJUNCTIONS:
            rest = rest[1:]
        if rest and t.is_content(rest[0]) and not (word == _TOKEN and t.stem(rest[0]) in _SPEAKING):
            found.append(rest[0])
    return found


def _foreign(words: Sequence[str], evidence: Evidence, embed: Embed) -> str:
    """The first of the words that has neither its stem nor kin in the sources."""
    said = sorted({word for source in evidence.known for word in t.words_of(source) if len(word) > 2})
    stems = {t.stem(word) for word in said} | _FREE
    concepts = {polarity.concept(word)[0] for word in said}
    joined = "".join("".join(t.words_of(source)) for source in evidence.known)
    matter = [word for word in said if t.is_content(word)]
    for word in words:
        if t.stem(word) in stems or polarity.concept(word)[0] in concepts or word in joined:
            continue
        if read(word) or polarity.IMPLIED.search(word) or stance.named(word):  # of which others judge
            continue
        if any(word in group and group & set(said) for group in _SAME):
            continue
        if not matter or float((embed(matter) @ embed([word])[0]).max()) < WORD_KIN:
            return word
    return ""
