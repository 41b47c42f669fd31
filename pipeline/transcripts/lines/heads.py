"""What stands before the words of a turn: a label, a role, a time, told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

from pipeline.transcripts.lines import stamps
from pipeline.transcripts.lines.stamps import Stamp
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_NO_ROLE = re.compile(_LISTS.any_of("pronouns", "no_roles"), re.IGNORECASE)
_TITLES = sorted(_LISTS.word_set("titles"))
_MAX_BRACKETED_CHARACTERS = 80
_MAX_LABEL_WORDS = 12
_MAX_ROLE_WORDS = 20
_BRACKETS = {"]": "[", ")": "(", "\uff09": "\uff08", ">": "<"}
_NO_LABEL = re.compile(  # signs of a sentence, or no letter and no telephone number
    r"[\[\](){}<>:?!\u3002\uff01\uff1f\u2026]|^[\"\u201c\u201e\u00ab]|https?$|^(?!\d[\d ]{5,}\d$)[\W\d_]*+$"
    rf"|(?<![^\W\d_])(?!(?i:{'|'.join(_TITLES)})\.)[^\W\d_]{{4,}}+[.;](?=\s)|(?:^|\s)[^\W\dA-Z_]\w+[.;](?=\s|$)"
)
_DAY = re.compile(  # before a time of day: "Ann — Today at", "Bob 03/05/2024"
    r"(?<!\s)\s*+(?:[-\u2013\u2014]\s*+)?(?:today|yesterday|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}),?\s*+(?:\bat)?$",
    re.IGNORECASE,
)
_DECORATION = (  # around a label: signs of minutes and chats, dashes, dots
    " \t*_#@%+&~|,;/-\u2013\u2014\u00b7\u2022\u25cb\u25cf\u25c6\u25c7\u25ce\u25a0\u25a1\u25b2\u25b6"
    "\u2605\u200d"
)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the words: a label, what a comma parts from it, what stands in brackets, a time."""

    label: str
    after_comma: str
    asides: str
    stamp: Stamp | None


def read_head(text: str) -> Head | None:
    """The parts of a text that is a label with what belongs to it; None if it is no label."""
    head, stamp, asides = text.strip(), None, []
    if head[:1] == "[" and head[-1:] == "]" and "]" not in head[1:-1]:
        head = head[1:-1].strip()
    while head:
        opening = _opening_bracket(head)
        if opening is not None and (head[-1] != ">" or "@" in head[opening:]):
            inside = head[opening + 1 : -1].strip()
            time = stamps.whole(f"({inside})")
            stamp = stamp or time
            is_role = head[-1] in ")\uff09" and not _NO_ROLE.fullmatch(inside)
            if inside and not time and is_role:
                asides.append(inside)
            head = head[:opening].rstrip()
        elif time := stamps.at_end(head):
            head = _DAY.sub("", head[: time.begin].rstrip()).rstrip(" |\u00b7\u2022,\u2013\u2014-")
            stamp = stamp or time
        else:
            break
    label, _, after_comma = head.partition(",")
    label = clean_label(label)
    after_comma = " ".join(after_comma.split())
    has_words = any(map(str.isalpha, after_comma))
    if not label or _NO_LABEL.search(label) or (has_words and _NO_LABEL.search(after_comma)):
        return None
    if len(label.split()) > _MAX_LABEL_WORDS or len(after_comma.split()) > _MAX_ROLE_WORDS:
        return None
    return Head(label, after_comma, ", ".join(reversed(asides)), stamp)


def closing_bracket(text: str) -> int | None:
    """Where the bracket closes that the text begins with, others inside it apart; None if there is none."""
    closing = {opening: closing for closing, opening in _BRACKETS.items()}.get(text[:1])
    depth = 0
    for position in range(min(len(text), _MAX_BRACKETED_CHARACTERS)) if closing else ():
        depth += (text[position] == text[0]) - (text[position] == closing)
        if depth == 0:
            return position
    return None


def _opening_bracket(text: str) -> int | None:
    """Where the bracket opens that the text ends with, others inside it apart; None if there is none."""
    opening = _BRACKETS.get(text[-1:])
    depth = 0
    for position in range(len(text) - 1, -1, -1) if opening else ():
        depth += (text[position] == text[-1]) - (text[position] == opening)
        if depth == 0:
            return position
    return None


def clean_label(label: str) -> str:
    """A label in NFC, without what surrounds it and without initials before the same name ("AL Ann Lee")."""
    words = normalize("NFC", label).strip(_DECORATION).split()
    if len(words) > 2 and "".join(word[0] for word in words[1:]).casefold() == words[0].casefold():
        words = words[1:]
    return " ".join(words)


def role(after_comma: str, asides: str) -> str:
    return f"{after_comma} ({asides})" if after_comma and asides else after_comma or asides
