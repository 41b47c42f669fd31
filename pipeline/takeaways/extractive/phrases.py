"""Terms and phrases that tell one theme from the rest of the talk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING

from pipeline.takeaways.language import english as w
from pipeline.takeaways.language.sentences import Language, Said, is_content, stem, verbs

if TYPE_CHECKING:
    from pipeline.takeaways.extractive.themes import Topic

LONGEST = 4  # words of a phrase that is said again and again
LONGEST_ONCE = 7  # words of one that is said once
FAVOUR = 1.3  # for a term of the glossary
JOINING = w.listed("of and the a an")
VERBAL = frozenset(t for t in w.COMMON if t.endswith(("ing", "en", "ed")))

Phrase = tuple[int, str]  # a sentence's number and words of it


def keys(
    topic: Topic, said: Sequence[Said], all_terms: Mapping[str, int], glossary: frozenset[str]
) -> dict[str, float]:
    """How much each term belongs to this topic, 0 to 1: often here, seldom elsewhere."""
    here = Counter(t for i in topic.sentences if not said[i].junk for t in said[i].terms)
    raw = {
        t: sqrt(n) * n / all_terms[t] * (FAVOUR if t in glossary else 1.0) for t, n in here.items() if n > 1
    }
    top = max(raw.values(), default=1.0)
    return {t: raw[t] / top for t in sorted(raw)}


def repeated(
    topic: Topic, said: Sequence[Said], own: Mapping[str, float], language: Language
) -> list[Phrase]:
    """Runs of content words said at least twice, the most telling first, in the form most often said."""

    def nominal(token: str) -> bool:
        if not is_content(token, language) or (language.english and token in verbs()):
            return False
        return not token.endswith("ly")

    seen: dict[str, Counter[str]] = {}
    where: dict[str, int] = {}
    for i in topic.sentences:
        for first, last in () if said[i].junk else _runs(said[i], nominal):
            text = _text(said[i], first, last)
            seen.setdefault(" ".join(stem(t) for t in said[i].tokens[first:last]), Counter())[text] += 1
            where.setdefault(text, i)
    worth = {k: _worth(k, forms.total(), own) for k, forms in seen.items() if forms.total() > 1}
    ranked = sorted((k for k in worth if worth[k] > 0), key=lambda k: (-worth[k], k))
    shown = [
        min(seen[k], key=lambda t: (-seen[k][t] * (1 if t.lower() == k else 3), t.swapcase())) for k in ranked
    ]
    return [(where[text], text) for text in shown]  # a plural counts three times: it reads better


def _worth(key: str, count: int, own: Mapping[str, float]) -> float:
    parts = [own.get(t, 0.0) for t in key.split()]
    return sum(parts) / len(parts) * sqrt(count) * (1.0 if len(parts) == 1 else 2.4)


def _runs(s: Said, nominal: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """[first, last) of every stretch of nominal words that only a blank parts."""
    for first in range(len(s.tokens)):
        for last in range(first + 1, min(first + LONGEST, len(s.tokens)) + 1):
            if not nominal(s.tokens[last - 1]) or (last - 1 > first and not _adjoins(s, last - 1)):
                break
            yield first, last


def once(said: Sequence[Said], own: Mapping[str, float], quoted: Sequence[int]) -> list[Phrase]:
    """Noun phrases of the English sentences `quoted`, the most telling first."""
    found = []
    for i in quoted:
        for first, last in _chunks(said[i]):
            text = _text(said[i], first, last)
            terms = {stem(t) for t in said[i].tokens[first:last]} & set(said[i].terms)
            names = sum(word[:1].isupper() for word in text.split()[1:])
            if terms:
                found.append(
                    (-len(terms) - 0.5 * names - sum(own.get(t, 0.0) for t in sorted(terms)), i, text)
                )
    return [(i, text) for _, i, text in sorted(found)]


def _chunks(s: Said) -> Iterator[tuple[int, int]]:
    """[first, last) of runs of two words and more around nouns, joined by "of", "and" and the like."""
    first = 0
    for at in range(len(s.tokens) + 1):
        apart = first < at < len(s.tokens) and not _adjoins(s, at)
        if at < len(s.tokens) and not apart and _nounlike(s.tokens[at]):
            continue
        start, end = first, at
        while start < end and s.tokens[start] in w.FUNCTION:
            start += 1
        while start < end and s.tokens[end - 1] in w.FUNCTION:
            end -= 1
        if 2 <= end - start <= LONGEST_ONCE:
            yield start, end
        first = at if apart else at + 1


def _nounlike(token: str) -> bool:
    return token in JOINING or not (token in w.FUNCTION or token in verbs() or token in VERBAL)


def _adjoins(s: Said, at: int) -> bool:
    return s.sentence.text[s.spans[at - 1][1] : s.spans[at][0]] == " "


def _text(s: Said, first: int, last: int) -> str:
    """The words as said, less a capital that is only there because a sentence begins."""
    text = s.sentence.text[s.spans[first][0] : s.spans[last - 1][1]]
    return text[:1].lower() + text[1:] if first == 0 and text[1:].islower() else text
