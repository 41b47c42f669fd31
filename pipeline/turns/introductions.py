"""Speakers' names from what is said: who introduces themselves, and who is introduced or addressed.

A wrong name on a voice is the one mistake that a post cannot survive, so doubt means no name: a name must
look like a person's, be said where introductions are made or more than once, and fit one speaker only.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.records import Turn
from pipeline.turns import person_names
from pipeline.turns.addresses import (
    CLEARLY,
    addresses,
    agreed,
    calls,
    is_doubtful,
    is_placeholder,
    tally,
    those_here,
)
from pipeline.turns.introduction_phrases import PHRASES, Phrases
from pipeline.turns.person_names import first, may_be_one

_OPENING = 15  # sentences of a speaker's own in which an introduction is credible
_EARLY = 4  # those in which it needs the least support
_INSISTENT = 3  # points of another name, if more than for the own one, that leave no name
_LOWER = re.compile(r"\b[a-z]+\b")
_QUOTE = re.compile(r"[\"\u201c\u201d]")


Points = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Introduction:
    """A speaker's name and the sentence that it rests on.

    `listed` is the sentence that the full name is from, where the other one has the first name only.
    """

    name: str
    sentence: str
    listed: str | None = None


def introductions(turns: Sequence[Turn], language: str) -> dict[str, Introduction]:
    """Speaker id to introduction, for those whose name the talk itself gives beyond doubt."""
    phrases = PHRASES.get(language)
    if phrases is None:
        return {}
    listed = [(name, s.id) for turn in turns for s in turn.sentences for name in those_here(s.text, phrases)]
    heard = list(addresses(turns, phrases))
    called = {first(address.name) for address in heard} | {first(name) for name, _ in listed}
    points = tally(heard)
    given = _own_names(turns, phrases, called, points)
    claimed = {speaker: known for speaker, known in given.items() if known}
    owners = {first(known.name): speaker for speaker, known in claimed.items()}
    own = {
        speaker: known
        for speaker, known in _unshared(claimed, claimed).items()
        if not _is_called_otherwise(speaker, known.name, points, owners)
    }
    by_others = {
        address.speaker: Introduction(address.name, address.sentence)
        for address in agreed(heard, owners, turns, phrases)
        if address.speaker not in given
    }
    return _complete(_unshared(by_others | own, own), listed)


def _unshared(found: dict[str, Introduction], own: dict[str, Introduction]) -> dict[str, Introduction]:
    """Without names that two speakers may share; who gave it as their own has it before who was called it."""

    def holds(speaker: str, other: str) -> bool:
        stronger = speaker in own and other not in own
        return stronger or not may_be_one(found[speaker].name, found[other].name)

    return {s: found[s] for s in found if all(holds(s, other) for other in found if other != s)}


def _complete(found: dict[str, Introduction], listed: Sequence[tuple[str, str]]) -> dict[str, Introduction]:
    """First names with the surname that the list of those who are here gives, if there is just one."""
    complete = {}
    for speaker, known in found.items():
        full = {name: at for name, at in reversed(listed) if " " in name and first(name) == first(known.name)}
        if " " in known.name or len(full) != 1:
            complete[speaker] = known
        else:
            ((name, at),) = full.items()
            complete[speaker] = Introduction(name, known.sentence, at)
    return complete


def _own_names(
    turns: Sequence[Turn], phrases: Phrases, called: set[str], points: Points
) -> dict[str, Introduction | None]:
    """Names by which speakers introduce themselves; None for those who give several or call others by it.

    `called` are first names used of those who are here. What lacks support names nobody, but speaks against
    another name.
    """
    given: dict[str, list[tuple[Introduction, bool]]] = defaultdict(list)
    spoken: Counter[str] = Counter()
    lower = {word for turn in turns for s in turn.sentences for word in _LOWER.findall(s.text)}
    for turn in turns:
        for index, sentence in enumerate(turn.sentences):
            before = [s.text for s in turn.sentences[max(0, index - 2) : index]]
            place = spoken[turn.speaker]
            spoken[turn.speaker] += 1
            if place >= _OPENING or is_doubtful(sentence):
                continue
            for name, supported in _own_in(sentence.text, before, place, phrases, called, lower):
                if not is_placeholder(name, turns, phrases):
                    given[turn.speaker].append((Introduction(name, sentence.id), supported))
    return {
        speaker: _only(speaker, found, turns, phrases, points)
        for speaker, found in given.items()
        if any(supported for _, supported in found)
    }


def _only(
    speaker: str,
    given: Sequence[tuple[Introduction, bool]],
    turns: Sequence[Turn],
    phrases: Phrases,
    points: Points,
) -> Introduction | None:
    """The fullest of the names that speakers give, if the others may be the same and they call nobody so."""
    best = max((known for known, supported in given if supported), key=lambda i: len(i.name.split()))
    calls_others = _calls_others(speaker, best.name, turns, phrases)
    one = all(may_be_one(best.name, other.name) for other, _ in given)
    return best if one and CLEARLY * calls_others <= points[first(best.name), speaker] else None


def _calls_others(speaker: str, name: str, turns: Sequence[Turn], phrases: Phrases) -> int:
    """How often speakers call somebody by the name that they gave as their own."""
    own = (s for turn in turns if turn.speaker == speaker for s in turn.sentences)
    return sum(first(call.name) == first(name) for s in own for call in calls(s.text, phrases))


def _is_called_otherwise(speaker: str, name: str, points: Points, owners: dict[str, str]) -> bool:
    """Whether others insist on another name, as they do where two voices were taken for one."""
    other = max(
        (
            count
            for (called, at), count in points.items()
            if at == speaker and _differ(called, first(name)) and owners.get(called, speaker) == speaker
        ),
        default=0,
    )
    return other >= _INSISTENT and other > points[first(name), speaker]


def _differ(one: str, other: str) -> bool:
    """Whether neither is short for the other, as Rob is for Robert."""
    return not one.startswith(other) and not other.startswith(one)


def _own_in(
    sentence: str, before: Sequence[str], place: int, phrases: Phrases, called: set[str], lower: set[str]
) -> Iterator[tuple[str, bool]]:
    """The names that the sentence gives its speaker, and whether enough else supports each.

    `place` counts the speaker's own sentences before it, `lower` are words that the talk has uncapitalised.
    """
    text = person_names.straight(sentence)
    if _QUOTE.search(text) or any(phrases.scene.search(other) or other.count('"') % 2 for other in before):
        return
    for match in phrases.selves.finditer(text):
        name = person_names.read(text, match.end(), phrases)
        prefix, suffix = text[: match.start()], text[name.end :] if name else ""
        if name is None or not _is_plain(prefix, suffix, phrases):
            continue
        greeted = any(phrases.greeting.search(part) for part in (prefix, *before))
        trade, known = bool(phrases.trade.match(suffix)), first(name.text) in called
        common = name.text.lower() in lower and name.text.lower() not in phrases.homonyms
        if phrases.formal.match(match[0]):
            supported = not common
        elif phrases.host.match(match[0]):
            if not phrases.greeting.search(prefix):
                continue
            supported = known or bool(phrases.speaking.match(suffix))
        elif " " in name.text:
            supported = greeted or trade or known or not suffix.strip(" .!")
        else:
            told = greeted or (trade and place < _EARLY)
            supported = known or (told and not common and not name.text.isupper())
        if supported or not common:
            yield sentence[name.start : name.end], supported


def _is_plain(prefix: str, suffix: str, phrases: Phrases) -> bool:
    """Whether nothing before or after the name makes it another's word, a condition or an example."""
    greets = phrases.opening.match(prefix) and not phrases.doubt.search(prefix)
    return bool(
        (greets or phrases.prefix.fullmatch(prefix))
        and phrases.goes_on.match(suffix)
        and not phrases.reported.match(suffix)
    )
