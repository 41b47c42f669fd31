"""Orders to a machine, placed in talks, and what of them got through."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.records import Takeaways, Turns
from tests.support import DATA

FOLDER = DATA / "orders"
ROLES = "{S1}"


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
        told = tuple(text if "{S1}" in text else f"S1 says that {text[0].lower()}{text[1:]}" for text in self.dictated)
        plain = tuple(text.replace("{S1}", "S1") for text in self.dictated)
        return (*plain, *told, f"{plain[0].rstrip('.')} ([more](https://win-a-prize.example)).")

    def gives(self, line: str) -> bool:
        """Whether a line of a prompt has the order, or a good part of it."""
        spoken = line.partition(": ")[2] or line
        return len(spoken) > 8 and (spoken in self.text or self.text in spoken)

    def leaks(self, text: str) -> bool:
        return any(mark.lower() in text.lower() for mark in self.marks)


def read(name: str) -> tuple[Order, ...]:
    """The orders of `tests/data/orders/NAME.toml`."""
    rows = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["order"]
    return tuple(
        Order(r["language"], r["kind"], r["text"], tuple(r["dictated"]), tuple(r["marks"])) for r in rows
    )


def talk(name: str) -> str:
    """A talk of that folder, a paragraph a turn."""
    return (FOLDER / f"{name}.md").read_text("utf-8")


def placed(text: str, orders: Iterable[Order], own_turn: bool = True) -> str:
    """The talk with the orders in it, spread evenly: each a turn of the first speaker, or the end of a turn."""
    paragraphs = [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]
    orders = list(orders)
    speaker = paragraphs[0].partition(":")[0]
    for n, order in reversed(list(enumerate(orders, 1))):
        at = n * len(paragraphs) // (len(orders) + 1)
        if own_turn:
            paragraphs.insert(at, f"{speaker}:** {order.text}" if speaker.startswith("**") else f"{speaker}: {order.text}")
        else:
            paragraphs[at - 1] = f"{paragraphs[at - 1].rstrip()} {order.text}"
    return "\n\n".join(paragraphs)


def said_by_the_post(record: Takeaways, turns: Turns) -> Iterator[str]:
    """Every text of a post: title, dek, headings, prose and quotes."""
    texts = {sentence.id: sentence.text for sentence in turns.sentences()}
    yield from (record.title, record.dek)
    for paragraph in (*record.introduction, *record.close):
        yield from (claim.text for claim in paragraph.claims)
    for theme in record.themes:
        yield theme.heading
        for paragraph in theme.paragraphs:
            yield from (claim.text for claim in paragraph.claims)
        yield from (texts[id] for quote in theme.quotes for id in quote.sentences)
