"""What Zoom, Meet, Riverside and Craig call their files: what each is, by its name and those beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from pipeline.files import open_regular
from pipeline.records import MEDIA_SUFFIXES, TRANSCRIPT_SUFFIXES

# Zoom, in its cloud: GMT20240502-140322_Recording_gallery_1920x1080.mp4, …_Recording.transcript.vtt,
# …_RecordingnewChat.txt. On a computer, in a folder "2024-05-02 14.03.22 Port meeting": zoom_0.mp4 and
# audio_only.m4a, or video1234567890.mp4 and audio1234567890.m4a; chat.txt, closed_caption.txt, playback.m3u,
# recording.conf; for each speaker audioAnnLee21234567890.m4a, in "Audio Record".
_STAMP = re.compile(r"gmt(\d{8}-\d{6})(?=[_.])")
_ZOOM_RECORDING = re.compile(r"(?:zoom|audio_only)(?:_(\d{1,3}))?|(?:video|audio)(\d{1,20})")
_ZOOM_TRACK = re.compile(r"audio([^\W\d_](?:.*[^\d\n])?)(\d{8,})")
_ZOOM_SEPARATE = re.compile(r"_separate\d{1,3}_")
_ZOOM_CAPTIONS = re.compile(r"(?:meeting_saved_)?closed_captions?(?:_\d{1,3})?")
_ZOOM_CHAT = re.compile(r"(?:meeting_saved_)?(?:new_)?chat(?:_\d{1,3})?")
_ZOOM_ONLY = re.compile(r"playback\d*\.m3u|recording\.conf|zoomver\.tag|\S+\.zoom|meeting_saved_\w+\.txt")
_ZOOM_FOLDER = re.compile(r"\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d(?: .*)?")
_ID_DIGITS = 9  # of the numbers that Zoom gives, at least
# Meet: Port fees (2024-05-02 at 14_03 GMT-4).mp4, Port fees - 2024_05_02 14_03 CEST - Recording.mp4,
# … - Transcript.docx, … - Chat.txt, … - Notes by Gemini.docx; older chats have no word for it.
_MEET_STAMP = re.compile(
    r"[ (]\d{4}[-_]\d\d[-_]\d\d (?:at )?\d\d[_:.]\d\d [A-Z]{2,5}(?:[+-]\d{1,2}(?:[_:.]\d\d)?)?\)?"
)
# Riverside: riverside_ann_lee_raw-audio_my-show_0042.wav: who, what, the studio; the number counts files.
_RIVERSIDE_FORMS = frozenset({"raw", "compressed", "synced", "aligned", "cfr"})
_RIVERSIDE_DATE = re.compile(r"[a-z]{3} \d{1,2}, \d{4}")  # in older names
# Craig: 1-ann_1234.flac, 2-bob.flac, info.txt, raw.dat.
_CRAIG_TRACK = re.compile(r"(\d{1,3})-.+")
_CRAIG_INFO = re.compile(r"Recording \S.*\r?\n(?s:.*)^Tracks:", re.MULTILINE)
_COPY = re.compile(r" \(\d{1,3}\)\Z")  # of a file that was fetched twice
_PEEK_BYTES = 1 << 15


class Kind(Enum):
    """What a file is to its meeting. An edit is a recording on another clock."""

    RECORDING, TRACK, TRANSCRIPT, EDIT, CHAT, OTHER = range(6)


SPEECH = frozenset({Kind.RECORDING, Kind.TRACK, Kind.TRANSCRIPT})


@dataclass(frozen=True)
class File:
    """A file with a recorder's name. `stamp` is of one recording; "" if its name does not say which."""

    path: Path
    recorder: str
    kind: Kind
    stamp: str = ""


class RiversideName(NamedTuple):
    """The parts of the name of one of Riverside's tracks; `form` is raw-audio or the like."""

    speaker: str
    form: str
    studio: str
    number: str


def files(folder: Path, paths: Sequence[Path], has_zooms_audio: bool) -> list[File]:
    """The files with recorders' names; those that others give, too, only beside one that no other does."""
    if craigs := _craigs(paths):
        return craigs
    marked = has_zooms_audio or is_zooms(folder)
    marked = marked or any(_ZOOM_ONLY.fullmatch(path.name.lower()) for path in paths)
    found = [file for path in paths if (file := stamped(path, marked) or _riversides(path))]
    found = _without_namesakes_of_tracks(folder, found)
    found = _without_namesakes_of_riverside(found)
    return found if marked or any(not is_anybodys(file.path) for file in found) else []


def is_zooms(folder: Path) -> bool:
    """Whether Zoom calls a folder so: 2024-05-02 14.03.22 Port meeting."""
    return bool(_ZOOM_FOLDER.fullmatch(folder.name))


def is_zooms_audio(folder: Path) -> bool:
    """Whether it is Zoom's folder with a file a speaker: "Audio Record", in any language."""
    media: list[Path] = []
    with suppress(OSError):
        media = [path for path in folder.iterdir() if path.suffix.lower() in MEDIA_SUFFIXES]
    are_tracks = all(_ZOOM_TRACK.fullmatch(path.stem) for path in media)
    return bool(media) and are_tracks and (folder.name.lower() == "audio record" or _share_number(media))


def is_anybodys(path: Path) -> bool:
    """Whether others than recorders call a file so, too."""
    if meets := _MEET_STAMP.search(once(path)):
        return meets.end() == len(once(path)) and path.suffix.lower() in TRANSCRIPT_SUFFIXES
    return bool(_ZOOM_CHAT.fullmatch(once(path).lower())) and not _ZOOM_ONLY.fullmatch(path.name.lower())


def is_copy(path: Path) -> bool:
    """Whether a browser fetched it twice."""
    return bool(_COPY.search(path.stem))


def once(path: Path) -> str:
    """The name of a file less its suffix, as if it had been fetched once."""
    return _COPY.sub("", path.stem)


def visible_files(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if path.name[0] != "." and path.is_file())


def peek(path: Path) -> str:
    """The beginning of a text, "" if it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(_PEEK_BYTES).decode("utf-8", "ignore")
    except OSError:
        return ""


def speaker_named(stem: str) -> str:
    """Whose track it is by a recorder's name for it, as it stands there; "" if it is none."""
    if zoom := _ZOOM_TRACK.fullmatch(stem):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", zoom[1])
    if _STAMP.match(stem.lower()) and (separate := _ZOOM_SEPARATE.search(stem)):
        return stem[separate.end() :]
    riverside = riverside_name(stem)
    return riverside.speaker if riverside else ""


def stamped(path: Path, marked: bool = False) -> File | None:
    """What a file with a name of Zoom's or Meet's is; only they say in it of which recording it is."""
    return _zooms(path, marked) or _meets(path)


# Meet.


def _meets(path: Path) -> File | None:
    suffix, stem = path.suffix.lower(), once(path)
    if not (stamp := _MEET_STAMP.search(stem)):
        return None
    words = re.findall(r"\w+", stem[stamp.end() :].lower())
    kind = _kind_by_suffix(suffix)
    if kind is Kind.TRANSCRIPT and "transcript" not in words:
        kind = Kind.CHAT if not words or "chat" in words else Kind.OTHER
    part = "".join(f"/{word}" for word in words if word.isdecimal() and len(word) < 3)
    return File(path, "Meet", kind, stem[: stamp.end()] + part) if kind else None


# Zoom.


def _zooms(path: Path, marked: bool) -> File | None:
    """What a file with a name of Zoom's is; `marked` is whether others in its folder are surely Zoom's."""
    suffix, stem = path.suffix.lower(), once(path).lower()
    if stamp := _STAMP.match(stem):
        return File(path, "Zoom", _kind_in_cloud(stem, suffix), stamp[1] + _part(stem[stamp.end() :]))
    if (recording := _ZOOM_RECORDING.fullmatch(stem)) and stem != "zoom":
        is_sure = marked or not recording[2] or len(recording[2]) >= _ID_DIGITS
        kind = _kind_by_suffix(suffix) if is_sure else None
        return File(path, "Zoom", kind, recording[2] or recording[1] or "0") if kind else None
    if suffix in MEDIA_SUFFIXES and _ZOOM_TRACK.fullmatch(once(path)):
        return File(path, "Zoom", Kind.TRACK)
    if suffix in TRANSCRIPT_SUFFIXES and _ZOOM_CAPTIONS.fullmatch(stem):
        return File(path, "Zoom", Kind.TRANSCRIPT)
    if suffix == ".txt" and _ZOOM_CHAT.fullmatch(stem):
        return File(path, "Zoom", Kind.CHAT)
    return File(path, "Zoom", Kind.OTHER) if _ZOOM_ONLY.fullmatch(path.name.lower()) else None


def _kind_by_suffix(suffix: str) -> Kind | None:
    if suffix in MEDIA_SUFFIXES:
        return Kind.RECORDING
    return Kind.TRANSCRIPT if suffix in TRANSCRIPT_SUFFIXES else None


def _kind_in_cloud(stem: str, suffix: str) -> Kind:
    if suffix in MEDIA_SUFFIXES:
        return Kind.TRACK if "_separate" in stem else Kind.RECORDING
    if suffix not in TRANSCRIPT_SUFFIXES or stem.endswith("timeline"):
        return Kind.OTHER
    return Kind.CHAT if suffix == ".txt" and stem.endswith("chat") else Kind.TRANSCRIPT


def _part(rest: str) -> str:
    """Which of several recordings of one meeting it is: …_Recording_2_1920x1080."""
    numbers = [word for word in re.split(r"[_.]", rest) if word.isdecimal() and len(word) < 3]
    return "".join(f"/{number}" for number in numbers[:1])


def _without_namesakes_of_tracks(folder: Path, found: Sequence[File]) -> list[File]:
    """Without what is only called like one of Zoom's tracks: audiobook20240501.mp3."""
    tracks = [
        file.path for file in found if file.recorder == "Zoom" and file.kind is Kind.TRACK and not file.stamp
    ]
    numbers = tuple(file.stamp for file in found if file.recorder == "Zoom" and len(file.stamp) >= _ID_DIGITS)
    if _share_number(tracks):
        return list(found)
    return [
        file
        for file in found
        if file.path not in tracks or file.path.parent != folder or once(file.path).endswith(numbers)
    ]


def _share_number(tracks: Sequence[Path]) -> bool:
    """Whether files that are named as Zoom's tracks have one meeting's number, after each one's own."""
    numbers = [match[2] for path in tracks if (match := _ZOOM_TRACK.fullmatch(path.stem))]
    are_long = len(numbers) > 1 and min(map(len, numbers)) > _ID_DIGITS
    return are_long and len({number[-_ID_DIGITS:] for number in numbers}) == 1


# Riverside.


def riverside_name(stem: str) -> RiversideName | None:
    """The parts of the name of a track of Riverside's; None for another file."""
    first, *fields = stem.split("_")
    at = next((place for place, field in enumerate(fields) if place and _is_form(field.lower())), 0)
    if first.lower() != "riverside" or not at:
        return None
    *studio, last = fields[at + 1 :] or [""]
    number = re.match(r"\d*", last)
    return RiversideName(
        " ".join(fields[:at]), fields[at].lower(), "_".join(studio).lower(), number[0] if number else ""
    )


def _is_form(field: str) -> bool:
    return field.split("-")[0] in _RIVERSIDE_FORMS or bool(_RIVERSIDE_DATE.match(field))


def _riversides(path: Path) -> File | None:
    if not path.name.lower().startswith("riverside_"):
        return None
    kind, name = _kind_by_suffix(path.suffix.lower()), riverside_name(path.stem)
    if kind is not Kind.RECORDING:
        return File(path, "Riverside", kind) if kind else None
    if name is None:
        return File(path, "Riverside", Kind.EDIT)
    is_screen = name.speaker.lower().startswith("screen")
    return File(path, "Riverside", Kind.OTHER if is_screen else Kind.TRACK, name.studio)


def _without_namesakes_of_riverside(found: Sequence[File]) -> list[File]:
    """Without tracks of one speaker alone, and without what names no studio of the tracks: riverside_walk."""
    tracks = [file for file in found if file.recorder == "Riverside" and file.kind is Kind.TRACK]
    are_several = len({speaker_named(file.path.stem).lower() for file in tracks}) > 1
    studios = {file.stamp for file in tracks if are_several}
    return [
        file
        for file in found
        if file.recorder != "Riverside"
        or (file.kind in (Kind.TRACK, Kind.OTHER) and file.stamp in studios)
        or any(studio and studio in file.path.stem.lower() for studio in studios)
    ]


def are_of_one_session(tracks: Sequence[Path]) -> bool:
    """Whether nobody has two of one form, and numbers follow each other: they count files, not sessions."""
    names = [name for path in tracks if (name := riverside_name(once(path)))]
    counts = Counter((name.speaker.lower(), name.form) for name in names)
    numbers = [int(name.number) for name in names if name.number]
    return max(counts.values()) == 1 and (not numbers or max(numbers) - min(numbers) < len(numbers))


# Craig.


def _craigs(paths: Sequence[Path]) -> list[File]:
    """Craig's tracks and what he puts beside them; [] if the folder is not surely his."""
    media = [path for path in paths if path.suffix.lower() in MEDIA_SUFFIXES]
    numbers = {match[1] for path in media if (match := _CRAIG_TRACK.fullmatch(path.stem))}
    by_name = {path.name: path for path in paths}
    extras = [path for name in ("info.txt", "raw.dat") if (path := by_name.get(name))]
    is_his = "raw.dat" in by_name or any(_CRAIG_INFO.match(peek(path)) for path in extras)
    if not media or not is_his or len(numbers) < len(media) or len({path.suffix for path in media}) > 1:
        return []
    tracks = [File(path, "Craig", Kind.TRACK) for path in media]
    return tracks + [File(path, "Craig", Kind.OTHER) for path in extras]
