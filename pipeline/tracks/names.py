"""Whose track it is, told from the names that recorders give to files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

# Zoom: audioAnnLee21234567890; Riverside: riverside_ann_lee_raw-audio_my-show_0042; Craig: 2-ann_0.
_ZOOM = re.compile(r"audio([^\W\d_].*?)\d{8,}")
_RIVERSIDE = re.compile(
    r"riverside_(.+?)_(?:raw|compressed|synced|cfr|\w{3} \d{1,2}, \d{4}).*", re.IGNORECASE
)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d(?!\d)")
_NO_NAMES = frozenset(
    [
        *("audio", "channel", "copy", "cut", "edit", "edited", "export", "final", "isolated", "local"),
        *("master", "mic", "microphone", "mono", "raw", "rec", "recording", "speaker", "stem", "stereo"),
        *("take", "track", "voice", "vox", "wav"),
    ]
)


def labels(stems: Sequence[str]) -> list[str]:
    """A label for each file, from its name without the suffix: a person's name as far as there is one.

    What all files have in common (a show, a date) is nobody's name. Where nothing is left, or two files would
    have the same label, it is the file's own name.
    """
    said = [_told(stem) or _words(stem) for stem in stems]
    if len(said) > 1:
        start = sum(1 for _ in takewhile(lambda same: len(same) == 1, map(set, zip(*said, strict=False))))
        ends = [words[::-1] for words in said]
        stop = sum(1 for _ in takewhile(lambda same: len(same) == 1, map(set, zip(*ends, strict=False))))
        said = [words[start : len(words) - stop] if len(words) > start + stop else words for words in said]
    found = [" ".join(map(_cased, _bare(words))) for words in said]
    return [
        label if label and found.count(label) == 1 else stem for label, stem in zip(found, stems, strict=True)
    ]


def _told(stem: str) -> list[str]:
    """The name in a file name whose form is known."""
    if zoom := _ZOOM.fullmatch(stem):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", zoom[1]).split()
    riverside = _RIVERSIDE.fullmatch(stem)
    return _words(riverside[1]) if riverside else []


def _words(stem: str) -> list[str]:
    """A hyphen joins a name (Jean-Luc) only where something else parts words."""
    plain = re.sub(r"[()\[\]]", " ", _DATE.sub(" ", stem))
    parted = re.search(r"[_\s]", plain.strip(" _-")) is not None
    words = re.split(r"[_\s]+|(?<!\w)-|-(?!\w)" if parted else r"[_\s-]+", plain)
    return [word for word in words if word.strip("-.")]


def _bare(words: Sequence[str]) -> list[str]:
    """Without numbers and without words that name no one."""
    kept = [re.sub(r"^\d+-(?=\D)|(?<=\D)\d+$", "", word) for word in words]
    return [word for word in kept if word and not word.isdecimal() and word.casefold() not in _NO_NAMES]


def _cased(word: str) -> str:
    plain = word.islower() or (word.isupper() and len(word) > 2)
    return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-")) if plain else word
