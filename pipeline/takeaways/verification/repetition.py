"""The same thing said twice.

Sees: nearly the same words or nearly the same meaning as an earlier sentence, a phrase twice within one
sentence. Cannot see: the same thought in words so different that the vectors part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.failure import Failure

CLOSE = 0.9  # cosine
SHARED = 0.8  # of the content words of both
PHRASE = 4  # words, two of them content

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


def failures(text: str, earlier: Sequence[str], embed: Embed) -> Iterator[Failure]:
    """The first earlier sentence that says the same, and a phrase that comes twice."""
    if earlier:
        mine, rows = set(t.content(text)), embed([text, *earlier])
        cosines = rows[1:] @ rows[0]
        for before, cosine in zip(earlier, cosines, strict=True):
            theirs = set(t.content(before))
            shared = len(mine & theirs) / max(1, len(mine | theirs))
            if cosine >= CLOSE or (shared >= SHARED and len(mine) > 1):
                yield Failure("repeat", f'it says nearly the same as the earlier sentence "{before}"')
                break
    if twice := _twice(t.words_of(t.SPEAKER.sub(" ", text))):
        yield Failure("repeat", f'it says "{twice}" twice')


def _twice(words: Sequence[str]) -> str:
    for one, two in pairwise(words):
        if one == two and one not in {"that", "had", "%"}:
            return one
    seen: set[tuple[str, ...]] = set()
    for at in range(len(words) - PHRASE + 1):
        phrase = tuple(words[at : at + PHRASE])
        if phrase in seen and sum(map(t.is_content, phrase)) > 1:
            return " ".join(phrase)
        seen.add(phrase)
    return ""
