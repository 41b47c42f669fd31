"""Step three of reading a transcript: who opens turns where, seen from many lines together.

The forms of a file are those that the evidence speaks for. In them, and wherever a label known from them
stands, a line opens a turn. What else looks like a label is doubtful: it is told, and where it may well be
somebody's, what follows is a stranger's and not that of whoever spoke before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.text import name_key
from pipeline.transcripts.lines import form_evidence, speaker_labels
from pipeline.transcripts.lines.form_evidence import Form
from pipeline.transcripts.lines.openings import FormKey, Kind, Opening, Parsed, before_sign
from pipeline.transcripts.lines.speaker_labels import may_be_somebody
from pipeline.transcripts.name_order import surname_first

_MAX_TIMED_LABEL_WORDS = 2  # in small letters, before a time: "vitek 0:11"
_MAX_PHRASE_WORDS = 3  # "my mum: …", "the guide: …"


@dataclass(frozen=True)
class Labelling:
    """Which lines open turns, by index, and which look as if they did and were not taken for it, and how.

    `strangers` are doubtful lines that most likely name somebody, who is not known.
    """

    openings: Mapping[int, Opening] = field(default_factory=dict)
    doubtful: Mapping[int, Opening] = field(default_factory=dict)
    strangers: Mapping[int, Opening] = field(default_factory=dict)


def label(lines: Sequence[Parsed], starts: frozenset[int], *, goes_on: Iterable[int] = ()) -> Labelling:
    """Who opens turns where. `starts` are lines at which one may begin, `goes_on` those inside a sentence."""
    lines = _with_whole_names(lines)
    forms = form_evidence.forms(lines, starts)
    accepted = sorted(filter(lambda form: form.is_accepted, forms), key=lambda form: -form.support)
    possible = {form.key: form for form in forms if form.may_be_one}
    if not accepted:
        doubtful = _Doubts(lines, {}, {}, possible).among(starts, goes_on)
        return Labelling(
            doubtful={i: o for i, o in doubtful.items() if o.form in possible or _may_be_named(lines[i])}
        )
    first = accepted[0]
    allowed = {form.key: form for form in accepted if first.allows(form)}
    known = {name_key(speaker) for form in allowed.values() for speaker in form.speakers}
    allowed |= {form.key: form for form in forms if form.key not in allowed and form.stands_beside(known)}
    known |= {name_key(speaker) for form in allowed.values() for speaker in form.speakers}
    may_begin = starts | {
        i for i in range(1, len(lines)) if speaker_labels.is_sentence(lines[i - 1].line.text)
    }
    openings = {
        index: opening
        for index, line in enumerate(lines)
        if (opening := _chosen(line, index, index in may_begin, allowed, known))
    }
    doubts = _Doubts(lines, openings, allowed, possible)
    doubtful = doubts.among(may_begin | first.places, goes_on)
    return Labelling(openings, doubtful, doubts.strangers(doubtful))


def _may_be_named(line: Parsed) -> bool:
    """Whether a line begins with a label in a file without labels: a name, and not "Remember: …"."""
    openings = [
        opening
        for opening in line.openings
        if opening.kind in (Kind.COLON, Kind.BRACKET, Kind.DASH)
        or (opening.kind is Kind.ALONE and (not opening.style or may_be_somebody(opening.label)))
        or (opening.kind is Kind.TIME_FIRST and line.stamp and may_be_somebody(opening.label))
        or speaker_labels.is_somebody(opening.label)
    ]
    return bool(openings) and not any(speaker_labels.is_sentence_opener(o.label) for o in openings)


def _chosen(
    line: Parsed, index: int, is_start: bool, forms: Mapping[FormKey, Form], known: set[str]
) -> Opening | None:
    """The reading of a line as a turn of somebody: in a form of the file, or with a label known from it."""
    for opening in line.openings:
        form = forms.get(opening.form)
        if form and not opening.text and form.has_words and form.counts[opening.label] == 1:
            continue  # a heading, or a line of a poem
        if form and index in form.places and opening.label in form.speakers:
            return opening
        if (
            form
            and opening.label in form.sure
            and (is_start or opening.style or form.counts[opening.label] > 1)
        ):
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


class _Doubts:
    """What a person might take for a label among lines that open no turn."""

    def __init__(
        self,
        lines: Sequence[Parsed],
        openings: Mapping[int, Opening],
        forms: Mapping[FormKey, Form],
        possible: Mapping[FormKey, Form],
    ) -> None:
        self._lines, self._openings, self._forms, self._possible = lines, openings, forms, possible
        self._used = forms.keys() | {opening.form for opening in openings.values()}
        labels = [(o.label, o.style) for line in lines for o in {o.label: o for o in line.openings}.values()]
        self._counts = Counter(label for label, _ in labels)
        # Single words and capitals in brackets are stage directions, unless others are surely somebody.
        self._are_bracketed = any(
            _is_alone_in_brackets(opening)
            and (index in openings or (_is_whole_name(opening.label) and not _is_shouted(opening.label)))
            for index, line in enumerate(lines)
            for opening in line.openings
        )
        # Headings of a level are titles of sections if one of them names nobody.
        self._title_styles = {
            opening.style
            for line in lines
            for opening in line.openings
            if opening.kind is Kind.ALONE and not may_be_somebody(opening.label)
        }
        self._known = {name_key(name) for o in openings.values() for name in (o.label, o.whole_label)}
        self._first = min(openings, default=len(lines))
        self._bold = Counter(label for label, style in labels if style == "bold")

    def among(self, starts: frozenset[int], goes_on: Iterable[int]) -> dict[int, Opening]:
        """Those lines that begin as with a label, where a turn may begin and no sentence goes on."""
        found: dict[int, Opening] = {}
        places = starts.union(*(form.places for form in self._possible.values()))
        for index in sorted(places.difference(goes_on, self._openings)):
            for opening in self._lines[index].openings:
                if self._is_one(opening, index):
                    found.setdefault(index, opening)
            for opening in before_sign(self._lines[index].text):
                if {name_key(opening.label), name_key(opening.whole_label)} & self._known:
                    found.setdefault(index, opening)
        return found

    def strangers(self, doubtful: Iterable[int]) -> dict[int, Opening]:
        """Those of the lines that most likely name somebody."""
        found: dict[int, Opening] = {}
        for index in doubtful:
            for opening in self._lines[index].openings:
                if self._is_strangers(opening, index):
                    found.setdefault(index, opening)
        return found

    def _is_one(self, opening: Opening, index: int) -> bool:
        is_like_one = self._is_before_words(opening) if opening.text else self._is_above_words(opening, index)
        return is_like_one or self._bold[opening.label] > 1 or self._is_in_possible(opening, index)

    def _is_in_possible(self, opening: Opening, index: int) -> bool:
        """Whether its form may be one of the file's; alone in brackets it must be somebody, and no sound."""
        if opening.form not in self._possible or not (opening.text or self._below(index)):
            return False
        if _is_alone_in_brackets(opening):
            return may_be_somebody(opening.label) and not _is_shouted(opening.label)
        return speaker_labels.may_be_label(opening.label)

    def _is_strangers(self, opening: Opening, index: int) -> bool:
        """Whether it is set off as a label and stands alone, or is in a form of the file, in capitals."""
        if not opening.text and self._is_somebody_above(opening, index):
            return True
        has_small_words = any(map(str.islower, opening.label.split()))
        is_opener = speaker_labels.is_sentence_opener(opening.label)
        return opening.form in self._used and not (is_opener or has_small_words)

    def _is_before_words(self, opening: Opening) -> bool:
        if opening.kind is Kind.TIGHT_COLON:
            return speaker_labels.is_somebody(opening.label) and opening.text[:1].isupper()
        if opening.kind not in (Kind.COLON, Kind.TIME, Kind.BRACKET, Kind.DASH):
            return False
        is_timed = opening.kind is Kind.TIME and len(opening.label.split()) <= _MAX_TIMED_LABEL_WORDS
        is_in_form = opening.form in self._forms or opening.form in self._used
        if opening.kind is Kind.DASH and not (is_in_form or _is_whole_name(opening.label)):
            return False  # "Yeah, so I -- can you …"
        is_set_off = bool(opening.style) and opening.kind is not Kind.DASH
        form = self._forms.get(opening.form)
        if form and form.is_regular and not speaker_labels.is_clause(opening.label):
            return True  # too long for a label, where all lines have one
        is_short = len(opening.label.split()) <= _MAX_PHRASE_WORDS and not speaker_labels.is_clause(
            opening.label
        )
        return is_timed or is_set_off or is_short or speaker_labels.is_shaped(opening.label)

    def _is_above_words(self, opening: Opening, index: int) -> bool:
        """Whether a line is nothing but what may be a label, and words are below it."""
        below = self._below(index)
        if below is None:
            return False
        is_shaped = speaker_labels.is_shaped(opening.label)
        is_close = not below.line.opens_paragraph
        is_plain = opening.kind is Kind.ALONE and not opening.style
        if opening.form in self._used or (opening.timed and not is_plain):
            return speaker_labels.may_be_label(opening.label)
        if is_plain:
            is_above_speech = is_close and speaker_labels.is_sentence(below.text)
            return is_above_speech and (_is_whole_name(opening.label) or self._counts[opening.label] > 1)
        if opening.kind is Kind.ALONE and self._is_title_of_somebody(opening, index, below):
            return True
        is_set_off = opening.style == "bold" or opening.kind is Kind.COLON
        return (is_set_off and is_close and is_shaped) or self._is_somebody_above(opening, index)

    def _is_title_of_somebody(self, opening: Opening, index: int, below: Parsed) -> bool:
        """Whether a heading is hardly one of a section: it recurs, is somebody's office, or all are names."""
        is_title_of_file = index < self._first and opening.style in ("h1", "h2")
        are_people = bool(self._openings) and not is_title_of_file and opening.style not in self._title_styles
        is_named = (are_people or self._counts[opening.label] > 1) and may_be_somebody(opening.label)
        return speaker_labels.is_sentence(below.text) and (
            is_named or speaker_labels.is_person(opening.label)
        )

    def _is_somebody_above(self, opening: Opening, index: int) -> bool:
        """Whether somebody stands alone above words, set off by a sign, a time or the file's form."""
        if not self._below(index) or opening.style.startswith("h"):
            return False
        recurs = self._counts[opening.label] > 1
        is_somebody = speaker_labels.is_somebody(opening.label)
        if opening.kind is Kind.BRACKET:
            return self._are_bracketed and (recurs or is_somebody)
        is_set_off = opening.kind is Kind.COLON or opening.timed or opening.form in self._used
        return is_set_off and (recurs or may_be_somebody(opening.label))

    def _below(self, index: int) -> Parsed | None:
        """The line below, if it holds words of whoever is named above it."""
        below = self._lines[index + 1] if index + 1 < len(self._lines) else None
        is_words = below and below.text and not (below.stamp or below.line.level)
        return below if is_words and index + 1 not in self._openings else None


def _is_alone_in_brackets(opening: Opening) -> bool:
    return opening.kind is Kind.BRACKET and not opening.text


def _is_whole_name(label: str) -> bool:
    """Whether it is a name of several words, or says what somebody is: one word with a capital may be any."""
    return speaker_labels.is_somebody(label) and (" " in label or speaker_labels.is_person(label))


def _is_shouted(label: str) -> bool:
    """Whether it is all in capitals, and says nobody: "BEGIN VIDEO CLIP"."""
    return label.isupper() and not speaker_labels.is_person(label)
