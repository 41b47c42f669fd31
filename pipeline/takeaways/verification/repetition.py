"""Repetition: no sentence says word for word what an earlier one says, nor gets stuck."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.takeaways.language.comparable import SPEAKER, is_content, letter_bigrams, words_of
from pipeline.takeaways.verification.evidence import Evidence, Failure

MIN_SHARED = 0.85  # of the words, or the letter bigrams, of two sentences that say the same (Jaccard index)
# A model that is stuck says the same run of words so often, over so many words; people do not.
MIN_TIMES, MIN_LOOP_WORDS = 3, 10


def check_repetition(text: str, earlier: Sequence[str], evidence: Evidence) -> Iterator[Failure]:
    """The first earlier sentence that is nearly the same, and words that a stuck model says over and over.

    Cannot see: the same thought in other words. A name, a role or a phrase may come twice.
    """
    parts_of = _words if evidence.talk.english else letter_bigrams
    parts = set(parts_of(text))
    for sentence in earlier:
        others = set(parts_of(sentence))
        if len(parts) > 1 and len(parts & others) >= MIN_SHARED * len(parts | others):
            yield Failure("repeat", f'it says nearly the same as the earlier sentence "{sentence}"')
            break
    if run := _loop(words_of(SPEAKER.sub(r" \1 ", text))):
        yield Failure("repeat", f'it says "{run}" again and again')


def _words(text: str) -> list[str]:
    return list(filter(is_content, words_of(text)))


def _loop(words: Sequence[str]) -> str:
    """A run of words that comes again and again, one right after the other; "" if there is none."""
    for size in range(1, len(words) // MIN_TIMES + 1):
        again = 0  # words that are the same as those one run before
        for at in range(size, len(words)):
            again = again + 1 if words[at] == words[at - size] else 0
            if again + size >= max(MIN_LOOP_WORDS, MIN_TIMES * size):
                return " ".join(words[at - size + 1 : at + 1])
    return ""
