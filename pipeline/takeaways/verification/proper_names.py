"""Names in a claim were said where it cites, or are what the talk's own facts say they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pipeline.takeaways.language.comparable import LIGHT, SPEAKER, plain, spaced, stem
from pipeline.takeaways.language.english import AUXILIARIES, COMMON, FUNCTION
from pipeline.takeaways.language.sentences import verbs
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.takeaways.verification.known_names import KnownNames
from pipeline.takeaways.verification.numbers import UNITS
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.engines import Token

LISTS = WordLists.beside(__file__)
MIN_SUBJECT_MENTIONS = 3  # from which a name belongs to the subject of a talk, and may stand anywhere
_WORD = re.compile(r"[^\W_]+(?:[-'.&+/][^\W_]+)*\+*")
_OPENING = r"[.!?:;\u2026]\s|[\"\u201c\u00ab(\u2018\u2014]"
_SENTENCE_START = re.compile(rf"(?:^|{_OPENING})(?:(?!{_OPENING})[\W_])*$")
_VERSION = re.compile(r"[^\W\d_]+\d")  # "v31"
_ALWAYS_CAPITAL = frozenset(["i", "i'm", "i've", "i'd", "i'll", "ok", "okay", "a"])
_ORDINARY_ENDING = re.compile(rf"{LISTS.any_of('ordinary_endings')}$")
_FUNCTION_WORDS = LISTS.word_set("function_words")
_ORDINARY_WORDS = FUNCTION | COMMON | LIGHT | LISTS.word_set("indefinite_words")
_DEGREES = frozenset({"JJR", "JJS", "RBR", "RBS"})  # tags of "shorter", which names are not
_MODIFIERS = frozenset({"ADJ", "ADV", "VERB", "ADP", "SCONJ", "INTJ"})  # that may be a name all the same
MIN_LETTERS = 4  # of a name in another language, where shorter words are hardly ever names
KEY_LETTERS = 4  # by which forms of a word are the same in any language


def check_names(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Each name that nobody said in the talk, unless it is used as the talk's facts have it.

    Sees: capitalised words inside a sentence; at its start, and in a heading in title case, only those that
    do not read like ordinary words, and only with a parser; acronyms, CamelCase, letters followed by digits
    (in German only these). Plurals, possessives, hyphens and case may differ. Cannot see: names in lower
    case, a name that was said of something else nearby, a first name joined to somebody else's last name.
    """
    for name in _unsaid_names(text, evidence, place):
        if not evidence.talk.names.count(name):
            yield Failure("name", f'the name "{name}" was not said in {evidence.talk.here}')


def doubt_names(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """Each name that was said in the talk, but seldom, and not near what is cited.

    Also each word that owes its capital to where it stands or is a name nobody said.
    """
    names = dict.fromkeys(_unsaid_names(text, evidence, place))
    for name in names:
        if 0 < evidence.talk.names.count(name) < MIN_SUBJECT_MENTIONS:
            yield Failure("name", f'"{name}" is not named near the cited lines: do they speak of it?')
    for name in _unsaid_names(text, evidence, place, with_openings=True):
        if name not in names and not evidence.talk.names.count(name):
            why = f'"{name}" was not said in {evidence.talk.here}: if it is a name, who spoke of it?'
            yield Failure("name", why)


def _unsaid_names(text: str, evidence: Evidence, place: Place, with_openings: bool = False) -> Iterator[str]:
    """Each name of a claim that is neither near what it cites nor used as in the facts."""
    said = KnownNames([*evidence.near_texts, *_facts(text, evidence, place)])
    spelled = [word for term in evidence.facts.glossary for word in term.split()]
    for name in dict.fromkeys(names_in(text, evidence, place, with_openings)):
        if not (said.has(name) or _has_unit(said, name) or (name in spelled and said.sounds_like(name))):
            yield name


def _facts(text: str, evidence: Evidence, place: Place) -> Iterator[str]:
    """What a claim may take from the sidecar: the date, a title or occasion in full, roles of whom it names.

    A glossary says how a word that was said is spelled, and no more.
    """
    claim = plain(text).casefold()
    yield evidence.date_words
    for fact in evidence.talk.titles:
        if place == "frame" or plain(fact).casefold() in claim:
            yield fact
    for token in SPEAKER.finditer(text):
        if speaker := evidence.speakers.get(token[1]):
            yield from filter(None, (speaker.role, speaker.name, speaker.label))


def names_in(text: str, evidence: Evidence, place: Place, with_openings: bool = False) -> Iterator[str]:
    """The names that a text holds, as far as they can be told from other words.

    Those at the start of a sentence or in title case are guesses, without a parser, or where they are no
    subject and read like another word: `with_openings`.
    """
    in_title_case = place != "prose" and _is_title_case(text)
    trees = evidence.reader.trees([text])
    proper = {part.text for part in trees[0].tokens if part.pos == "PROPN"} if trees else None
    for name, starts_sentence in names_of(text):
        is_marked = _is_marked(name)
        if evidence.talk.capitalises_nouns and not is_marked:
            continue
        parts = re.split(r"[-/]", name)
        may_be_ordinary = starts_sentence or (in_title_case and not is_marked)
        is_proper = with_openings if proper is None else not proper.isdisjoint([name, *parts])
        if may_be_ordinary and (not is_proper or _is_ordinary(parts, evidence)):
            continue
        if may_be_ordinary and evidence.talk.english:
            read, is_agent = _without_capital(name, text, evidence), _is_agent(name, text)
            is_guess = proper is None or (read and read.pos in _MODIFIERS and not with_openings)
            if (read and read.tag in _DEGREES) or (is_guess and not is_agent):
                continue
        yield name


def names_of(text: str) -> Iterator[tuple[str, bool]]:
    """Each word written like a name, and whether it may owe its capital to the start of a sentence alone."""
    claim = spaced(SPEAKER.sub("xx", plain(text)))
    for match in _WORD.finditer(claim):
        word = match[0].removesuffix("'s").rstrip("'.")
        if word.lower() in _ALWAYS_CAPITAL or word.split("'")[0] == "I":
            continue
        if any(c.isupper() for c in word) or _VERSION.match(word):
            starts_sentence = bool(_SENTENCE_START.search(claim[: match.start()]))
            yield word, starts_sentence and not _is_marked(word)


def _is_marked(word: str) -> bool:
    """Whether a word is an acronym, is in CamelCase or has a digit, and so is a name wherever it stands."""
    if any(c.isdigit() for c in word):
        return True
    return any(c.isupper() for part in word.split("-") for c in part[1:])


def _is_title_case(heading: str) -> bool:
    """Whether most words of a heading begin with a capital, not counting its first and short ones."""
    words: list[str] = re.findall(r"[^\W\d_]{4,}", heading)[1:]
    return sum(word[0].isupper() for word in words) * 2 > len(words)


def _has_unit(said: KnownNames, name: str) -> bool:
    """Whether a name is a unit that was said in another form: "MB" for "megabytes"."""
    unit = UNITS.get(name.lower())
    return unit is not None and any(said.has(form) for form, other in UNITS.items() if other == unit)


def _is_ordinary(parts: Iterable[str], evidence: Evidence) -> bool:
    """Whether the parts of a capitalised word are ordinary ones, which the talk has in lower case, too."""
    known = evidence.talk.lower_case_stems
    if not evidence.talk.english:
        beginnings = {word[:KEY_LETTERS] for word in known}
        return all(
            len(word) < MIN_LETTERS or word in _FUNCTION_WORDS or stem(word)[:KEY_LETTERS] in beginnings
            for word in map(_without_elision, parts)
        )
    return all(
        part in _ORDINARY_WORDS or part in verbs() or stem(part) in known or _ORDINARY_ENDING.search(part)
        for part in map(str.lower, parts)
    )


def _without_capital(name: str, text: str, evidence: Evidence) -> Token | None:
    """How a word that begins a sentence is read where it is written small; None without a parser."""
    start, small = plain(text).find(name), name.lower()
    trees = evidence.reader.trees([f"{text[:start]}{small}{text[start + len(name) :]}"])
    return next((token for token in trees[0].tokens if token.text == small), None) if trees else None


def _without_elision(word: str) -> str:
    """The word in lower case; "" for an ordinary one after an elided article: "L'équipe"."""
    return "" if "'" in word and word.rpartition("'")[2].islower() else word.lower()


def _is_agent(name: str, text: str) -> bool:
    """Whether a verb in English follows a name, or something that it has."""
    following = re.search(rf"\b{re.escape(name)}(?P<has>'s)? +(?P<word>[^\W\d_]+)", plain(text))
    if not following:
        return False
    word = following["word"].lower()
    return bool(following["has"]) or word in AUXILIARIES or word in verbs() or word.endswith("ed")
