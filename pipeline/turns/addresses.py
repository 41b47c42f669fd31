"""Names that speakers are called by: who is asked, thanked or welcomed, and which speaker that is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.records import Flag, Sentence, Turn
from pipeline.text import name_key
from pipeline.turns.person_names import (
    PLACEHOLDERS,
    Name,
    first_name,
    read_name,
    straighten_apostrophes,
)
from pipeline.turns.said import Said
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
GREETINGS = _LISTS.any_of("greetings")
FILLERS = _LISTS.any_of("greetings", "fillers")
# Where one of these ends, a name is read.
BEFORE_OWN_NAME = re.compile(
    r"\bmy (?:full )?name(?: is|'s) |\bI(?:'m| am) (?:your (?:co-?)?host,? )?|\bthis is ", re.IGNORECASE
)
_BEFORE_GUESTS = _LISTS.pattern("before_guests")
_BETWEEN_GUESTS = re.compile(", and |, | and ", re.IGNORECASE)
_BEFORE_CALL = re.compile(
    rf"(?:{_LISTS.any_of('greetings', 'fillers', 'call_fillers')}\b[\s,.!\u2013\u2014-]*)*", re.IGNORECASE
)
_BEFORE_THANKED = re.compile(
    r"\b(?:thanks|thank you)(?: so much| very much| again| a lot)?"
    r"(?: for (?!joining|coming|being|having|jumping)[^,.?!]{0,200},|,)? ",
    re.IGNORECASE,
)
_BEFORE_WELCOMED = re.compile(
    r"(?<!to )\bwelcome(?: back)?(?: to the (?:show|podcast|program|stage))?,? "
    r"|\b(?:thanks|thank you) (?:so much |very much )?for (?:joining|coming|being|jumping)[^,.?!]{0,200}, ",
    re.IGNORECASE,
)
# After a name, or elsewhere in its sentence.
_MORE_GUESTS = re.compile(r"\b(?:and|also|plus|as well as)\b|, (?-i:[A-Z])", re.IGNORECASE)
_AFTER_ASKED = re.compile(rf",? {_LISTS.any_of('after_asked')}\b", re.IGNORECASE)
_OFFERS = _LISTS.words("offers")
_SECOND_PERSON = _LISTS.words("second_person")
_REFERS_BACK = re.compile(r"\b(?:it|its|them|they|there)\b", re.IGNORECASE)
_WELCOME = re.compile(r"\b(?:welcome|for joining)\b", re.IGNORECASE)
# How people answer who have just been introduced, and what precedes a thing but hardly ever a person.
_REPLY = re.compile(
    rf"(?:{_LISTS.any_of('assents')}\b[\s,.!]*)*{GREETINGS}\b"
    r"|.{0,40}\bthank(?:s| you)[^.?!]{0,20} for (?:having|inviting)\b"
    rf"|.{{0,60}}\b{_LISTS.any_of('delights')} to be (?:here|back|on)\b",
    re.IGNORECASE,
)
_BEFORE_THING = re.compile(rf"\b{_LISTS.any_of('before_things')} $", re.IGNORECASE)

_CLOSING_SENTENCES = 4  # at the end of a turn: they may call on the next speaker
_OPENING_SENTENCES = 2  # at its beginning: they may be meant for the speaker before
_MAX_GAP_SECONDS = 8.0  # whoever is addressed begins to speak within it
_MIN_POINTS = 3  # that make a name; two will do where the one called is asked, or answers with a greeting
_MIN_THANKED_WORDS = 12  # people are thanked for a turn at least this long
_THING_CHARACTERS = 100  # before a name, in which the words stand that precede a thing
# A name is clear with this many times the points of the speaker's other names and the name's other speakers.
CLEAR_RATIO = 3
_SENTENCE_END = re.compile(r"[\s.?!]*$")
_AFTER_THANKED = re.compile(r"[,.!?]|$| for\b")


@dataclass(frozen=True)
class Call:
    """A name called out; one not `unambiguous` may be a question about a thing: "X?", "X, do you use it?"."""

    name: str
    kind: Literal["ask", "bare", "thank", "welcome"]
    unambiguous: bool = True


@dataclass(frozen=True)
class Address:
    """A name that points at a speaker.

    `unambiguous` if it cannot be a question about a thing; `hands_over` if it calls on the next speaker.
    """

    name: str
    sentence: str
    speaker: str
    points: int
    unambiguous: bool
    hands_over: bool = True


def is_doubtful(sentence: Sentence) -> bool:
    """Whether somebody else may have said it."""
    return Flag.DOUBTFUL_SPEAKER in sentence.flags


def is_placeholder(name: str, said: Said) -> bool:
    """Whether the name stands for anybody, as Alice does where Bob is mentioned, too."""
    return name.casefold() in PLACEHOLDERS and said.has_placeholders


def names_of_guests(text: str) -> list[str]:
    """Names of people who are said to be present. They do not say which voice is whose."""
    straight, names = straighten_apostrophes(text), []
    for match in _BEFORE_GUESTS.finditer(straight):
        position: int | None = match.end()
        while position is not None and (name := read_name(straight, position)):
            names.append(text[name.start : name.end])
            separator = _BETWEEN_GUESTS.match(straight, name.end)
            position = separator.end() if separator else None
    return names


def find_calls(text: str) -> Iterator[Call]:
    """Every name called out in a sentence."""
    straight = straighten_apostrophes(text)
    lead_in = _BEFORE_CALL.match(straight)
    if name := read_name(straight, lead_in.end() if lead_in else 0):
        if _SENTENCE_END.match(straight, name.end) and straight.endswith("?"):
            yield Call(text[name.start : name.end], "bare", unambiguous=False)
        elif (
            straight.startswith(",", name.end)
            and _AFTER_ASKED.match(straight, name.end)
            and _SECOND_PERSON.search(straight)
        ):
            yield Call(text[name.start : name.end], "ask", unambiguous=not _REFERS_BACK.search(straight))
    comma = straight.rfind(", ")
    final_name = read_name(straight, comma + 2) if comma > 0 else None
    thanks = _BEFORE_THANKED.search(straight) or _BEFORE_WELCOMED.search(straight)
    if (
        final_name
        and not thanks
        and not _gives_as_own(straight, final_name.text)
        and _SENTENCE_END.match(straight, final_name.end)
        and _SECOND_PERSON.search(straight, 0, comma)
    ):
        yield Call(text[final_name.start : final_name.end], "ask")
    kinds: tuple[tuple[Literal["thank", "welcome"], re.Pattern[str]], ...] = (
        ("thank", _BEFORE_THANKED),
        ("welcome", _BEFORE_WELCOMED),
    )
    for kind, pattern in kinds:
        for match in pattern.finditer(straight):
            name = read_name(straight, match.end())
            ends = _AFTER_THANKED.match if kind == "thank" else _SENTENCE_END.match
            if name and ends(straight, name.end):
                yield Call(text[name.start : name.end], kind)
    if (guest := _only_guest(straight)) is not None:
        yield Call(text[guest.start : guest.end], "welcome")


def _only_guest(straight: str) -> Name | None:
    """Who is said to be present, where the rest of the sentence cannot name somebody else."""
    guests = [
        name for match in _BEFORE_GUESTS.finditer(straight) if (name := read_name(straight, match.end()))
    ]
    is_alone = len(guests) == 1 and not _MORE_GUESTS.search(straight, guests[0].end)
    return guests[0] if is_alone else None


def find_addresses(turns: Sequence[Turn]) -> Iterator[Address]:
    """Every name by which a turn addresses the speaker after or before it."""
    spoken: Counter[str] = Counter()
    guests = {
        first_name(name)
        for turn in turns
        for sentence in turn.sentences
        for name in names_of_guests(sentence.text)
    }
    for index, turn in enumerate(turns):
        before = turns[index - 1] if index else None
        after = turns[index + 1] if index + 1 < len(turns) else None
        if before and sum(len(s.text.split()) for s in before.sentences) >= _MIN_THANKED_WORDS:
            for sentence in turn.sentences[:_OPENING_SENTENCES]:
                for call in find_calls(sentence.text):
                    if call.kind == "thank" and not is_doubtful(sentence):
                        yield Address(call.name, sentence.id, before.speaker, 1, True, hands_over=False)
        if (
            after
            and after.speaker != turn.speaker
            and (handover := _handover(turn, after, opens=before is None))
        ):
            sentence, call = handover
            greets = spoken[after.speaker] < 2 and bool(
                _REPLY.match(straighten_apostrophes(after.sentences[0].text))
            )
            # A crowd may be welcomed, too: "Welcome, Bitcoiners!"
            may_be_crowd = _WELCOME.search(straighten_apostrophes(sentence.text)) and " " not in call.name
            greets = greets and (not may_be_crowd or first_name(call.name) in guests)
            yield Address(call.name, sentence.id, after.speaker, 1 + greets, call.unambiguous or greets)
        spoken[turn.speaker] += 1


def _handover(turn: Turn, after: Turn, opens: bool) -> tuple[Sentence, Call] | None:
    """The last name that a turn calls on, with its sentence, if the next turn may be the answer.

    A welcome at the beginning of a turn is for the speaker before, unless the turn `opens` the talk.
    """
    is_late = turn.end is not None and after.start is not None and after.start - turn.end > _MAX_GAP_SECONDS
    if is_late or is_doubtful(after.sentences[0]):
        return None
    ends_in_question = turn.sentences[-1].text.rstrip().endswith("?")
    for from_end, sentence in enumerate(reversed(turn.sentences[-_CLOSING_SENTENCES:])):
        calls = [call for call in find_calls(sentence.text) if call.kind != "thank"]
        if not calls:
            continue
        call = calls[-1]
        awaits_reply = {
            "bare": from_end == 0,
            "ask": ends_in_question
            or sentence.text.rstrip().endswith("?")
            or bool(_OFFERS.search(sentence.text)),
            "welcome": opens or len(turn.sentences) - from_end > _OPENING_SENTENCES,
        }
        answer = " ".join(s.text for s in after.sentences[:2])
        is_answered = awaits_reply[call.kind] and (
            not _count_mentions(answer, call.name) or _gives_as_own(answer, call.name)
        )
        return (sentence, call) if is_answered and not is_doubtful(sentence) else None
    return None


def _count_mentions(text: str, name: str) -> int:
    return len(re.findall(rf"\b{re.escape(first_name(name))}\b", name_key(text)))


def _gives_as_own(text: str, name: str) -> bool:
    """Whether the text introduces its speaker by this first name."""
    straight = straighten_apostrophes(text)
    own_names = (read_name(straight, match.end()) for match in BEFORE_OWN_NAME.finditer(straight))
    return any(own_name and first_name(own_name.text) == first_name(name) for own_name in own_names)


def tally(addresses: Sequence[Address]) -> Counter[tuple[str, str]]:
    """Points of each (first name, speaker)."""
    points: Counter[tuple[str, str]] = Counter()
    for address in addresses:
        points[first_name(address.name), address.speaker] += address.points
    return points


def clear_addresses(addresses: Sequence[Address], owners: Mapping[str, str], said: Said) -> Iterator[Address]:
    """For each speaker whom others clearly call by one name, the best address by that name.

    `owners` maps first names that speakers gave as their own to the speaker: where one of them is called on
    and another answers, that counts against nobody.
    """
    points = tally(addresses)
    by_name: Counter[str] = Counter()
    by_speaker: Counter[str] = Counter()  # without names that are another's
    for (name, speaker), count in points.items():
        by_name[name] += count
        by_speaker[speaker] += count * (owners.get(name, speaker) == speaker)
    unambiguous: dict[tuple[str, str], list[Address]] = {}
    for address in addresses:
        if address.unambiguous:
            unambiguous.setdefault((first_name(address.name), address.speaker), []).append(address)
    for (name, speaker), count in points.items():
        is_anothers = owners.get(name, speaker) != speaker
        against = by_name[name] - count + by_speaker[speaker] - (0 if is_anothers else count)
        supporting = unambiguous.get((name, speaker), [])
        full_names = {address.name for address in supporting if " " in address.name}
        is_called_on = sum(address.points for address in supporting if address.hands_over) > 1
        if (
            (count < _MIN_POINTS and not is_called_on)
            or count < CLEAR_RATIO * against
            or not supporting
            or len(full_names) > 1
        ):
            continue
        best = max(supporting, key=lambda address: (" " in address.name, address.points))
        if not _means_thing_or_third_person(best.name, speaker, count, said):
            yield best


def _means_thing_or_third_person(name: str, speaker: str, count: int, said: Said) -> bool:
    """Whether the talk, or the speaker so named, uses the name for a thing or for a third person."""
    own_texts = (sentence.text for sentence in said.by(speaker))
    mentions = sum(_count_mentions(text, name) for text in own_texts if not _gives_as_own(text, name))
    if (mentions > 1 and CLEAR_RATIO * mentions > count) or is_placeholder(name, said):
        return True
    word = re.compile(rf"\b{re.escape(name.split()[0])}\b(?!')")
    as_thing = [
        _BEFORE_THING.search(text, max(0, mention.start() - _THING_CHARACTERS), mention.start())
        for text in said.texts_with(name)
        for mention in word.finditer(text)
    ]
    return 5 * sum(map(bool, as_thing)) > len(as_thing)
