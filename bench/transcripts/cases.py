"""What is amiss in the reading of a reduced case, in a folder that has one folder a case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.transcripts.expected import Case
from bench.transcripts.score import STRANGER, on_speakers
from pipeline import transcripts
from pipeline.errors import InputError
from pipeline.records import Word
from pipeline.transcripts import Reading

TIME_TOLERANCE_SECONDS = 0.01


def verdict(case: Case, folder: Path) -> str:
    """Everything that is amiss, "" if nothing."""
    try:
        return "; ".join(faults(case, transcripts.read(folder / case.file)))
    except InputError as error:
        return f"refused: {error.what}"


def faults(case: Case, reading: Reading) -> Iterator[str]:
    text = " ".join("".join(word.text for word in reading.words).split())
    if case.words is not None and len(text.split()) != case.words:
        yield f"{len(text.split())} words, not {case.words}"
    if lost := [said for _, said, _ in case.said if said not in text]:
        yield f"{len(lost)} of {len(case.said)} turns do not begin as they should, first “{lost[0]}”"
        return
    if case.or_note and on_speakers(reading.notes):
        return
    labels = {shown(word.label) for word in reading.words}
    expected = set(case.labels or (whose for whose, *_ in case.said))
    if others := labels - expected - ({None} if case.or_nobody else set()):
        yield f"speakers who are none: {', '.join(sorted(map(str, others)))}"
    if missing := expected - labels - {case.or_nobody}:
        yield f"nobody is {', '.join(sorted(map(str, missing)))}"
    yield from _misplaced(case, reading.words)
    if unsaid := [mark for mark in case.unsaid if mark in text]:
        yield f"among the words: {', '.join(f'`{mark}`' for mark in unsaid)}"


def shown(label: str | None) -> str | None:
    """A label as it is shown: "Lee, Ann (Harbour)" is Ann Lee, and a stranger None."""
    if label is None or label == STRANGER:
        return None
    last, comma, first = label.partition(" (")[0].partition(", ")
    return f"{first} {last}" if comma else label


def _misplaced(case: Case, words: Sequence[Word]) -> Iterator[str]:
    """Turns that are not where, whose or when they should be."""
    texts = [word.text.strip() for word in words]
    at, wrong, untimed = 0, 0, 0
    for whose, said, start in case.said:
        parts = said.split()
        places = range(at, len(texts) - len(parts) + 1)
        first = next((n for n in places if texts[n : n + len(parts)] == parts), None)
        if first is None:
            yield f"“{said}” is out of order"
            return
        at = first + len(parts)
        allowed = {whose, None} if whose == case.or_nobody else {whose}
        wrong += not {shown(word.label) for word in words[first:at]} <= allowed
        if start is not None:
            heard = words[first].start
            untimed += heard is None or abs(heard - start) > TIME_TOLERANCE_SECONDS
    if wrong:
        yield f"{wrong} of {len(case.said)} turns are under another label"
    if untimed:
        yield f"{untimed} of {len(case.said)} times are lost"
