"""What is compared of a talk's posts: each says, fares and costs what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline.post.quotations import ELISION
from pipeline.post.template_views import PostView
from pipeline.records import Claim, Rejected, Takeaways, Verification
from pipeline.takeaways.language.sentences import SPACELESS
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from pipeline.takeaways.llm.budget import Budget

UNKNOWN = "—"


@dataclass(frozen=True)
class Account:
    """What the calls took, those that the cache answered included, as if all had been made now.

    `read` and `written` are tokens, `cost` US dollars or None where no price is known, `seconds` those of
    all calls together, also of calls at the same time.
    """

    made: int
    remembered: int
    read: int
    written: int
    cost: float | None
    seconds: float

    @classmethod
    def of(cls, budget: Budget) -> Account:
        both = (budget.made, budget.remembered)
        cost = budget.cost(*both)
        return cls(
            made=budget.made.calls,
            remembered=budget.remembered.calls,
            read=sum(tally.read for tally in both),
            written=sum(tally.written for tally in both),
            cost=None if cost is None else round(cost, 6),
            seconds=round(sum(tally.seconds for tally in both), 2),
        )


@dataclass(frozen=True)
class Figures:
    """What a post says. `quoted` is each speaker's share of the quotes' words, 0 to 1.

    `covered` of `topics` are those of which the post cites or quotes at least a sentence.
    """

    sections: int
    words: int
    verification: Verification
    quotes: int
    quoted: dict[str, float]
    topics: int
    covered: int

    @classmethod
    def of(cls, takeaways: Takeaways, post: PostView, topics: Sequence[Collection[str]]) -> Figures:
        """`topics` are the ids of the sentences of each topic that the talk itself falls into."""
        shown = [quote for theme in post.themes for quote in theme.quotes]
        quoted = Counter(dict.fromkeys((speaker.name for speaker in post.speakers), 0))
        for quote in shown:
            quoted[quote.speaker.name] += _words(quote.text.replace(ELISION, " "))
        used = _used(takeaways)
        return cls(
            sections=len(takeaways.themes),
            words=sum(_words(claim.text) for claim in _claims(takeaways)),
            verification=takeaways.verification or Verification(checked=0, passed=0),
            quotes=len(shown),
            quoted={name: round(n / max(1, quoted.total()), 4) for name, n in quoted.items()},
            topics=len(topics),
            covered=sum(not used.isdisjoint(topic) for topic in topics),
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "verification": self.verification.model_dump(mode="json")}


@dataclass(frozen=True)
class Row:
    """A line of the table: what is measured, and a cell a variant."""

    label: str
    cells: tuple[str, ...]


def rows(measured: Sequence[tuple[Figures | None, Account | None]]) -> tuple[Row, ...]:
    """The table, a column for each that was measured; a dash is what is not known."""
    figures = [one for one, _ in measured]
    reasons = sorted({code for one in figures if one for code in one.verification.reasons})
    people = dict.fromkeys(name for one in figures if one for name in one.quoted)
    table = [_cells(*one, reasons, tuple(people)) for one in measured]
    return tuple(Row(label, tuple(column[n][1] for column in table)) for n, (label, _) in enumerate(table[0]))


def _cells(
    figures: Figures | None, account: Account | None, reasons: Sequence[str], people: Sequence[str]
) -> list[tuple[str, str]]:
    """A column: each label with its cell."""
    f, a = figures, account
    v = f.verification if f else None
    return [
        ("sections", f"{f.sections}" if f else UNKNOWN),
        ("words of prose", f"{f.words:,}" if f else UNKNOWN),
        ("texts checked", f"{v.checked}" if v else UNKNOWN),
        ("passed at once", f"{v.passed}" if v else UNKNOWN),
        ("mended", f"{v.mended}" if v else UNKNOWN),
        ("replaced", f"{v.replaced}" if v else UNKNOWN),
        *((f"failed: {code}", f"{v.reasons.get(code, 0)}" if v else UNKNOWN) for code in reasons),
        ("quotes", f"{f.quotes}" if f else UNKNOWN),
        *((f"quoted: {name}", _percent(f.quoted.get(name, 0.0)) if f else UNKNOWN) for name in people),
        ("topics covered", f"{f.covered} of {f.topics}" if f else UNKNOWN),
        ("calls made", f"{a.made}" if a else UNKNOWN),
        ("calls from the cache", f"{a.remembered}" if a else UNKNOWN),
        ("tokens read", f"{a.read:,}" if a else UNKNOWN),
        ("tokens written", f"{a.written:,}" if a else UNKNOWN),
        ("cost", f"${a.cost:.4f}" if a and a.cost is not None else UNKNOWN),
        ("seconds", f"{a.seconds:,.1f}" if a else UNKNOWN),
    ]


def _percent(share: float) -> str:
    return "<1 %" if 0 < share < 0.005 else f"{round(share * 100)} %"


def _words(text: str) -> int:
    """Words, or what would be words in a script without spaces."""
    return max(len(text.split()), len(SPACELESS.findall(text)) // 2)


def _claims(takeaways: Takeaways) -> Iterator[Claim]:
    themed = (paragraph for theme in takeaways.themes for paragraph in theme.paragraphs)
    for paragraph in (*takeaways.introduction, *themed, *takeaways.close):
        yield from paragraph.claims


def _used(takeaways: Takeaways) -> set[str]:
    """The ids of the sentences that a post cites or quotes."""
    cited = {id for claim in _claims(takeaways) for id in claim.cites}
    return cited | {id for theme in takeaways.themes for quote in theme.quotes for id in quote.sentences}


# What a comparison is: variants of one talk's post, and what became of each.


@dataclass(frozen=True)
class Variant:
    """A prompt set and a model, None for the talk's own or the default one."""

    prompts: str
    model: str | None

    @property
    def asked(self) -> str:
        """What the model is called."""
        return self.model or "default model"

    def __str__(self) -> str:
        return f"{self.prompts} with {self.asked}"


@dataclass(frozen=True)
class Column:
    """What became of a variant: a post and its figures, or the error that it failed with.

    `account` is what its calls took, also if it failed; None if there could be no calls.
    """

    variant: Variant
    post: PostView | None = None
    figures: Figures | None = None
    account: Account | None = None
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "prompts": self.variant.prompts,
            "model": self.variant.model,
            "error": self.error,
            "figures": self.figures.as_json() if self.figures else None,
            "calls": vars(self.account) if self.account else None,
            "rejected": [one.model_dump(mode="json") for one in self.rejected],
        }


@dataclass(frozen=True)
class Comparison:
    """A talk's variants. `stale` is why segmentation would run again.

    `page` is where they are to be read, relative to the workspace, None where no variant has a post; `copies`
    are of pages edited by hand that were there before.
    """

    talk: Talk
    title: str
    columns: tuple[Column, ...]
    stale: tuple[str, ...]
    page: str | None = None
    copies: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.error)

    def as_json(self) -> dict[str, Any]:
        """What table and page show, for machines; not the posts."""
        return {
            "talk": self.talk.name,
            "stale": list(self.stale),
            "page": self.page,
            "copies": list(self.copies),
            "variants": [column.as_json() for column in self.columns],
        }

    @property
    def rows(self) -> tuple[Row, ...]:
        return rows([(column.figures, column.account) for column in self.columns])
