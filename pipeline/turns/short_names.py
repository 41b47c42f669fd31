"""Labels of one person: the full name first and a shorter one later, or one name in two spellings.

`Ann Lee:`, and from then on `Ann:`, `Dr. Lee:`, `A. Lee:` or `AL:`, is one person if exactly one full name of
the file fits, if it comes first, and if the two never answer each other. Names differ in what name_key leaves
out (case, normal form, spacing, invisible characters), or in their order, and are one without more ado.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise

from pipeline.records import LeftOut, Word
from pipeline.text import name_key
from pipeline.transcripts.name_order import given_name_first, in_order, lookup_keys
from pipeline.turns.person_names import is_never_in_a_name
from pipeline.word_lists import WordLists
from pipeline.workspace.sidecar import Person

_LISTS = WordLists.beside(__file__)
_TITLES, _PARTICLES, _DESCRIPTIONS = map(_LISTS.word_set, ("titles", "particles", "descriptions"))
_CELL_MARK = re.compile(r"[|\t]")
_MAX_NAME_WORDS = 6
_MAX_FITTING = 20  # full names with one word in common: with more, it tells nobody
_MAX_INITIALS = 4
_MAX_LISTED = 5  # in a note


@dataclass(frozen=True)
class _Name:
    """A name of a file. `words` are without titles, as they are compared; `first` and `last` are its runs."""

    label: str
    title: str
    words: tuple[str, ...]
    first: int = 0
    last: int = 0

    @cached_property
    def whole_words(self) -> tuple[str, ...]:
        """The words that are neither initials nor particles."""
        return tuple(word for word in self.words if len(word.rstrip(".")) > 1 and word not in _PARTICLES)

    @property
    def says(self) -> tuple[int, int, bool]:
        """How much a name says, to be compared."""
        return len(self.whole_words), len(self.words), bool(self.title)

    @cached_property
    def initials(self) -> frozenset[str]:
        """Of a full name, with particles and without; none of a name that is itself in capitals."""
        if self.label.isupper() or len(self.whole_words) < 2:
            return frozenset()
        main = [word for word in self.words if word not in _PARTICLES]
        return frozenset("".join(word[0] for word in words) for words in (self.words, main))

    @cached_property
    def as_initials(self) -> str:
        """The letters of a label such as "AL" or "A.L.", "" of any other."""
        letters = self.label.replace(".", "")
        is_initials = letters.isupper() and letters.isalpha() and 1 < len(letters) <= _MAX_INITIALS
        return name_key(letters) if is_initials else ""

    def is_short_of(self, other: _Name) -> bool:
        """Whether its words, or initials for them, are in a name that says more, in the same order."""
        if self.as_initials in other.initials:
            return True
        if other.says <= self.says or (self.title and other.title and self.title != other.title):
            return False
        rest = iter(other.words)
        return all(any(word in (own, own[0], f"{own[0]}.") for own in rest) for word in self.words)


@dataclass
class SamePeople:
    """The label that stands for each other label of the same person, and what people are told of it.

    `taken` are short names with the full name that each is taken for, `unsure` those that are left alone,
    with the names that may be the same person's.
    """

    aliases: dict[str, str] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, list[str]] = field(default_factory=dict)

    def notes(self, stated: Mapping[str, str]) -> Iterator[str]:
        """What people are told, but for the labels to which files about the talk give names (`stated`)."""
        taken = [
            f'"{short}" is "{full}"'
            for short, full in self.taken.items()
            if stated.keys().isdisjoint((*lookup_keys(short), *lookup_keys(full)))
        ]
        unsure = [
            f'"{short}" may be {_quoted(full)}'
            for short, full in self.unsure.items()
            if stated.keys().isdisjoint(lookup_keys(short))
        ]
        if taken:
            yield (
                f"one person under a short and a full name: {_listed(taken)}. "
                "If they are two people, name both labels under [speakers] in the sidecar"
            )
        if unsure:
            yield (
                f"kept apart, though they may be one person: {_listed(unsure)}. "
                "If they are, `merge` both labels in the review file"
            )


def _quoted(names: Iterable[str]) -> str:
    return " or ".join(f'"{name}"' for name in names)


def _listed(entries: Sequence[str]) -> str:
    more = f" and {len(entries) - _MAX_LISTED} more" if len(entries) > _MAX_LISTED else ""
    return f"{', '.join(entries[:_MAX_LISTED])}{more}"


def same_people(words: Iterable[Word], people: Sequence[Person], left_alone: Collection[str]) -> SamePeople:
    """Which labels of a transcript are one person's.

    `people` are those named in files about the talk: labels with two names there are never one, and to name
    one of two says that they are. Labels that are `left_alone`, by their keys, are decided elsewhere.
    """
    labels = [label for label, _ in groupby(word.label for word in words if word.label)]
    spoken = in_order(labels)
    keys = {label: name_key(name) or label for label, name in spoken.items()}
    first_labels = {keys[label]: label for label in reversed(spoken)}
    runs = [key for key, _ in groupby(keys[label] for label in labels)]
    last = {key: number for number, key in enumerate(runs)}
    first = {key: number for number, key in reversed([*enumerate(runs)])}
    names = {
        key: _Name(label, *parts, first[key], last[key])
        for key, label in first_labels.items()
        if key not in left_alone and (parts := _parts(spoken[label]))
    }
    answering = {frozenset(pair) for pair in pairwise(runs)}
    taken, unsure = _decided(names, answering, stated_names(people))
    by_key = {key: first_labels[taken.get(key, key)] for key in first_labels}
    return SamePeople(
        aliases={label: by_key[key] for label, key in keys.items() if by_key[key] != label},
        taken={names[short].label: names[full].label for short, full in taken.items()},
        unsure={names[short].label: [names[key].label for key in full] for short, full in unsure.items()},
    )


def names_in_tables(left_out: Iterable[LeftOut], labels: Iterable[str]) -> dict[str, str]:
    """The full names that tables beside the speech give to labels: "Ann Lee", "ALE" in a row to ALE.

    The label's letters are some of the name's, from the first on. Of a label with two names none is sure.
    """
    by_key = {name_key(label): label for label in labels}
    found: dict[str, set[str]] = {}
    for line in left_out:
        cells = [given_name_first(cell.strip(" *_")) for cell in _CELL_MARK.split(line.text)]
        full = [
            cell for cell in cells if (parts := _parts(cell)) and len(_Name(cell, *parts).whole_words) > 1
        ]
        for label in [by_key[key] for key in map(name_key, cells) if key in by_key]:
            found.setdefault(label, set()).update(name for name in full if _abbreviates(label, name))
    return {label: name for label, names in found.items() if len(names) == 1 for name in names}


def _abbreviates(label: str, name: str) -> bool:
    letters, rest = name_key(label).replace(".", ""), iter(name_key(name))
    is_short = " " not in letters and letters[:1] == name_key(name)[:1]
    return is_short and all(letter in rest for letter in letters)


def stated_names(people: Iterable[Person]) -> dict[str, str]:
    """The name that files about a talk give to each label, both as they are compared."""
    bound = (person for person in people if person.at is None)
    return {
        name_key(given_name_first(person.label or person.name)): name_key(person.name) for person in bound
    }


def may_be_alike(labels: Collection[str]) -> bool:
    """Whether some of the labels may be short for others, here or in the transcript."""
    names = [_Name(label, *parts) for label in labels if (parts := _parts(label, is_label=False))]
    words = [word for name in names for word in name.whole_words]
    return any(len(name.whole_words) < 2 for name in names) or len(set(words)) < len(words)


def _parts(spoken: str, is_label: bool = True) -> tuple[str, tuple[str, ...]] | None:
    """The title and the words of a person's name; None for what describes somebody or looks like no name."""
    words = spoken.split()
    folded = [name_key(word) for word in words]
    titles = 0
    while titles < len(words) - 1 and folded[titles].rstrip(".") in _TITLES:
        titles += 1
    title = " ".join(word.rstrip(".") for word in folded[:titles])
    own, folded = words[titles:], folded[titles:]
    if not 0 < len(own) <= _MAX_NAME_WORDS or not all(map(_is_name_word, folded)):
        return None
    if is_label and any(word == word.lower() != word.upper() and word not in _PARTICLES for word in own):
        return None
    return None if len("".join(folded).rstrip(".")) < 2 else (title, tuple(folded))  # "Q", "A."


def _is_name_word(word: str) -> bool:
    letters = word.replace("-", "").replace("'", "").replace(".", "")
    return letters.isalpha() and word not in _DESCRIPTIONS and not is_never_in_a_name(word)


def _decided(
    names: Mapping[str, _Name], answering: Collection[frozenset[str]], stated: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """By key, short names that are taken for full ones, and those that may be several or may be others."""
    taken: dict[str, str] = {}
    unsure: dict[str, list[str]] = {}
    titles: dict[tuple[str, ...], set[str]] = {}
    for name in names.values():
        titles.setdefault(name.words, set()).add(name.title)
    longest_first = sorted(_fitting(names), key=lambda pair: names[pair[0]].says, reverse=True)
    for key, candidates in longest_first:
        fitting = [*dict.fromkeys(taken.get(other, other) for other in candidates)]
        short, full = names[key], names[fitting[0]]
        is_by_initials = short.as_initials in full.initials
        if len(fitting) == 1 and (
            full.first > short.first
            or (is_by_initials and full.last > short.first)
            or _are_stated_as_two(key, fitting[0], stated)
        ):
            continue
        if (
            len(fitting) > 1
            or frozenset((key, fitting[0])) in answering
            or len(titles[short.words] - {""}) > 1
        ):
            unsure[key] = fitting
        else:
            taken[key] = fitting[0]
    return taken, unsure


def _fitting(names: Mapping[str, _Name]) -> Iterator[tuple[str, list[str]]]:
    """Each name that may be short, and the names that it may be short for, all by their keys."""
    by_part: dict[str, list[str]] = {}
    for key, name in names.items():
        for part in {*name.whole_words, *name.initials}:
            by_part.setdefault(part, []).append(key)
    for key, name in names.items():
        rarest = min((by_part[word] for word in name.whole_words), key=len, default=[])
        others = {*rarest, *by_part.get(name.as_initials, ())} if len(rarest) <= _MAX_FITTING else set()
        if candidates := sorted(
            (other for other in others if name.is_short_of(names[other])),
            key=lambda other: names[other].first,
        ):
            yield key, candidates


def _are_stated_as_two(short: str, full: str, stated: Mapping[str, str]) -> bool:
    """Whether the files about a talk give the two labels different names."""
    name = stated.get(short)
    if name is None or name == stated.get(full, full):
        return False
    return full in stated or name != short
