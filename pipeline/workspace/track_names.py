"""Whose track it is, told from the names that recorders give to files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from unicodedata import normalize

# Zoom: audioAnnLee21234567890; Riverside: riverside_ann_lee_raw-audio_my-show_0042; Craig: 2-ann_0.
_ZOOM = re.compile(r"audio([^\W\d_].*?)\d{8,}")
_RIVERSIDE = re.compile(
    r"riverside_(.+?)_(?:raw|compressed|synced|cfr|\w{3} \d{1,2}, \d{4}).*", re.IGNORECASE
)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d(?!\d)")
_NO_NAMES = frozenset(
    [
        *("audio", "ch", "channel", "copy", "cut", "edit", "edited", "export", "final", "gmt", "input"),
        *("isolated", "local", "lr", "master", "mic", "microphone", "mix", "mono", "only", "part", "raw"),
        *("rec", "recording", "speaker", "stem", "stereo", "take", "tr", "track", "voice", "vox", "wav"),
        *("zoom",),
    ]
)
Fields = list[list[str]]  # of words; an underscore or a free-standing hyphen parts fields


def labels(stems: Sequence[str]) -> list[str]:
    """A label for each file, from its name without the suffix: a person's name as far as there is one.

    Fields that all files have in common (a show, a date) are nobody's name. Where nothing is left it is
    "Speaker 1", a stranger. Files with the same label are one person's.
    """
    stems = [normalize("NFC", stem) for stem in stems]
    told = [_told(stem) for stem in stems]
    others = _own([_fields(stem) for stem, name in zip(stems, told, strict=True) if not name])
    words = [name or _bare([word for field in next(others) for word in field]) for name in told]
    return [" ".join(map(_cased, name)) or f"Speaker {number}" for number, name in enumerate(words, 1)]


def _told(stem: str) -> list[str]:
    """The name in a file name whose form is known."""
    if zoom := _ZOOM.fullmatch(stem):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", zoom[1]).split()
    riverside = _RIVERSIDE.fullmatch(stem)
    return [word for field in _fields(riverside[1]) for word in field] if riverside else []


def _fields(stem: str) -> Fields:
    """A hyphen joins a name (Jean-Luc) only where something else parts words."""
    plain = _DATE.sub(" ", re.sub(r"[()\[\]]", " ", stem)).strip(" _-")
    parted = re.search(r"[_\s]", plain) is not None
    fields = re.split(r"_+|\s+-+\s+|--+", plain)
    found = [
        [word.strip("-.") for word in re.split(r"\s+" if parted else r"[\s-]+", part)] for part in fields
    ]
    return [words for words in ([word for word in words if word] for words in found) if words]


def _own(names: list[Fields]) -> Iterator[Fields]:
    """The fields that not all names have, at their beginnings and ends; but two words may be a name."""
    same = [[" ".join(words).casefold() for words in fields] for fields in names]
    start, stop = _common(same), _common([fields[::-1] for fields in same])
    shortest = min(map(len, same), default=0)
    may_be_names = all(sum(map(len, fields)) == 2 for fields in names)
    for fields in names:
        plain = may_be_names and not any(re.search(r"[\d-]", word) for words in fields for word in words)
        whole = len(names) < 2 or shortest <= start + stop or plain
        yield fields if whole else fields[start : len(fields) - stop]


def _common(names: Sequence[Sequence[str]]) -> int:
    """How many fields from the first on are the same in all."""
    return sum(1 for _ in takewhile(lambda field: len(set(field)) == 1, zip(*names, strict=False)))


def _bare(words: Sequence[str]) -> list[str]:
    """Without numbers and without words that name no one."""
    kept = [re.sub(r"^\d+-(?=\D)|(?<=\D)-?\d+$", "", word) for word in words]
    return [word for word in kept if word and not word.isdecimal() and word.casefold() not in _NO_NAMES]


def _cased(word: str) -> str:
    plain = word.islower() or (word.isupper() and len(word) > 2)
    return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-")) if plain else word
