"""What is kept of each talk for its cohort, and cohort.json: what the talks have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.records import Quote, Record, Share, Takeaways, Theme, Turn


class Voice(Record):
    """A person in one talk: `ids` are the speaker ids that are theirs there, `share` is 0 to 1 of the talk.

    `why` says how a guessed name came about; it is empty where `confirmed`. `everywhere`: who has this name
    in another talk is the same person; so with full names and those in cohort.toml, not with "Mike".
    """

    ids: Annotated[tuple[str, ...], Field(min_length=1)]
    name: str
    known: bool
    confirmed: bool
    everywhere: bool = False
    role: str | None = None
    link: str | None = None
    share: Share = 0.0
    why: str = ""


class Part(Record):
    """A theme of a talk's post: its heading as shown, its anchor, its quotes, and all that it rests on."""

    heading: str
    anchor: str
    quotes: tuple[Quote, ...]
    sentences: tuple[str, ...]


class Excerpt(Record):
    """What a talk brings to its cohort. `turns` hold only sentences that its post quotes or cites.

    A turn is a run of them between which nothing was said.
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
    """Somebody who is quoted or cited; `voices` are (talk, speaker id). No `name`: a stranger in one talk."""

    id: str
    name: str | None = None
    voices: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]


class CommonTheme(Theme):
    """A theme that several talks share. Sentence ids are TALK#ID.

    `talks` are those that take part in it, quoted or not, and `parts` are (talk, number from 0) of those of
    their own themes that do; `against` are pairs of quotes, by index, that speak against each other.
    """

    talks: Annotated[tuple[str, ...], Field(min_length=1)]
    parts: tuple[tuple[str, int], ...] = ()
    against: tuple[tuple[int, int], ...] = ()


class CohortTakeaways(Takeaways):
    """cohort.json. `talks` are those it was made from; `people` are the speakers that it names by id."""

    themes: tuple[CommonTheme, ...]
    talks: tuple[str, ...]
    people: tuple[Person, ...]
