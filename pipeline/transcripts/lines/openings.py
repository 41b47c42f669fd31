"""Step two of reading a transcript: how a line may open a turn, with label, role, time and text told apart.

A line may be read in several ways ("Ann Lee 0:03" is a name and a time, or just words). All are given; which
of them is the form of the file is seen from many lines together, in `forms`. To add a way, write a function
that parts the head of a line, which has the label, from what is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from unicodedata import category

from pipeline.transcripts.lines import speaker_labels, stamps
from pipeline.transcripts.lines.heads import Head, closing_bracket, read_head, role
from pipeline.transcripts.lines.markup import Line
from pipeline.transcripts.lines.speaker_labels import is_sentence
from pipeline.transcripts.lines.stamps import Stamp
from pipeline.transcripts.pieces import is_sound


class Kind(StrEnum):
    """What parts a label from what is said. The first that fits a line is the likeliest."""

    VOICE = "<v Ann>words"
    COLON = "Ann: words"
    TIGHT_COLON = "Ann:words"
    SET_OFF = "**Ann** words"
    TIME = "Ann 0:05 words"
    TIME_FIRST = "0:05 Ann"
    BRACKET = "[Ann] words"
    SIGN = "« Ann » words"
    STOP = "Mr. LEE. words"
    DASH = "Ann - words"
    SPACE = "Ann    words"
    ALONE = "Ann"


FormKey = tuple[Kind, str]  # kind and style of an opening
MAX_HEAD_CHARACTERS = 200

_CHANGE_MARK = re.compile(r"\s*(?:>>+)\s*")
_COLON = re.compile(r"\s?(?::(?=[\s\[(\"\u201c\u00ab<]|$)|\uff1a)")
_TIGHT_COLON = re.compile(r"(?<=[^\s\d:]):(?=[^\s\d/:])")
_DASH = re.compile(r"(?<=\S)\s++[-\u2013\u2014]{1,2}\s++(?=\S)|(?<=[^\W\d])\u2014(?=\w)")
# "Mr. LEE", "Senator ITO", "The CHAIRMAN", "Mr. LEE of Ohio", "BOB [smiling]", "Q".
_STOP = re.compile(
    r"((?:(?:[^\W\d_a-z][a-z]{1,3}\.|[^\W\d_a-z][\w'\u2019-]{0,20}|of|the|de|la)\s+){0,5}?"
    r"(?![^\W\d_a-z][a-z]{1,2}\.)[^\W\d_a-z][\w'\u2019-]{1,30}"
    r"(?:\s+of\s+[^\W\d_a-z]\w{1,20})?(?:\s*[\[(][^\])]{0,60}[\])])?|[QAPR])\.(?=\s)(?!\s[^\W\d_a-z]\.)"
)
_INITIAL_LAST = re.compile(r"(?:[^\W\d_a-z][\w'\u2019-]*+\s){1,3}[^\W\d_a-z]\.")  # "Ann L."
# Signs that stand in no sentence, around a label: "« Ann » words", "ann => words", "Ann | words".
_SIGNS = r"[^\w\s.,;:!?'\"\u2018\u2019\u201c\u201d\u2026()\[\]\u2013\u2014$\u20ac\u00a3%&/#@+-]"
_SIGN = re.compile(
    rf"(?P<before>(?:{_SIGNS}){{0,4}})\s*(?P<label>\w[\w .'\u2019-]{{0,59}}+(?:\([^()]{{0,60}}+\)\s*+)?)"
    rf"(?P<after>(?:-{{1,2}}>|{_SIGNS}{{1,4}})?)\s*(?=\S)"
)
_ANY_SIGN = re.compile(rf"\s?(?:-{{1,2}}>|{_SIGNS}|/){{1,4}}(?=\s)|:(?=\w)|\t|\s{{3,}}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SPACE = re.compile(r"[\t\u3000]\s*|\s{3,}")


@dataclass(frozen=True, slots=True)
class Opening:
    """A way in which a line opens a turn. `start` is in seconds; `text` is what is said in the line itself.

    `style` is how the label is set off: "bold" for any emphasis, "h2" for a heading, ">>", "<>", "[]" for
    signs around it, "" for nothing.
    """

    kind: Kind
    label: str
    after_comma: str
    asides: str
    start: float | None
    text: str
    style: str
    timed: bool

    @property
    def role(self) -> str:
        return role(self.after_comma, self.asides)

    @property
    def whole_label(self) -> str:
        """The label with what a comma parts from it: "Lee, Ann"."""
        return ", ".join(filter(None, (self.label, self.after_comma)))

    @property
    def form(self) -> FormKey:
        return self.kind, self.style


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line with the stamp at its start, what follows that, and the ways in which it may open a turn.

    `marked`: it begins with `>>`, a change of speaker.
    """

    line: Line
    stamp: Stamp | None
    text: str
    openings: tuple[Opening, ...] = ()
    marked: bool = False

    def with_whole_names(self, names: Collection[str]) -> Parsed:
        """The line with label and role as one where together they are one of `names`: "Lee, Ann"."""
        openings = (
            replace(opening, label=opening.whole_label, after_comma="")
            if opening.after_comma and opening.whole_label in names
            else opening
            for opening in self.openings
        )
        return replace(self, openings=tuple(openings))


_Parted = tuple[str, str]  # the head, with the label, and what follows


def _at_colon(text: str) -> _Parted | None:
    colon = _COLON.search(text, 1, MAX_HEAD_CHARACTERS)
    return (text[: colon.start()], text[colon.end() :]) if colon else None


def _at_tight_colon(text: str) -> _Parted | None:
    colon = _TIGHT_COLON.search(text, 1, MAX_HEAD_CHARACTERS)
    return (text[: colon.start()], text[colon.end() :]) if colon else None


def _at_time(text: str) -> _Parted | None:
    found = stamps.first(text[:MAX_HEAD_CHARACTERS])
    return (text[: found.end], text[found.end :].lstrip(" :.|\u2013\u2014-")) if found else None


def _at_bracket(text: str) -> _Parted | None:
    end = closing_bracket(text)
    if end is None or (text[0] == "<" and " " in text[1:end].strip()):
        return None
    return text[1:end], text[end + 1 :].removeprefix(":")


def _at_stop(text: str) -> _Parted | None:
    match = _STOP.match(text)
    is_word = match and " " not in match[1] and not match[1].isupper()
    return (match[1], text[match.end() :]) if match and not is_word else None


def _at_sign(text: str) -> _Parted | None:
    match = _SIGN.match(text)
    return (match["label"], text[match.end() :]) if match and match["after"] else None


def _at_dash(text: str) -> _Parted | None:
    dash = _DASH.search(text, 1, MAX_HEAD_CHARACTERS)
    return (text[: dash.start()], text[dash.end() :]) if dash else None


def _at_space(text: str) -> _Parted | None:
    space = _SPACE.search(text, 1, MAX_HEAD_CHARACTERS)
    return (text[: space.start()], text[space.end() :]) if space else None


def _alone(text: str) -> _Parted | None:
    if len(text) > MAX_HEAD_CHARACTERS or text.endswith((",", ":")):
        return None
    return (text, "") if not is_sentence(text) or _INITIAL_LAST.fullmatch(text) else None


_WAYS: Mapping[Kind, Callable[[str], _Parted | None]] = {
    Kind.COLON: _at_colon,
    Kind.TIGHT_COLON: _at_tight_colon,
    Kind.TIME: _at_time,
    Kind.BRACKET: _at_bracket,
    Kind.SIGN: _at_sign,
    Kind.STOP: _at_stop,
    Kind.DASH: _at_dash,
    Kind.SPACE: _at_space,
    Kind.ALONE: _alone,
}


def parse(
    line: Line, kinds: Collection[Kind] = (*_WAYS, Kind.SET_OFF), timed: bool = True, marked: bool = False
) -> Parsed:
    """A line, and its readings of these kinds. `timed`: its times are stamps, as they are not in captions.

    `marked`: a change of speaker is marked before it, besides any `>>` of its own.
    """
    text = line.text
    mark = _CHANGE_MARK.match(text)
    text = text[mark.end() :] if mark else text
    stamp = stamps.at_start(text) if timed else None
    rest = text[stamp.end :].lstrip() if stamp else text
    if stamp and not mark and (mark := _CHANGE_MARK.match(rest)):
        rest = rest[mark.end() :]
    kinds = (Kind.SPACE,) if line.cells else kinds
    found = (_opening(kind, line, rest, stamp, marked or bool(mark)) for kind in kinds) if rest else ()
    openings = _without_titles(tuple(filter(None, found)))
    return Parsed(line, stamp, rest, openings, marked or bool(mark))


def before_sign(text: str) -> Iterator[Opening]:
    """What stands before each sign near the start of a text, for it may be a label that is known."""
    for sign in _ANY_SIGN.finditer(text, 1, MAX_HEAD_CHARACTERS):
        if (head := read_head(text[: sign.start()].lstrip("<{\u00ab"))) and sign.end() < len(text):
            yield Opening(
                Kind.SIGN, head.label, head.after_comma, head.asides, None, text[sign.end() :], "", False
            )


def _without_titles(openings: tuple[Opening, ...]) -> tuple[Opening, ...]:
    """Readings, without "MR" before a full stop if there is "MR. LEE" before a colon."""
    longer = [opening.label for opening in openings if opening.kind is Kind.COLON]
    return tuple(
        opening
        for opening in openings
        if opening.kind is not Kind.STOP
        or len(opening.label) == 1
        or not any(label.startswith(f"{opening.label}.") for label in longer)
    )


def _opening(kind: Kind, line: Line, text: str, stamp: Stamp | None, marked: bool) -> Opening | None:
    parted = _emphasised(line, text) if kind is Kind.SET_OFF else _WAYS[kind](text)
    head = read_head(parted[0]) if parted and not _is_sound(text, parted[0]) else None
    if parted is None or head is None:
        return None
    if (kind is Kind.TIME and not _is_before_time(head)) or (kind is Kind.ALONE and head.stamp):
        return None
    said = parted[1].strip()
    after = stamps.at_start(said)
    if after and (after.certain or after.end >= len(said)):
        said = said[after.end :].lstrip()
    else:
        after = None
    begin = len(line.text) - len(text)
    text_start = len(line.text) - len(parted[1].lstrip())
    if said and (line.level or _is_emphasised_across(line, begin, text_start)):
        return None  # "## Topic: Lightning", "**Five: six** seven"
    style = _style(line, begin, begin + len(head.label), text_start, marked)
    times = [time for time in (stamp, head.stamp, after) if time]
    if kind is Kind.SIGN:
        style = _signs(text)
    elif kind is Kind.BRACKET and text[0] == "<":
        style = "<>"
    elif kind is Kind.BRACKET and after:
        kind, style = Kind.TIME, "[]"
    elif kind is Kind.ALONE and stamp:
        kind = Kind.TIME_FIRST
    start = next((time.start for time in times if time.start is not None), None)
    return Opening(kind, head.label, head.after_comma, head.asides, start, said, style, bool(times))


def _is_before_time(head: Head) -> bool:
    """Whether a label before a time is no date, and no words in which a time is said: "We met at 10:30"."""
    if _YEAR.search(head.label) or any(map(str.isdigit, head.after_comma)):
        return False
    return not speaker_labels.is_unfinished(head.after_comma or head.label)


def _emphasised(line: Line, text: str) -> _Parted | None:
    """A label in bold or italics, and what follows that is in neither and begins as a turn does."""
    begin = len(line.text) - len(text)
    end = next((last for first, last in line.emphasis if first == begin), begin) - begin
    said = text[end:].lstrip()
    is_label = (
        0 < end <= MAX_HEAD_CHARACTERS and text[end : end + 1].isspace() and not text[:end].endswith(":")
    )
    return (text[:end], said) if is_label and said[:1].isupper() else None


def _is_sound(text: str, head: str) -> bool:
    """Whether a line's head is in brackets and tells of a sound: "[Music]"."""
    return text[:1] in "[(\uff08" and is_sound(f"[{head.strip('[]() ')}]")


def _is_emphasised_across(line: Line, start: int, text_start: int) -> bool:
    """Whether emphasis goes on past the label, and it is no whole sentence that somebody says in it."""
    across = any(first <= start + 1 and text_start < last for first, last in line.emphasis)
    return across and not (line.all_emphasised and is_sentence(line.text))


def _signs(text: str) -> str:
    """The signs around a label, as its style; one symbol is as good as another ("◇ Ann>", "◆ Bob>")."""
    match = _SIGN.match(text)
    before = (
        "".join("\u25c6" if category(sign) == "So" else sign for sign in match["before"]) if match else ""
    )
    return f"{before} {match['after']}" if match else ""


def _style(line: Line, start: int, end: int, text_start: int, marked: bool) -> str:
    """How a label at [start, end) is set off, if what follows it, from `text_start` on, is not."""
    if line.level:
        return f"h{line.level}"
    is_bold = any(
        first <= start + 1 and end <= last + 1 and last <= text_start for first, last in line.emphasis
    )
    return "bold" if is_bold else ">>" if marked else ""
