"""What speaks for a way of opening turns being that of a file, seen from all its lines.

A form is a kind of opening in one style: labels before a colon in bold, names alone as headings. Any one of
three kinds of evidence is enough: a sign that hardly stands after words by chance; names at nearly every
place where a turn may begin; labels that recur, at enough of these places.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.text import name_key
from pipeline.transcripts.lines import speaker_labels
from pipeline.transcripts.lines.openings import FormKey, Kind, Opening, Parsed
from pipeline.transcripts.lines.speaker_labels import is_name, is_sentence, may_be_somebody

# How many of the places where turns may begin must have a label.
_REGULAR_SHARE = 0.8  # then any label counts
_REGULAR_BOLD_SHARE = 0.5  # where labels are in bold, for a speaker may go on for a paragraph or two
_MIN_STYLED_SHARE = 0.15  # of labels that recur and are set off: a speaker may go on for paragraphs
# Of labels that recur and are not: the more often the sign stands after words by chance, the more.
_MIN_SHARE: Mapping[Kind, float] = {
    Kind.STOP: 0.3,  # "OK. So", "NATO. In hindsight"
    Kind.BRACKET: 0.3,  # "[Slide 3]"
    Kind.ALONE: 0.5,
    Kind.DASH: 0.5,
    Kind.SIGN: 0.5,
}
_MIN_REGULAR_LINES = 3
_MIN_DOUBTFUL_SHARE = 0.3  # with a label that is not taken: then it is told
_BOLD_WEIGHT = 3
_STRAY_SHARE = 0.3  # of a form's lines inside paragraphs: then paragraphs do not show where turns begin
_MIN_SECOND_SHARE = 0.1  # of the first form's lines, for a second form beside it
_SIGNED = frozenset({Kind.VOICE, Kind.COLON, Kind.TIME})  # a sign that seldom stands after a name by chance
_STRONG = _SIGNED | {Kind.STOP}
_BESIDE_SPEECH = frozenset({Kind.BRACKET, Kind.DASH, Kind.SIGN, Kind.SPACE, Kind.STOP})
ABOVE_SPEECH = frozenset({Kind.ALONE, Kind.TIME_FIRST})


@dataclass(frozen=True)
class Form:
    """The lines of a file that open a turn in one kind and style.

    `share` is that of the places at which a turn may begin, from the first on, that begin one in this form;
    `place_count` is how many places there are in all.
    """

    key: FormKey
    lines: tuple[int, ...]
    openings: tuple[Opening, ...]
    places: frozenset[int]
    share: float
    place_count: int
    opens_speech: bool
    is_followed: bool

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(opening.label for opening in self.openings)

    @property
    def is_regular(self) -> bool:
        return self.share >= _REGULAR_SHARE and len(self.lines) >= _MIN_REGULAR_LINES

    @cached_property
    def speakers(self) -> frozenset[str]:
        """Labels of speakers where turns begin: where nearly every turn begins in this form, any label."""
        regular = {
            label
            for label, count in self.counts.items()
            if self.is_regular and speaker_labels.may_be_label(label)
            if count > 1 or not speaker_labels.is_sentence_opener(label)
        }
        advertisements = {label for label in self.counts if speaker_labels.is_advertisement(label)}
        return (self.sure | regular) - advertisements

    @cached_property
    def sure(self) -> frozenset[str]:
        """Labels of speakers wherever they stand."""
        kind, style = self.key
        return frozenset(
            label
            for label, count in self.counts.items()
            if not speaker_labels.is_advertisement(label)
            and (
                kind is Kind.VOICE
                or (style == "bold" and kind in _STRONG and not speaker_labels.is_sentence_opener(label))
                or is_name(label, count)
                or speaker_labels.is_person(label)
                or (count > 1 and self.share >= 0.5 and not speaker_labels.is_phrase(label))
            )
        )

    @cached_property
    def _names(self) -> list[str]:
        """The labels that would be somebody's wherever they stood."""
        return [label for label in self.counts if speaker_labels.is_somebody(label)]

    @property
    def _are_names(self) -> bool:
        return 2 * len(self._names) > len(self.counts)

    @property
    def _are_whole_names(self) -> bool:
        """Whether there are several labels, all of them names of two words, or what somebody is."""
        are_whole = all(" " in name or speaker_labels.is_person(name) for name in self._names)
        return 1 < len(self._names) == len(self.counts) and are_whole

    @cached_property
    def support(self) -> float:
        """How many lines have a speaker's label; one that does not recur counts half in a strong form.

        Bold counts several times: nobody sets off the beginnings of sentences, and "Problem: …" may recur.
        """
        kind, style = self.key
        once = 0.5 if kind in _STRONG else 0.0
        lines = sum(
            count if count > 1 else once for label, count in self.counts.items() if label in self.speakers
        )
        return lines * (_BOLD_WEIGHT if style == "bold" and kind in _SIGNED else 1)

    @cached_property
    def has_words(self) -> bool:
        """Whether nearly all labels have words beside them."""
        return sum(bool(opening.text) for opening in self.openings) >= _REGULAR_SHARE * len(self.openings)

    @property
    def _recurring(self) -> int:
        return sum(count for label, count in self.counts.items() if count > 1 and label in self.speakers)

    @property
    def is_accepted(self) -> bool:
        if self.key[0] is Kind.SIGN and not self._goes_on_differently:
            return False
        return bool(self.speakers) and (self._is_signed or self._is_named or self._recurs)

    @property
    def _goes_on_differently(self) -> bool:
        """Whether one label at least has other words after it each time, as a part of a name has not."""
        words: dict[str, set[str]] = {}
        for opening in self.openings:
            words.setdefault(opening.label, set()).add(_first_word(opening.text))
        return any(len(first) > 1 for first in words.values()) or not self._recurring

    @property
    def _is_signed(self) -> bool:
        """A sign that is hardly chance, and something besides: its style, a label that recurs, its place."""
        kind, style = self.key
        if (kind not in _SIGNED or style.startswith("h")) and style != "<>":
            return False
        if kind is Kind.VOICE or self._recurring > 0:
            return True
        if not self._names and not self.is_regular:
            return False  # "**First rule:** …"
        many_names = len(self._names) > 1 and 2 * len(self._names) >= self.place_count
        are_timed = self.is_regular and self._are_names and all(opening.timed for opening in self.openings)
        return style in ("bold", ">>") or self.opens_speech or many_names or are_timed

    @property
    def _is_named(self) -> bool:
        """Several names, beside or above the words of nearly every turn."""
        kind, style = self.key
        stands = kind in _BESIDE_SPEECH or (kind in ABOVE_SPEECH and self.is_followed and self._recurring > 0)
        is_regular = self.is_regular or (style == "bold" and self.share >= _REGULAR_BOLD_SHARE)
        return stands and is_regular and self._are_names and len(self.counts) > 1

    @property
    def _recurs(self) -> bool:
        """Most labels recur, and they stand where turns begin."""
        kind, style = self.key
        is_set_off = bool(style) and kind is not Kind.SIGN
        least_lines = 2 if is_set_off or kind is Kind.TIME_FIRST else 3
        least_share = _MIN_STYLED_SHARE if is_set_off else _MIN_SHARE.get(kind, _REGULAR_SHARE)
        return (
            len(self.lines) >= least_lines
            and 2 * self._recurring >= len(self.lines)
            and 3 * len(self.counts) <= 2 * len(self.lines)
            and self.share >= least_share
            and self.is_followed
        )

    @property
    def may_be_one(self) -> bool:
        """Whether it is doubtful that these are no labels: many turns have one; most are names, or recur."""
        likely = sum(count > 1 or may_be_somebody(label) for label, count in self.counts.items())
        is_frequent = len(self.lines) > 1 and self.share >= _MIN_DOUBTFUL_SHARE
        is_usual = self.is_regular if self.key[0] in ABOVE_SPEECH else is_frequent
        return is_usual and self.is_followed and 2 * likely > len(self.counts)

    def stands_beside(self, known: set[str]) -> bool:
        """Whether names set off above speech are speakers, since one of them is known to be."""
        return (
            self.key[0] in ABOVE_SPEECH
            and (bool(self.key[1]) or self.key[0] is Kind.TIME_FIRST)
            and self.is_followed
            and len(self._names) == len(self.counts)
            and any(name_key(label) in known for label in self.counts)
        )

    def allows(self, other: Form) -> bool:
        """Whether another accepted form is one beside this, the first: it is no chance, or has its labels."""
        if other is self or 2 * len({*other.lines} & {*self.lines}) > len(other.lines):
            return other is self  # else it reads the same lines in another way
        kind, style = other.key
        if kind is Kind.VOICE or (kind in _STRONG and style in ("bold", "[]")):
            return True
        if self.key[1] == "bold" and not style and kind in _SIGNED:
            return other._are_whole_names or other.speakers <= self.speakers  # "Problem: …" in a bold file
        is_shared = other._recurring >= _MIN_SECOND_SHARE * self.support or other.speakers <= self.speakers
        return (kind in _STRONG or (bool(style) and kind is not Kind.SIGN)) and (
            is_shared or (kind in _SIGNED and other._are_whole_names)
        )


def forms(lines: Sequence[Parsed], starts: frozenset[int]) -> list[Form]:
    """All forms in which lines may open turns. `starts` are lines at which one may begin."""
    by_key: dict[FormKey, dict[int, Opening]] = {}
    for index, line in enumerate(lines):
        for opening in line.openings:
            by_key.setdefault(opening.form, {}).setdefault(index, opening)
    named = {
        index
        for key, found in by_key.items()
        for index, opening in found.items()
        if key[0] in _SIGNED | {Kind.TIME_FIRST} and may_be_somebody(opening.label)
    }
    return [_form(key, found, lines, starts, named) for key, found in by_key.items()]


def _form(
    key: FormKey,
    found: dict[int, Opening],
    lines: Sequence[Parsed],
    starts: frozenset[int],
    named: Collection[int],
) -> Form:
    """A form of these openings. `named` are lines that have a label of their own, and no heading above."""
    speech = [i for i, line in enumerate(lines) if (line.text and not line.line.level) or i in found]
    first = min(found)
    above = [lines[index] for index in speech if index < first]
    counts = Counter(opening.label for opening in found.values())
    sure = [index for index, opening in found.items() if counts[opening.label] > 1] or [*found]
    stray = sum(index not in starts for index in sure)
    places = set(speech) if stray > _STRAY_SHARE * len(sure) else starts & set(speech)
    if key[0] is Kind.TIME_FIRST:
        places = {index for index, line in enumerate(lines) if (line.stamp and line.text) or index in found}
    below = {index + 1 for index, opening in found.items() if not opening.text}
    places = {index for index in places if index in found or index not in below}
    following = (index + 1 + (index + 1 < len(lines) and not lines[index + 1].text) for index in found)
    followed = sum(index < len(lines) and index not in found and index not in named for index in following)
    return Form(
        key,
        tuple(found),
        tuple(found.values()),
        frozenset(places),
        len(places & found.keys()) / max(1, sum(index >= first for index in places)),
        len(places),
        opens_speech=not any(line.text and (line.stamp or is_sentence(line.text)) for line in above),
        is_followed=key[0] not in ABOVE_SPEECH or 2 * followed >= len(found),
    )


def _first_word(text: str) -> str:
    match = re.match(r"\W*(\w*)", text)
    return match[1] if match else ""
