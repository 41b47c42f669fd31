"""Words to sentences: where a sentence ends."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import inf

from pipeline.records import Word

# A recogniser that forgets its punctuation is cut at its longest pause beyond this many words. A word of a
# script without spaces is about a character, and counts half.
LONGEST = 80
NEVER_WRITTEN = 160  # words beyond which a sentence of captions is no sentence that a person wrote
CUE = 40  # words; the longest cues have fewer on average
_COMMAS = (",", ";", ":", "\u3001", "\uff0c", "\uff1b")


def ends(words: Sequence[Word], texts: Sequence[str], language: str) -> list[int]:
    """Indices one past the last word of each sentence. `texts` are the words' texts after corrections.

    A change of label ends a sentence too. Boundaries come from sentencex (Wikimedia's rule-based segmenter).
    """
    from sentencex import get_sentence_boundaries

    found: list[int] = []
    first = 0
    for stop in _label_changes(words):
        run = get_sentence_boundaries(language, "".join(texts[first:stop]))
        begins = _begins(texts[first:stop])
        start = first
        for end in sorted({first + bisect_left(begins, boundary["end_index"]) for boundary in run} | {stop}):
            if end > start:
                found.extend(_without_run_ons(words, start, end))
                start = end
        first = stop
    return found


def _begins(texts: Sequence[str]) -> list[int]:
    """Where each word's first letter is in the joined text; an emptied word stays with the one before it."""
    begins: list[int] = []
    offset = 0
    for text in texts:
        begins.append(offset + len(text) - len(text.lstrip()) if text or not begins else begins[-1])
        offset += len(text)
    return begins


def _label_changes(words: Sequence[Word]) -> list[int]:
    changes = [i for i in range(1, len(words)) if words[i].label != words[i - 1].label]
    return [*changes, len(words)] if words else []


def _without_run_ons(words: Sequence[Word], start: int, stop: int) -> list[int]:
    """Ends within a sentence and its own, the last. What people wrote is left as they wrote it.

    Captions without punctuation are cut, too, where a cue or a stamp begins.
    """
    own = words[start:stop]
    longest = LONGEST if _was_recognised(own) else NEVER_WRITTEN if _is_captioned(own) else inf
    return _cut(words, start, stop) if _length(own) > longest else [stop]


def _cut(words: Sequence[Word], start: int, stop: int) -> list[int]:
    if _length(words[start:stop]) <= LONGEST:
        return [stop]
    edge = (stop - start) // 4
    middle = [i for i in range(start + edge, stop - edge) if words[i].start is not None]
    if not middle:
        return [stop]
    cut = max(middle, key=lambda i: (_pause(words, i), words[i - 1].text.endswith(_COMMAS), -i))
    return [*_cut(words, start, cut), *_cut(words, cut, stop)]


def _is_captioned(words: Sequence[Word]) -> bool:
    """Whether times come every few words, as in cues, and not once a turn or paragraph."""
    return sum(word.start is not None for word in words) * CUE >= len(words)


def _length(words: Sequence[Word]) -> float:
    return sum(1.0 if word.text.startswith(" ") else 0.5 for word in words)


def _was_recognised(words: Sequence[Word]) -> bool:
    """A recogniser times every word; a transcript that people wrote times a cue or a turn."""
    return all(word.end is not None for word in words)


def _pause(words: Sequence[Word], index: int) -> float:
    before, after = words[index - 1].end, words[index].start
    return after - before if before is not None and after is not None else 0.0
