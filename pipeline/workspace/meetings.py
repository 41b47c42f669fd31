"""A talk in several files: what a recorder wrote of one meeting, in a folder of its own or among others.

A cohort must not be taken for a meeting: what is not surely one stays as many talks as there are files.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.files import with_ending
from pipeline.records import TRANSCRIPT_SUFFIXES, VIDEO_SUFFIXES
from pipeline.workspace import recorders, sources
from pipeline.workspace.recorders import SPEECH, File, Kind, is_copy, once, riverside_name, visible_files
from pipeline.workspace.sidecar import COHORT, stated_file

_VIEWS = ("gallery", "as", "avo", "gvo")  # of Zoom's cloud, the most complete first; better is one without
_TRANSCRIPTS = (".vtt", ".srt", ".json", ".docx", ".txt", ".md")  # of one meeting, the best first
_NAMED_LINE = re.compile(r"<v[ .]|\[[^]\n]{1,60}\]|[^\s:\d][^:\n]{0,59}: ")


@dataclass(frozen=True)
class Meeting:
    """One talk in several files: `source` is their folder, or the main one of those that share a stamp."""

    source: Path
    recording: Path | None = None
    tracks: tuple[Path, ...] = ()
    transcript: Path | None = None
    left_out: tuple[Path, ...] = ()

    @property
    def main(self) -> Path:
        """The file that stands for it, where one does."""
        return self.recording or self.transcript or self.source

    @property
    def speech(self) -> tuple[Path, ...]:
        return tuple(path for path in (self.recording, self.transcript, *self.tracks) if path)

    @property
    def files(self) -> frozenset[Path]:
        return frozenset((*self.speech, *self.left_out))


@dataclass(frozen=True)
class Contents:
    """What recorders wrote into a folder.

    `whole` is the meeting that it holds, and nothing else. Where there is none, `groups` are files that share
    a stamp, and `others` what is in the folder and no talk. `doubt` says why there is none, if it looks so.
    """

    whole: Meeting | None = None
    groups: tuple[Meeting, ...] = ()
    others: frozenset[Path] = frozenset()
    doubt: str | None = None

    @property
    def meetings(self) -> tuple[Meeting, ...]:
        return (self.whole,) if self.whole else self.groups


def meeting_of(source: Path) -> Meeting | None:
    """The meeting that a folder is, or of which a file is the main one. Raises OSError."""
    if source.is_dir():
        return contents(source).whole
    file = recorders.stamped(source)
    if file is None or not file.stamp:
        return None
    number = file.stamp.partition("/")[0]
    names = (name for name in os.listdir(source.parent) if number in name or number == "0")
    siblings = map(source.with_name, names)
    files = [sibling for path in visible_files(siblings) if (sibling := recorders.stamped(path))]
    return next((group for group in _groups(files) if group.source == source), None)


def contents(folder: Path, may_be_talk: bool = True) -> Contents:
    """What recorders wrote into a folder; some folders are no talk, whatever is in them. Raises OSError."""
    visible = sorted(path for path in folder.iterdir() if path.name[0] != ".")
    below = [path for path in visible if path.is_dir() and not path.is_symlink()]
    audio = next(filter(recorders.is_zooms_audio, below), None)
    paths = visible_files([*visible, *(audio.iterdir() if audio else ())])
    files = recorders.files(folder, paths, audio is not None)
    if not files:
        return Contents()
    stated = stated_file(with_ending(folder, ".toml"), "transcript")
    known = {file.path for file in files} | {stated}
    foreign = [path for path in paths if path not in known and sources.may_be_talk(path)]
    if len(foreign) == 1 and _is_called_transcript(foreign[0]):
        files.append(File(foreign.pop(), files[0].recorder, Kind.TRANSCRIPT))
    why = None
    if _looks_whole(folder, files):
        why = _why_not_whole(folder, files, foreign, [path for path in below if path != audio])
        if not why and may_be_talk:
            return Contents(_meeting(folder, files, paths))
        why = why or f"{folder.name}/ holds all talks. Put its files into a folder there"
    groups = _groups(files)
    in_groups = frozenset[Path]().union(*(group.files for group in groups))
    others = in_groups - {group.source for group in groups}
    others |= {
        file.path
        for file in files
        if file.kind in (Kind.CHAT, Kind.OTHER) and not (foreign and recorders.is_anybodys(file.path))
    }
    others |= {audio} if audio and why else set()
    loose = {file.path for file in files if file.kind in (Kind.TRACK, Kind.CHAT) or not file.stamp}
    return Contents(None, groups, others, why if loose - in_groups - others else None)


def _looks_whole(folder: Path, files: Sequence[File]) -> bool:
    """Whether the names are enough of one meeting's, and nobody says that the folder is a cohort."""
    has_speech = any(file.kind in SPEECH for file in files)
    return has_speech and len(files) + recorders.is_zooms(folder) > 1 and not (folder / COHORT).exists()


def _why_not_whole(
    folder: Path, files: Sequence[File], foreign: Sequence[Path], below: Sequence[Path]
) -> str:
    """What speaks against it that the files of a folder are all of one meeting, "" if nothing does."""
    if foreign:
        listed = ", ".join(path.name for path in foreign[:3]) + " …" * (len(foreign) > 3)
        which, rest = ("is", "that") if len(foreign) == 1 else ("are", "those")
        return f"{listed} {which} not {files[0].recorder}'s. If it is, move {rest} out of it"
    if with_talks := [path.name for path in below if _has_talks(path)]:
        return f"there are recordings or transcripts in {with_talks[0]}/. If it is, move that out of it"
    speech = [file for file in files if file.kind in SPEECH]
    stamps = {file.stamp for file in speech if file.stamp}
    is_one = len(stamps) < 2 and len({file.recorder for file in speech}) == 1
    if is_one and speech[0].recorder == "Riverside":
        is_one = recorders.are_of_one_session([file.path for file in speech if file.kind is Kind.TRACK])
    if is_one:
        return ""
    return (
        "there may be several recordings in it. Put the files of each into a folder; "
        f"if all are tracks of one, call theirs {folder.name}.tracks"
    )


def _groups(files: Sequence[File]) -> tuple[Meeting, ...]:
    """Those that share a stamp and are more than one."""
    by_stamp: defaultdict[str, list[File]] = defaultdict(list)
    for file in files:
        if file.stamp and recorders.stamped(file.path):
            by_stamp[file.stamp].append(file)
    meetings = [_meeting(of_one[0].path, of_one) for of_one in by_stamp.values() if len(of_one) > 1]
    return tuple(
        replace(meeting, source=meeting.main)
        for meeting in meetings
        if meeting.recording or meeting.transcript
    )


def _meeting(source: Path, files: Sequence[File], paths: Iterable[Path] = ()) -> Meeting:
    """The best of each kind: the most complete picture, everybody's best sound, a transcript with names."""
    of_kind: defaultdict[Kind, list[Path]] = defaultdict(list)
    for file in files:
        of_kind[file.kind].append(file.path)
    recording = min(of_kind[Kind.RECORDING], key=_recording_order, default=None)
    transcript = min(of_kind[Kind.TRANSCRIPT], key=_transcript_order, default=None)
    tracks = _best_tracks(of_kind[Kind.TRACK])
    if recording and len(tracks) == 1:
        tracks = []
    everything = {file.path for file in files} | {path for path in paths if not sources.is_furniture(path)}
    left_out = sorted(everything - {recording, transcript, *tracks})
    return Meeting(source, recording, tuple(tracks), transcript, tuple(left_out))


def _is_called_transcript(path: Path) -> bool:
    words = re.split(r"[\W\d_]+", path.stem.lower())
    return path.suffix.lower() in TRANSCRIPT_SUFFIXES and "transcript" in words


def _has_talks(folder: Path) -> bool:
    return any(path.is_file() and sources.may_be_talk(path) for path in folder.rglob("*"))


# Which of several is the best.


def _recording_order(path: Path) -> tuple[object, ...]:
    """Video first: it is what is played and linked to, and has the same sound."""
    words = path.stem.lower().split("_")
    view = next((rank for rank, name in enumerate(_VIEWS, 1) if name in words), 0)
    return path.suffix.lower() not in VIDEO_SUFFIXES, is_copy(path), view, path.name


def _best_tracks(tracks: Sequence[Path]) -> list[Path]:
    """One of each speaker's, where there is a choice."""
    best: dict[str, Path] = {}
    for path in sorted(tracks, key=_track_order):
        name = riverside_name(path.stem)
        best.setdefault(name.speaker.lower() if name else once(path), path)
    return sorted(best.values())


def _track_order(path: Path) -> tuple[object, ...]:
    """Sound alone first, as it was recorded."""
    name = riverside_name(path.stem)
    form = name.form if name else "audio"
    has_picture = path.suffix.lower() in VIDEO_SUFFIXES
    return "audio" not in form, has_picture, "compressed" in form, is_copy(path), path.name


def _transcript_order(path: Path) -> tuple[object, ...]:
    suffix = path.suffix.lower()
    rank = _TRANSCRIPTS.index(suffix) if suffix in _TRANSCRIPTS else len(_TRANSCRIPTS)
    return not _has_names(path), rank, ".cc" in path.stem.lower(), is_copy(path), path.name


def _has_names(path: Path) -> bool:
    """Whether many of its first lines begin with a name."""
    lines = [line.strip() for line in recorders.peek(path).splitlines() if "-->" not in line]
    lines = [line for line in lines if line and not line.isdecimal()]
    return 4 * sum(bool(_NAMED_LINE.match(line)) for line in lines) > len(lines)
