"""Speakers' names from what is said: who introduces themselves, and who is introduced or addressed.

A wrong name on a voice is the one mistake that a post cannot survive, so any doubt means no name: a name
must look like a person's, be said where introductions are made or more than once, and fit one speaker only.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import Sentence, Turn
from pipeline.turns.addresses import (
    BEFORE_OWN_NAME,
    CLEAR_RATIO,
    FILLERS,
    GREETINGS,
    clear_addresses,
    find_addresses,
    find_calls,
    is_doubtful,
    is_placeholder,
    names_of_guests,
    tally,
)
from pipeline.turns.person_names import (
    HOMONYMS,
    Namesakes,
    first_name,
    may_be_same_person,
    read_name,
    straighten_apostrophes,
)
from pipeline.turns.said import Said
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
# A self-introduction that needs no further support, and one that may refer to a thing.
_MY_NAME_IS = re.compile(r"\bmy (?:full )?name(?: is|'s) ", re.IGNORECASE)
_THIS_IS = re.compile(r"\bthis is ", re.IGNORECASE)
# What may come before a self-introduction, and what makes it a quotation or an example.
_LEAD_IN = re.compile(rf"(?:{FILLERS}\b[\s,.!;:\u2013\u2014-]*)*", re.IGNORECASE)
_GREETING = re.compile(rf"\b{GREETINGS}\b|\bintroductions?\b|\bfor (?:having|inviting) me\b", re.IGNORECASE)
_OPENING = re.compile(rf"(?:{GREETINGS}|thanks|thank you)\b", re.IGNORECASE)
_DOUBT = re.compile(rf"\b{_LISTS.any_of('doubts')}\b|[\"\u201c\u201d\u2018*]", re.IGNORECASE)
_SCENE = re.compile(rf"\b{_LISTS.any_of('reporting')}[\s,:.]*$|\b{_LISTS.any_of('scenes')}\b", re.IGNORECASE)
# What must follow one's own name, what says who the person is or that they speak, and what rules it out.
_AFTER_OWN_NAME = re.compile(
    r"\s*[.!]*$|\s*[,.;:!\u2013\u2014]| -"
    r"| (?:and|from|at|with|of|here|the|a|an|your|also|currently|speaking|I)\b",
    re.IGNORECASE,
)
_OCCUPATION = re.compile(
    r",?\s*(?:and |so )?(?:also )?I "
    r"(?:also |currently |mostly |just |still |try to |have been |am |used to )*"
    rf"{_LISTS.any_of('doings')}\b"
    r"|[.,]?\s*(?:and |so )?I'm (?:also |currently |just |still |really )*"
    rf"{_LISTS.any_of('beings')}\b"
    r"|[.,]?\s*(?:and |so )?I've been\b"
    r"|,?\s*(?:a|an|the|your|one of|from|at|with|of|here|speaking)\b"
    r"|,\s*(?!(?:and|but|so|or|I|not|we|you|it|they|he|she|if|because)\b)(?:\w+[ -]){1,4}(?:at|of|for)\b"
    rf"|,\s*(?:[\w-]+ ){{0,3}}{_LISTS.any_of('offices')}\b",
    re.IGNORECASE,
)
_SPEAKING = re.compile(
    r",? (?:and )?I(?:'m (?:a|an|the|with|at|from)| work| run| lead)\b| (?:speaking|here)\b[,.!]?",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"[,.!?']*\s*(?:\w+ (?:said|says|goes|went)|said|says)\b|\s*[?*]"
    r"|,? (?:my|our|who|whose|which|right\?)\b|,? and (?:this|that|here) is",
    re.IGNORECASE,
)

_OPENING_SENTENCES = 15  # of each speaker, in which an introduction is credible
_EARLY_SENTENCES = 4  # of each speaker, in which an occupation is enough to support a first name
_MAX_SENTENCE_CHARACTERS = 5000  # a longer one has no punctuation, and is searched for nothing
_MIN_RIVAL_POINTS = 3  # of another name: with these and more than their own has, speakers get no name
_LOWERCASE_WORD = re.compile(r"\b[a-z]+\b")
_QUOTE = re.compile(r"[\"\u201c\u201d]")

Points = Counter[tuple[str, str]]  # by (first name, speaker)


@dataclass(frozen=True)
class Introduction:
    """A speaker's name and the sentence that it rests on.

    `listed` is the sentence that the full name comes from, where `sentence` has the first name only.
    """

    name: str
    sentence: str
    listed: str | None = None


def introductions(turns: Sequence[Turn], language: str) -> dict[str, Introduction]:
    """Speaker id to introduction, for those whom the talk itself names beyond doubt.

    Empty for languages other than English.
    """
    if language != "en":
        return {}
    guests = [
        (name, sentence.id)
        for turn in turns
        for sentence in turn.sentences
        for name in names_of_guests(sentence.text)
    ]
    addresses = list(find_addresses(turns))
    called = {first_name(address.name) for address in addresses} | {first_name(name) for name, _ in guests}
    points, said = tally(addresses), Said(turns)
    own_names = _own_names(turns, called, points, said)
    claims = {speaker: claim for speaker, claim in own_names.items() if claim}
    owners = {first_name(claim.name): speaker for speaker, claim in claims.items()}
    points_by_speaker: dict[str, dict[str, int]] = defaultdict(dict)
    for (name, speaker), count in points.items():
        points_by_speaker[speaker][name] = count
    by_themselves = {
        speaker: claim
        for speaker, claim in _unshared(claims, claims).items()
        if not _is_called_otherwise(speaker, claim.name, points_by_speaker[speaker], owners)
    }
    by_others = {
        address.speaker: Introduction(address.name, address.sentence)
        for address in clear_addresses(addresses, owners, said)
        if address.speaker not in own_names
    }
    return _complete(_unshared(by_others | by_themselves, by_themselves), guests)


def _unshared(
    introduced: dict[str, Introduction], by_themselves: dict[str, Introduction]
) -> dict[str, Introduction]:
    """The introductions without names that two speakers may share.

    Somebody who gave the name as their own keeps it against somebody who was only called by it.
    """

    everybody = Namesakes(introduction.name for introduction in introduced.values())
    own = Namesakes(introduction.name for s, introduction in introduced.items() if s in by_themselves)

    def keeps(speaker: str) -> bool:
        rivals = own if speaker in by_themselves else everybody
        return rivals.count(introduced[speaker].name) == 1

    return {speaker: introduction for speaker, introduction in introduced.items() if keeps(speaker)}


def _complete(
    introduced: dict[str, Introduction], guests: Sequence[tuple[str, str]]
) -> dict[str, Introduction]:
    """First names completed with the surname from the list of guests, if it gives just one.

    `guests` are names and the ids of the sentences that list them.
    """
    listed: dict[str, dict[str, str]] = {}  # sentence ids of full names, by first name
    for name, sentence_id in reversed(guests):
        if " " in name:
            listed.setdefault(first_name(name), {})[name] = sentence_id
    complete = {}
    for speaker, introduction in introduced.items():
        full_names = listed.get(first_name(introduction.name), {})
        if " " in introduction.name or len(full_names) != 1:
            complete[speaker] = introduction
        else:
            ((name, sentence_id),) = full_names.items()
            complete[speaker] = Introduction(name, introduction.sentence, sentence_id)
    return complete


def _own_names(
    turns: Sequence[Turn], called: set[str], points: Points, said: Said
) -> dict[str, Introduction | None]:
    """Names by which speakers introduce themselves; None for those who give several or call others by theirs.

    `called` are first names used of people present. A name without support names nobody, but counts against
    any other name.
    """
    claims: dict[str, list[tuple[Introduction, bool]]] = defaultdict(list)
    spoken: Counter[str] = Counter()
    lowercase = {word for turn in turns for s in turn.sentences for word in _LOWERCASE_WORD.findall(s.text)}
    for turn in turns:
        for index, sentence in enumerate(turn.sentences):
            before = [s.text for s in turn.sentences[max(0, index - 2) : index]]
            position = spoken[turn.speaker]
            spoken[turn.speaker] += 1
            if position >= _OPENING_SENTENCES or is_doubtful(sentence):
                continue
            names = _own_names_in(sentence.text, before, position, called, lowercase)
            for name, is_supported in names:
                if not is_placeholder(name, said):
                    claims[turn.speaker].append((Introduction(name, sentence.id), is_supported))
    return {
        speaker: _fullest(speaker, own_claims, said, points)
        for speaker, own_claims in claims.items()
        if any(is_supported for _, is_supported in own_claims)
    }


def _fullest(
    speaker: str, claims: Sequence[tuple[Introduction, bool]], said: Said, points: Points
) -> Introduction | None:
    """The fullest name that speakers give; None if another contradicts it or they call others by it.

    Calling others by it does no harm if they are called by it CLEAR_RATIO times as often.
    """
    best = max((claim for claim, is_supported in claims if is_supported), key=lambda i: len(i.name.split()))
    calls = _count_calls_by(best.name, said.by(speaker))
    is_consistent = all(may_be_same_person(best.name, other.name) for other, _ in claims)
    return best if is_consistent and CLEAR_RATIO * calls <= points[first_name(best.name), speaker] else None


def _count_calls_by(name: str, own_sentences: Sequence[Sentence]) -> int:
    """How often speakers call somebody by the name that they gave as their own."""
    return sum(
        first_name(call.name) == first_name(name)
        for sentence in own_sentences
        for call in find_calls(sentence.text)
    )


def _is_called_otherwise(speaker: str, name: str, points: Mapping[str, int], owners: dict[str, str]) -> bool:
    """Whether others insist on another name, as they do where two voices were taken for one.

    `points` are the speaker's, by first name.
    """
    rival_points = max(
        (
            count
            for called, count in points.items()
            if _are_unlike(called, first_name(name)) and owners.get(called, speaker) == speaker
        ),
        default=0,
    )
    return rival_points >= _MIN_RIVAL_POINTS and rival_points > points.get(first_name(name), 0)


def _are_unlike(name: str, other: str) -> bool:
    """Whether neither first name is short for the other, as Rob is for Robert."""
    return not name.startswith(other) and not other.startswith(name)


def _own_names_in(
    sentence: str, before: Sequence[str], position: int, called: set[str], lowercase: set[str]
) -> Iterator[tuple[str, bool]]:
    """The names that a sentence gives its speaker, and whether each has enough support.

    `before` are the sentences before it in its turn, `position` counts the speaker's earlier sentences,
    `called` is as in `_own_names`, and `lowercase` are words that the talk has in lower case.
    """
    text = straighten_apostrophes(sentence)
    if (
        len(text) > _MAX_SENTENCE_CHARACTERS
        or _QUOTE.search(text)
        or any(_SCENE.search(earlier) or earlier.count('"') % 2 for earlier in before)
    ):
        return
    for match in BEFORE_OWN_NAME.finditer(text):
        name = read_name(text, match.end())
        prefix, suffix = text[: match.start()], text[name.end :] if name else ""
        if name is None or not _is_outright(prefix, suffix):
            continue
        is_greeted = any(_GREETING.search(part) for part in (prefix, *before))
        has_occupation, is_called = bool(_OCCUPATION.match(suffix)), first_name(name.text) in called
        is_common_word = name.text.lower() in lowercase and name.text.lower() not in HOMONYMS
        if _MY_NAME_IS.match(match[0]):
            is_supported = not is_common_word
        elif _THIS_IS.match(match[0]):
            if not _GREETING.search(prefix):
                continue
            is_supported = is_called or bool(_SPEAKING.match(suffix))
        elif " " in name.text:
            is_supported = is_greeted or has_occupation or is_called or not suffix.strip(" .!")
        else:
            is_credible = is_greeted or (has_occupation and position < _EARLY_SENTENCES)
            is_supported = is_called or (is_credible and not is_common_word and not name.text.isupper())
        if is_supported or not is_common_word:
            yield sentence[name.start : name.end], is_supported


def _is_outright(prefix: str, suffix: str) -> bool:
    """Whether nothing before or after the name makes it a quotation, a condition or an example."""
    is_greeting = _OPENING.match(prefix) and not _DOUBT.search(prefix)
    return bool(
        (is_greeting or _LEAD_IN.fullmatch(prefix))
        and _AFTER_OWN_NAME.match(suffix)
        and not _REPORTED.match(suffix)
    )
