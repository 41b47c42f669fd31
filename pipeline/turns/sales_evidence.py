"""What in each sentence of a talk speaks for an advertisement, and what against it.

Offers, addresses, commands to the listener, praise and the name of a brand each count a little; that somebody
pays for the programme counts most. Of languages other than English little is known but addresses, codes,
percentages, and a few words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.records import Sentence, Turns
from pipeline.word_lists import WordLists

REACH_SENTENCES = 15  # from where a brand is introduced to where its name still means it
_MOST_WORDS_OF_A_NAME = 4  # "fenwickandrowe.com" is Fenwick and Rowe
_MIN_NAME_LETTERS = 4

_LISTS = WordLists.beside(__file__)
_ANNOUNCED, _BREAK, _LEAD = _LISTS.phrases("announcements"), _LISTS.phrases("breaks"), _LISTS.phrases("leads")
_RETURN, _PROGRAMME, _OWN = _LISTS.phrases("returns"), _LISTS.phrases("programme"), _LISTS.phrases("own")
_PRAISE, _LISTENERS = _LISTS.phrases("praise"), _LISTS.phrases("listeners")
_DISCOUNTS, _CODES, _TRIALS, _TERMS = map(_LISTS.phrases, ("discounts", "codes", "trials", "terms"))
_ADDRESS, _OWN_ADDRESS = _LISTS.phrases("addresses"), _LISTS.pattern("own_addresses")
_CALL = re.compile(
    rf"^\W*(?:{_LISTS.any_of('before_calls')},? ){{0,3}}{_LISTS.any_of('calls')}\b", re.IGNORECASE
)
_SELLER = _LISTS.pattern("sellers")
_YOU = re.compile(r"\byou(?:rs?|'re|'ll|'ve|rself)?\b", re.IGNORECASE)
_FOREIGN_ANNOUNCED, _FOREIGN_OFFER = _LISTS.phrases("foreign_announcements"), _LISTS.phrases("foreign_offers")
_PERCENT, _CODE = re.compile(r"\d ?%"), re.compile(r"\b[A-Z]{3,20}\d{1,4}\b")
_SITE = re.compile(
    r"\b([\w-]{3,40})(?:\.[a-z]{2,6}\b| (?:dot|punkt|punto|point) (?:com|org|net|io|dev|co|fm|ai|app)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_][\w'\u2019-]*")
_NOT_LETTERS = re.compile(r"[\W_]+")

# In units of what an ordinary sentence has against it.
_ORDINARY, _ANNOUNCEMENT, _MARKER = -1.0, 4.0, -4.0
_OFFER = _WHERE = 1.6
_BRAND, _NAME, _TOLD, _OTHER, _TO_YOU = 1.2, 0.5, 0.9, 0.9, 0.4


@dataclass
class Heard:
    """A sentence, and what in it speaks for an advertisement: `weight` in all.

    `sites` are the names in web addresses. `brands` are those, and names of sponsors, that it mentions near
    where they are introduced; `names` recur around it and nowhere else. All are lower-case letters without
    spaces.
    """

    sentence: Sentence
    turn: int
    weight: float
    is_announced: bool = False  # somebody pays for the programme
    pauses: bool = False  # the programme does
    leads: bool = False  # to something else, perhaps
    resumes: bool = False  # the programme does
    sells: bool = False  # a discount, a code, a trial, an address made for this programme
    has_address: bool = False
    is_told: bool = False  # the listener is, to do something
    is_own: bool = False  # somebody speaks of what they made
    sites: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def sends(self) -> bool:
        """Whether it sends the listener somewhere."""
        return self.has_address and self.is_told

    @property
    def all_names(self) -> frozenset[str]:
        return self.brands | self.names


def heard(turns: Turns) -> tuple[list[Heard], dict[str, list[int]]]:
    """All sentences but asides, weighed, and where each brand is mentioned, by number."""
    weigh = _weighed if turns.language.lower().split("-")[0] == "en" else _weighed_by_structure
    full_turns = (turn for turn in turns.turns if not turn.aside)
    said = [weigh(sentence, n) for n, turn in enumerate(full_turns) for sentence in turn.sentences]
    sellers = {speaker.id for speaker in turns.speakers if _SELLER.fullmatch(speaker.label or "")}
    for one in said:
        if one.sentence.speaker in sellers:
            one.weight += 0.0 if one.is_announced else _ANNOUNCEMENT
            one.is_announced, one.resumes = True, False
    introduced = [one.sites | _sponsors(one) for one in said]
    brands = frozenset().union(*introduced)
    mentions: dict[str, list[int]] = {brand: [] for brand in brands}
    common: set[str] = set()
    for i, one in enumerate(said):
        mentioned = brands.intersection(_joined_words(one.sentence.text)) | one.sites
        for brand in mentioned:
            mentions[brand].append(i)
        near = introduced[max(0, i - REACH_SENTENCES) : i + REACH_SENTENCES + 1]
        one.brands = mentioned.intersection(frozenset().union(*near))
        common |= mentioned - one.brands
    common -= frozenset().union(*(one.sites for one in said))
    for one in said:
        one.brands -= common
    for name, places in _names_said_once(said).items():
        near = introduced[max(0, places[0] - REACH_SENTENCES) : places[-1] + REACH_SENTENCES + 1]
        sites = {site for sites in near for site in sites if site.startswith(name)}
        for i in places:
            said[i].names |= {name, *sites}
    for one in said:
        one.weight += _BRAND if one.brands else _NAME if one.names else 0.0
    return said, mentions


def _weighed(sentence: Sentence, turn: int) -> Heard:
    text = sentence.text.replace("\u2019", "'")
    is_announced, is_told = bool(_ANNOUNCED.search(text)), bool(_CALL.match(text))
    resumes = not is_announced and bool(_RETURN.search(text) or _PROGRAMME.search(text))
    sells = [bool(kind.search(text)) for kind in (_DISCOUNTS, _CODES, _TRIALS)]
    has_address, has_own_address = bool(_ADDRESS.search(text)), bool(_OWN_ADDRESS.search(text))
    others = bool(_PRAISE.search(text)) + bool(_LISTENERS.search(text))
    pauses = bool(_BREAK.search(text))
    weight = (
        _ORDINARY
        + _ANNOUNCEMENT * is_announced
        + _MARKER * resumes
        + _OFFER * min(2, sum(sells) + bool(_TERMS.search(text)))
        + _WHERE * has_address
        + _TOLD * is_told
        + _OTHER * others
        + _TO_YOU * bool(_YOU.search(text))
    )
    return Heard(
        sentence,
        turn,
        weight,
        is_announced,
        pauses,
        leads=pauses or bool(_LEAD.search(text)),
        resumes=resumes,
        sells=any(sells) or has_own_address,
        has_address=has_address,
        is_told=is_told or has_own_address,
        is_own=bool(_OWN.search(text)),
        sites=_sites(text),
    )


def _weighed_by_structure(sentence: Sentence, turn: int) -> Heard:
    """In a language of which little is known."""
    text, sites = sentence.text, _sites(sentence.text)
    is_announced = bool(_FOREIGN_ANNOUNCED.search(text))
    offers = sum(bool(kind.search(text)) for kind in (_FOREIGN_OFFER, _PERCENT, _CODE))
    weight = _ORDINARY + _ANNOUNCEMENT * is_announced + _OFFER * min(2, offers) + _WHERE * bool(sites)
    return Heard(
        sentence,
        turn,
        weight,
        is_announced,
        sells=offers > 0,
        has_address=bool(sites),
        is_told=True,
        sites=sites,
    )


# Names, as letters.


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text.casefold())


def _words(text: str) -> list[str]:
    return [match[0].removesuffix("'s").removesuffix("\u2019s") for match in _WORD.finditer(text)]


def _sites(text: str) -> frozenset[str]:
    """The names in web addresses."""
    stems = (_letters(match[1]) for match in _SITE.finditer(text) if not match[1].isdecimal())
    return frozenset(stem for stem in stems if len(stem) >= _MIN_NAME_LETTERS)


def _sponsors(one: Heard) -> set[str]:
    """The words with a capital in a sentence that says who pays, but for the first."""
    words = _words(one.sentence.text)[1:] if one.is_announced else []
    return {_letters(word) for word in words if word[0].isupper() and len(word) >= _MIN_NAME_LETTERS}


def _joined_words(text: str) -> Iterator[str]:
    """Each word, and each few that follow one another as one."""
    words = [_letters(word) for word in _words(text)]
    for first in range(len(words)):
        joined = ""
        for word in words[first : first + _MOST_WORDS_OF_A_NAME]:
            joined += word
            yield joined


def _names_said_once(said: Sequence[Heard]) -> dict[str, list[int]]:
    """Names that recur within a few sentences and nowhere else, and where."""
    places: dict[str, list[int]] = {}
    common: set[str] = set()
    for i, one in enumerate(said):
        for word in _words(one.sentence.text):
            if word[0].isupper() and len(word) >= _MIN_NAME_LETTERS:
                places.setdefault(_letters(word), []).append(i)
            else:
                common.add(_letters(word))
    return {
        name: found
        for name, found in places.items()
        if name not in common and len(found) > 1 and found[-1] - found[0] <= REACH_SENTENCES
    }
