"""Stance: an attitude that a claim ascribes to a speaker shows in what they said (English only)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.records import talk_of
from pipeline.takeaways.language.comparable import SPEAKER, plain, stem, words_of
from pipeline.takeaways.verification.evidence import Evidence, Failure, own_words
from pipeline.takeaways.verification.factuality import is_negated
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)

MAX_WORDS_BETWEEN = 2  # a speaker and the verb of which they are the subject
_AGREEMENT = (
    (LISTS.words("agreeing"), LISTS.words("agreeing_evidence"), "agreed"),
    (LISTS.words("disagreeing"), LISTS.words("disagreeing_evidence"), "disagreed"),
)
# The words of an attitude, and those that show it.
_ATTITUDES = tuple(
    (LISTS.words(attitude), LISTS.words(f"{attitude}_evidence", *shared))
    for attitude, *shared in (
        ("denying", "negators"),
        ("doubting", "negators", "contrastive", "negative"),
        ("regretting", "negators", "negative"),
        ("mocking",),
        ("criticising", "negators", "contrastive", "negative"),
        ("fearing", "negators", "contrastive", "negative"),
    )
)
_JOINT_SUBJECT = re.compile(r"\} and (?:\{S\d+\} )\S*$|both\W+$")  # "{S1} and {S2} both"
_BY_SPEAKER = re.compile(r" by \{(S\d+)\}")
_SEVERAL_TALKS = re.compile(
    r"\b(?:both|all|several|many|most|various|different|multiple|two|three|four|five|the|these)"
    r"(?: of (?:the|these))?(?: \w+)? "
    r"(?:talks|conversations|panels|podcasts|sessions|episodes|interviews)\b"
    rf"(?:[^.]{{0,12}}?)\b({LISTS.any_of('said_by_talks')})",
    re.I,
)


def check_agreement(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Agreement or disagreement that nobody showed.

    Sees: agreement or disagreement without any word of it in that speaker's cited sentences. Cannot see:
    agreement shown by what is said rather than by a word of it, and with what somebody agrees.
    """
    claim = own_words(text)
    for verbs, supporting, agreed in _AGREEMENT:
        for match in verbs.finditer(claim):
            before = claim[: match.start()]
            if len(before.rsplit("}", 1)[-1].split()) > MAX_WORDS_BETWEEN or is_negated(claim, match.start()):
                continue
            speakers = _subjects(before)
            sources = [source for speaker in speakers for source in evidence.texts_by(speaker)]
            if sources and not any(supporting.search(plain(source)) for source in sources):
                yield Failure(
                    "stance",
                    f"{{{speakers[-1]}}} is said to have {agreed}, but no cited sentence of theirs shows it",
                )


def check_attitudes(text: str, evidence: Evidence) -> Iterator[Failure]:
    """At most one failure: an attitude that nobody showed.

    Who is said to deny, doubt, regret, mock, criticise or fear something must have shown it. Sees: a verb or
    noun of a closed list, where that speaker's cited sentences have neither the word itself nor any that
    shows the attitude (a negation for "denies", "sorry" for "regrets", …); where no speaker is named, all
    cited sentences count. Cannot see: what the doubt or the denial was about, irony, and attitudes that are
    not listed.
    """
    claim = own_words(text)
    for attitude, supporting in _ATTITUDES:
        for match in attitude.finditer(claim):
            if is_negated(claim, match.start()):
                continue
            word_stem = stem(match[0].lower().split()[0])
            speakers = _holders(claim, match)
            sources = [source for speaker in speakers for source in evidence.texts_by(speaker)]
            if any(
                supporting.search(plain(source)) or word_stem in map(stem, words_of(source))
                for source in sources or evidence.texts
            ):
                continue
            whose = "of theirs " if speakers else ""
            yield Failure("stance", f'it says "{match[0]}", but no cited sentence {whose}shows that')
            return


def is_attitude(word: str) -> bool:
    """Whether a word is of the lists of attitudes."""
    return any(attitude.fullmatch(word) for attitude, _ in _ATTITUDES)


def _holders(claim: str, match: re.Match[str]) -> list[str]:
    """Whose attitude it is: the speaker after a "by" or before the word; else the first one after it."""
    if agent := _BY_SPEAKER.search(claim, match.end()):
        return [agent[1]]
    if speakers := _subjects(claim[: match.start()]):
        return speakers
    later = SPEAKER.search(claim, match.end())
    return [later[1]] if later else []


def _subjects(before: str) -> list[str]:
    """The speaker named last before a verb, or the last two if they are its subject together."""
    speakers = [match[1] for match in SPEAKER.finditer(before)]
    return speakers[-2:] if _JOINT_SUBJECT.search(before) else speakers[-1:]


def check_several_talks(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Talks that speak with one voice.

    What several talks are said to say must be cited from several; that they agree is nobody's to say. Sees:
    "both talks", "these conversations" and the like as those who say, argue or agree. Cannot see: agreement
    between talks that is told in other words ("a common thread is …").
    """
    talks = {talk_of(sentence.id) for sentence in evidence.cited}
    if talks == {""}:  # the evidence is of one talk, which may speak of others
        return
    for match in _SEVERAL_TALKS.finditer(own_words(text)):
        if match[1].lower() in {"agree", "disagree", "concur"}:
            yield Failure("stance", "talks do not agree or disagree; say which speaker argues what")
        elif len(talks) < 2:
            yield Failure("uncited", "it speaks of several talks, but cites only one")
