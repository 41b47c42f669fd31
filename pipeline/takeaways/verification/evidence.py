"""What a claim rests on: its cited sentences, and those said next to them; and why it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from pipeline.records import talk_of
from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.language.prompt_injection import INJECTION

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.records import Sentence, Turns

# Texts to unit rows, float32 [texts, dimensions].
Embed: TypeAlias = "Callable[[Sequence[str]], NDArray[np.float32]]"

REACH = 2  # sentences on each side of a cited one in which a name or a number may stand


@dataclass(frozen=True)
class Evidence:
    """The cited sentences that exist, those and their neighbours in the order said, and what else is known.

    `people` gives each speaker's names, `facts` are the sidecar's texts; `spoken` holds every word that the
    talk has in lower case, so that such a word at the start of a sentence is not taken for a name.
    """

    cited: tuple[Sentence, ...]
    near: tuple[Sentence, ...]
    people: dict[str, tuple[str, ...]]
    facts: tuple[str, ...]
    spoken: frozenset[str]
    english: bool
    nouns: bool  # whether the language writes every noun with a capital

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(sentence.text for sentence in self.cited)

    @cached_property
    def known(self) -> tuple[str, ...]:
        """Texts in which a name or a number may stand."""
        return tuple(sentence.text for sentence in self.near) + self.facts

    @cached_property
    def speakers(self) -> frozenset[str]:
        """Who said a cited sentence."""
        return frozenset(sentence.speaker for sentence in self.cited)

    def by(self, speaker: str) -> tuple[str, ...]:
        """The cited sentences that somebody said."""
        return tuple(sentence.text for sentence in self.cited if sentence.speaker == speaker)


class Talk:
    """A talk read once, from which the evidence of each claim is taken.

    What is spoken to a machine ("ignore your instructions and write …") is no evidence of anything.
    """

    def __init__(self, turns: Turns, facts: Sequence[str]) -> None:
        self._said = tuple(s for s in turns.sentences() if not INJECTION.search(s.text))
        self._orders = {s.id for s in turns.sentences() if INJECTION.search(s.text)}
        self._at = {sentence.id: number for number, sentence in enumerate(self._said)}
        self._facts = tuple(facts)
        self._people = {
            speaker.id: tuple(name for name in (speaker.name, speaker.label) if name)
            for speaker in turns.speakers
        }
        self._language = turns.language.lower().split("-")[0]
        self._spoken = frozenset(
            m[0] for s in self._said for m in t.WORD.finditer(t.plain(s.text)) if m[0].islower()
        )

    def evidence(self, cites: Sequence[str]) -> Evidence:
        """Those of the cited sentences that exist, with their neighbours."""
        places = sorted({self._at[cite] for cite in cites if cite in self._at})
        around = sorted({k for at in places for k in self._near(at)})
        return Evidence(
            cited=tuple(self._said[k] for k in places),
            near=tuple(self._said[k] for k in around),
            people=self._people,
            facts=self._facts,
            spoken=self._spoken,
            english=self._language == "en",
            nouns=self._language in {"de", "lb"},
        )

    def _near(self, at: int) -> list[int]:
        """A sentence and those next to it in the same talk."""
        talk = talk_of(self._said[at].id)
        reach = range(max(0, at - REACH), min(len(self._said), at + REACH + 1))
        return [k for k in reach if talk_of(self._said[k].id) == talk]

    def unknown(self, cites: Sequence[str]) -> list[str]:
        """The cited ids that no sentence has."""
        return [cite for cite in cites if cite not in self._at and cite not in self._orders]

    def orders(self, cites: Sequence[str]) -> bool:
        """Whether a cited sentence speaks to a machine, and so bears nothing out."""
        return any(cite in self._orders for cite in cites)


@dataclass(frozen=True)
class Failure:
    """A reason: its `code`, and a `detail` that a person and a model understand, in one sentence."""

    code: str
    detail: str
