"""Names that speakers are called by: who is asked, thanked or welcomed, and which voice that is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.records import Sentence, Turn
from pipeline.turns.introduction_phrases import Phrases
from pipeline.turns.person_names import Name, first, read, straight

_LAST, _FIRST = 4, 2  # sentences of a turn that may turn to the next speaker, or back to the one before
_CLOSE = 8.0  # seconds within which the one addressed begins to speak
_ENOUGH = 3  # points that make a name; two do where the one called is asked, or answers with a greeting
_SPEECH = 12  # words of a turn that somebody is thanked for
CLEARLY = 3  # times as many as for any other name of the speaker, or any other speaker of the name
_END = re.compile(r"[\s.?!]*$")
_AFTER = re.compile(r"[,.!?]|$| for\b")


@dataclass(frozen=True)
class Call:
    """A name called out. What is not `plain` may be a question about a thing: "X?", "X, do you use it?"."""

    name: str
    kind: Literal["ask", "bare", "thank", "welcome"]
    plain: bool = True


@dataclass(frozen=True)
class Address:
    """A name that points at a speaker.

    `plain` is one that cannot be a question about a thing; `hands_on` one that turns to who speaks next.
    """

    name: str
    sentence: str
    speaker: str
    points: int
    plain: bool
    hands_on: bool = True


def is_doubtful(sentence: Sentence) -> bool:
    """Whether it may be another's."""
    return "doubtful speaker" in sentence.flags


def is_placeholder(name: str, turns: Sequence[Turn], phrases: Phrases) -> bool:
    """Whether it stands for anybody, as Alice does where Bob is about."""
    if name.casefold() not in phrases.placeholders:
        return False
    words = {w for t in turns for s in t.sentences for w in re.findall(r"\w+", s.text) if w[0].isupper()}
    return len({word.casefold() for word in words} & phrases.placeholders) > 1


def those_here(text: str, phrases: Phrases) -> list[str]:
    """Names of people who are said to be here. They do not say which voice is whose."""
    plain, found = straight(text), []
    for match in phrases.lists.finditer(plain):
        at: int | None = match.end()
        while at is not None and (name := read(plain, at, phrases)):
            found.append(text[name.start : name.end])
            more = phrases.between.match(plain, name.end)
            at = more.end() if more else None
    return found


def calls(text: str, phrases: Phrases) -> Iterator[Call]:
    """Every name called out in a sentence."""
    plain = straight(text)
    opening = phrases.fillers.match(plain)
    if name := read(plain, opening.end() if opening else 0, phrases):
        if _END.match(plain, name.end) and plain.endswith("?"):
            yield Call(text[name.start : name.end], "bare", plain=False)
        elif (
            plain.startswith(",", name.end)
            and phrases.asks.match(plain, name.end)
            and phrases.tails.search(plain)
        ):
            yield Call(text[name.start : name.end], "ask", plain=not phrases.back.search(plain))
    comma = plain.rfind(", ")
    last = read(plain, comma + 2, phrases) if comma > 0 else None
    thanks = phrases.thanks.search(plain) or phrases.welcomes.search(plain)
    if (
        last
        and not thanks
        and not _is_own(plain, last.text, phrases)
        and _END.match(plain, last.end)
        and phrases.tails.search(plain, 0, comma)
    ):
        yield Call(text[last.start : last.end], "ask")
    kinds: tuple[tuple[Literal["thank", "welcome"], re.Pattern[str]], ...] = (
        ("thank", phrases.thanks),
        ("welcome", phrases.welcomes),
    )
    for kind, pattern in kinds:
        for match in pattern.finditer(plain):
            name = read(plain, match.end(), phrases)
            after = _AFTER if kind == "thank" else _END
            if name and after.match(plain, name.end):
                yield Call(text[name.start : name.end], kind)
    if (only := _only_guest(plain, phrases)) is not None:
        yield Call(text[only.start : only.end], "welcome")


def _only_guest(plain: str, phrases: Phrases) -> Name | None:
    """Who is said to be here, where the rest of the sentence cannot name somebody else."""
    here = [name for match in phrases.lists.finditer(plain) if (name := read(plain, match.end(), phrases))]
    alone = len(here) == 1 and not phrases.more.search(plain, here[0].end)
    return here[0] if alone else None


def addresses(turns: Sequence[Turn], phrases: Phrases) -> Iterator[Address]:
    """Every name that turns to the speaker after or before it."""
    spoken: Counter[str] = Counter()
    here = {first(name) for turn in turns for s in turn.sentences for name in those_here(s.text, phrases)}
    for index, turn in enumerate(turns):
        before = turns[index - 1] if index else None
        after = turns[index + 1] if index + 1 < len(turns) else None
        if before and sum(len(s.text.split()) for s in before.sentences) >= _SPEECH:
            for sentence in turn.sentences[:_FIRST]:
                for call in calls(sentence.text, phrases):
                    if call.kind == "thank" and not is_doubtful(sentence):
                        yield Address(call.name, sentence.id, before.speaker, 1, True, hands_on=False)
        if (
            after
            and after.speaker != turn.speaker
            and (found := _handed_on(turn, after, phrases, opens=before is None))
        ):
            sentence, call = found
            greets = spoken[after.speaker] < 2 and bool(
                phrases.reply.match(straight(after.sentences[0].text))
            )
            # Crowds are welcomed too: "Welcome, Bitcoiners!"
            crowd = phrases.welcome.search(straight(sentence.text)) and " " not in call.name
            greets = greets and (not crowd or first(call.name) in here)
            yield Address(call.name, sentence.id, after.speaker, 1 + greets, call.plain or greets)
        spoken[turn.speaker] += 1


def _handed_on(turn: Turn, after: Turn, phrases: Phrases, opens: bool) -> tuple[Sentence, Call] | None:
    """The last name that a turn calls on, with its sentence, if the next turn may be the answer.

    A welcome at the beginning of a turn is for the speaker before, unless the turn `opens` the talk.
    """
    late = turn.end is not None and after.start is not None and after.start - turn.end > _CLOSE
    if late or is_doubtful(after.sentences[0]):
        return None
    asks = turn.sentences[-1].text.rstrip().endswith("?")
    for place, sentence in enumerate(reversed(turn.sentences[-_LAST:])):
        found = [call for call in calls(sentence.text, phrases) if call.kind != "thank"]
        if not found:
            continue
        call = found[-1]
        turned = {
            "bare": place == 0,
            "ask": asks or sentence.text.rstrip().endswith("?") or bool(phrases.offers.search(sentence.text)),
            "welcome": opens or len(turn.sentences) - place > _FIRST,
        }
        answer = " ".join(s.text for s in after.sentences[:2])
        known = turned[call.kind] and (
            not _mentions(answer, call.name) or _is_own(answer, call.name, phrases)
        )
        return (sentence, call) if known and not is_doubtful(sentence) else None
    return None


def _mentions(text: str, name: str) -> int:
    return len(re.findall(rf"\b{re.escape(first(name))}\b", text.casefold()))


def _is_own(text: str, name: str, phrases: Phrases) -> bool:
    plain = straight(text)
    own = (read(plain, match.end(), phrases) for match in phrases.selves.finditer(plain))
    return any(given and first(given.text) == first(name) for given in own)


def tally(heard: Sequence[Address]) -> Counter[tuple[str, str]]:
    """Points of each first name and speaker."""
    points: Counter[tuple[str, str]] = Counter()
    for address in heard:
        points[first(address.name), address.speaker] += address.points
    return points


def agreed(
    heard: Sequence[Address], own: Mapping[str, str], turns: Sequence[Turn], phrases: Phrases
) -> Iterator[Address]:
    """For each speaker whom others clearly call by one name, the best address of it.

    `own` are first names that speakers gave as theirs, with the speaker: to call on them and hear another
    answer speaks against nobody.
    """
    points = tally(heard)
    for (name, speaker), count in points.items():
        against = sum(
            n
            for (other, at), n in points.items()
            if (at != speaker if other == name else at == speaker and own.get(other, speaker) == speaker)
        )
        mine = [a for a in heard if first(a.name) == name and a.speaker == speaker and a.plain]
        full = {address.name for address in mine if " " in address.name}
        clear = sum(address.points for address in mine if address.hands_on) > 1
        if (count < _ENOUGH and not clear) or count < CLEARLY * against or not mine or len(full) > 1:
            continue
        best = max(mine, key=lambda address: (" " in address.name, address.points))
        if not _is_of_a_thing(best.name, speaker, count, turns, phrases):
            yield best


def _is_of_a_thing(name: str, speaker: str, count: int, turns: Sequence[Turn], phrases: Phrases) -> bool:
    """Whether the talk, or the speaker so named, uses it as the name of something or of a third person."""
    mine = [s.text for turn in turns if turn.speaker == speaker for s in turn.sentences]
    own = sum(_mentions(text, name) for text in mine if not _is_own(text, name, phrases))
    if (own > 1 and CLEARLY * own > count) or is_placeholder(name, turns, phrases):
        return True
    word = re.compile(rf"\b{re.escape(name.split()[0])}\b(?!')")
    texts = [straight(s.text) for turn in turns for s in turn.sentences]
    uses = [phrases.thing.search(text[: use.start()]) for text in texts for use in word.finditer(text)]
    return 5 * sum(map(bool, uses)) > len(uses)
