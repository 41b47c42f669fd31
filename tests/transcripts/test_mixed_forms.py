"""No word of a conversation is lost or given to somebody else in silence, however it is written down.

TAKEAWAYS_FUZZ_MINUTES=10 looks for longer (for all properties of the suite together).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import transcripts
from pipeline.errors import InputError
from pipeline.transcripts import Reading
from tests.support.mixed_forms import File, bare, files
from tests.support.oddities import fuzz

STRANGERS = {None, "unknown speaker"}
ON_SPEAKERS = re.compile(
    r"speaker|label|name|nobody", re.IGNORECASE
)  # notes on times or sounds excuse nothing
MOST_WORDS_BEFORE = 4  # common ones, before the first invented one of a turn


def faults(file: File, reading: Reading) -> Iterator[str]:
    """What must never be: words that are lost, or silently somebody else's."""
    heard = [(bare(part), word) for word in reading.words for part in word.text.split()]
    spoken = [(text, word) for text, word in heard if text in file.said]
    if [text for text, _ in spoken] != list(file.said):
        lost = [text for text in file.said if text not in dict(spoken)]
        yield f"lost: {' '.join(lost)}" if lost else "words are out of order or there twice"
    if any(map(ON_SPEAKERS.search, reading.notes)):
        return
    for text, word in spoken:
        person, label = file.said[text], word.label.casefold() if word.label else None
        if person is None and label in STRANGERS:
            continue
        if person is None or label not in person.labels:
            yield f"“{text}” is {person.written if person else 'nobody'}'s, not {word.label}'s"


def untold_times(file: File, reading: Reading) -> Iterator[str]:
    """Starts of turns that are not what the file says."""
    for at, word in enumerate(reading.words):
        if (start := file.starts.get(bare(word.text))) is None:
            continue
        nearby = reading.words[max(0, at - MOST_WORDS_BEFORE) : at + 1]
        heard = next((near.start for near in reversed(nearby) if near.start is not None), None)
        if heard != start:
            yield f"the turn of “{word.text.strip()}” starts at {start} s, not at {heard}"


def checked(folder: Path, *checks: Callable[[File, Reading], Iterator[str]]) -> Callable[[File], None]:
    def check(file: File) -> None:
        path = folder / f"talk.{file.suffix}"
        path.write_text(file.text, "utf-8")
        try:
            reading = transcripts.read(path)
        except InputError as error:
            found, notes = [f"refused: {error.what}"], tuple[str, ...]()
        else:
            found, notes = [fault for each in checks for fault in each(file, reading)], reading.notes
        if found:
            told = "".join(f"\nnote: {note}" for note in notes)
            pytest.fail(f"\n{'; '.join(found[:5])}{told}\n--- {path.name}\n{file.text}---", pytrace=False)

    return check


def test_nothing_is_lost_or_silently_moved_where_forms_are_mixed(tmp_path: Path) -> None:
    fuzz(files(mixed=True), checked(tmp_path, faults), examples=150)


def test_a_regular_file_gives_each_word_its_speaker_and_each_turn_its_time(tmp_path: Path) -> None:
    def notes(file: File, reading: Reading) -> Iterator[str]:
        yield from (f"an idle note: {note}" for note in reading.notes)

    fuzz(files(mixed=False), checked(tmp_path, faults, untold_times, notes), examples=150)
