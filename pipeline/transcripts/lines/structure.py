"""What only lines beside each other show: a time below a name, questions set off from answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from pipeline.transcripts.lines import not_speech, speaker_labels
from pipeline.transcripts.lines.forms import Labelling
from pipeline.transcripts.lines.heads import clean_label
from pipeline.transcripts.lines.openings import Kind, Opening, Parsed
from pipeline.transcripts.lines.speaker_labels import is_name, is_somebody

_INNER_LABEL = re.compile(r"(?<=[.!?\u2026\u201d\"]\s)([^\W\d_a-z][^:.!?\n]{0,60}):\s+(?=\S)")
_MIN_QUESTIONS = 2
_MAX_HEAD_WORDS = 3  # in a cell that names its column


def with_times_beside(lines: Sequence[Parsed]) -> list[Parsed]:
    """Lines, with a time that stands alone below a name joined to it, and names below a time known as such.

    A line between two times is no name but a caption, said at the time above it.
    """
    joined: list[Parsed] = []
    for line in lines:
        name = _name_alone(joined[-1]) if joined else None
        above = joined[-2] if len(joined) > 1 else None
        is_below_time = above is not None and _is_time_alone(above)
        if name and _is_time_alone(line):
            is_label = joined[-1].line.opens_paragraph or is_somebody(name.label)
            if not (is_below_time or line.line.opens_paragraph) and line.stamp and is_label:
                timed = replace(name, kind=Kind.TIME, start=line.stamp.start, timed=True)
                joined[-1] = replace(joined[-1], openings=(timed,))
                continue
        elif name and is_below_time and above and above.stamp:
            timed = replace(name, kind=Kind.TIME_FIRST, start=above.stamp.start, timed=True)
            joined[-1] = replace(joined[-1], openings=(timed,))
        joined.append(line)
    return joined


def labels_inside(texts: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """Labels of speakers that stand after a sentence inside a text: known ones, and names that recur so."""
    counts = Counter(label for text in texts for _, label, _ in _inside(text))
    return frozenset(
        label
        for label, count in counts.items()
        if label in known
        or (count > 1 and is_name(label, 1) and not speaker_labels.is_sentence_opener(label))
    )


def parted(text: str, speakers: Collection[str]) -> Iterator[tuple[str | None, str]]:
    """A text, parted where the label of one of these speakers stands inside it: who speaks on, and what."""
    position, speaker = 0, None
    for start, label, end in _inside(text) if speakers else ():
        if label in speakers:
            yield speaker, text[position:start]
            speaker, position = label, end
    yield speaker, text[position:]


def _inside(text: str) -> Iterator[tuple[int, str, int]]:
    """Where labels may stand inside a text: begin, label and end."""
    if ":" in text:
        for match in _INNER_LABEL.finditer(text):
            yield match.start(), clean_label(match[1]), match.end()


def table_heads(lines: Sequence[Parsed]) -> frozenset[int]:
    """First rows of tables that name their columns: a few words in each, where rows below hold sentences."""
    heads = set()
    for index, line in enumerate(lines):
        if not line.line.cells or (index and lines[index - 1].line.cells) or line.stamp:
            continue
        rows = list(takewhile(lambda row: row.line.cells, lines[index + 1 :]))
        if not _has_words(line) and 2 * sum(map(_has_words, rows)) > len(rows):
            heads.add(index)
    return frozenset(heads)


def _has_words(row: Parsed) -> bool:
    return any(len(cell.split()) > _MAX_HEAD_WORDS for cell in row.line.cells)


def _is_time_alone(line: Parsed) -> bool:
    return line.stamp is not None and not line.text


def _name_alone(line: Parsed) -> Opening | None:
    """The name that a line is, and nothing else."""
    alone = next((opening for opening in line.openings if opening.kind is Kind.ALONE), None)
    is_heading = line.line.level or not_speech.is_transcript_heading(line)
    return alone if alone and not is_heading and speaker_labels.may_be_label(alone.label) else None


def questions_and_answers(lines: Sequence[Parsed]) -> Labelling:
    """The labelling of an interview without labels, whose questions alone are emphasised or quoted."""
    spoken = [index for index, line in enumerate(lines) if line.text and not line.line.level]
    set_off = [i for i in spoken if lines[i].line.all_emphasised or lines[i].line.quoted]
    questions = [i for i in set_off if lines[i].text.rstrip('"\u201d\u2019 ').endswith(("?", "\uff1f"))]
    if len(questions) < _MIN_QUESTIONS or 2 * len(questions) < len(set_off) or len(set_off) == len(spoken):
        return Labelling()
    first = min(set_off)
    openings = {
        index: Opening(
            Kind.ALONE,
            "Q" if index in set_off else "A",
            "",
            "",
            _start(lines[index]),
            lines[index].text,
            "",
            False,
        )
        for index in spoken
        if index >= first and (lines[index].line.opens_paragraph or index in set_off)
    }
    return Labelling(openings)


def _start(line: Parsed) -> float | None:
    return line.stamp.start if line.stamp else None
