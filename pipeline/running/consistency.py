"""What an artifact's schema cannot say: whether what a person changed in it is possible at all.

Stages may take it for granted. A fault is where it is, in the data of the last record given, and what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from pipeline.files import MAX_NAME_BYTES
from pipeline.records import (
    Block,
    HasFiles,
    Paragraph,
    Quote,
    Record,
    Sentence,
    Takeaways,
    Transcript,
    Turns,
)
from pipeline.stage_names import TalkStage
from pipeline.workspace.validation import Loc

Fault = tuple[Loc, str]
TURNS_FILE = TalkStage.SEGMENT.artifact


def alone(record: Record) -> Iterator[Fault]:
    """What is wrong with a record by itself."""
    if isinstance(record, Transcript) and not any(word.text.strip() for word in record.words):
        yield ("words",), "holds no words"
    if isinstance(record, Turns):
        yield from _turns(record)
    if isinstance(record, HasFiles):
        for at, file in enumerate(record.files):
            bare = PurePath(file.name).name == file.name and file.name not in ("", "..")
            if not bare or len(file.name.encode()) > MAX_NAME_BYTES:
                yield ("files", at, "name"), "is not the name of a file"


def together(records: Iterable[Record]) -> Iterator[Fault]:
    """What the last of a talk's records says of those above it that is not so."""
    *above, record = records
    for upper in above:
        if isinstance(upper, Transcript) and isinstance(record, Turns):
            yield from _within(record, upper)
        if isinstance(upper, Turns) and isinstance(record, Takeaways):
            yield from _cited(record, upper)


def _turns(turns: Turns) -> Iterator[Fault]:
    ids = {speaker.id for speaker in turns.speakers}
    said = list(_sentences(turns))
    yield from _twice((("speakers", at), speaker.id) for at, speaker in enumerate(turns.speakers))
    yield from _twice((at, sentence.id) for at, sentence in said)
    if not said:
        yield ("turns",), "holds no sentences"
    for t, turn in enumerate(turns.turns):
        if not turn.sentences:
            yield ("turns", t, "sentences"), "is empty"
        if turn.speaker not in ids:
            yield ("turns", t, "speaker"), f"'{turn.speaker}' is not among the speakers"
    for at, sentence in said:
        if sentence.speaker not in ids:
            yield (*at, "speaker"), f"'{sentence.speaker}' is not among the speakers"
        if sentence.words[0] >= sentence.words[1]:
            yield (*at, "words"), "ends before it begins"
        if not sentence.text.strip():
            yield (*at, "text"), "is blank"


def _twice(ids: Iterable[tuple[Loc, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for loc, id in ids:
        if id in seen:
            yield (*loc, "id"), f"'{id}' is there twice"
        seen.add(id)


def _within(turns: Turns, transcript: Transcript) -> Iterator[Fault]:
    size = len(transcript.words)
    for at, sentence in _sentences(turns):
        if sentence.words[1] > size:
            yield (*at, "words"), f"goes beyond the {size} words of {TalkStage.TRANSCRIBE.artifact}"


def _cited(takeaways: Takeaways, turns: Turns) -> Iterator[Fault]:
    """Sentences and speakers that are not there."""
    speaker_of = {sentence.id: sentence.speaker for sentence in turns.sentences()}
    people = {speaker.id for speaker in turns.speakers}
    for loc, quote in _quotes(takeaways):
        for at, id in enumerate(quote.sentences):
            if id not in speaker_of:
                yield (*loc, "sentences", at), _absent(id)
        if quote.speaker not in people:
            yield (*loc, "speaker"), f"'{quote.speaker}' is not among the speakers of {TURNS_FILE}"
    for loc, paragraph in _paragraphs(takeaways):
        for c, claim in enumerate(paragraph.claims):
            for at, id in enumerate(claim.cites):
                if id not in speaker_of:
                    yield (*loc, "claims", c, "cites", at), _absent(id)


def _absent(id: str) -> str:
    return f"refers to the sentence '{id}', which is not in {TURNS_FILE}"


def _sentences(turns: Turns) -> Iterator[tuple[Loc, Sentence]]:
    for t, turn in enumerate(turns.turns):
        for s, sentence in enumerate(turn.sentences):
            yield ("turns", t, "sentences", s), sentence


def _quotes(takeaways: Takeaways) -> Iterator[tuple[Loc, Quote]]:
    yield from ((loc, block) for loc, block in _blocks(takeaways) if isinstance(block, Quote))


def _paragraphs(takeaways: Takeaways) -> Iterator[tuple[Loc, Paragraph]]:
    for name, prose in (("introduction", takeaways.introduction), ("close", takeaways.close)):
        yield from (((name, p), paragraph) for p, paragraph in enumerate(prose))
    yield from ((loc, block) for loc, block in _blocks(takeaways) if isinstance(block, Paragraph))


def _blocks(takeaways: Takeaways) -> Iterator[tuple[Loc, Block]]:
    for t, theme in enumerate(takeaways.themes):
        for b, block in enumerate(theme.body):
            yield ("themes", t, "body", b), block
