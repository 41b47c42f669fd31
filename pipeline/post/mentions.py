"""How speakers are called where prose mentions them: in full at first, then by a short form or a pronoun."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from pipeline.post import personal_pronouns
from pipeline.post.personal_pronouns import Place, Pronoun
from pipeline.post.section_views import PieceView, SpeakerView

_SPEAKER = re.compile(r"\{(S\d+)\}")
_POSSESSIVE = re.compile("['\u2019]s\\b|['\u2019](?!\\w)")
_DETERMINER = re.compile(
    r"\b(?:the|an?|this|that|our|my|your|their|his|her|its|one|another) $", re.IGNORECASE
)
_AROUND_SENTENCES = " '\"\u2018\u2019\u201c\u201d()[]"
# The program's own sentence that says who spoke: it has no other words for them, and so needs their roles.
_OWN_OPENING = re.compile(r"\{S\d++\}(?:(?:, | and )\{S\d++\})*+ spoke (?:at|with) ")


@dataclass
class _Mention:
    """Who was mentioned last in a paragraph, and what was read since, in `sentences` more.

    `began`: the mention was at the beginning of its sentence.
    """

    id: str
    began: bool
    since: str = ""
    sentences: int = 0


class _Sentence:
    """Who was mentioned in a sentence, by id, and who of them by name."""

    def __init__(self) -> None:
        self.mentioned, self.named = set[str](), set[str]()


class Mentions:
    """The mentions of speakers on one page, asked for in the order in which they are read."""

    def __init__(
        self, speakers: Mapping[str, SpeakerView], small_words: Collection[str], language: str
    ) -> None:
        """`small_words` are such as are no names when they begin a sentence."""
        self._speakers, self._small_words = speakers, small_words
        self._is_english = language == "en"
        self._introduced = set[str]()  # ids of people who have been named in full
        self.begin_paragraph()

    def begin_paragraph(self) -> None:
        """What comes now is a paragraph of its own: no pronoun refers back beyond it."""
        self._last: _Mention | None = None
        self._sentence = _Sentence()

    def full(self, text: str) -> str:
        """`text` with full names for speaker ids, which introduces nobody. Unknown ids stay."""
        return self._named(text, lambda speaker: speaker.name)

    def heading(self, text: str) -> str:
        """`text` with short forms for people who have been introduced. Unknown ids stay."""
        return self._named(text, lambda s: s.called if s.id in self._introduced else s.name)

    def _named(self, text: str, name: Callable[[SpeakerView], str]) -> str:
        def with_name(match: re.Match[str]) -> str:
            speaker = self._speakers.get(match[1])
            return _in_place(name(speaker), speaker, text[: match.start()]) if speaker else match[0]

        return _SPEAKER.sub(with_name, text)

    def sentence(self, text: str) -> Iterator[PieceView]:
        """The next sentence of the paragraph, in pieces. Unknown ids stay."""
        before, self._sentence = self._sentence, _Sentence()
        if self._last:
            self._last.sentences += 1
            self._last.since += " "
        end = 0
        for match in _SPEAKER.finditer(text):
            if speaker := self._speakers.get(match[1]):
                yield self._read(text[end : match.start()])
                piece, end = self._mention(speaker, text, match, before)
                yield piece
        yield self._read(text[end:])

    def _read(self, text: str) -> PieceView:
        if self._last:
            self._last.since += text
        return PieceView(text)

    def _mention(
        self, speaker: SpeakerView, text: str, match: re.Match[str], before: _Sentence
    ) -> tuple[PieceView, int]:
        """A mention as it is set, and where it ends in the text."""
        start, end = match.span()
        if fitting := self._pronoun(speaker, text[:start], text[end:], before):
            form, letters = fitting
            piece = PieceView(_capital_if(_begins(text[:start]), form), speaker)
            end += letters
        else:
            possessive = _POSSESSIVE.match(text, end)
            end = possessive.end() if possessive else end
            is_first = speaker.id not in self._introduced
            name = _in_place(self._name(speaker, text, bool(possessive)), speaker, text[:start])
            has_role = is_first and not possessive and _OWN_OPENING.match(text)
            piece = PieceView(
                name + (possessive[0] if possessive else ""),
                speaker,
                marked=is_first and speaker.guessed,
                role=speaker.role if has_role else None,
            )
            self._sentence.named.add(speaker.id)
        self._sentence.mentioned.add(speaker.id)
        self._last = _Mention(speaker.id, _begins(text[:start]))
        return piece, end

    def _name(self, speaker: SpeakerView, text: str, is_possessive: bool) -> str:
        """The name that stands there: in full at first, with a short form that nobody could tell from it."""
        if speaker.id in self._introduced:
            return speaker.called
        is_plain = _holds(f"{speaker.name} {text}", speaker.called)
        if is_plain or not is_possessive:
            self._introduced.add(speaker.id)
        return speaker.name if is_plain or is_possessive else f"{speaker.name} ({speaker.called})"

    def _pronoun(
        self, speaker: SpeakerView, text: str, after: str, before: _Sentence
    ) -> tuple[str, int] | None:
        """The pronoun that may stand here, and how many letters behind the id go with it."""
        pronoun, last = personal_pronouns.read(speaker.pronoun), self._last
        if not (self._is_english and pronoun and last and last.id == speaker.id and last.sentences < 2):
            return None
        is_same_sentence = last.sentences == 0
        named_near = self._sentence.named | (before.named if not is_same_sentence else set())
        # One who is named in this sentence stands nearer than anybody in that before.
        others = self._sentence.mentioned | (before.mentioned if not is_same_sentence else set())
        others -= {speaker.id}
        if speaker.id not in named_near or any(self._may_share(pronoun, other) for other in others):
            return None
        is_parallel = last.began and not is_same_sentence
        place = Place(text, after, last.since, is_same_sentence, is_parallel)
        return personal_pronouns.fitting(pronoun, place, self._small_words)

    def _may_share(self, pronoun: Pronoun, other: str) -> bool:
        """Whether a pronoun may mean somebody else, too."""
        own = personal_pronouns.read(self._speakers[other].pronoun)
        return own is None or own.subject == pronoun.subject or pronoun.subject == "they"


def _holds(text: str, name: str) -> bool:
    """Whether a text has a name in it, as "Ann Lee" has "Ann"."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _begins(text: str) -> bool:
    """Whether what follows is at the beginning of a sentence."""
    return text.rstrip(_AROUND_SENTENCES)[-1:] in ("", ".", "!", "?", "\u2026")


def _capital_if(is_wanted: bool, text: str) -> str:
    return text[:1].upper() + text[1:] if is_wanted else text


def _in_place(name: str, speaker: SpeakerView, before: str) -> str:
    """A name as it stands there: "Van der Berg" begins a sentence, but "jb55" stays as it is.

    That of an office has an article, unless one stands there: "the project manager", "our project manager".
    """
    if speaker.office and name.startswith(speaker.name):
        article = "" if _DETERMINER.search(before) else "the "
        return _capital_if(_begins(before), article + speaker.office + name.removeprefix(speaker.name))
    return _capital_if(_begins(before) and name != name.lower(), name)
