"""Text: escaped for each format, clocks and dates, and how it falls into words."""

from __future__ import annotations

import datetime
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # escaping text takes no records, and a process that only renders starts faster
    from pipeline.records import Word

# "{" and "$" mean something to Jekyll and to GitHub's maths; "_" inside a word, as in OP_CAT, means nothing.
_INLINE = re.compile(r"[\\`*\[\]{}~|$]|_(?![^\W_])|(?<![^\W_])_|(?<!#)#++$")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_AT_START = re.compile(r"\d+(?=[.)])|(?=[-+=:#])")
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_IN_YAML = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def well_formed(text: str) -> str:
    """Text that a stranger sent, as UTF-8 can hold it and without what steers a terminal.

    Halves of surrogate pairs become U+FFFD; control characters other than tabs and line ends go, and so do
    those that turn text around.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _UNFIT.sub("", whole)


def plain(text: str) -> str:
    """One line: no control characters, every run of white space one space."""
    visible_characters = (c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join("".join(visible_characters).split())


def visible(text: str) -> str:
    """`text` with control characters, line ends and bytes that are no UTF-8 as escapes, as in "\\n"."""
    hidden = ("Cc", "Cs", "Zl", "Zp")
    return "".join(ascii(c)[1:-1] if unicodedata.category(c) in hidden else c for c in text)


def harmless(text: str) -> str:
    """`text` as it may be printed: what a terminal would obey, or what turns text round, as escapes.

    Line ends and tabs stay. JSON stays the same JSON, since these are escapes of JSON.
    """
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def markdown(text: str) -> str:
    """`text` as one line of CommonMark (with GitHub's extensions) that reads as it stands."""
    text = _INLINE.sub(lambda match: "\\" + "\\".join(match[0]), _ENTITY.sub("&amp;", plain(text)))
    text = text.replace("<", "&lt;").replace(">", "&gt;")
    start = _AT_START.match(text)
    return f"{start[0]}\\{text[start.end() :]}" if start else text


def markdown_url(url: str) -> str:
    """`url` as a CommonMark link destination."""
    for char, code in (("\\", "%5C"), (" ", "%20"), ("(", "%28"), (")", "%29"), ("<", "%3C"), (">", "%3E")):
        url = url.replace(char, code)
    return _ENTITY.sub("&amp;", url)


def webvtt(text: str) -> str:
    """`text` inside a WebVTT cue, as words or as the name of a voice."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub("--$", "-&#45;", text)  # else the name in `<v A-->` would end as a timing line does


def quoted(text: str) -> str:
    """`text` as a JSON string that is a YAML 1.1 and 1.2 string as well."""
    return _NOT_IN_YAML.sub(
        lambda match: f"\\u{ord(match[0]):04x}", json.dumps(plain(text), ensure_ascii=False)
    )


def slug(text: str, ascii_only: bool = False) -> str:
    """The letters and digits of `text` in lower case, a hyphen for all between: "" if there are none.

    For fragments and file names. Any script's letters (Unicode's categories L, M, N) unless `ascii_only`.
    """
    letters = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("\u2019", "")
    kept = (
        c if unicodedata.category(c)[0] in "LMN" and (c.isascii() or not ascii_only) else " " for c in letters
    )
    return "-".join("".join(kept).split())


_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u02b9\u2032\u00b4`", "'"))
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))


def name_key(name: str) -> str:
    """What a name or label is compared by: case, normal form (NFKC), spacing and signs do not matter."""
    seen = _UNSEEN.sub("", plain(unicodedata.normalize("NFKC", name)))
    signs = seen.translate(_APOSTROPHES).translate(_HYPHENS)
    return unicodedata.normalize("NFKC", " ".join(signs.split()).casefold())


# Moments and dates as people read them, in no locale but this one.

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def clock(seconds: float) -> str:
    """ "12:34" or "1:02:33": the second that has begun."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def webvtt_time(seconds: float) -> str:
    """hh:mm:ss.mmm, to the nearest millisecond."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def day(date: str) -> str | None:
    """ "9 November 2023" of an ISO 8601 date or date and time, None of anything else."""
    try:
        parsed = datetime.date.fromisoformat(date[:10])
    except ValueError:
        return None
    return f"{parsed.day} {_MONTHS[parsed.month - 1]} {parsed.year}"


# Languages whose sentences are joined without a space, by ISO 639 code. A language is what is known of a
# talk; a script, below, of a piece of text, which may be a name in another language.
LANGUAGES_WITHOUT_SPACES = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my", "bo"})

# Unicode's blocks of the scripts that put no spaces between words: those that break a line at any letter
# (UAX #14, class ID: Han, Hiragana, Katakana), and those that break it by dictionary (class SA: Thai, Lao,
# Myanmar, Khmer). Their text is cut at every character, so that sentences can be told apart.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001aff0-\U0001b16f"  # Hiragana, Katakana
    "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"  # Han
)
# Korean has spaces, but a letter of Hangul is a syllable, and particles are joined to the words before them.
# So where letters are counted instead of words, it is like the others.
UNSPACED_OR_HANGUL = re.compile(f"[{UNSPACED}\uac00-\ud7af]")
_TOKEN = re.compile(rf"(?<!\s)(\s*+)([{UNSPACED}]|[^\s{UNSPACED}]+)")
# Where a sentence ends within a word, as in "OK.So": two letters, the mark, and a capital with a small letter
# or alone ("I"). Where there are no spaces, after each final mark. "Node.js", "U.S.A", "a.m.So" stay whole.
_CLOSING = "\"'\u2019\u201d\u00bb)\\]\u300d\u300f\u3011\uff09"
_ENDED_INSIDE = re.compile(
    rf"(?<=[^\W\d_]{{2}})[.!?\u2026]++[{_CLOSING}]*+(?=[^\W\d_](?:[^\W\d_]|[\u2019'\s]|$))"
    rf"|[\u3002\uff01\uff1f\uff61]++[{_CLOSING}]*+(?=.)"
)


def tokens(text: str) -> list[str]:
    """The words of a text, each with one space before it if there is any; joined they are the text again.

    A word in which a sentence ends is two.
    """
    words = _spaced(text)
    if not _ENDED_INSIDE.search(text):
        return words
    return [part for word in words for part in _parts(word)]


def _spaced(text: str) -> list[str]:
    if text.isascii():  # as below, and several times as fast
        words = [f" {word}" for word in text.split()]
        return [words[0][1:], *words[1:]] if words and not text[0].isspace() else words
    return [f" {word}" if space else word for space, word in _TOKEN.findall(text)]


def _parts(word: str) -> Iterator[str]:
    """A word cut where sentences end in it; addresses and paths stay whole."""
    begin = 0
    for match in () if "/" in word or "@" in word else _ENDED_INSIDE.finditer(word):
        first, second = word[match.end()], word[match.end() + 1 : match.end() + 2]
        if ord(match[0][0]) > 0x3000 or (first.isupper() and (second.islower() or first == "I")):
            yield word[begin : match.end()]
            begin = match.end()
    yield word[begin:]


# A word as it is written, and the dash that joins it to the next: "culture\u2014these" are two.
_WRITTEN_WORD = re.compile(r"(?:[^\s\u2014-]|-(?!-))++(?:\u2014|--++)?|\u2014|--++")


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the written words of a text stand, [start, end); a long dash ends one, as a space does.

    >>> [text[start:end] for text in ["an open culture\u2014or not"] for start, end in word_spans(text)]
    ['an', 'open', 'culture\u2014', 'or', 'not']
    """
    return [match.span() for match in _WRITTEN_WORD.finditer(text)]


def count_words(text: str) -> int:
    """The number of words; of letters that stand without spaces, and of Hangul, two count as a word."""
    return max(len(text.split()), len(UNSPACED_OR_HANGUL.findall(text)) // 2)


def language_of(words: Sequence[Word]) -> str:
    """The language that the text is most likely in (ISO 639-1), as py3langid has it."""
    import py3langid

    language, _ = py3langid.classify("".join(word.text for word in words[:3000]))
    return str(language)


MIN_FOREIGN_MARGIN = 15.0  # in log-probability; of 6,000 ordinary sentences four reach 10, none 20


def other_language(text: str, language: str) -> str | None:
    """The language that a text is clearly in, where that is not `language` (both ISO 639-1)."""
    import py3langid

    likelihoods = dict(py3langid.rank(text))
    likeliest = max(likelihoods, key=likelihoods.__getitem__)
    margin = likelihoods[likeliest] - likelihoods.get(language, likelihoods[likeliest])
    return str(likeliest) if margin > MIN_FOREIGN_MARGIN else None


class Languages:
    """The language of most of some texts (ISO 639-1, as py3langid has it), and texts that are not in it."""

    def __init__(self, texts: Iterable[str]) -> None:
        import py3langid

        votes = Counter(str(py3langid.classify(text)[0]) for text in texts)
        self.language = max(votes, key=lambda language: (votes[language], language), default="en")

    def other(self, text: str) -> str | None:
        """The language of a text that is clearly not in this one."""
        return other_language(text, self.language)


# Words with times, found again in the text that they are from.
#
# Some recognisers leave the punctuation out of their words, and have it in their text alone. So the text is
# what counts, and words that are found in it, in order, say when its parts were said.

REACH_LETTERS = 60  # of the text, within which the next word must come
MIN_FOUND_SHARE = 0.5  # of the words; with fewer, it is another text


@dataclass(frozen=True)
class Placed:
    """A word of the text, with a space before it if there is any.

    `first` and `last` are the indices of the timed words that it starts and ends with, None where none is.
    """

    text: str
    first: int | None
    last: int | None


def placed(text: str, said: Sequence[str]) -> list[Placed]:
    """The words of the text, each with those of `said` that are in it; [] if too few of these are found."""
    places = _places(text, said)
    if not places or len(places) < MIN_FOUND_SHARE * len(said):
        return []
    starts = {first: index for first, _, index in reversed(places)}
    ends = {stop: index for _, stop, index in places}
    words, at = [], 0
    for token in tokens(f" {text.strip()}"):
        begin = text.index(token.strip(), at)
        at = begin + len(token.strip())
        first = next((starts[i] for i in range(begin, at) if i in starts), None)
        last = next((ends[i] for i in range(at, begin, -1) if i in ends), None)
        words.append(Placed(token, first, last))
    return words


def _places(text: str, said: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where in the text the words are, [first, stop) in letters, of those that are found, by their index."""
    lower = text.lower()
    same = lower if len(lower) == len(text) else text
    places, at = [], 0
    for index, word in enumerate(said):
        sought = word.strip()
        sought = sought.lower() if same is lower else sought
        first = same.find(sought, at, at + len(sought) + REACH_LETTERS) if sought else -1
        while first > at and same[first - 1].isalnum():  # inside another word
            first = same.find(sought, first + 1, at + len(sought) + REACH_LETTERS)
        if first >= 0:
            at = first + len(sought)
            places.append((first, at, index))
    return places
