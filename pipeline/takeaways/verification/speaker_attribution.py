"""Attribution: whoever a claim has speak said a cited sentence; who is only mentioned said nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pipeline.takeaways.language.comparable import SPEAKER, content, plain, words_of
from pipeline.takeaways.language.english import FUNCTION
from pipeline.takeaways.verification.evidence import (
    Evidence,
    Failure,
    measure_support,
    own_words,
    with_pairs,
)
from pipeline.takeaways.verification.proper_names import is_ordinary
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.engines import Embed
    from pipeline.records import Sentence

LISTS = WordLists.beside(__file__)


class Mention(NamedTuple):
    """A speaker's token in a claim, and whether the speaker is the one who says or does something."""

    token: re.Match[str]
    is_agent: bool

    @property
    def speaker(self) -> str:
        return self.token[1]


_AND = re.compile(r",? ?(?:and|or|,) ?")  # "{S1}, {S2} and {S3}"
_FOR = re.compile(r"(?:^|[,;:] )for\s+$", re.I)  # "for {S1}, it is …"
_ACCORDING_TO = re.compile(r"\baccording to\s+$", re.I)
_BEFORE_OBJECT = re.compile(rf"\b{LISTS.any_of('before_objects')}\s+$", re.I)
_POSSESSIVE = re.compile(r"'s?(?!\w)")
_OPINION = re.compile(rf"'s? (?:\w+ )?{LISTS.any_of('opinions')}\b")
_VERB_BETWEEN = re.compile(r" (?!and\b|or\b|but\b|while\b)\w+(?: (?!and\b|or\b|but\b|while\b)\w+)? ")
_IN_SUBCLAUSE = re.compile(r"\b(?:that|whether|if|how|why|what|when)\s+$", re.I)
_BEFORE_SUBJECT = re.compile(rf"(?:^|[,;:(\u2014]|\b{LISTS.any_of('before_subjects')})\s*$", re.I)


def mentions(text: str) -> list[Mention]:
    """The speakers' tokens in a claim, in order."""
    found: list[Mention] = []
    for token in SPEAKER.finditer(text):
        before, after = text[: token.start()], text[token.end() :]
        between = text[found[-1].token.end() : token.start()] if found else ""
        is_agent = bool(_ACCORDING_TO.search(before)) or not _BEFORE_OBJECT.search(before)
        is_agent = is_agent or bool(_FOR.search(before) and after.startswith(","))
        if found and _AND.fullmatch(between):
            is_agent = found[-1].is_agent
        elif found and (_VERB_BETWEEN.fullmatch(between) or _IN_SUBCLAUSE.search(before)):
            is_agent = False  # "{S1} thanks {S2}", "{S1} agrees that {S2} may be right"
        owns = bool(_POSSESSIVE.match(after)) and not _OPINION.match(after)
        found.append(Mention(token, is_agent and not owns))
    return found


_BARE_ID = re.compile(r"\b(?:S\d+|[Ss]peakers? (?:\d+|one|two|three|four|five|[A-D])|SPEAKER_\d+)\b")
_REFLEXIVE = re.compile(  # "{S1} asks {S1}"; not "{S1} asks {S1}'s friend"
    r"\{(S\d+)\}((?: (?!and\b|or\b|but\b|while\b|as\b)[\w-]+){1,4} )\{\1\}(?!')"
)


def check_speakers(text: str, evidence: Evidence, embed: Embed) -> Iterator[Failure]:
    """What is wrong about who spoke.

    Sees: tokens of nobody, bare ids and raw names, a speaker as the agent who said none of the cited
    sentences, one who is mentioned though nobody near names or is them, and a clause that another speaker's
    sentence supports much better. Cannot see: two speakers swapped who say much the same, and "the host",
    "both" or "they".
    """
    claim = plain(text)
    match = _BARE_ID.search(SPEAKER.sub(" ", claim))
    if match and not any(match[0] in source for source in evidence.known_texts):
        yield Failure("speaker", f'"{match[0]}" must be written as the speaker\'s token, such as {{S1}}')
    yield from _raw_names(claim, evidence)
    if (match := _REFLEXIVE.search(claim)) and _BEFORE_OBJECT.search(match[2]):
        yield Failure("speaker", f"{{{match[1]}}} does this to themselves; one of the two is somebody else")
    yield from _wrong_speakers(claim, evidence)
    if len(evidence.speakers) > 1:
        yield from _swapped_speakers(claim, evidence, embed)


def _raw_names(claim: str, evidence: Evidence) -> Iterator[Failure]:
    for speaker, names in sorted(evidence.speaker_names.items()):
        for name in names:
            if re.search(rf"\b{re.escape(plain(name))}\b", claim) or _has_part_of(name, claim):
                yield Failure("speaker", f"{name} is a speaker; write {{{speaker}}}, names are joined later")
                break


def _has_part_of(name: str, claim: str) -> bool:
    """Whether a first or last name stands alone inside a sentence."""
    parts = [part for part in name.split() if len(part) > 2 and part[0].isupper()]
    return any(re.search(rf"(?<=[\w,;}}] ){re.escape(part)}\b", claim) for part in parts)


def _wrong_speakers(claim: str, evidence: Evidence) -> Iterator[Failure]:
    """Speakers who do not exist, said nothing that is cited, or are not even near."""
    agents = [mention for mention in mentions(claim) if mention.is_agent]
    agent_ids = {mention.speaker for mention in agents}
    # Somebody who did say it may have told what others said or did.
    is_told = any(
        mention.speaker in evidence.speakers and _BEFORE_SUBJECT.search(claim[: mention.token.start()])
        for mention in agents
    )
    for speaker in sorted({token[1] for token in SPEAKER.finditer(claim)}):
        if speaker not in evidence.speaker_names:
            yield Failure("speaker", f"there is no speaker {{{speaker}}} in this talk")
        elif speaker in evidence.speakers:
            continue
        elif speaker in agent_ids and not (is_told and _is_named(speaker, evidence.cited, evidence)):
            yield Failure("speaker", f"{{{speaker}}} said none of the cited sentences")
        elif not _is_near(speaker, evidence):
            yield Failure(
                "speaker", f"{{{speaker}}} neither said nor is named in a cited sentence or next to one"
            )


def _is_near(speaker: str, evidence: Evidence) -> bool:
    """Whether a sentence of the context is by somebody, or names them."""
    is_by = any(sentence.speaker == speaker for sentence in evidence.context)
    return is_by or _is_named(speaker, evidence.context, evidence)


def _is_named(speaker: str, sentences: Sequence[Sentence], evidence: Evidence) -> bool:
    """Whether one of the sentences has a part of somebody's name."""
    names = evidence.speaker_names[speaker]
    parts = {part.lower() for name in names for part in name.split() if len(part) > 2}
    return any(not parts.isdisjoint(words_of(sentence.text)) for sentence in sentences)


# Another speaker's sentences must support a clause so much better (Support.score) that the two were swapped.
MIN_SWAP_MARGIN = 0.12
MIN_CLAUSE_WORDS = 3  # content words
_REPLY = re.compile(rf"\b{LISTS.any_of('replies')}")


def _swapped_speakers(claim: str, evidence: Evidence, embed: Embed) -> Iterator[Failure]:
    """Clauses whose agent said nothing like them, while somebody else did."""
    tokens = [mention.token for mention in mentions(claim) if mention.is_agent]
    ends = [*(token.start() for token in tokens[1:]), len(claim)]
    for token, end in zip(tokens, ends[: len(tokens)], strict=True):
        piece = claim[token.end() : end]
        clause = SPEAKER.sub(" ", piece).strip(" ,.")
        if _AND.fullmatch(piece) or _REPLY.match(clause) or len(content(clause)) < MIN_CLAUSE_WORDS:
            continue
        scores = {
            speaker: max(
                support.score
                for support in measure_support(clause, with_pairs(evidence.texts_by(speaker)), embed)
            )
            for speaker in evidence.speakers
        }
        best = max(scores, key=lambda speaker: (scores[speaker], speaker))
        if scores[best] - scores.get(token[1], 1.0) > MIN_SWAP_MARGIN:
            yield Failure("speaker", f"what {{{token[1]}}} is said to say is what {{{best}}} said")


# Between a name and the verb that reports its words.
MAX_WORDS_TO_VERB, MAX_CHARACTERS_TO_VERB = 10, 150
_NAME = r"[A-Z][\w-]{1,60}(?: [A-Z][\w.-]{0,60}){0,2}"
_PERSON_VERBS, _THING_VERBS = LISTS.any_of("person_verbs"), LISTS.any_of("thing_verbs")
_AUTHOR = re.compile(
    rf"(?<![\w{{'])(?P<subject>{_NAME}) (?:\w+ly |also |then |even |has |had |would )?"
    rf"(?:{_PERSON_VERBS}\b|{_THING_VERBS} that\b)"
    rf"|\b[Aa]ccording to (?P<source>{_NAME})"
    rf"|\b(?:{_PERSON_VERBS}|notes|adds) (?P<inverted>{_NAME})(?=[,.;]|$)"
    rf"|(?<![\w{{'])(?P<owner>{_NAME})'s? (?:\w+ )?{LISTS.any_of('authored')}\b"
)
_REPORTED = LISTS.any_of("person_verbs", "thing_verbs", "reported")
_REPORTS = re.compile(rf"\b{_REPORTED}\b", re.I)
_VOCATIVE = re.compile(r"\s*[,?!](?! (?:and|who|whose|in|he|she|at|from|as)\b)")  # "Jesse, I think"
_OTHER_SUBJECTS = frozenset(LISTS["other_subjects"])


def check_authors(text: str, evidence: Evidence) -> Iterator[Failure]:
    """At most one failure: a name that is made the author of words without being reported.

    Somebody who is only addressed or mentioned did not say what a claim has them say. Sees, in English: a
    capitalised name, not a token, that a claim makes the author of words ("Jesse argues", "according to
    Jesse", "says Jesse", "Jesse's view"), where no cited sentence reports that name ("Satoshi said",
    "according to Satoshi", "Satoshi's paper"). A name that is called ("Jesse, I think …") reports nothing.
    Cannot see: who a pronoun is, and whether the one who is reported said this or something else.
    """
    claim = own_words(SPEAKER.sub(lambda token: token[0].lower(), text))
    for match in _AUTHOR.finditer(claim):
        name = match["subject"] or match["source"] or match["inverted"] or match["owner"]
        parts = [part for part in name.split() if len(part) > 1 and part.lower() not in FUNCTION]
        if all(is_ordinary(part, evidence) for part in parts) or _is_reported(parts, evidence):
            continue
        yield Failure(
            "speaker",
            f"no cited sentence says that {name} said so; write the token of the speaker who said it",
        )
        return


def _is_reported(parts: Sequence[str], evidence: Evidence) -> bool:
    """Whether a cited sentence reports words of somebody with a part of this name."""
    said = " ".join(evidence.plain_texts)
    for part in parts:
        name = re.escape(part)
        source = rf"\b(?:according to|by|from|heard|quot\w+|read|citing)(?: \w+){{0,2}} {name}\b"
        work = rf"\b{_REPORTED}(?: \w+)? (?:by|of|from) (?:\w+ )?{name}\b"
        if re.search(source, said, re.I) or re.search(work, said, re.I):
            return True
        for match in re.finditer(rf"\b{name}\b", said, re.I):
            end = match.end()
            verb = _REPORTS.search(said, end, end + MAX_CHARACTERS_TO_VERB)
            if verb and not _VOCATIVE.match(said, end) and _may_be_subject(said[end : verb.start()]):
                return True
    return False


def _may_be_subject(between: str) -> bool:
    """Whether what stands between a name and a verb leaves the name its subject."""
    words = words_of(between)
    is_one_sentence = not re.search(r"[.?!]", between)
    return len(words) <= MAX_WORDS_TO_VERB and is_one_sentence and _OTHER_SUBJECTS.isdisjoint(words)
