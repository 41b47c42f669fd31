"""Numbers in running text: digits; in English also words, elsewhere Chinese and Japanese numerals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


def _enumerated(text: str, first: int = 0) -> dict[str, int]:
    """The words of a text, each with its value: they count up from `first`."""
    return {word: value for value, word in enumerate(text.split(), first)}


_UNITS = _enumerated(
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen"""
)
_TENS = {
    word: 10 * n
    for word, n in _enumerated("twenty thirty forty fifty sixty seventy eighty ninety", 2).items()
}
ORDINALS = _enumerated(
    """fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth""",
    4,
)
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SUFFIX_VALUES = {**SCALES, "k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12}
_ZEROS = frozenset({"o", "oh", "nought", "naught"})  # before and in spoken decimals
MAX_PLACES = 12  # of a decimal
_HALF = frozenset({"half", "halve", "halves", "halved", "halving", "halfway"})
_DOUBLE = frozenset({"twice", "double", "doubles", "doubled", "doubling"})
_TRIPLE = frozenset({"triple", "triples", "tripled", "thrice"})
_DOZEN = frozenset({"dozen", "dozens"})
# What each word may stand for: any of the words, or any of the values.
WORD_EQUIVALENTS: dict[str, tuple[frozenset[str], frozenset[float]]] = {
    **dict.fromkeys(("half", "halves", "halved"), (_HALF, frozenset({0.5, 50.0}))),
    **dict.fromkeys(("twice", "doubles", "doubled"), (_DOUBLE, frozenset({2.0}))),
    **dict.fromkeys(("triple", "tripled"), (_TRIPLE, frozenset({3.0}))),
    **{word: (frozenset({word}), frozenset()) for word in ("hundreds", "thousands", "millions", "billions")},
    "dozen": (_DOZEN, frozenset({12.0})),
    "dozens": (_DOZEN, frozenset({24.0, 36.0, 48.0})),
    "quarter": (frozenset({"quarter", "quarters", "quarterly", "fourth"}), frozenset({0.25, 25.0})),
}
_TOKEN = re.compile(
    r"(?P<digits>(?<![\w.,])[$\u20ac\u00a3]?\d+(?:[,\u202f ]\d{3}(?!\d))*(?:\.\d+)*)"
    r"(?P<unit>(?:k|mn|m|bn|b|t)\b|(?:st|nd|rd|th)\b|s\b|x\b|-?[A-Za-z]+\b)?(?P<percent>\s?(?:%|"
    r"per ?cent\b|percentage))?"
    r"|(?P<word>[A-Za-z]+)",
    re.I,
)
_HAN_DIGITS = {**_enumerated("\u3007 一 二 三 四 五 六 七 八 九"), "零": 0, "两": 2, "兩": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN_SCALES = {"万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12}
# Before what is counted: 三重, 千葉 and 十分 (enough) are words. After digits they stand for themselves: 3万.
_HAN_NUMERAL = "[\u3007零一二三四五六七八九两兩十百千万萬億亿兆]"
_HAN = re.compile(
    rf"(?<!{_HAN_NUMERAL})(?!十分|[万萬億亿兆]){_HAN_NUMERAL}++"
    "(?=[年月日時时分秒週周人名個个回次円元倍歳岁割度社件台本枚代\uff05%])"
    rf"|(?<![\d.,])\d++(?:[.,]\d++)*+ ?(?=[百千万萬億亿兆]){_HAN_NUMERAL}++"
    r"(?: ?\d{1,4} ?[百千万萬億亿兆]++)*+"
)
_HAN_PIECE = re.compile(r"\d++(?:[.,]\d++)*+|[^\d\s.,]")
_PERCENT = re.compile(r"\s?(?:%|per ?cent\b)", re.I)


@dataclass(frozen=True)
class Number:
    """A number in a text, at [start, end): how it is written, and its value (a version number has none)."""

    text: str
    value: float | None
    percent: bool
    start: int
    end: int


def read(text: str, english: bool = True) -> list[Number]:
    """All numbers of a text in order; "one" counts only as part of a longer number."""
    numbers = [] if english else [*_han_numbers(text)]
    covered = {at for number in numbers for at in range(number.start, number.end)}
    tokens = [t for t in _TOKEN.finditer(text.replace("\u2019", "'")) if t.start() not in covered]
    at = 0
    while at < len(tokens):
        match = tokens[at]
        if english and (decimal := _spoken_decimal(text, tokens, at)):
            at += decimal[0] - 1
            start, end = match.start(), tokens[at].end()
            numbers.append(Number(text[start:end], decimal[1], _percent_after(text, end), start, end))
        elif match["digits"]:
            numbers.append(_parse_digits(match, tokens[at + 1] if at + 1 < len(tokens) else None))
        elif english:
            token_count, value = _parse_words(text, tokens, at)
            words = [token["word"].lower() for token in tokens[at : at + token_count]]
            if token_count and words != ["one"]:
                end = tokens[at + token_count - 1].end()
                numbers.append(Number(" ".join(words), value, _percent_after(text, end), match.start(), end))
            at += max(token_count - 1, 0)
        at += 1
    return sorted(numbers, key=lambda number: number.start)


def _han_numbers(text: str) -> Iterator[Number]:
    """Numbers above one that are written with Chinese or Japanese numerals: 二十, 二〇二四, 3万5千."""
    for match in _HAN.finditer(text):
        total = section = current = 0.0
        for piece in _HAN_PIECE.findall(match[0]):
            if scale := _HAN_SCALES.get(piece):
                total, section, current = total + (section + current or 1) * scale, 0.0, 0.0
            elif unit := _HAN_UNITS.get(piece):
                section, current = section + (current or 1) * unit, 0.0
            elif piece in _HAN_DIGITS:
                current = current * 10 + _HAN_DIGITS[piece]
            else:
                current = float(piece.replace(",", "")) if piece.count(".") < 2 else 0.0
        if (value := total + section + current) > 1:
            yield Number(
                match[0], value, text[match.end() :][:1] in ("%", "\uff05"), match.start(), match.end()
            )


def _parse_digits(match: re.Match[str], after: re.Match[str] | None) -> Number:
    raw = re.sub(r"[,\u202f $\u20ac\u00a3]", "", match["digits"])
    unit, percent = (match["unit"] or "").lower(), bool(match["percent"])
    value = float(raw) if raw.count(".") < 2 else None
    if value is not None and unit in _SUFFIX_VALUES:
        value *= _SUFFIX_VALUES[unit]
    elif value is not None and not unit and after is not None and (after["word"] or "").lower() in SCALES:
        value *= SCALES[after["word"].lower()]
    return Number(match[0].strip(), value, percent, match.start(), match.end())


def _parse_words(text: str, tokens: Sequence[re.Match[str]], at: int) -> tuple[int, float | None]:
    """How many tokens from `at` on spell out a number, and its value."""
    total = current = 0.0
    token_count, last_kind = 0, ""
    for k in range(at, len(tokens)):
        word = (tokens[k]["word"] or "").lower()
        gap = text[tokens[k - 1].end() : tokens[k].start()] if k > at else ""
        if k > at and gap.strip(" -"):
            break
        if word in _TENS and last_kind in {"", "scale"}:
            current, last_kind = current + _TENS[word], "tens"
        elif word in _UNITS and last_kind in {"", "scale", "tens"}:
            current, last_kind = current + _UNITS[word], "unit"
        elif word in SCALES and last_kind:
            scale = SCALES[word]
            if scale == 100:
                current *= 100
            else:
                total, current = total + current * scale, 0.0
            last_kind = "scale"
        elif word in ORDINALS and last_kind in {"", "tens", "scale"}:
            return k - at + 1, total + current + ORDINALS[word]
        elif word in SCALES and k == at and _ends_in_one(text, tokens[k].start()):
            current, last_kind = float(SCALES[word]), "scale"
        elif word in WORD_EQUIVALENTS and k == at:
            return 1, None
        else:
            break
        token_count = k - at + 1
    return token_count, total + current if token_count else None


def _spoken_decimal(text: str, tokens: Sequence[re.Match[str]], at: int) -> tuple[int, float] | None:
    """How many tokens from `at` on are a decimal, and its value: "O point nine", "1 point 5 million"."""
    word, digits = (tokens[at]["word"] or "").lower(), tokens[at]["digits"] or ""
    count, whole = (1, 0.0) if word in _ZEROS else (1, float(digits)) if digits.isdigit() else (0, None)
    if not count:
        count, whole = _parse_words(text, tokens, at)
    k = at + count
    if whole is None or not count or k >= len(tokens) or (tokens[k]["word"] or "").lower() != "point":
        return None
    places, k = "", k + 1
    while k < len(tokens) and not text[tokens[k - 1].end() : tokens[k].start()].strip(" -"):
        written = (tokens[k]["word"] or tokens[k]["digits"]).lower()
        place = "0" if written in _ZEROS else str(_UNITS.get(written, written))
        if not place.isdecimal():
            break
        places, k = places + place, k + 1
    if not places or text[tokens[at + count - 1].end() : tokens[at + count].start()].strip(" -"):
        return None
    scale = SCALES.get((tokens[k]["word"] or "").lower(), 0) if k < len(tokens) else 0
    return k - at + bool(scale), float(f"{whole:.0f}.{places[:MAX_PLACES]}") * (scale or 1)


def _ends_in_one(text: str, end: int) -> bool:
    """Whether "a" or "one" stands before an offset."""
    return text[max(0, end - 4) : end].lower().endswith(("a ", "one "))


def _percent_after(text: str, end: int) -> bool:
    return bool(_PERCENT.match(text, end))
