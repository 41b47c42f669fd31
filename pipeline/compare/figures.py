"""What a comparison of a talk's posts shows: what each one says, how it was verified, and its cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline.compare.comparison_views import ColumnView, ComparisonView, RejectedView, RowView, VariantView
from pipeline.post.prose import CUT, ELISION
from pipeline.post.template_views import PostView
from pipeline.records import Claim, Rejected, Takeaways, Verification
from pipeline.text import count_words
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from pipeline.takeaways.llm.budget import Budget

UNKNOWN = "—"
FAULTS = {  # by the code under which a fault is counted, where that says too little
    "cause": "a cause that nobody gave",
    "certainty": "surer than what was said",
    "copied": "the speaker's words as the author's",
    "deed": "a plan as a deed",
    "instruction": "an order",
    "meaning": "not borne out, by the judge",
    "negation": "the opposite of what was said",
    "order": "another order in time",
    "quantity": "more or fewer than was said",
    "reply": "a reply that could not be used",
    "speaker": "another speaker",
    "stance": "another opinion",
    "support": "not in its lines",
    "uncited": "rests on no line",
}


@dataclass(frozen=True)
class Account:
    """What the calls used, as if the cache had answered none of them.

    `made` and `remembered` are calls: those made now, and those that the cache answered. `read` and
    `written` are tokens; `cost` is in US dollars, None if no price is known; `seconds` is the sum over all
    calls, even if some ran at the same time.
    """

    made: int
    remembered: int
    read: int
    written: int
    cost: float | None
    seconds: float

    @classmethod
    def of(cls, *budgets: Budget) -> Account:
        """What the calls of all these budgets used, the writer's and a judge's."""
        tallies = [tally for budget in budgets for tally in (budget.made, budget.remembered)]
        costs = [budget.cost(budget.made, budget.remembered) for budget in budgets]
        known = [cost for cost in costs if cost is not None]
        return cls(
            made=sum(budget.made.calls for budget in budgets),
            remembered=sum(budget.remembered.calls for budget in budgets),
            read=sum(tally.read for tally in tallies),
            written=sum(tally.written for tally in tallies),
            cost=round(sum(known), 6) if len(known) == len(costs) else None,
            seconds=round(sum(tally.seconds for tally in tallies), 2),
        )


@dataclass(frozen=True)
class Figures:
    """What a post says. `quoted` is each speaker's share of the quotes' words, 0 to 1.

    `covered` of the `topics` are those from which the post cites or quotes at least one sentence.
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
        """`topics` are the ids of the sentences of each topic of the talk."""
        quotes = [quote for theme in post.themes for quote in theme.quotes]
        quoted_words = Counter(dict.fromkeys((speaker.name for speaker in post.speakers), 0))
        for quote in quotes:
            quoted_words[quote.speaker.name] += count_words(quote.text.replace(ELISION, " ").strip(f"{CUT} "))
        used = _sentence_ids(takeaways)
        return cls(
            sections=len(takeaways.themes),
            words=sum(count_words(claim.text) for claim in _claims(takeaways)),
            verification=takeaways.verification or Verification(checked=0, passed=0),
            quotes=len(quotes),
            quoted={name: round(n / max(1, quoted_words.total()), 4) for name, n in quoted_words.items()},
            topics=len(topics),
            covered=sum(not used.isdisjoint(topic) for topic in topics),
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "verification": self.verification.model_dump(mode="json")}


def rows(measured: Sequence[tuple[Figures | None, Account | None]]) -> tuple[RowView, ...]:
    """The table, with a column for each variant; a dash stands for what is not known."""
    all_figures = [figures for figures, _ in measured if figures]
    reasons = sorted({code for figures in all_figures for code in figures.verification.reasons})
    people = dict.fromkeys(name for figures in all_figures for name in figures.quoted)
    columns = [_cells(figures, account, reasons, tuple(people)) for figures, account in measured]
    labels = [label for label, _ in columns[0]]
    return tuple(RowView(label, tuple(column[n][1] for column in columns)) for n, label in enumerate(labels))


def _cells(
    figures: Figures | None, account: Account | None, reasons: Sequence[str], people: Sequence[str]
) -> list[tuple[str, str]]:
    """One column of the table: each label with its cell."""
    verification = figures.verification if figures else None
    return [
        ("sections", f"{figures.sections}" if figures else UNKNOWN),
        ("words of prose", f"{figures.words:,}" if figures else UNKNOWN),
        ("texts checked", f"{verification.checked}" if verification else UNKNOWN),
        ("passed at once", f"{verification.passed}" if verification else UNKNOWN),
        ("doubted, and kept", f"{verification.doubted}" if verification else UNKNOWN),
        ("mended", f"{verification.mended}" if verification else UNKNOWN),
        ("replaced", f"{verification.replaced}" if verification else UNKNOWN),
        *(
            (
                f"failed: {FAULTS.get(code, code)}",
                f"{verification.reasons.get(code, 0)}" if verification else UNKNOWN,
            )
            for code in reasons
        ),
        ("judged by", verification.judge if verification else UNKNOWN),
        ("quotes", f"{figures.quotes}" if figures else UNKNOWN),
        *(
            (f"quoted: {name}", _percent(figures.quoted.get(name, 0.0)) if figures else UNKNOWN)
            for name in people
        ),
        ("topics covered", f"{figures.covered} of {figures.topics}" if figures else UNKNOWN),
        ("calls made", f"{account.made}" if account else UNKNOWN),
        ("calls from the cache", f"{account.remembered}" if account else UNKNOWN),
        ("tokens read", f"{account.read:,}" if account else UNKNOWN),
        ("tokens written", f"{account.written:,}" if account else UNKNOWN),
        ("cost", f"${account.cost:.4f}" if account and account.cost is not None else UNKNOWN),
        ("seconds", f"{account.seconds:,.1f}" if account else UNKNOWN),
    ]


def _percent(share: float) -> str:
    return "<1 %" if 0 < share < 0.005 else f"{round(share * 100)} %"


def _claims(takeaways: Takeaways) -> Iterator[Claim]:
    for paragraph in takeaways.prose:
        yield from paragraph.claims


def _sentence_ids(takeaways: Takeaways) -> set[str]:
    """The sentences that a post cites or quotes."""
    cited = {id for claim in _claims(takeaways) for id in claim.cites}
    return cited.union(*(theme.cited_ids for theme in takeaways.themes))


# A comparison: variants of one talk's post, and the result of each.


@dataclass(frozen=True)
class Variant:
    """A prompt set and a model; None is the talk's own model or the default one."""

    prompts: str
    model: str | None

    @property
    def asked(self) -> str:
        """The name of the model, for people to read."""
        return self.model or "default model"

    def __str__(self) -> str:
        return f"{self.prompts} with {self.asked}"

    @property
    def view(self) -> VariantView:
        return VariantView(self.prompts, self.model, self.asked)


@dataclass(frozen=True)
class Column:
    """The result of a variant: a post and its figures, or the error that it failed with.

    `account` is what its calls used, even if it failed; None if it could make no calls.
    """

    variant: Variant
    post: PostView | None = None
    figures: Figures | None = None
    account: Account | None = None
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None

    @property
    def view(self) -> ColumnView:
        rejected = tuple(RejectedView(rejected.what, rejected.why) for rejected in self.rejected)
        return ColumnView(self.variant.view, self.post, rejected, self.notes, self.error)

    def as_json(self) -> dict[str, Any]:
        return {
            "prompts": self.variant.prompts,
            "model": self.variant.model,
            "error": self.error,
            "figures": self.figures.as_json() if self.figures else None,
            "calls": vars(self.account) if self.account else None,
            "rejected": [rejected.model_dump(mode="json") for rejected in self.rejected],
        }


@dataclass(frozen=True)
class Comparison:
    """A talk's variants. `stale` is why segmentation would run again.

    `page` is where to read them, relative to the workspace; None if no variant has a post. `copies` are what
    was kept of earlier pages that a person had edited.
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
        """What the table and the page show, for machines, without the posts."""
        return {
            "talk": self.talk.name,
            "stale": list(self.stale),
            "page": self.page,
            "copies": list(self.copies),
            "variants": [column.as_json() for column in self.columns],
        }

    @property
    def rows(self) -> tuple[RowView, ...]:
        return rows([(column.figures, column.account) for column in self.columns])

    @property
    def view(self) -> ComparisonView:
        """What the template of the page is given."""
        return ComparisonView(
            self.title, tuple(column.view for column in self.columns), self.stale, self.rows
        )
