"""What a reader of transcripts is not sure of, told once, with the lines and what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.records import LeftOut
from pipeline.text import count_words
from pipeline.transcripts.lines.forms import Labelling
from pipeline.transcripts.lines.not_speech import SOUND
from pipeline.transcripts.lines.openings import Parsed
from pipeline.transcripts.pieces import Piece, counted

_MAX_EXAMPLE_CHARACTERS = 60
_MIN_LEFT_OUT_SHARE = 0.03  # of all words: then it is told
_MIN_ALIKE_LINES = 5  # that begin alike, and are not understood
_MIN_ALIKE_SHARE = 0.2
# As nobody says them: at the beginning or the end of a paragraph, or with hours and minutes and seconds.
_CLOCK = re.compile(r"^\W*\d{1,2}:[0-5]\d\b|\b\d{1,2}:[0-5]\d\W*$|\b\d{1,2}:[0-5]\d:[0-5]\d\b")
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")  # as sentences begin: "In 1984"
_MIN_CLOCKS = 5  # among the words
_MIN_TURNS = 10  # before the number of speakers among them is odd
_REMEDY = "write the speaker as `**Name:** …` at the start of the line"


def notes(
    lines: Sequence[Parsed],
    labelling: Labelling,
    pieces: Sequence[Piece],
    left_out: Sequence[LeftOut],
    guests: Sequence[str],
) -> list[str]:
    """One note for each kind of doubt."""
    possible = (
        about_doubtful_lines(lines, labelling),
        _about_clocks(pieces),
        _about_one_stranger(pieces, guests) or _about_lines_alike(lines, labelling),
        _about_many_speakers(labelling),
        _about_left_out(pieces, left_out),
    )
    return [note for note in possible if note]


def _examples(lines: Sequence[Parsed], unit: str = "line") -> str:
    return " and ".join(f'{unit} {line.line.number} "{_shortened(line.line.text)}"' for line in lines[:2])


def _shortened(text: str) -> str:
    return (
        text if len(text) <= _MAX_EXAMPLE_CHARACTERS else f"{text[:_MAX_EXAMPLE_CHARACTERS].rstrip()}\u2026"
    )


def about_doubtful_lines(lines: Sequence[Parsed], labelling: Labelling, unit: str = "line") -> str | None:
    doubtful = [lines[index] for index in labelling.doubtful]
    if not doubtful:
        return None
    strangers = labelling.strangers.keys() & set(labelling.doubtful)
    taken = "an unknown speaker" if len(strangers) == len(doubtful) else "words of whoever spoke before"
    return (
        f"{counted(len(doubtful), unit)} may begin with a speaker, treated as {taken}: "
        f"{_examples(doubtful, unit)}; if it is a speaker, {_REMEDY}"
    )


def _about_clocks(pieces: Sequence[Piece]) -> str | None:
    texts = [piece.text for piece in pieces if _CLOCK.search(piece.text)]
    if len(texts) < max(_MIN_CLOCKS, len(pieces) / 10):
        return None
    examples = " and ".join(f'"{_shortened(text)}"' for text in texts[:2])
    return f"times are left among the words, as in {examples}: put them in brackets, [00:12:34], if not said"


def _about_one_stranger(pieces: Sequence[Piece], guests: Sequence[str]) -> str | None:
    if len(guests) < 2 or len({piece.label for piece in pieces}) > 1:
        return None
    return f"no line says which of {', '.join(guests[:5])} speaks: everything is one speaker's; {_REMEDY}"


def _about_lines_alike(lines: Sequence[Parsed], labelling: Labelling) -> str | None:
    """Lines that begin alike, as with a label of a form that is not known."""
    others = [line for index, line in enumerate(lines) if index not in labelling.openings and line.text]
    beginnings: dict[str, list[Parsed]] = {}
    for line in others:
        if sign := _beginning(line.text):
            beginnings.setdefault(sign, []).append(line)
    alike = max(beginnings.values(), key=len, default=[])
    if len(alike) < max(_MIN_ALIKE_LINES, _MIN_ALIKE_SHARE * len(others)):
        return None
    return (
        f"{len(alike)} lines begin alike, and not with a speaker that is known: {_examples(alike)}; {_REMEDY}"
    )


def _beginning(text: str) -> str:
    """The shape of a line's beginning, if there is a sign or a time in it: "Aa Aa |", "@a"."""
    shape = _YEAR.sub("a", text[:40])
    shape = re.sub(r"[^\W\d_]+", lambda word: "A" if word[0][0].isupper() else "a", shape)
    shape = re.sub(r"\d+", "0", shape)
    match = re.match(
        r"(?:A ?){0,3}[^\sAa'\u2018-\u201e\u00ab\u00bb\u00a1\u00bf\u2026,.?!\"()\u2013\u2014-]\S*", shape
    )
    return match[0] if match and len(match[0]) > 1 else ""


def _about_many_speakers(labelling: Labelling) -> str | None:
    counts = Counter(opening.label for opening in labelling.openings.values())
    if len(labelling.openings) < _MIN_TURNS or 2 * len(counts) <= len(labelling.openings):
        return None
    once = " and ".join(f'"{label}"' for label in [label for label, n in counts.items() if n == 1][:2])
    return (
        f"{len(counts)} speakers have {len(labelling.openings)} turns between them: "
        f"are {once} names? If not, leave out the colon"
    )


def _about_left_out(pieces: Sequence[Piece], left_out: Sequence[LeftOut]) -> str | None:
    told = [left for left in left_out if left.why != SOUND]
    count = sum(count_words(left.text) for left in told)
    total = count + sum(count_words(piece.text) for piece in pieces)
    if count <= _MIN_LEFT_OUT_SHARE * total:
        return None
    kinds = ", ".join(kind for kind, _ in Counter(left.why for left in told).most_common(3))
    share = f"{100 * count / total:.0f} % of the words"
    return f"{share} are left out as not speech ({kinds}); 1_transcript.json lists them"
