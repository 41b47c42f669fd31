"""NAME.review.toml: what a person puts right, misheard words, names, and who said what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from pipeline.records import Record
from pipeline.text import name_key
from pipeline.workspace.sidecar import MAX_SECONDS, Moment, Person, parse_moment

_LIKE_A_CLOCK = re.compile(r"(?=[\d:.,]*\d:)[\d:.,]*")


def _parse_who(value: Any) -> Any:
    """A moment as seconds; text that is none stays. Raises ValueError."""
    text = value.strip() if isinstance(value, str) else ""
    if text and not _LIKE_A_CLOCK.fullmatch(text):
        return text
    seconds = parse_moment(text) if text else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < MAX_SECONDS:
        raise ValueError('a speaker is meant by a moment ("mm:ss"), by a label or by a name')
    return float(seconds)


Who = Annotated[float | str, BeforeValidator(_parse_who)]  # whoever speaks then, or has this label or name


class Fix(Record):
    """Words misheard: `from` becomes `to`, at the match nearest to `at`, or wherever it occurs."""

    model_config = ConfigDict(populate_by_name=True)  # so that a dump reads back

    at: Moment | None = None
    heard: Annotated[str, Field(alias="from", min_length=1)]
    meant: Annotated[str, Field(alias="to")]


class Merge(Record):
    """Voices that are one person."""

    merge: Annotated[tuple[Who, ...], Field(min_length=2)]


class Split(Record):
    """Moments at which different people speak, though one voice was heard."""

    split: Annotated[tuple[Moment, ...], Field(min_length=2)]


class Move(Record):
    """A turn, or only some words of it, said by somebody else."""

    at: Moment
    words: Annotated[str, Field(min_length=1)] | None = None
    to: Who


class Changes(Record):
    """What a review says about who said what, and where to find the people whom it names there."""

    merge: tuple[Merge, ...] = ()
    split: tuple[Split, ...] = ()
    turn: tuple[Move, ...] = ()
    people: dict[str, tuple[float | str, ...]]


def _entry(table: Any) -> Person | Merge | Split:
    """One [[speaker]] table. Raises ValueError (pydantic's own names the key)."""
    if isinstance(table, Person | Merge | Split):
        return table
    kinds: dict[str, type[Person | Merge | Split]] = {"name": Person, "merge": Merge, "split": Split}
    kinds_present = [key for key in kinds if isinstance(table, dict) and key in table]
    if len(kinds_present) != 1 or (kinds_present != ["name"] and len(table) > 1):
        keys = ", ".join(table) if isinstance(table, dict) else repr(table)
        raise ValueError(
            "an entry is one of: a name (with at or label, role, link, short, pronoun), a merge alone, or a "
            "split alone; "
            f"this one has: {keys or 'nothing'}"
        )
    return kinds[kinds_present[0]].model_validate(table)


class _Entries(Record):
    """The [[speaker]] tables as they stand in the file, so that an error says which one it is in."""

    speaker: tuple[Annotated[Person | Merge | Split, BeforeValidator(_entry)], ...]


class Review(Record):
    """NAME.review.toml: corrections that survive every rerun. `speaker` are the names among [[speaker]]."""

    fix: tuple[Fix, ...] = ()
    speaker: tuple[Person, ...] = ()
    merge: tuple[Merge, ...] = ()
    split: tuple[Split, ...] = ()
    turn: tuple[Move, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _speakers_are_of_three_kinds(cls, table: Any) -> Any:
        if not isinstance(table, dict) or "speaker" not in table:
            return table
        entries = _Entries.model_validate({"speaker": table["speaker"]}).speaker
        by_kind: dict[str, Any] = {"speaker": [e for e in entries if isinstance(e, Person)]}
        for key, kind in (("merge", Merge), ("split", Split)):
            before = table.get(key, ())
            if isinstance(before, list | tuple):
                by_kind[key] = [*before, *(e for e in entries if isinstance(e, kind))]
        return {**table, **by_kind}

    def changes(self, people: Iterable[Person]) -> Changes:
        """The entries on who said what, with the moments and labels of those `people` whom they name.

        Of people of one name the first comes first. Nothing else about people is in it, so that a name
        given or changed elsewhere leaves who said what as it is.
        """
        named = {who for entry in self.merge for who in entry.merge} | {move.to for move in self.turn}
        spellings: dict[str, list[str]] = {}
        for who in named:
            if isinstance(who, str):
                spellings.setdefault(name_key(who), []).append(who)
        places: dict[str, list[float | str]] = {}
        for person in people:
            place = person.at if person.at is not None else person.label or person.name
            for who in spellings.get(name_key(person.name), ()):
                if place != who:
                    places.setdefault(who, []).append(place)
        return Changes(
            merge=self.merge,
            split=self.split,
            turn=self.turn,
            people={who: tuple(bound) for who, bound in places.items()},
        )
