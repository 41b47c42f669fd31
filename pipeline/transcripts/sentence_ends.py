"""Where sentences end in a list of words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import inf

from pipeline.records import Word

# Recognisers sometimes leave out punctuation, so a longer sentence is split at its longest pause. A word in a
# script without spaces is about one character, and counts half.
MAX_RECOGNISED_WORDS = 80
MAX_CAPTION_WORDS = 160  # nobody wrote a longer sentence: the captions lack punctuation
MAX_WORDS_PER_START = 40  # of captions, on average: even files with the longest cues stay below this
_CLAUSE_ENDS = (",", ";", ":", "\u3001", "\uff0c", "\uff1b")


def ends(words: Sequence[Word], texts: Sequence[str], language: str) -> list[int]:
    """Indices one past the last word of each sentence. `texts` are the words' texts after corrections.

    A change of label also ends a sentence. Boundaries come from sentencex (Wikimedia's rule-based segmenter).
    """
    from sentencex import get_sentence_boundaries

    sentence_ends: list[int] = []
    first = 0
    for stop in _label_run_ends(words):
        boundaries = get_sentence_boundaries(language, "".join(texts[first:stop]))
        offsets = _word_offsets(texts[first:stop])
        start = first
        for end in sorted(
            {first + bisect_left(offsets, boundary["end_index"]) for boundary in boundaries} | {stop}
        ):
            if end > start:
                sentence_ends.extend(_split_run_on(words, start, end))
                start = end
        first = stop
    return sentence_ends


def _word_offsets(texts: Sequence[str]) -> list[int]:
    """Where each word begins in the joined text, past its space; an empty word is where the one before is."""
    offsets: list[int] = []
    position = 0
    for text in texts:
        offsets.append(position + len(text) - len(text.lstrip()) if text or not offsets else offsets[-1])
        position += len(text)
    return offsets


def _label_run_ends(words: Sequence[Word]) -> list[int]:
    """Indices one past the last word of each run of words with one label."""
    changes = [i for i in range(1, len(words)) if words[i].label != words[i - 1].label]
    return [*changes, len(words)] if words else []


def _split_run_on(words: Sequence[Word], start: int, stop: int) -> list[int]:
    """The end of a sentence, preceded by the points where it is split if it runs on.

    What people wrote is left as it is, except captions without punctuation: they are split where a cue or a
    stamp begins.
    """
    sentence = words[start:stop]
    max_words = (
        MAX_RECOGNISED_WORDS
        if _was_recognised(sentence)
        else MAX_CAPTION_WORDS
        if _is_captioned(sentence)
        else inf
    )
    return _split_at_pauses(words, start, stop) if _word_count(sentence) > max_words else [stop]


def _split_at_pauses(words: Sequence[Word], start: int, stop: int) -> list[int]:
    if _word_count(words[start:stop]) <= MAX_RECOGNISED_WORDS:
        return [stop]
    margin = (stop - start) // 4
    candidates = [i for i in range(start + margin, stop - margin) if words[i].start is not None]
    if not candidates:
        return [stop]
    cut = max(candidates, key=lambda i: (_pause(words, i), words[i - 1].text.endswith(_CLAUSE_ENDS), -i))
    return [*_split_at_pauses(words, start, cut), *_split_at_pauses(words, cut, stop)]


def _is_captioned(words: Sequence[Word]) -> bool:
    """Whether starts are as close together as in cues, rather than one a turn or paragraph."""
    return sum(word.start is not None for word in words) * MAX_WORDS_PER_START >= len(words)


def _word_count(words: Sequence[Word]) -> float:
    return sum(1.0 if word.text.startswith(" ") else 0.5 for word in words)


def _was_recognised(words: Sequence[Word]) -> bool:
    """Whether every word has an end, as from a recogniser; people's transcripts time a cue or a turn."""
    return all(word.end is not None for word in words)


def _pause(words: Sequence[Word], index: int) -> float:
    before, after = words[index - 1].end, words[index].start
    return after - before if before is not None and after is not None else 0.0
