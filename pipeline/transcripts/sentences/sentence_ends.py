"""Where sentences end in a list of words: by punctuation, at a long silence, and by rule where both lack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from pipeline.records import Word
from pipeline.transcripts.sentences import punctuation, unpunctuated

# Of 2,000 recognised words in 33 recordings, all 33 after a silence of 2 s begin a sentence by their
# punctuation (19 in the recordings from which this was chosen, 14 in the others); the longest silence inside
# one is 1.7 s.
LONG_PAUSE_SECONDS = 2.0
# Recognisers sometimes leave out punctuation, so a longer sentence is cut.
MAX_RECOGNISED_WORDS = 80
MAX_CAPTION_WORDS = 160  # nobody wrote a longer sentence: the captions lack punctuation
# As long a word takes at most whose end is not known: of 2,000 recognised words, 92 % take no longer.
WORD_SECONDS, LETTER_SECONDS = 0.2, 0.1
MAX_WORDS_PER_START = 40  # of captions, on average: even files with the longest cues stay below this


def ends(words: Sequence[Word], texts: Sequence[str], language: str) -> list[int]:
    """Indices one past the last word of each sentence. `texts` are the words' texts after corrections.

    A change of label also ends a sentence.
    """
    unmarked = unpunctuated.find(words, texts)
    pauses = [None, *(_pause(*pair) for pair in pairwise(words))]
    has_capitals = _capitals(words, texts)
    found: list[int] = []
    first = 0
    for stop in _label_run_ends(words):
        run = texts[first:stop]
        silences = [pause or 0.0 for pause in pauses[first:stop]]
        marked = punctuation.ends(run, silences, language, has_capitals[words[first].label])
        silent = (i for i, seconds in enumerate(silences) if i and seconds >= LONG_PAUSE_SECONDS)
        start = first
        for end in sorted({*marked, *silent}):
            found += _cuts(words, texts, pauses, range(start, first + end), unmarked, language)
            start = first + end
        first = stop
    return found


def _capitals(words: Sequence[Word], texts: Sequence[str]) -> dict[str | None, bool]:
    """Whether each speaker's sentences begin with capitals; everybody's count where one says too little."""
    own: defaultdict[str | None, list[str]] = defaultdict(list)
    for word, text in zip(words, texts, strict=True):
        own[word.label].append(text)
    everybody = punctuation.uses_capitals(texts) is not False
    capitals = {label: punctuation.uses_capitals(said) for label, said in own.items()}
    return {label: everybody if used is None else used for label, used in capitals.items()}


def _label_run_ends(words: Sequence[Word]) -> list[int]:
    """Indices one past the last word of each run of words with one label."""
    changes = [i for i in range(1, len(words)) if words[i].label != words[i - 1].label]
    return [*changes, len(words)] if words else []


def _pause(before: Word, after: Word) -> float | None:
    """Seconds of silence between two words; None if that is not known.

    Where each word has a start alone, a word's own length is taken off. A stamp for a turn or a paragraph
    says nothing of how long its words took.
    """
    if after.start is None:
        return None
    if before.end is not None:
        return after.start - before.end
    if before.start is None:
        return None
    longest = WORD_SECONDS + LETTER_SECONDS * len(before.text.strip())
    return max(0.0, after.start - before.start - longest)


def _cuts(
    words: Sequence[Word],
    texts: Sequence[str],
    pauses: Sequence[float | None],
    sentence: range,
    unmarked: frozenset[int],
    language: str,
) -> list[int]:
    """The end of a sentence, preceded by the places where it is cut if it has no punctuation or runs on.

    What people wrote with punctuation is left as it is.
    """
    own = words[sentence.start : sentence.stop]
    if sentence.start in unmarked or sentence.stop - 1 in unmarked:
        longest = unpunctuated.LONGEST_WORDS
    elif all(word.end is not None for word in own) or _is_captioned_run_on(own):
        longest = MAX_RECOGNISED_WORDS
    else:
        return [sentence.stop]
    return unpunctuated.cuts(words, texts, pauses, sentence, language, longest)


def _is_captioned_run_on(words: Sequence[Word]) -> bool:
    """Whether starts are as close together as in cues, in what is too long for a sentence."""
    starts = sum(word.start is not None for word in words)
    return (
        starts * MAX_WORDS_PER_START >= len(words)
        and unpunctuated.size([word.text for word in words]) > MAX_CAPTION_WORDS
    )
