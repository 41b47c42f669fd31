"""The author's notes in a post: word for word where they are to be, each sentence of them once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.engines import Embed
from pipeline.records import Claim, Paragraph, Theme
from pipeline.takeaways.extractive.quotes import CLOSING_MARKS
from pipeline.takeaways.language.comparable import words_of
from pipeline.takeaways.llm.claim_checker import ClaimChecker, Text
from pipeline.takeaways.section_bodies import with_paragraphs
from pipeline.takeaways.verification import Failure
from pipeline.text import plain
from pipeline.workspace.sidecar import Note

MAX_JOINING_LETTERS = 3  # of a word that joins two sentences of a note: "and", "und", "y"
FULL_STOPS = {  # by the script of the last letter; others end sentences in other ways, or in none
    **dict.fromkeys(("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "GEORGIAN", "HANGUL"), "."),
    **dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA"), "\u3002"),
}
PLACED_ALREADY = Failure("repeat", "this note of the author's stands elsewhere in the post")
_SENTENCE_END = re.compile(
    r"(?<![.!?\u2026])[.!?\u2026]++[\"')\]\u201d\u2019\u00bb]*+(?=\s)|[\u3002\uff01\uff1f]++[\u300d\u300f]*+"
)


@dataclass(frozen=True)
class _Sentence:
    """A sentence of a note, whose number counts from 1, from `start` to `end` of the note's text."""

    note: int
    at: int
    start: int
    end: int
    words: tuple[str, ...]


def set_notes(texts: Iterable[Text], notes: Sequence[Note], checker: ClaimChecker) -> None:
    """Set every text that rests on verbatim notes alone in their own words.

    What holds such words but for case, marks and spaces, or a word that joins two sentences, is set to them:
    a whole note, or a run of its sentences. Anything else gives way to what of its notes stands nowhere else,
    or is left out. What the writer left out of a note of which part is placed follows that part.
    """
    own = [text for text in texts if _rests_on_verbatim(text.claim, notes)]
    own.sort(key=lambda text: not text.is_settled)  # what stands already keeps its words
    sentences = {n: _sentences(n, note.text) for n, note in enumerate(notes, 1)}
    runs: dict[Text, list[_Sentence]] = {}
    placed: set[_Sentence] = set()
    verbatim = [s for n, note in enumerate(notes, 1) if note.verbatim for s in sentences[n]]
    for text in own:
        cited = [s for n in text.claim.notes for s in sentences[n]]
        words = words_of(text.claim.text)
        runs[text] = [s for s in _run(words, cited) or _run(words, verbatim) if s not in placed]
        placed.update(runs[text])
    for text in own:
        if not runs[text]:
            runs[text] = [s for n in text.claim.notes for s in sentences[n] if s not in placed]
            placed.update(runs[text])
    for note in sentences.values():
        _complete(note, runs, placed)
    for text in own:
        if runs[text]:
            checker.set_in_own_words(text, _claim(text.claim, runs[text], notes))
        else:
            checker.leave_out(text, PLACED_ALREADY)


def resting_on(
    text: str, cites: Sequence[str], numbers: Iterable[int], notes: Sequence[Note]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """What a sentence rests on: lines, by id, and notes, by number, of those that it gives.

    A verbatim note bears out nothing but its own words. What gives anything else besides rests on that alone,
    or on the note alone if it is in its words.
    """
    given = sorted({n for n in numbers if 0 < n <= len(notes)})
    verbatim = [n for n in given if notes[n - 1].verbatim]
    is_mixed = verbatim and (cites or len(verbatim) < len(given))
    if is_mixed and not _run(words_of(text), [s for n in verbatim for s in _sentences(n, notes[n - 1].text)]):
        return tuple(cites), tuple(n for n in given if n not in verbatim)
    return ((), tuple(verbatim)) if is_mixed else (tuple(cites), tuple(given))


def _rests_on_verbatim(claim: Claim, notes: Sequence[Note]) -> bool:
    numbers = claim.notes if claim.kind == "author" and not claim.cites else ()
    return bool(numbers) and all(n <= len(notes) and notes[n - 1].verbatim for n in numbers)


def _sentences(number: int, note: str) -> list[_Sentence]:
    """The sentences of a note."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(note.rstrip())), len(note)]
    parts = [(start, end) for start, end in pairwise(ends) if words_of(note[start:end])]
    return [
        _Sentence(number, at, start, end, tuple(words_of(note[start:end])))
        for at, (start, end) in enumerate(parts)
    ]


def _run(words: Sequence[str], sentences: Sequence[_Sentence]) -> Sequence[_Sentence]:
    """The sentences in a row whose words these are; none if they are something else."""
    for first in range(len(sentences)):
        at = 0
        for last in range(first, len(sentences)):
            size = len(sentences[last].words)
            is_joined = last > first and words[at : at + size] != [*sentences[last].words]
            at += is_joined and len((*words[at : at + 1], "")[0]) <= MAX_JOINING_LETTERS
            if words[at : at + size] != [*sentences[last].words]:
                break
            at += size
            if at == len(words):
                return sentences[first : last + 1]
    return ()


def _complete(
    note: Sequence[_Sentence], runs: dict[Text, list[_Sentence]], placed: Collection[_Sentence]
) -> None:
    """Put the sentences of a note that are placed nowhere next to those that are."""
    lacking = [s for s in note if s not in placed]
    if not lacking or len(lacking) == len(note):
        return
    for run in runs.values():
        if run and run[0].note == note[0].note and run[0].at == min(s.at for s in note if s in placed):
            run[:0] = [s for s in lacking if s.at < run[0].at]
    for sentence in lacking:
        for run in runs.values():
            if run and (run[-1].note, run[-1].at) == (sentence.note, sentence.at - 1):
                run.append(sentence)
                break


def _claim(claim: Claim, run: Sequence[_Sentence], notes: Sequence[Note]) -> Claim:
    """The claim in the words of a run of sentences."""
    parts: list[str] = []
    for number in dict.fromkeys(s.note for s in run):
        own = [s for s in run if s.note == number]
        parts.append(as_sentence(plain(notes[number - 1].text[own[0].start : own[-1].end])))
    return claim.model_copy(
        update={"text": " ".join(parts), "notes": tuple(dict.fromkeys(s.note for s in run))}
    )


def as_sentence(note: str) -> str:
    """A note with a capital letter at its start, and a full stop where it ends in neither mark nor symbol.

    >>> as_sentence("what I like about noise is that it is cheap")
    'What I like about noise is that it is cheap.'
    """
    first = note.partition(" ")[0]
    start = next((i for i, c in enumerate(first) if c.isalpha()), 0)
    if first == first.lower() and not any(c.isdigit() or c in "/@_" for c in first):
        note = note[:start] + note[start : start + 1].title() + note[start + 1 :]
    last = note.rstrip(CLOSING_MARKS)[-1:] or " "
    if "://" in note.rpartition(" ")[2]:
        return note
    script = unicodedata.name(last, "").split(" ")[0]
    return note + ("." if last.isdigit() or last == "%" else FULL_STOPS.get(script, ""))


def with_left_out(
    themes: Sequence[Theme],
    around: Iterable[Paragraph],
    notes: Sequence[Note],
    texts: Sequence[Sequence[str]],
    embed: Embed,
) -> tuple[tuple[Theme, ...], tuple[Paragraph, ...]]:
    """The themes, and paragraphs for the end, with the notes that no author's sentence tells.

    `around` are the paragraphs of the post outside its themes; `texts` are what each theme says.
    """
    prose = (*around, *(paragraph for theme in themes for paragraph in theme.paragraphs))
    told = [claim for paragraph in prose for claim in paragraph.claims if claim.kind == "author"]
    left_out = [
        Paragraph(claims=(Claim(text=as_sentence(text), kind="author", notes=(n,)),))
        for n, note in enumerate(notes, 1)
        if (text := _untold(n, note, [claim.text for claim in told if n in claim.notes]))
    ]
    return with_paragraphs(themes, left_out, texts, embed)


def _untold(number: int, note: Note, told: Sequence[str]) -> str:
    """What of a note stands nowhere: of a verbatim one the sentences whose words do not."""
    sentences = _sentences(number, note.text)
    if not told or not note.verbatim or not sentences:
        return "" if told else plain(note.text)
    words = [f" {' '.join(words_of(text))} " for text in told]
    untold = [s for s in sentences if not any(f" {' '.join(s.words)} " in text for text in words)]
    return plain(" ".join(note.text[s.start : s.end].strip() for s in untold))
