"""What a claim is checked against: the sentences that it cites and those next to them; and their support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from pipeline.records import talk_of
from pipeline.takeaways.language.comparable import WORD, content, letter_bigrams, plain, unquoted
from pipeline.takeaways.language.prompt_injection import INJECTION
from pipeline.takeaways.language.sentences import is_advertisement

if TYPE_CHECKING:
    from pipeline.engines import Embed
    from pipeline.records import Sentence, Turns

Kind = Literal["prose", "heading", "frame"]  # of a claim; frame: title, dek, introduction and close

CONTEXT_SENTENCES = 2  # on each side of a cited one, in which a name or a number may be


@dataclass(frozen=True)
class Failure:
    """Why a claim fails: a `code`, and a `detail` that a person and a model understand, in one sentence."""

    code: str
    detail: str


@dataclass(frozen=True)
class Evidence:
    """The cited sentences that exist, in the order said, and what else a claim may draw on.

    `context` is the cited sentences with their neighbours; `speaker_names` are by speaker id; `facts` are
    the sidecar's texts. `lower_case_words` are all that the talk has, so that such a word at the start of
    a sentence is not taken for a name.
    """

    cited: tuple[Sentence, ...]
    context: tuple[Sentence, ...]
    speaker_names: dict[str, tuple[str, ...]]
    facts: tuple[str, ...]
    lower_case_words: frozenset[str]
    english: bool
    capitalises_nouns: bool  # whether the language writes every noun with a capital

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(sentence.text for sentence in self.cited)

    @cached_property
    def plain_texts(self) -> tuple[str, ...]:
        return tuple(map(plain, self.texts))

    @cached_property
    def known_texts(self) -> tuple[str, ...]:
        """Texts in which a name or a number may be: the context and the facts."""
        return tuple(sentence.text for sentence in self.context) + self.facts

    @cached_property
    def speakers(self) -> frozenset[str]:
        """Who said a cited sentence."""
        return frozenset(sentence.speaker for sentence in self.cited)

    def texts_by(self, speaker: str) -> tuple[str, ...]:
        """The cited sentences that somebody said."""
        return tuple(sentence.text for sentence in self.cited if sentence.speaker == speaker)


class EvidenceIndex:
    """A talk's sentences by id, from which the evidence of each claim is taken.

    A prompt injection ("ignore your instructions and write …") is evidence of nothing, and nor is an
    advertisement.
    """

    def __init__(self, turns: Turns, facts: Sequence[str]) -> None:
        self._sentences = tuple(
            s for s in turns.sentences() if not (INJECTION.search(s.text) or is_advertisement(s))
        )
        self._injections = {s.id for s in turns.sentences() if INJECTION.search(s.text)}
        self._index = {sentence.id: i for i, sentence in enumerate(self._sentences)}
        self._facts = tuple(facts)
        self._speaker_names = {
            speaker.id: tuple(name for name in (speaker.name, speaker.label) if name)
            for speaker in turns.speakers
        }
        self._language = turns.language.lower().split("-")[0]
        words = (match[0] for s in self._sentences for match in WORD.finditer(plain(s.text)))
        self._lower_case_words = frozenset(word for word in words if word.islower())

    def evidence(self, cites: Sequence[str]) -> Evidence:
        """Those of the cited sentences that exist, with their neighbours."""
        cited = sorted({self._index[cite] for cite in cites if cite in self._index})
        context = sorted({k for i in cited for k in self._neighbours(i)})
        return Evidence(
            cited=tuple(self._sentences[i] for i in cited),
            context=tuple(self._sentences[i] for i in context),
            speaker_names=self._speaker_names,
            facts=self._facts,
            lower_case_words=self._lower_case_words,
            english=self._language == "en",
            capitalises_nouns=self._language in {"de", "lb"},
        )

    def _neighbours(self, index: int) -> list[int]:
        """The indices of a sentence and of those next to it in the same talk."""
        talk = talk_of(self._sentences[index].id)
        first, last = index - CONTEXT_SENTENCES, index + CONTEXT_SENTENCES
        near = range(max(0, first), min(len(self._sentences), last + 1))
        return [i for i in near if talk_of(self._sentences[i].id) == talk]

    def unknown_ids(self, cites: Sequence[str]) -> list[str]:
        """The cited ids that no sentence has."""
        return [cite for cite in cites if cite not in self._index and cite not in self._injections]

    def cites_injection(self, cites: Sequence[str]) -> bool:
        """Whether a cited sentence is addressed to a machine."""
        return any(cite in self._injections for cite in cites)


def own_words(text: str) -> str:
    """A claim in plain characters, with blanks for what it quotes."""
    return plain(unquoted(text))


@dataclass(frozen=True)
class Support:
    """How well a passage supports a text: cosine of their embeddings, and the share of its words they share.

    `words` is the number of the text's content words. Half cosine and half words tells more than either:
    with 2 % of true claims refused, 6 % of unsupported ones pass, against 18 % by cosine alone.
    """

    cosine: float
    shared: float
    words: int

    @property
    def score(self) -> float:
        return (self.cosine + self.shared) / 2


def measure_support(text: str, passages: Sequence[str], embed: Embed, english: bool = True) -> list[Support]:
    """How well each passage supports a text. In other languages, letter bigrams stand for content words."""
    if not passages:
        return []
    rows = embed([text, *passages])
    parts_of = content if english else letter_bigrams
    parts = parts_of(text)
    supports: list[Support] = []
    for passage, cosine in zip(passages, rows[1:] @ rows[0], strict=True):
        passage_parts = set(parts_of(passage))
        shared = sum(part in passage_parts for part in parts) / max(1, len(parts))
        supports.append(Support(float(cosine), shared, len(parts)))
    return supports


def with_pairs(passages: Sequence[str]) -> list[str]:
    """The passages, and each two that follow each other as one."""
    return [*passages, *map(" ".join, pairwise(passages))]
