"""Speech that was written down without punctuation: where it is, and where its sentences are cut.

Automatic captions and some recognisers have none. Cuts are at pauses where there are times, and otherwise
where the words around make one likely: a sentence of the speaker's begins at about half of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from pipeline.records import Word
from pipeline.transcripts.sentences.punctuation import is_clause_end, is_marked, listed
from pipeline.word_lists import WordLists

_LISTS = WordLists.beside(__file__)
_WEIGHTS = {word: tuple(map(float, weights)) for word, *weights in map(str.split, _LISTS["english"])}
_NO_WEIGHTS = (0.0, 0.0, 0.0, 0.0)
_LINK_WEIGHT, _OPENER_WEIGHT = 2.0, 0.7  # of words that begin clauses, in other languages
_AFTER_OPENER_WEIGHT = -2.0  # of the word after one of these
_BIAS = -3.2  # log odds of a sentence's beginning at any word

_PUNCTUATION = re.compile(r"[^\w']")

# Of 8,000 people's turns in 55 talks with punctuation, none goes 60 words without any mark where people wrote
# with care (46 at most), and nobody with more than 40 words uses a mark in fewer than one of 18.
MAX_UNMARKED_WORDS = 60
MAX_WORDS_PER_MARK = 25
MIN_WORDS = 40  # of one speaker; fewer show nothing, and count with the whole talk

SHORTEST_WORDS, LONGEST_WORDS = 6, 30  # of a cut sentence; where it is quoted, a reader can follow
_SHORT_PENALTY = 0.3  # for each word that a sentence is shorter
_CUT_BONUS = 1.0  # as many cuts as there are sentences, as in talks whose punctuation was taken out

# How the silence before a word moves the odds: of 2,000 recognised words, 0.4 % of those that follow at once
# begin a sentence, a third of those after 0.02 to 0.6 s, half after 0.7 s, nearly all after 1 s.
_AT_ONCE_SECONDS, _AT_ONCE_WEIGHT = 0.02, -2.4
_PAUSE_WEIGHT, _PAUSE_WEIGHT_A_SECOND, _MOST_PAUSE_WEIGHT = 2.2, 2.0, 4.5
_CUE_WEIGHT = 0.7  # where a cue or a stamp begins
_CLAUSE_WEIGHT = 1.5  # after a comma
_INSIDE_WEIGHT = -3.0  # without a space before, in a script that has few


def find(words: Sequence[Word], texts: Sequence[str]) -> frozenset[int]:
    """Indices of the words of people who use no punctuation, and of long stretches without any.

    `texts` are the words' texts after corrections.
    """
    own: defaultdict[str | None, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        own[word.label].append(index)
    marked = bytearray(map(is_marked, texts))
    everybody = _is_unmarked(range(len(words)), texts, marked)
    found: set[int] = set()
    for indices in own.values():
        few = size([texts[i] for i in indices]) < MIN_WORDS
        if everybody if few else _is_unmarked(indices, texts, marked):
            found.update(indices)
        else:
            found.update(_long_stretches(indices, texts, marked))
    return frozenset(found)


def warning(words: Sequence[Word], found: Collection[int]) -> str:
    """What to tell of words without punctuation."""
    share = 100 * len(found) // len(words)
    part = "the transcript" if share == 100 else f"{max(share, 1)} % of the transcript"
    how = "at pauses and by rule" if any(words[i].start is not None for i in found) else "by rule"
    return f"{part} has no punctuation: sentences are cut {how}; read quotes with care"


def _is_unmarked(indices: Sequence[int], texts: Sequence[str], marked: bytearray) -> bool:
    count = size([texts[i] for i in indices])
    return count >= MIN_WORDS and sum(marked[i] for i in indices) * MAX_WORDS_PER_MARK < count


def _long_stretches(indices: Sequence[int], texts: Sequence[str], marked: bytearray) -> list[int]:
    """The words of turns' parts in which there is no mark for too long; `indices` are one person's."""
    found: list[int] = []
    stretch: list[int] = []
    for index in indices:
        if stretch and (index != stretch[-1] + 1 or marked[stretch[-1]]):
            found += stretch if size([texts[i] for i in stretch]) > MAX_UNMARKED_WORDS else []
            stretch = []
        stretch.append(index)
    return found + (stretch if size([texts[i] for i in stretch]) > MAX_UNMARKED_WORDS else [])


def size(texts: Sequence[str]) -> float:
    """The number of words; one without a space before is a character of a script without, and counts half."""
    return sum(1.0 if text.startswith(" ") else 0.5 for text in texts)


def cuts(
    words: Sequence[Word],
    texts: Sequence[str],
    pauses: Sequence[float | None],
    part: range,
    language: str,
    longest: int,
) -> list[int]:
    """Indices at which the words of `part` are cut, the last of them its end.

    `pauses` are the seconds of silence before each word, None where that is not known. No piece has more than
    `longest` words. Of all ways, the one with the highest sum of odds is taken (dynamic programming).
    """
    word_count = size(texts[part.start : part.stop])
    if word_count <= longest:
        return [part.stop]
    most, least = (round(limit * len(part) / word_count) for limit in (longest, SHORTEST_WORDS))
    odds = [*_odds(words, texts, pauses, part, language), 0.0]
    best, begins = [0.0], [0]
    for end in range(1, len(part) + 1):
        scores = [
            best[begin] - _SHORT_PENALTY * max(0, least - end + begin)
            for begin in range(max(0, end - most), end)
        ]
        highest = max(scores)
        best.append(highest + odds[end] + _CUT_BONUS)
        begins.append(max(0, end - most) + scores.index(highest))
    found, end = [], len(part)
    while end:
        found.append(part.start + end)
        end = begins[end]
    return found[::-1]


def _odds(
    words: Sequence[Word],
    texts: Sequence[str],
    pauses: Sequence[float | None],
    part: range,
    language: str,
) -> list[float]:
    """The logarithm of the odds that a sentence begins at each word."""
    is_recognised = all(words[i].end is not None for i in part)
    bare = [_PUNCTUATION.sub("", texts[i].lower().replace("\u2019", "'")) for i in part]
    language = language.lower().split("-")[0]
    said = _english_odds(bare) if language == "en" else _listed_odds(bare, language)
    timed = (_time_odds(words, i, pauses[i], is_recognised) for i in part)
    return [sum(odds) for odds in zip(said, timed, (_text_odds(texts, i) for i in part), strict=True)]


def _english_odds(bare: Sequence[str]) -> list[float]:
    padded = [_NO_WEIGHTS, _NO_WEIGHTS, *(_WEIGHTS.get(word, _NO_WEIGHTS) for word in bare), _NO_WEIGHTS]
    return [
        _BIAS + padded[i][0] + padded[i + 1][1] + padded[i + 2][2] + padded[i + 3][3]
        for i in range(len(bare))
    ]


def _listed_odds(bare: Sequence[str], language: str) -> list[float]:
    links, openers = listed("links", language), listed("openers", language)
    weights = [_LINK_WEIGHT if word in links else _OPENER_WEIGHT if word in openers else 0.0 for word in bare]
    after = [0.0, *(_AFTER_OPENER_WEIGHT if weight else 0.0 for weight in weights)]
    return [_BIAS + weight + moved for weight, moved in zip(weights, after, strict=False)]


def _time_odds(words: Sequence[Word], index: int, pause: float | None, is_recognised: bool) -> float:
    if pause is not None and pause >= _AT_ONCE_SECONDS:
        return min(_MOST_PAUSE_WEIGHT, _PAUSE_WEIGHT + _PAUSE_WEIGHT_A_SECOND * pause)
    if is_recognised:
        return _AT_ONCE_WEIGHT
    begins_cue = words[index].start is not None and (index == 0 or words[index - 1].start is None)
    return _CUE_WEIGHT if begins_cue else 0.0


def _text_odds(texts: Sequence[str], index: int) -> float:
    clause = _CLAUSE_WEIGHT if index and is_clause_end(texts[index - 1]) else 0.0
    return clause + (0.0 if texts[index].startswith(" ") else _INSIDE_WEIGHT)
