"""A post as it is drafted, before it is settled what of it stands. Every way to draft makes one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pipeline.engines.chat.endpoint import Request
from pipeline.records import Claim
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.material import Lines


@dataclass(eq=False)
class PullQuote:
    """A quote that the writer chose, sentences by id, as said; how it starts and ends, "" for all of it."""

    sentences: tuple[str, ...]
    from_words: str = ""
    to_words: str = ""


@dataclass(eq=False)
class DraftParagraph:
    """Prose, a text a sentence, those that do not stand included."""

    texts: list[Text]

    @property
    def kept(self) -> tuple[Claim, ...]:
        """The sentences that stand."""
        return tuple(claim for text in self.texts if (claim := text.kept))


DraftBlock: TypeAlias = DraftParagraph | PullQuote


@dataclass(eq=False)
class DraftSection:
    """A section, its body in reading order. Without a heading it gets an extracted one."""

    heading: Text | None
    body: list[DraftBlock]

    @property
    def texts(self) -> list[Text]:
        """Its sentences in reading order, without the heading."""
        return [text for block in self.body if isinstance(block, DraftParagraph) for text in block.texts]

    @property
    def claims(self) -> list[Claim]:
        """Its sentences that stand."""
        return [claim for text in self.texts if (claim := text.kept)]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The ids of all sentences that it cites or quotes, each once, as it was first written."""
        cites = [id for text in self.texts for id in text.first.cites]
        quoted = [id for block in self.body if isinstance(block, PullQuote) for id in block.sentences]
        return tuple(dict.fromkeys([*cites, *quoted]))


@dataclass(eq=False)
class Exchange:
    """A request, its reply, and the texts written in it: those that fail go back there together, once.

    Each text has its place as the model is told it, such as "section 2". What is rewritten cites `lines`, by
    number; without any (a prompt that shows sections instead) it keeps the citations that it had.
    """

    request: Request
    reply: str
    lines: Lines
    texts: list[tuple[str, Text]] = field(default_factory=list)

    @property
    def failed(self) -> list[tuple[str, Text]]:
        """What is to be sent back."""
        return [(place, text) for place, text in self.texts if text.failures and not text.was_sent_back]


@dataclass(eq=False)
class Draft:
    """A whole post."""

    title: Text | None = None
    dek: Text | None = None
    opening: list[Text] = field(default_factory=list)
    sections: list[DraftSection] = field(default_factory=list)
    close: list[Text] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what a person is to know of how it was drafted

    @property
    def texts(self) -> list[Text]:
        """All texts in reading order."""
        return [*self._texts()]

    def _texts(self) -> Iterator[Text]:
        yield from filter(None, (self.title, self.dek))
        yield from self.opening
        for section in self.sections:
            yield from filter(None, (section.heading,))
            yield from section.texts
        yield from self.close


def claim_of(text: str, cites: Sequence[str] = (), notes: Sequence[int] = ()) -> Claim:
    """A claim of the kind that follows from what it rests on: sentences by id, and the author's notes."""
    kind: Literal["talk", "author", "linking"] = "author" if notes else "talk" if cites else "linking"
    return Claim(text=text or "?", kind=kind, cites=tuple(cites), notes=tuple(notes))


def tidy_heading(heading: str) -> str:
    """A heading without quotation marks, full stops and Markdown around it, with a capital letter."""
    bare = heading.strip(" .\"'\u201c\u201d\u2018\u2019*#") or "?"
    return bare[:1].upper() + bare[1:]
