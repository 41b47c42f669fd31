"""Numbers must have been said, or stand in the sidecar.

Sees: digits and English number words, with separators, decimals, k, million, percent, ordinals from the
fourth, dozens, halves. Cannot see: a number that was said of something else nearby, two numbers swapped,
"one", a count of up to three reasons or the like that the writer made, and what sums or rounding would
give. The sidecar's numbers count only in the use that they have there, see sidecar; units, see units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language import english as w
from pipeline.takeaways.language.quantities import ORDINALS, WORDS, Number, read
from pipeline.takeaways.verification import sidecar
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

_PAIRS = w.listed("both couple pair twice either other another second two neither versus between")
_COUNTED = re.compile(  # what a writer counts up: "two reasons"
    r"^(?:\W*(?:main|different|key|possible|other|big|more|further|separate|of|the)\b)*\W*(?:reason|way|"
    r"point|side|thing|"
    r"option|approach|step|argument|question|problem|speaker|people|guest|idea|challenge|concern|benefit|"
    r"aspect|"
    r"kind|type|use|goal|case)s?\b",
    re.I,
)


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """Each number that neither the cited sentences, nor those next to them give, nor the facts as they do."""
    bare = t.SPEAKER.sub(lambda m: " " * len(m[0]), t.plain(text))
    heard = [sentence.text for sentence in evidence.near]
    said = [number for source in heard for number in read(source, evidence.english)]
    values = {number.value for number in said} | _loose(heard)
    texts = {number.text for number in said} | {word for s in heard for word in t.words_of(s)}
    percent = any(n.percent for n in said) or any("percent" in s or "%" in s for s in heard)
    for number in read(bare, evidence.english):
        if _known(number, values, texts) and (percent or not number.percent):
            continue
        if sidecar.gives(number, bare, evidence.facts):
            continue
        if number.value in {2.0, 3.0} and _counts(number, bare[number.end :], texts):
            continue
        yield Failure(
            "number", f"the number {number.text} is in none of the cited sentences, nor next to them"
        )


def _known(number: Number, values: set[float | None], texts: set[str]) -> bool:
    if number.text in WORDS:
        words, equal = WORDS[number.text]
        return bool(words & texts) or bool(equal & values)
    if number.value is None:
        return number.text.lower() in {text.lower() for text in texts}
    if number.value == 12 and "dozen" in texts:
        return True
    if number.value in values or (number.percent and number.value / 100 in values):
        return True
    part = 100 / number.value if number.text.split()[-1] in ORDINALS else None  # "a fifth" for "20 %"
    return part is not None and (part in values or part / 100 in values)


def _counts(number: Number, after: str, texts: set[str]) -> bool:
    """Whether a two or three may be the writer's own count of what was said."""
    return (number.value == 2.0 and bool(_PAIRS & texts)) or bool(_COUNTED.match(after))


def _loose(sources: Sequence[str]) -> set[float | None]:
    """Values written apart or glued: every run of digits, "twenty twenty-four", "one", "once"."""
    found: set[float | None] = set()
    for source in sources:
        found |= {float(run) for run in re.findall(r"\d+", source)}
        words = t.words_of(source)
        found |= {1.0} if {"one", "once", "single", "first"} & set(words) else set()
        found |= {2.0} if {"two", "twice", "both", "couple", "pair", "second"} & set(words) else set()
        found |= {3.0} if {"three", "third", "thrice"} & set(words) else set()
        pairs = [n.value for n in read(source) if n.value is not None]
        for one, two in pairwise(pairs):
            if 10 <= one < 100 and 0 <= two < 100:
                found.add(one * 100 + two)
    return found
