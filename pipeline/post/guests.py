"""Who stands at the head of a post: guests, and hosts who only ask; and whether its opening tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipeline.post.section_views import ClaimView, ParagraphView, SpeakerView
from pipeline.records import Turns
from pipeline.turns.called import is_role, leads

MAX_ASKING = 2  # of more people who mostly ask, as in a committee, none is a host
MIN_WORDS = 4  # of a turn, to be more than "Yeah, right."
_ASKS = re.compile("[?\u061f\uff1f]")
_INTRODUCES = re.compile(r",? (?:of|from|at|who|an?|the|its|their|for|with)\b| \(")
_WORD = re.compile(r"[^\W\d_]{4,}")


def guests_and_hosts(
    people: Sequence[SpeakerView], turns: Turns, speakers: Mapping[str, SpeakerView]
) -> tuple[tuple[SpeakerView, ...], tuple[SpeakerView, ...]]:
    """Those of the people who have a name, and those of them apart who lead and are never quoted.

    Somebody leads by role, or by opening the conversation and asking little else than questions. Others who
    ask little else are in neither: nothing says that they are the hosts.
    """
    named = [person for person in people if person.known and not is_role(person.name)]
    silent = [person for person in named if not person.quotes]
    hosts = [person for person in silent if leads(person.role)]
    asking = [p for p in silent if p not in hosts and _mostly_asks(p, turns, speakers)]
    if len(hosts) + len(asking) == len(named):
        asking = []  # a conversation among equals
    first = next((speakers[turn.speaker].id for turn in turns.turns), "")
    guests = tuple(person for person in named if person not in (*hosts, *asking))
    leading = [person for person in asking if person.id == first and len(asking) <= MAX_ASKING]
    return guests, (*hosts, *leading)


def _mostly_asks(person: SpeakerView, turns: Turns, speakers: Mapping[str, SpeakerView]) -> bool:
    """Whether more than half of a person's turns end in a question."""
    ends = [
        any(_ASKS.search(sentence.text) for sentence in turn.sentences[-2:])
        for turn in turns.turns
        if speakers[turn.speaker].id == person.id and not turn.aside
        if sum(last - first for first, last in (s.words for s in turn.sentences)) >= MIN_WORDS
    ]
    return 2 * sum(ends) > len(ends)


def is_introduced(people: Iterable[SpeakerView], introduction: Sequence[ParagraphView]) -> bool:
    """Whether the opening names all of these people, and says of each with a role who that is."""
    claims = [claim for paragraph in introduction for claim in paragraph.claims]
    told = {id for claim in claims for id in _introduced(claim)}
    return all(person.id in told for person in people)


def _introduced(claim: ClaimView) -> Iterator[str]:
    """The ids of those whom a sentence introduces."""
    texts = [piece.text for piece in claim.pieces]
    words = {word.casefold() for word in _WORD.findall(" ".join(texts))}
    for piece, after in zip(claim.pieces, (*texts[1:], ""), strict=True):
        if speaker := piece.speaker:
            role_words = {word.casefold() for word in _WORD.findall(speaker.role or "")}
            if (
                not speaker.role
                or piece.role
                or leads(speaker.role)
                or not role_words.isdisjoint(words)
                or _INTRODUCES.match(after)
            ):
                yield speaker.id
