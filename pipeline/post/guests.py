"""Who stands at the head of a post: guests and hosts; and whether its opening tells who they are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pipeline.post.section_views import ClaimView, ParagraphView, SpeakerView
from pipeline.records import Turns
from pipeline.turns.called import is_role, leads

MIN_SHARE = 0.02  # of what was said, to be named at the head for that alone
MAIN_SHARE = 0.1  # the same, to be one of those whom the talk is about
MOST_LISTED = 6  # people, at the head of a post whose opening names some of them
MIN_ASKING_WORDS = 4  # of a turn, to be more than "Yeah, right."
_ASKS = re.compile("[?\u061f\uff1f]")
_STATED = frozenset({"sidecar", "review", "file"})  # sources of a name that somebody wrote down for this talk
_INTRODUCES = re.compile(r",? (?:of|from|at|who|an?|the|its|their|for|with)\b| \(")
_WORD = re.compile(r"[^\W\d_]{4,}")


def guests_and_hosts(
    people: Sequence[SpeakerView],
) -> tuple[tuple[SpeakerView, ...], tuple[SpeakerView, ...]]:
    """Those of the people who have a name, and apart from them those whose role says that they lead.

    Nothing else tells a host for sure: a guest may open a talk, and in a committee all mostly ask.
    """
    named = [person for person in people if person.known and not is_role(person.name)]
    hosts = tuple(person for person in named if leads(person.role))
    return tuple(person for person in named if person not in hosts), hosts


def only_asking(turns: Turns, speakers: Mapping[str, SpeakerView]) -> frozenset[str]:
    """The ids of people of whose turns more than two thirds end in a question."""
    ends: dict[str, list[bool]] = defaultdict(list)
    for turn in turns.turns:
        words = sum(last - first for first, last in (sentence.words for sentence in turn.sentences))
        if words >= MIN_ASKING_WORDS and not turn.aside:
            ends[speakers[turn.speaker].id].append(any(_ASKS.search(s.text) for s in turn.sentences[-2:]))
    return frozenset(id for id, asked in ends.items() if 3 * sum(asked) > 2 * len(asked))


def credited(
    people: Sequence[SpeakerView], prose: Iterable[ParagraphView], asking: Collection[str] = ()
) -> tuple[SpeakerView, ...]:
    """Those of the people whom the head of the post names.

    Not who hardly spoke and has no part in it, nor who only asked, is not quoted and has no stated role,
    unless all did.
    """
    answering = [p for p in people if p.quotes or p.role or p.id not in asking] or people
    mentioned = {speaker.id for paragraph in prose for speaker in _mentioned(paragraph)}
    return tuple(
        person
        for person in answering
        if person.share >= MIN_SHARE
        or person.quotes
        or person.role
        or person.source in _STATED
        or person.id in mentioned
    )


def is_introduced(people: Sequence[SpeakerView], introduction: Sequence[ParagraphView]) -> bool:
    """Whether the opening names two thirds of those who matter, and says of each with a role who that is.

    Those matter who are quoted or said much; if none is or did, all do. Of a crowd, which would make a roll
    of credits, it is enough that the opening names some.
    """
    main = [person for person in people if person.quotes or person.share > MAIN_SHARE] or people
    claims = [claim for paragraph in introduction for claim in paragraph.claims]
    told = {id for claim in claims for id in _introduced(claim)}
    named = {speaker.id for paragraph in introduction for speaker in _mentioned(paragraph)}
    introduced = [person for person in main if person.id in told]
    if len(people) > MOST_LISTED and introduced:
        return True
    return 3 * len(introduced) >= 2 * len(main) and all(
        person.id in told for person in main if person.id in named
    )


def _mentioned(paragraph: ParagraphView) -> Iterator[SpeakerView]:
    yield from (piece.speaker for claim in paragraph.claims for piece in claim.pieces if piece.speaker)


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
