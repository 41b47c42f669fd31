"""Who stands at the head of a post: guests and hosts; and whether its opening tells who they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.post.section_views import ClaimView, ParagraphView, SpeakerView
from pipeline.turns.called import is_role, leads

MIN_SHARE = 0.02  # of what was said, to be named at the head for that alone
MAIN_SHARE = 0.1  # the same, to be one of those whom the talk is about
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


def credited(people: Iterable[SpeakerView], prose: Iterable[ParagraphView]) -> tuple[SpeakerView, ...]:
    """Those of the people whom the head of the post names: not who hardly spoke and has no part in it."""
    mentioned = {speaker.id for paragraph in prose for speaker in _mentioned(paragraph)}
    return tuple(
        person
        for person in people
        if person.share >= MIN_SHARE
        or person.quotes
        or person.role
        or person.source in _STATED
        or person.id in mentioned
    )


def is_introduced(people: Sequence[SpeakerView], introduction: Sequence[ParagraphView]) -> bool:
    """Whether the opening names two thirds of those who matter, and says of each with a role who that is.

    Those matter who are quoted or said much; if none is or did, all do.
    """
    main = [person for person in people if person.quotes or person.share > MAIN_SHARE] or people
    claims = [claim for paragraph in introduction for claim in paragraph.claims]
    told = {id for claim in claims for id in _introduced(claim)}
    named = {speaker.id for paragraph in introduction for speaker in _mentioned(paragraph)}
    introduced = [person for person in main if person.id in told]
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
