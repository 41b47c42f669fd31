"""Who spoke when, in RTTM (NIST Rich Transcription), which programs that score diarization read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from pipeline.post.views import SpeakerView
from pipeline.records import Sentence, Transcript, Turns
from pipeline.text import plain

_PAUSE = 500  # milliseconds of silence inside a span
_MISSING = "<NA>"  # what RTTM writes for a field that has no value

Span = tuple[int, int]


def rttm(file: str, turns: Turns, transcript: Transcript, people: Mapping[str, SpeakerView]) -> str:
    """A SPEAKER line for each span of speech, by time; empty for a talk without times.

    `people` says whose voice a speaker id is. A name that is a guess ends in "?".
    """
    spoken: dict[SpeakerView, list[Span]] = {}
    for sentence in turns.sentences():
        spoken.setdefault(people[sentence.speaker], []).extend(_spans(sentence, transcript))
    tokens = _tokens(spoken)
    lines = sorted(
        (start, tokens[person.id], end - start)
        for person, spans in spoken.items()
        for start, end in _bridged(spans)
    )
    place = _token(file) or "talk"
    return "".join(
        f"SPEAKER {place} 1 {start / 1000:.3f} {length / 1000:.3f} <NA> <NA> {name} <NA> <NA>\n"
        for start, name, length in lines
    )


def _spans(sentence: Sentence, transcript: Transcript) -> Iterator[Span]:
    """The words' own times where all have them, else the sentence's, else those of the words that have."""
    words = transcript.words[slice(*sentence.words)]
    times = [(w.start, w.end) for w in words if w.start is not None and w.end is not None]
    whole = sentence.start is not None and sentence.end is not None and sentence.end > sentence.start
    if whole and len(times) < max(len(words), 1):
        times = [(sentence.start or 0.0, sentence.end or 0.0)]
    for start, end in times:
        first, last = round(start * 1000), round(end * 1000)
        if last > first:
            yield first, last


def _bridged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap or are near to each other as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] < _PAUSE:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _tokens(people: Iterable[SpeakerView]) -> dict[str, str]:
    """For each person's id a word without white space, different for different people."""
    tokens: dict[str, str] = {}
    for person in people:
        name, mark = _token(person.name) or "speaker", "?" * person.guessed
        token, copy = name + mark, 2
        while token in tokens.values():
            token, copy = f"{name}_{copy}{mark}", copy + 1
        tokens[person.id] = token
    return tokens


def _token(text: str) -> str:
    token = re.sub(r"\s+", "_", plain(text))
    return token.strip("<>") if token == _MISSING else token
