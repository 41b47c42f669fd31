"""Speakers: whoever a claim has speak spoke where it cites, and who is said to agree was heard to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.takeaways.language.comparable import SPEAKER, plain, stem, words_of
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.takeaways.verification.syntax_tree import Tree

LISTS = WordLists.beside(__file__)
_BARE_ID = re.compile(r"\b(?:S\d+|[Ss]peakers? (?:\d+|one|two|three|four|five|[A-D])|SPEAKER_\d+)\b")
_ASKING = LISTS.word_set("asking")
_OPINIONS = LISTS.word_set("opinions")
_COUNTS = {word: int(number) for word, number in map(str.split, LISTS["counts"])}
_AS_ONE = rf"(?:,? {LISTS.any_of('between')}){{0,3}}+,? {LISTS.any_of('speaking_as_one')}(?!\w)"
_PEOPLE = re.compile(rf"\b{LISTS.any_of('people_of_the_talk')}(?={_AS_ONE})", re.I)
_ANY_GROUP = re.compile(rf"\b{LISTS.any_of('any_group')}(?={_AS_ONE})", re.I)
_JOINED = re.compile(rf"\{{S\d+\}}(?:,? (?:\w{{1,3}} )?\{{S\d+\}}){{1,8}}+(?={_AS_ONE})", re.I)


def check_speakers(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """What is wrong about who spoke.

    Sees: tokens of nobody, bare ids and raw names, somebody who is the subject or holder of what others
    said, somebody mentioned who is not even near, a group of whom only one was heard. Who asked may stand
    next to what is cited. Without a parser, one of those who are mentioned must have said a cited sentence.
    Cannot see: two speakers of cited sentences swapped, and whose words a pronoun gives.
    """
    claim = plain(text)
    match = _BARE_ID.search(SPEAKER.sub(" ", claim))
    if match and not any(match[0] in source for source in evidence.near_texts):
        yield Failure("speaker", _bare_id(match[0], evidence))
    yield from _raw_names(claim, evidence)
    mentioned = list(dict.fromkeys(token[1] for token in SPEAKER.finditer(claim)))
    if unknown := [speaker for speaker in mentioned if speaker not in evidence.speakers]:
        yield Failure("speaker", f"there is no speaker {{{unknown[0]}}} in this talk")
        return
    trees = evidence.reader.trees([text]) if evidence.talk.english else None
    tree = trees[0] if trees else None
    is_told = not evidence.spoken_by.isdisjoint(mentioned)
    speaking = agents(claim, tree) if tree else () if is_told else mentioned
    for speaker in mentioned:
        if speaker in evidence.spoken_by or _asks(speaker, tree, evidence):
            continue
        if speaker in speaking and not (is_told and _is_named(speaker, evidence.texts, evidence)):
            yield Failure("speaker", f"{{{speaker}}} said none of the cited sentences")
        elif not _is_near(speaker, evidence):
            yield Failure(
                "speaker", f"{{{speaker}}} neither said nor is named in a cited sentence or next to one"
            )
    yield from _silent_group(claim, evidence)
    if tree is None:
        yield from _silent_partner(claim, evidence)


def _bare_id(id: str, evidence: Evidence) -> str:
    if id in evidence.speakers:
        return f'"{id}" stands for a speaker: write it in curly brackets, {{{id}}}'
    return f'"{id}" is nobody who speaks in this talk: write who spoke as the lines have it'


def _raw_names(claim: str, evidence: Evidence) -> Iterator[Failure]:
    for speaker in evidence.speakers.values():
        for name in map(plain, filter(None, (speaker.name, speaker.label))):
            parts = [part for part in name.split() if len(part) > 2 and part[0].isupper()]
            is_part = any(_is_alone(part, claim) for part in parts)
            if re.search(rf"\b{re.escape(name)}\b", claim) or is_part:
                yield Failure(
                    "speaker", f"{name} is a speaker; write {{{speaker.id}}}, names are joined later"
                )
                break


_BEFORE_LAST_NAME = re.compile(r"(?<![\w'.-])[A-Z][\w'.-]*+ $|[.!?:\"(] $")


def _is_alone(name: str, claim: str) -> bool:
    """Whether a first or last name stands inside a sentence, and is not part of another name."""
    return any(
        claim[: match.start()].endswith(" ")
        and not _BEFORE_LAST_NAME.search(claim[: match.start()])
        and not re.match(r"(?:'s)? [A-Z]", claim[match.end() :])
        for match in re.finditer(rf"\b{re.escape(name)}\b", claim)
    )


_INSERTED = re.compile(  # "…, {S1} gathers, …", "…, marvelled {S1}: …"
    r"(?:^|[,;:.\u2014] )(?:as )?(?:[a-z]+ (?:[a-z]+ )?)?\{(S\d+)\}(?: [a-z]+){0,3}(?=[,;:.\u2014]|$)"
)


def agents(text: str, tree: Tree) -> set[str]:
    """Who is said to say, think or do something, other than in what somebody else is said to say."""
    agents = set(_INSERTED.findall(text))
    for i, speaker in tree.speakers.items():
        while tree.tokens[i].dependency in {"conj", "appos"}:
            i = tree.tokens[i].head
        dependency, head = tree.tokens[i].dependency, tree.tokens[i].head
        if dependency in {"nsubj", "nsubjpass"}:
            tellers = {k for verb in tree.ancestors(head) for k in tree.subjects(verb)}
            if tellers.isdisjoint(tree.speakers.keys() - {i}):
                agents.add(speaker)
        elif (
            (dependency == "poss" and tree.lemma(head) in _OPINIONS)
            or (dependency == "pobj" and tree.tokens[head].dependency == "agent")
            or (dependency == "pobj" and tree.lemma(tree.tokens[head].head) == "accord")
            or (dependency == "pobj" and tree.lemma(head) == "for" and head == 0)
        ):
            agents.add(speaker)
    return agents


def _asks(speaker: str, tree: Tree | None, evidence: Evidence) -> bool:
    """Whether somebody asked what is answered in what is cited, and is said to have asked it."""
    if speaker not in evidence.asked_by or tree is None:
        return speaker in evidence.asked_by
    own = [i for i, id in tree.speakers.items() if id == speaker]
    return any(tree.lemma(k) in _ASKING for i in own for k in tree.ancestors(i))


def _is_near(speaker: str, evidence: Evidence) -> bool:
    """Whether a sentence of the context is by somebody, or names them."""
    is_by = any(sentence.speaker == speaker for sentence in evidence.context) or speaker in evidence.asked_by
    return is_by or _is_named(speaker, evidence.near_texts, evidence)


def _is_named(speaker: str, texts: Sequence[str], evidence: Evidence) -> bool:
    """Whether one of the texts has a part of somebody's name."""
    names = filter(None, (evidence.speakers[speaker].name, evidence.speakers[speaker].label))
    parts = {part.lower() for name in names for part in name.split() if len(part) > 2}
    return any(not parts.isdisjoint(words_of(text)) for text in texts)


def _silent_group(claim: str, evidence: Evidence) -> Iterator[Failure]:
    """People of the talk who are said to say or to think the same, where fewer were heard.

    Not where they are spoken of themselves: the guests of a hotel.
    """
    for match in _PEOPLE.finditer(claim):
        if len(evidence.spoken_by) < _count(match[0]) and not _is_spoken_of(match[0], evidence):
            yield Failure(
                "speaker",
                f'"{match[0]}" are said to speak as one, but the cited lines are not by all of them',
            )
            return


def _silent_partner(claim: str, evidence: Evidence) -> Iterator[Failure]:
    """One of several who are said to say or to think the same, in any language."""
    for match in _JOINED.finditer(claim):
        for speaker in SPEAKER.findall(match[0]):
            if speaker in evidence.spoken_by | evidence.asked_by:
                continue
            if not _is_named(speaker, evidence.texts, evidence):
                yield Failure("speaker", f"{{{speaker}}} said none of the cited sentences")
                return


def doubt_groups(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A group, of whomever, that is said to say or to think the same, where fewer were heard."""
    claim = plain(text)
    for match in _ANY_GROUP.finditer(claim):
        if len(evidence.spoken_by) < _count(match[0]) and not _is_spoken_of(match[0], evidence):
            yield Failure(
                "speaker",
                f'do several people say so in the cited lines, as "{match[0]}" has it, or one only?',
            )
            return


def _count(group: str) -> int:
    """How many a group has at least."""
    return next((_COUNTS[word] for word in words_of(group) if word in _COUNTS), 2)


def _is_spoken_of(group: str, evidence: Evidence) -> bool:
    """Whether the last word of a group was said near what is cited."""
    noun = stem(words_of(group)[-1])
    return any(noun in map(stem, words_of(text)) for text in evidence.near_texts)
