"""Speakers: whoever a claim has speak spoke where it cites, and who is said to agree was heard to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from pipeline.takeaways.language.comparable import SPEAKER, plain, stem, words_of
from pipeline.takeaways.language.english import FUNCTION
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.takeaways.verification.syntax_tree import SUBJECTS, Tree
from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_BARE_ID = re.compile(r"\b(?:S\d+|[Ss]peakers? (?:\d+|one|two|three|four|five|[A-D])|SPEAKER_\d+)\b")
_ASKING = LISTS.word_set("asking")
_OPINIONS = LISTS.word_set("opinions")
_MOVED, _PRESENT, _SIDES = (LISTS.word_set(name) for name in ("moved", "present", "sides"))
_PAIRS = frozenset({"both", "two"})
_COUNTS = {word: int(number) for word, number in map(str.split, LISTS["counts"])}
_AS_ONE = rf"(?:,? {LISTS.any_of('between')}){{0,3}}+,? {LISTS.any_of('speaking_as_one')}(?!\w)"
_PEOPLE = re.compile(rf"\b{LISTS.any_of('people_of_the_talk')}(?={_AS_ONE})", re.I)
_ANY_GROUP = re.compile(rf"\b{LISTS.any_of('any_group')}(?={_AS_ONE})", re.I)
_JOINED = re.compile(r"\{S\d+\}(?:,? (?:\w{1,3} )?\{S\d+\}){1,8}+")
_JOINED_AS_ONE = re.compile(rf"{_JOINED.pattern}(?={_AS_ONE})", re.I)
MAX_INSERTED_WORDS = 3  # on each side of a speaker
FINITE = frozenset({"VBZ", "VBD", "VBP"})  # tags
_MENTIONED = frozenset({"dobj", "pobj", "dative", "poss", "nsubj", "nsubjpass"})  # labels


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
        yield Failure("speaker", f"there is no speaker {{{unknown[0]}}} in {evidence.talk.here}")
        return
    trees = evidence.reader.trees([text]) if evidence.talk.english else None
    tree = trees[0] if trees else None
    is_told = not evidence.spoken_by.isdisjoint(mentioned)
    speaking = agents(tree) if tree else () if is_told else mentioned
    for speaker in _unheard(mentioned, tree, evidence):
        if speaker in speaking and not (is_told and _is_named(speaker, evidence.texts, evidence)):
            yield Failure("speaker", f"{{{speaker}}} said none of the cited sentences")
        elif not _is_near(speaker, evidence):
            yield Failure(
                "speaker", f"{{{speaker}}} neither said nor is named in a cited sentence or next to one"
            )
    yield from _silent_group(claim, evidence)
    if tree is None:
        yield from _silent_partner(claim, evidence)


def doubt_speakers(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Who said nothing that is cited, and may be said to do what others do, or is not named by them.

    Without a parser: one of several speakers who are joined.
    """
    claim = plain(text)
    mentioned = list(dict.fromkeys(token[1] for token in SPEAKER.finditer(claim)))
    trees = evidence.reader.trees([text]) if evidence.talk.english else None
    tree = trees[0] if trees else None
    doubtful = {speaker for match in _JOINED.finditer(claim) for speaker in SPEAKER.findall(match[0])}
    if tree:
        doubtful = agents(tree) | (doubtful - _mentioned(tree))
        doubtful |= {s for s in _subjects(tree) if not _is_named(s, evidence.texts, evidence)}
    for speaker in _unheard(mentioned, tree, evidence):
        if speaker in doubtful:
            yield Failure(
                "speaker", f"{{{speaker}}} said none of the cited lines: is this said of {{{speaker}}} there?"
            )


def _unheard(mentioned: Sequence[str], tree: Tree | None, evidence: Evidence) -> Iterator[str]:
    """Those of the speakers who neither said what is cited nor are said to have asked it."""
    for speaker in mentioned:
        if not (speaker in evidence.spoken_by or _asks(speaker, tree, evidence)):
            yield speaker


def _bare_id(id: str, evidence: Evidence) -> str:
    if id in evidence.speakers:
        return f'"{id}" stands for a speaker: write it in curly brackets, {{{id}}}'
    return f'"{id}" is nobody who speaks in {evidence.talk.here}: write who spoke as the lines have it'


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


def agents(tree: Tree) -> set[str]:
    """Who is said to say, think or do something, other than in what somebody else is said to say.

    Not who is only spoken to or of, or is only there: "{S1} was asked", "they met {S1}", "{S1} listened".
    """
    return {speaker for i, speaker in tree.speakers.items() if _is_agent(i, tree)}


def _mentioned(tree: Tree) -> set[str]:
    """Who is an object, or a subject, as far as the parse can tell."""
    return {id for i, id in tree.speakers.items() if tree.label(_joined_to(i, tree)) in _MENTIONED}


def _subjects(tree: Tree) -> set[str]:
    """Who is the subject of something, other than in what a speaker is said to say."""
    subjects = ((id, _joined_to(i, tree)) for i, id in tree.speakers.items())
    return {id for id, i in subjects if tree.label(i) in SUBJECTS and not _is_told(i, tree)}


def _joined_to(i: int, tree: Tree) -> int:
    """The first of the words that a word is joined to, or stands beside."""
    while tree.label(i) in {"conj", "appos"}:
        i = tree.tokens[i].head
    return i


def _is_agent(speaker: int, tree: Tree) -> bool:
    i = _joined_to(speaker, tree)
    label, head = tree.label(i), tree.tokens[i].head
    if label in {"nsubj", "nsubjpass"}:
        return not _is_told(i, tree) and any(_is_deed(verb, tree) for verb in _verbs_of(head, tree))
    return (
        (label == "poss" and tree.lemma(head) in _OPINIONS)
        or (label == "pobj" and tree.label(head) == "agent")
        or (label == "pobj" and tree.lemma(tree.tokens[head].head) == "accord")
        or (label == "pobj" and tree.lemma(head) == "for" and head == 0)
        or _is_inserted(speaker, tree)
    )


def _is_told(subject: int, tree: Tree) -> bool:
    """Whether another speaker says what a word is the subject of."""
    verbs = tree.ancestors(tree.tokens[subject].head)
    return any(k in tree.speakers and k != subject for verb in verbs for k in tree.subjects(verb))


def _verbs_of(verb: int, tree: Tree) -> Iterator[int]:
    """A verb, and those joined to it that have its subject."""
    todo = [verb]
    while todo:
        yield (verb := todo.pop())
        todo += [k for k in tree.children[verb] if tree.label(k) == "conj" and not tree.has_subject(k)]


def _is_deed(verb: int, tree: Tree) -> bool:
    """Whether the subject of a verb says, thinks or does something, as far as the clause asserts it."""
    children = {tree.label(k): k for k in tree.children[verb]}
    lemmas = {tree.lemma(k) for k in tree.children[verb]}
    is_asked = tree.label(verb) in {"ccomp", "pcomp"} and tree.lemma(tree.tokens[verb].head) in _ASKING
    is_wished = any(tree.tokens[k].tag == "TO" for k in tree.children[verb])
    if is_asked or is_wished or lemmas & {"whether", "if"}:
        return False
    if children.keys() & {"nsubjpass", "auxpass"}:
        return tree.lemma(verb) in _MOVED
    if tree.lemma(verb) == "be":
        return "acomp" in children or not lemmas.isdisjoint(_SIDES)
    is_to_act = any(
        tree.tokens[k].tag == "TO"
        for label in ("xcomp", "advcl")
        if label in children
        for k in tree.children[children[label]]
    )
    return tree.lemma(verb) not in _PRESENT or is_to_act


def _is_inserted(speaker: int, tree: Tree) -> bool:
    """Whether a speaker and a verb of their own stand between commas or the like: "…, marvelled {S1}: …"."""
    before = _to_pause(range(speaker - 1, speaker - 1 - MAX_INSERTED_WORDS, -1), tree)
    after = _to_pause(range(speaker + 1, speaker + 1 + MAX_INSERTED_WORDS), tree)
    if len(before) + len(after) >= 2 * MAX_INSERTED_WORDS:
        return False
    follows_comma = speaker > 0 and not before and after
    if follows_comma and tree.tokens[after[0]].text.islower() and tree.lemma(after[0]) not in FUNCTION:
        return True  # "…, {S1} stresses, …", whatever the parse makes of it
    return any(
        tree.tokens[k].tag in FINITE and _is_deed(k, tree) and {speaker}.issuperset(tree.subjects(k))
        for k in before + after
    )


def _to_pause(indices: Iterable[int], tree: Tree) -> list[int]:
    """The first of some tokens, up to a comma or the like."""
    count = len(tree.tokens)
    return list(takewhile(lambda k: 0 <= k < count and tree.tokens[k].pos != "PUNCT", indices))


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
    for match in _JOINED_AS_ONE.finditer(claim):
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
    trees = evidence.reader.trees([text]) if evidence.talk.english else None
    if trees and len(evidence.spoken_by) < 2 and (pair := _unsaid_pair(trees[0], evidence)):
        yield Failure(
            "speaker", f'it says "{pair}", and one person is cited: is it said of two people there?'
        )


def _unsaid_pair(tree: Tree, evidence: Evidence) -> str:
    """The "both" or "the two" that do something, where nobody counts or joins two; "" if there is none."""
    sources = evidence.trees or ()
    if any(
        source.lemma(i) in _PAIRS or (source.label(i) == "conj" and token.pos in {"NOUN", "PROPN", "PRON"})
        for source in sources
        for i, token in enumerate(source.tokens)
    ):
        return ""
    subjects = [i for i, token in enumerate(tree.tokens) if token.dependency in SUBJECTS]
    pairs = (i for i in subjects if tree.lemma(i) in _PAIRS and not _is_told(i, tree))
    return next((tree.word(i) for i in pairs if not any(t.tag == "NNS" for t in tree.tokens[:i])), "")


def _count(group: str) -> int:
    """How many a group has at least."""
    return next((_COUNTS[word] for word in words_of(group) if word in _COUNTS), 2)


def _is_spoken_of(group: str, evidence: Evidence) -> bool:
    """Whether the last word of a group was said near what is cited."""
    noun = stem(words_of(group)[-1])
    return any(noun in map(stem, words_of(text)) for text in evidence.near_texts)
