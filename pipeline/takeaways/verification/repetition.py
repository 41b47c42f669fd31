"""Repetition: no sentence says word for word what an earlier one says, nor the same phrase twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.takeaways.language.comparable import SPEAKER, is_content, letter_bigrams, words_of
from pipeline.takeaways.verification.evidence import Evidence, Failure

MIN_SHARED = 0.85  # of the words, or the letter bigrams, of two sentences that say the same (Jaccard index)
PHRASE_WORDS = 4  # of which two are content words


def check_repetition(text: str, earlier: Sequence[str], evidence: Evidence) -> Iterator[Failure]:
    """The first earlier sentence that is nearly the same, and a phrase that comes twice.

    Cannot see: the same thought in other words.
    """
    parts_of = _words if evidence.talk.english else letter_bigrams
    parts = set(parts_of(text))
    for sentence in earlier:
        others = set(parts_of(sentence))
        if len(parts) > 1 and len(parts & others) >= MIN_SHARED * len(parts | others):
            yield Failure("repeat", f'it says nearly the same as the earlier sentence "{sentence}"')
            break
    if phrase := _repeated_phrase(words_of(SPEAKER.sub(" ", text))):
        yield Failure("repeat", f'it says "{phrase}" twice')


def _words(text: str) -> list[str]:
    return list(filter(is_content, words_of(text)))


def _repeated_phrase(words: Sequence[str]) -> str:
    """A phrase that comes twice, or a word thrice in a row; "" if there is none."""
    seen: set[tuple[str, ...]] = set()
    for at in range(len(words) - 2):
        if len(set(words[at : at + 3])) == 1:
            return words[at]
        phrase = tuple(words[at : at + PHRASE_WORDS])
        if phrase in seen and sum(map(is_content, phrase)) > 1:
            return " ".join(phrase)
        seen.add(phrase)
    return ""
