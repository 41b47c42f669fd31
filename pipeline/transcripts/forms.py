"""Step three of reading a transcript: which way of opening a turn is the form of a file, seen from all lines.

A form is a kind of opening in one style: labels before a colon in bold, names alone as headings. What counts
for one is that its labels recur, look like names, and stand where turns begin. Where nearly every turn
begins in a form, any label in it is a speaker; elsewhere a label must recur or look like somebody's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.text import name_key
from pipeline.transcripts import speaker_labels
from pipeline.transcripts.name_order import surname_first
from pipeline.transcripts.openings import Kind, Opening, Parsed
from pipeline.transcripts.speaker_labels import is_name, is_sentence

_REGULAR_SHARE = 0.8  # of the places where turns may begin have a label: then any label counts
_REGULAR_BOLD_SHARE = 0.5  # where labels are in bold, for a speaker may go on for a paragraph or two
_MIN_STYLED_SHARE = 0.15  # where labels are set off, for a speaker may go on for paragraphs
_MIN_SHARE = {Kind.BRACKET: 0.3, Kind.ALONE: 0.5, Kind.DASH: 0.5}  # of kinds that are less often chance
_MIN_STOP_SHARE = 0.3  # "OK. So" and "NATO. In hindsight" begin a line now and then
_MIN_REGULAR_LINES = 3
_MAX_TIMED_LABEL_WORDS = 2  # in small letters, before a time: "vitek 0:11"
_STRAY_SHARE = 0.3  # of a form's lines inside paragraphs: then paragraphs do not show where turns begin
_MIN_SECOND_SHARE = 0.1  # of the first form's lines, for a second form beside it
_STRONG = frozenset(
    {Kind.VOICE, Kind.COLON, Kind.TIME, Kind.STOP}
)  # a sign that seldom stands after a name by chance
_BESIDE_SPEECH = frozenset({Kind.BRACKET, Kind.DASH, Kind.SPACE})
ABOVE_SPEECH = frozenset({Kind.ALONE, Kind.TIME_FIRST})

FormKey = tuple[Kind, str]


@dataclass(frozen=True)
class Labelling:
    """Which lines open turns, by index, and which look as if they did and were not taken for it.

    `strangers` are doubtful lines in the very form of the file: somebody unknown says them.
    """

    openings: dict[int, Opening] = field(default_factory=dict)
    doubtful: tuple[int, ...] = ()
    strangers: frozenset[int] = frozenset()
    is_regular: bool = False


def label(lines: Sequence[Parsed], starts: frozenset[int], *, goes_on: Iterable[int] = ()) -> Labelling:
    """Who opens turns where. `starts` are lines at which one may begin, `goes_on` those inside a sentence."""
    lines = _with_whole_names(lines)
    forms = _forms(lines, starts)
    accepted = sorted(filter(lambda form: form.is_accepted, forms), key=lambda form: -form.support)
    if not accepted:
        doubtful = _doubtful(lines, starts, {}, frozenset(goes_on), None)
        alike = {index for form in forms if form.may_be_one for index in form.lines}
        named = {index for index in doubtful if _may_be_named(lines[index])}
        return Labelling(doubtful=tuple(sorted(alike | named)))
    first = accepted[0]
    allowed = {form.key: form for form in accepted if first.allows(form)}
    known = {name_key(speaker) for form in allowed.values() for speaker in form.speakers}
    allowed |= {form.key: form for form in forms if form.key not in allowed and form.stands_beside(known)}
    known |= {name_key(speaker) for form in allowed.values() for speaker in form.speakers}
    may_begin = starts | {i for i in range(1, len(lines)) if is_sentence(lines[i - 1].line.text)}
    openings = {
        index: opening
        for index, line in enumerate(lines)
        if (opening := _chosen(line, index, index in may_begin, allowed, known))
    }
    doubtful = _doubtful(lines, may_begin | first.places, openings, frozenset(goes_on), first.key)
    return Labelling(
        openings,
        tuple(doubtful),
        frozenset(index for index in doubtful if _is_strangers(lines[index], first.key)),
        first.is_regular,
    )


def _may_be_named(line: Parsed) -> bool:
    """Whether a line begins with a label in a file without labels: a name, and not "Remember: …"."""
    openings = [
        opening
        for opening in line.openings
        if opening.kind in (Kind.COLON, Kind.BRACKET, Kind.DASH)
        or (opening.kind is not Kind.TIME_FIRST and is_name(opening.label, 1))
    ]
    return bool(openings) and not any(speaker_labels.is_sentence_opener(o.label) for o in openings)


def _is_strangers(line: Parsed, form: FormKey) -> bool:
    """Whether a doubtful line has a label in the form of the file, of which no word is in small letters."""
    return any(
        opening.form == form
        and not speaker_labels.is_sentence_opener(opening.label)
        and not any(map(str.islower, opening.label.split()))
        for opening in line.openings
    )


def _chosen(
    line: Parsed, index: int, is_start: bool, forms: dict[FormKey, _Form], known: set[str]
) -> Opening | None:
    """The reading of a line as a turn of somebody: in a form of the file, or with a label known from it."""
    for opening in line.openings:
        form = forms.get(opening.form)
        if form and opening.label in (form.speakers if index in form.places else form.sure):
            return opening
    for opening in line.openings:
        if name_key(opening.label) in known and is_start and opening.kind is not Kind.SPACE:
            return opening
    return None


def _with_whole_names(lines: Sequence[Parsed]) -> Sequence[Parsed]:
    """The lines, with surnames and given names that were parted at a comma put together again."""
    if not any(opening.after_comma for line in lines for opening in line.openings):
        return lines
    labels = [line.openings[0].whole_label for line in lines if line.openings]
    inverted = surname_first(labels)
    if not inverted:
        return lines
    return [line.with_whole_names(inverted) for line in lines]


@dataclass(frozen=True)
class _Form:
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
        regular = {label for label in self.counts if self.is_regular and not speaker_labels.is_clause(label)}
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
    def named(self) -> list[str]:
        """The labels that would be somebody's wherever they stood."""
        return [label for label in self.counts if is_name(label, 1) or speaker_labels.is_person(label)]

    @cached_property
    def support(self) -> float:
        """How many lines have a speaker's label; one that does not recur counts half in a strong form."""
        once = 0.5 if self.key[0] in _STRONG else 0.0
        return sum(
            count if count > 1 else once for label, count in self.counts.items() if label in self.speakers
        )

    @property
    def recurring(self) -> int:
        return sum(count for label, count in self.counts.items() if count > 1 and label in self.speakers)

    @property
    def is_accepted(self) -> bool:
        kind, style = self.key
        if not self.speakers:
            return False
        if kind is Kind.STOP:
            return self.recurring > 1 and self.share >= _MIN_STOP_SHARE
        if (kind in _STRONG and not style.startswith("h")) or style == "<>":
            is_sure = self.recurring > 0 or style in ("bold", ">>") or kind is Kind.VOICE or self.opens_speech
            return is_sure or (len(self.named) > 1 and 2 * len(self.named) >= self.place_count)
        least_lines = 2 if style or kind is Kind.TIME_FIRST else 3
        least_share = _MIN_STYLED_SHARE if style else _MIN_SHARE.get(kind, _REGULAR_SHARE)
        is_above = kind in ABOVE_SPEECH and self.is_followed and self.recurring > 0
        are_names = 2 * len(self.named) > len(self.counts) > 1
        is_regular = self.is_regular or (style == "bold" and self.share >= _REGULAR_BOLD_SHARE)
        if (kind in _BESIDE_SPEECH or is_above) and is_regular and are_names:
            return True
        return (
            len(self.lines) >= least_lines
            and 2 * self.recurring >= len(self.lines)
            and 3 * len(self.counts) <= 2 * len(self.lines)
            and self.share >= least_share
            and self.is_followed
        )

    @property
    def may_be_one(self) -> bool:
        """Whether it is doubtful that these are no labels: each turn has one, and most are names."""
        return self.is_regular and self.is_followed and 2 * len(self.named) > len(self.counts)

    def stands_beside(self, known: set[str]) -> bool:
        """Whether names set off above speech are speakers, since one of them is known to be."""
        return (
            self.key[0] in ABOVE_SPEECH
            and (bool(self.key[1]) or self.key[0] is Kind.TIME_FIRST)
            and self.is_followed
            and len(self.named) == len(self.counts)
            and any(name_key(label) in known for label in self.counts)
        )

    def allows(self, other: _Form) -> bool:
        """Whether another accepted form is one beside this, the first: it is no chance, or has its labels."""
        if other is self or 2 * len({*other.lines} & {*self.lines}) > len(other.lines):
            return other is self  # else it reads the same lines in another way
        return (
            other.key[0] is Kind.VOICE
            or (other.key[0] in _STRONG and other.key[1] in ("bold", "[]"))
            or (
                (other.key[0] in _STRONG or bool(other.key[1]))
                and (other.recurring >= _MIN_SECOND_SHARE * self.support or other.speakers <= self.speakers)
            )
        )


def _forms(lines: Sequence[Parsed], starts: frozenset[int]) -> list[_Form]:
    by_key: dict[FormKey, dict[int, Opening]] = {}
    for index, line in enumerate(lines):
        for opening in line.openings:
            by_key.setdefault(opening.form, {}).setdefault(index, opening)
    return [_form(key, found, lines, starts) for key, found in by_key.items()]


def _form(key: FormKey, found: dict[int, Opening], lines: Sequence[Parsed], starts: frozenset[int]) -> _Form:
    speech = [i for i, line in enumerate(lines) if (line.text and not line.line.level) or i in found]
    first = min(found)
    above = [lines[index] for index in speech if index < first]
    stray = sum(index not in starts for index in found)
    places = set(speech) if stray > _STRAY_SHARE * len(found) else starts & set(speech)
    if key[0] is Kind.TIME_FIRST:
        places = {index for index, line in enumerate(lines) if (line.stamp and line.text) or index in found}
    below = {index + 1 for index, opening in found.items() if not opening.text}
    places = {index for index in places if index in found or index not in below}
    followed = sum(index + 1 < len(lines) and index + 1 not in found for index in found)
    return _Form(
        key,
        tuple(found),
        tuple(found.values()),
        frozenset(places),
        len(places & found.keys()) / max(1, sum(index >= first for index in places)),
        len(places),
        opens_speech=not any(line.text and (line.stamp or is_sentence(line.text)) for line in above),
        is_followed=key[0] not in ABOVE_SPEECH or 2 * followed >= len(found),
    )


def _doubtful(
    lines: Sequence[Parsed],
    starts: frozenset[int],
    openings: dict[int, Opening],
    inside: frozenset[int],
    form: FormKey | None,
) -> list[int]:
    """Lines at which a turn may begin, which begin as with a label, and which open none."""
    counts = Counter(opening.label for line in lines for opening in line.openings if opening.style == "bold")
    return [
        index
        for index in sorted(starts - openings.keys() - inside)
        if any(
            _looks_like_a_label(opening, lines, index, form) or counts[opening.label] > 1
            for opening in lines[index].openings
        )
    ]


def _looks_like_a_label(opening: Opening, lines: Sequence[Parsed], index: int, form: FormKey | None) -> bool:
    """Whether a person might take it for one: before words, or as a name set off above them."""
    if not opening.text or opening.kind is Kind.DASH:
        is_set_off = (
            opening.timed or opening.style == "bold" or opening.kind is Kind.DASH or opening.form == form
        )
        is_above = bool(opening.text) or (
            index + 1 < len(lines) and not lines[index + 1].line.opens_paragraph
        )
        return is_set_off and is_above and speaker_labels.is_shaped(opening.label)
    if opening.kind not in (Kind.COLON, Kind.TIME, Kind.BRACKET):
        return False
    is_timed = opening.kind is Kind.TIME and len(opening.label.split()) <= _MAX_TIMED_LABEL_WORDS
    return is_timed or bool(opening.style) or speaker_labels.is_shaped(opening.label)
