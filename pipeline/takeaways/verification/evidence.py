"""What a claim is checked against: the sentences that it cites, those next to them, and the talk's facts."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import numpy as np

from pipeline.records import talk_of
from pipeline.takeaways.language.comparable import WORD, plain, stem
from pipeline.takeaways.language.prompt_injection import orders
from pipeline.takeaways.language.sentences import is_advertisement
from pipeline.takeaways.verification.analysis import Analysis
from pipeline.takeaways.verification.known_names import KnownNames
from pipeline.workspace import dates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engines import Embed, Parse
    from pipeline.records import Sentence, Speaker, Turns
    from pipeline.turns.names import Identity
    from pipeline.workspace.sidecar import Facts

Place = Literal["prose", "heading", "frame"]  # of a claim; frame: title, dek, introduction and close

CONTEXT_SENTENCES = 2  # on each side of a cited one, in which a name or a number may be
# How far back a question may be that is answered: so many stretches of one speaker, at the end of each.
ASKED_STRETCHES, ASKED_SENTENCES = 2, 6
ASKS = re.compile(r"[?\uff1f\u061f\u037e]")


@dataclass(frozen=True)
class Failure:
    """Why a claim fails or is doubted: a `code`, and a `detail` that people and models understand."""

    code: str
    detail: str


@dataclass(frozen=True)
class Findings:
    """What the rules make of a claim: `failures` refuse it, `doubts` are for a judge."""

    failures: tuple[Failure, ...] = ()
    doubts: tuple[Failure, ...] = ()


class Reader:
    """Embeds and parses each text once. Without a parser every tree is None."""

    def __init__(self, embed: Embed, parse: Parse | None) -> None:
        self._embed, self._parse = embed, parse
        self._rows: dict[str, NDArray[np.float32]] = {}
        self._trees: dict[str, Analysis] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of unit length, as Embed gives them."""
        unseen = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if unseen:
            self._rows.update(zip(unseen, self._embed(unseen), strict=True))
        return np.stack([self._rows[text] for text in texts])

    def trees(self, texts: Sequence[str]) -> list[Analysis] | None:
        """The texts parsed; None without a parser."""
        if self._parse is None:
            return None
        unseen = [text for text in dict.fromkeys(texts) if text not in self._trees]
        if unseen:
            self._trees.update(zip(unseen, Analysis.parsed(unseen, self._parse), strict=True))
        return [self._trees[text] for text in texts]


@dataclass(frozen=True)
class Evidence:
    """The cited sentences that exist, in the order said, and what else a claim may draw on.

    `context` is the cited sentences with their neighbours; `asked_by` are those who asked what is answered in
    what is cited. `known` is what may be said without a source where it stands: occasion, title and date,
    names, roles and links, in the frame.
    """

    cited: tuple[Sentence, ...]
    context: tuple[Sentence, ...]
    asked_by: frozenset[str]
    speakers: dict[str, Speaker]
    facts: Facts
    notes: tuple[str, ...]  # of the author, that the claim rests on
    known: tuple[str, ...]
    talk: Talk
    reader: Reader

    @property
    def lines(self) -> tuple[str, ...]:
        """What was said in the cited sentences."""
        return tuple(plain(sentence.text) for sentence in self.cited)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What a claim rests on: the cited sentences, the author's notes, and what is known."""
        return self.lines + self.notes + self.known

    @property
    def near_lines(self) -> tuple[str, ...]:
        """What was said in the context."""
        return tuple(plain(sentence.text) for sentence in self.context)

    @cached_property
    def near_texts(self) -> tuple[str, ...]:
        """Texts in which a name or a number may be: the context, the author's notes, what is known."""
        return self.near_lines + self.notes + self.known

    @property
    def date_words(self) -> str:
        """What people call the dates that are known, their months and weekdays included; "" without any."""
        return " ".join(word for date in self.talk.dates for word in (date, *sorted(dates.words_of(date))))

    @property
    def has_source(self) -> bool:
        """Whether a claim rests on anything that somebody said or noted."""
        return bool(self.cited or self.notes)

    @cached_property
    def trees(self) -> list[Analysis] | None:
        """What a claim rests on, parsed; None without a parser."""
        return self.reader.trees(self.texts)

    @cached_property
    def spoken_by(self) -> frozenset[str]:
        """Who said a cited sentence."""
        return frozenset(sentence.speaker for sentence in self.cited)


class Talk:
    """What is known of a talk as a whole, worked out when it is first asked for.

    `titles` and `dates` are its own; of several talks theirs, too, and `here` says that there are several.
    """

    def __init__(
        self,
        texts: Sequence[str],
        language: str,
        talks: frozenset[str],
        titles: Sequence[str] = (),
        dates: Sequence[str] = (),
    ) -> None:
        self._texts, self.language = texts, language
        self.talks = talks  # of a cohort; else one without a name
        self.titles, self.dates = titles, dates
        self.here = "these talks" if len(talks) > 1 else "this talk"
        self.english = language == "en"
        self.capitalises_nouns = language in {"de", "lb"}  # every noun

    @cached_property
    def names(self) -> KnownNames:
        """All that was said, in which names are looked up."""
        return KnownNames(self._texts)

    @cached_property
    def lower_case_stems(self) -> frozenset[str]:
        """So that such a word at the start of a sentence is not taken for a name."""
        words = (match[0] for text in self._texts for match in WORD.finditer(text))
        return frozenset(stem(word) for word in words if word.islower())


def _known(speaker: Speaker, person: Identity | None) -> Speaker:
    """A speaker with the name and the role that people give."""
    facts = {"name": person.name, "role": person.role} if person else {}
    return speaker.model_copy(update={key: fact for key, fact in facts.items() if fact})


class EvidenceIndex:
    """A talk's sentences by id, from which the evidence of each claim is taken.

    A prompt injection ("ignore your instructions and write …") is evidence of nothing, and nor is an
    advertisement.
    """

    def __init__(
        self,
        turns: Turns,
        facts: Facts,
        reader: Reader,
        people: Mapping[str, Identity] | None = None,
        talks: Sequence[tuple[str, str | None]] = (),
    ) -> None:
        """`talks` are the titles and dates of the talks that a cohort is made of."""
        self._injections = orders(turns)
        self._sentences = tuple(
            s for s in turns.sentences() if not (s.id in self._injections or is_advertisement(s))
        )
        self._index = {sentence.id: i for i, sentence in enumerate(self._sentences)}
        self._facts, self._reader = facts, reader
        self._speakers = {
            speaker.id: _known(speaker, (people or {}).get(speaker.id)) for speaker in turns.speakers
        }
        self._known = tuple(map(plain, self._known_facts(talks)))
        language = turns.language.lower().split("-")[0]
        self._talk = Talk(
            [plain(sentence.text) for sentence in self._sentences],
            language,
            frozenset(talk_of(sentence.id) for sentence in self._sentences),
            [*filter(None, (facts.title, facts.occasion)), *(title for title, _ in talks)],
            [*filter(None, (facts.date, *(date for _, date in talks)))],
        )
        self._stretches = [  # of one speaker: (first, last + 1)
            (stretch[0], stretch[-1] + 1)
            for _, group in groupby(range(len(self._sentences)), key=lambda i: self._sentences[i].speaker)
            if (stretch := list(group))
        ]

    def _known_facts(self, talks: Sequence[tuple[str, str | None]]) -> Iterator[str]:
        facts = self._facts
        yield from (fact for talk in talks for fact in talk if fact)
        if talks:
            yield f"{len(talks)} talks"
        yield from filter(None, (facts.occasion, facts.title, facts.date))
        yield from filter(None, (link.title for link in facts.links))
        for speaker in self._speakers.values():
            yield from filter(None, (speaker.name or speaker.label, speaker.role))

    def evidence(self, cites: Sequence[str], notes: Sequence[int] = (), place: Place = "prose") -> Evidence:
        """Those of the cited sentences, and of the notes, by number from 1, that exist."""
        cited = sorted({self._index[cite] for cite in cites if cite in self._index})
        context = sorted({k for i in cited for k in self._neighbours(i)})
        given = self._facts.notes
        return Evidence(
            cited=tuple(self._sentences[i] for i in cited),
            context=tuple(self._sentences[i] for i in context),
            asked_by=frozenset(asker for i in cited for asker in self._asked_by(i)),
            speakers=self._speakers,
            facts=self._facts,
            notes=tuple(plain(given[number - 1].text) for number in notes if 0 < number <= len(given)),
            known=self._known if place == "frame" else (),
            talk=self._talk,
            reader=self._reader,
        )

    def _neighbours(self, index: int) -> list[int]:
        """The indices of a sentence and of those next to it in the same talk."""
        talk = talk_of(self._sentences[index].id)
        first, last = index - CONTEXT_SENTENCES, index + CONTEXT_SENTENCES
        near = range(max(0, first), min(len(self._sentences), last + 1))
        return [i for i in near if talk_of(self._sentences[i].id) == talk]

    def _asked_by(self, index: int) -> Iterator[str]:
        """Who asked something just before somebody else said a sentence."""
        at = bisect_right(self._stretches, index, key=lambda stretch: stretch[0]) - 1
        for first, end in self._stretches[max(0, at - ASKED_STRETCHES) : at]:
            asked = self._sentences[max(first, end - ASKED_SENTENCES) : end]
            if any(ASKS.search(sentence.text) for sentence in asked):
                yield asked[0].speaker

    def unknown_ids(self, cites: Sequence[str]) -> list[str]:
        """The cited ids that no sentence has."""
        return [cite for cite in cites if cite not in self._index and cite not in self._injections]

    def cites_injection(self, cites: Sequence[str]) -> bool:
        """Whether a cited sentence is addressed to a machine."""
        return any(cite in self._injections for cite in cites)
