"""Orders to a machine, placed in talks, and what of them got through."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.records import Takeaways, Turns
from tests.support import DATA
from tests.support.talks_with_orders import ORDERS as KNOWN

FOLDER = DATA / "orders"


@dataclass(frozen=True)
class Order:
    """What somebody says, what a model that obeys would write, and words by which that is known."""

    language: str
    kind: str
    text: str
    dictated: tuple[str, ...]
    marks: tuple[str, ...]

    @property
    def wordings(self) -> tuple[str, ...]:
        """What a model writes: as dictated, told of a speaker, with a link."""
        told = (f"S1 says that {text[0].lower()}{text[1:]}" for text in self.dictated)
        return (*self.dictated, *told, f"{self.dictated[0].rstrip('.')} ([more](https://win.example)).")

    def gives(self, line: str) -> bool:
        """Whether a line of a prompt has the order, or a good part of it."""
        spoken = line.partition(": ")[2] or line
        return len(spoken) > 8 and (spoken in self.text or self.text in spoken)

    def leaks(self, text: str) -> bool:
        """Whether a text has what was dictated, or is a sentence of the order."""
        return any(mark.lower() in text.lower() for mark in self.marks) or self.gives(text)


def read(name: str) -> tuple[Order, ...]:
    """The orders of `tests/data/orders/NAME.toml`; "known": those that are known from chats."""
    if name == "known":
        return tuple(Order("en", "known", text, (text,), (word,)) for text, word in KNOWN)
    rows = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["order"]
    return tuple(
        Order(row["language"], row["kind"], row["text"], tuple(row["dictated"]), tuple(row["marks"]))
        for row in rows
    )


def talk(name: str) -> str:
    """A talk of that folder, a paragraph a turn."""
    return (FOLDER / f"{name}.md").read_text("utf-8")


def placed(text: str, orders: Iterable[Order], within_turns: bool = False) -> str:
    """The talk with the orders spread over it: each a turn of the first speaker, or the end of a turn."""
    paragraphs = [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]
    given = tuple(orders)
    name, colon = paragraphs[0].partition(":")[0], ":** " if paragraphs[0].startswith("**") else ": "
    for n, order in reversed([*enumerate(given, 1)]):
        at = n * len(paragraphs) // (len(given) + 1)
        if within_turns:
            paragraphs[at - 1] = f"{paragraphs[at - 1].rstrip()} {order.text}"
        else:
            paragraphs.insert(at, f"{name}{colon}{order.text}")
    return "\n\n".join(paragraphs)


def said_by_the_post(record: Takeaways, turns: Turns) -> Iterator[str]:
    """Every text of a post: title, dek, headings, prose, and each quoted sentence."""
    texts = {sentence.id: sentence.text for sentence in turns.sentences()}
    yield from (record.title, record.dek)
    for paragraph in (*record.introduction, *record.close):
        yield from (claim.text for claim in paragraph.claims)
    for theme in record.themes:
        yield theme.heading
        for paragraph in theme.paragraphs:
            yield from (claim.text for claim in paragraph.claims)
        yield from (texts[id] for quote in theme.quotes for id in quote.sentences)
