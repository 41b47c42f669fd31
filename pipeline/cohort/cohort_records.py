"""The excerpt that each talk contributes to its cohort, and cohort.json: what the talks have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.records import Quote, Record, Share, Takeaways, Theme, Turn


class Voice(Record):
    """A person in one talk: `ids` are their speaker ids there, `share` is 0 to 1 of what was said.

    `reason` says where a guessed name came from; None for any other. `everywhere`: whoever has this name in
    another talk is the same person, if `known`; true of full names and those in cohort.toml, not of "Mike".
    `short` is what the name becomes once it has been given in full.
    """

    ids: Annotated[tuple[str, ...], Field(min_length=1)]
    name: str
    known: bool
    confirmed: bool
    everywhere: bool = False
    role: str | None = None
    link: str | None = None
    share: Share = 0.0
    reason: str | None = None
    short: str | None = None
    pronoun: str | None = None


class Part(Record):
    """A theme of a talk's post: heading as shown, anchor, quotes, and the ids of all sentences behind it."""

    heading: str
    anchor: str
    quotes: tuple[Quote, ...]
    sentences: tuple[str, ...]


class Excerpt(Record):
    """What a talk contributes to its cohort. `turns` hold only sentences that its themes quote or cite.

    Each is an uninterrupted run of such sentences.
    """

    talk: str
    title: str
    dek: str
    date: str | None = None
    day: str | None = None
    occasion: str | None = None
    duration: str | None = None
    language: str
    voices: tuple[Voice, ...]
    parts: tuple[Part, ...]
    turns: tuple[Turn, ...]


class Person(Record):
    """Somebody quoted or cited; `voices` are (talk, speaker id). No `name`: a stranger in one talk."""

    id: str
    name: str | None = None
    voices: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]


class CommonTheme(Theme):
    """A theme that several talks share. Sentence ids are TALK#ID.

    `talks` are those that share it, quoted or not; `parts` are the themes of their own posts that it is
    made of, as (talk, index); `against` are pairs of quotes, by index, that contradict each other.
    """

    talks: Annotated[tuple[str, ...], Field(min_length=1)]
    parts: tuple[tuple[str, int], ...] = ()
    against: tuple[tuple[int, int], ...] = ()


class CohortTakeaways(Takeaways):
    """cohort.json. `talks` are those it was made from; `people` are all whom their themes quote or cite."""

    themes: tuple[CommonTheme, ...]
    talks: tuple[str, ...]
    people: tuple[Person, ...]
