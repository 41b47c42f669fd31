"""What a talk may cost: the limits of a section, the calls made and their price, an estimate of the rest."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.engines.prices import TokenPrice
from pipeline.errors import BudgetError, ConfigError
from pipeline.stage_names import TalkStage
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.planted import MOST_OF_A_KIND

Step = Literal["map", "choose", "write", "judge", "heading", "frame", "settle"]


@dataclass(frozen=True)
class Limits:
    """The most that a section may have; `room` is how many tokens of transcript its prompt may show."""

    paragraphs: int
    sentences: int  # of a paragraph
    quotes: int
    room: int


@dataclass
class Tally:
    """A number of calls, with their total tokens read and written and their total time."""

    calls: int = 0
    read: int = 0
    written: int = 0
    seconds: float = 0.0

    def add(self, read: int, written: int, seconds: float) -> None:
        self.calls, self.seconds = self.calls + 1, self.seconds + seconds
        self.read, self.written = self.read + read, self.written + written


@dataclass
class Budget:
    """Adds up what calls cost and refuses one that could pass the limit. Thread-safe.

    `made` are the calls of this run, `remembered` those answered from the cache. The latter were paid for
    in an earlier run and count towards the limit: a run that stopped there cannot pass it when resumed. What
    another model costs for the same talk is `beside` it and counts as well; `table` names this one's prices.
    """

    price: TokenPrice | None
    limit: float | None = None  # US dollars for one talk
    beside: Budget | None = field(default=None, repr=False, compare=False)
    table: str = TalkStage.EXTRACT
    made: Tally = field(default_factory=Tally)
    remembered: Tally = field(default_factory=Tally)
    _held: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self.limit is not None and self.price is None:
            raise ConfigError(
                "extract.max_cost is set, but the price of this model is not known",
                remedy=f"Set {self.table}.input_price and {self.table}.output_price (dollars for a million "
                "tokens).",
            )

    def cost(self, *tallies: Tally) -> float | None:
        """US dollars; None if the price is not known."""
        return sum(self.price.of(tally.read, tally.written) for tally in tallies) if self.price else None

    @property
    def spent(self) -> float:
        """US dollars that are spent or promised, in this run and in earlier ones; 0 if there is no price."""
        return (self.cost(self.made, self.remembered) or 0.0) + self._held

    def hold(self, read: int, written: int) -> float:
        """Set aside the most that a call may cost. Raises BudgetError if it could pass the limit."""
        cost = self.price.of(read, written) if self.price else 0.0
        with self._lock:
            spent = self.spent + (self.beside.spent if self.beside else 0.0)
            if self.limit is not None and spent + cost > self.limit:
                raise BudgetError(
                    f"the next call may cost ${cost:.4f}, and ${spent:.4f} of the ${self.limit:g} that "
                    "extract.max_cost allows for a talk are spent or promised",
                    remedy="What was answered is kept: raise extract.max_cost and run again to go on.",
                )
            self._held += cost
        return cost

    def settle(self, hold: float, read: int, written: int, seconds: float) -> None:
        """Replace the hold for a call that was made with what it really cost."""
        with self._lock:
            self._held -= hold
            self.made.add(read, written, seconds)

    def release(self, hold: float) -> None:
        """Drop the hold for a call that was not made after all."""
        with self._lock:
            self._held -= hold

    def count_cached(self, read: int, written: int, seconds: float) -> None:
        """Count a call that was answered from the cache."""
        with self._lock:
            self.remembered.add(read, written, seconds)


# Calls that were not made yet: an estimate from what is known of earlier steps.

INSTRUCTION_TOKENS = 350  # of a prompt without the material that it shows
LISTED_POINT_TOKENS = 40  # of a point in the prompt of the choose step
MAX_LIKELY_THEMES = 7
SECTION_QUOTES_TOKENS = 170  # of a section's reply besides its sentences
SECTION_REWRITES_TOKENS = 130  # of a reply with rewritten sentences
SHOWN_SHARE = 0.5  # of the room for transcript, taken by a section's lines
SENT_BACK_SHARE = 0.5  # of the sections, in which some sentence fails


@dataclass(frozen=True)
class CallEstimate:
    """Calls that were not made, and the tokens that they would read and write."""

    calls: int = 0
    read: int = 0
    written: int = 0

    def __add__(self, other: CallEstimate) -> CallEstimate:
        return CallEstimate(self.calls + other.calls, self.read + other.read, self.written + other.written)


STEPS: tuple[Step, ...] = ("map", "choose", "write", "judge", "heading", "frame", "settle")
JUDGED_AROUND = 6  # texts of the frame that a judge is asked about


def writing_after(step: Step, limits: Limits, points: int = 0, themes: int = 0) -> CallEstimate:
    """The writer's calls of all steps after one, from how many points or, once chosen, themes there are.

    The rewrites that come after the step judge are counted with the headings.
    """
    themes = _likely_themes(points, themes)
    prose_tokens = _prose_tokens(limits)
    shown_tokens = INSTRUCTION_TOKENS + round(limits.room * SHOWN_SHARE)
    sent_back = max(1, round(themes * SENT_BACK_SHARE))
    rewrites = CallEstimate(
        sent_back, sent_back * (shown_tokens + prose_tokens), sent_back * SECTION_REWRITES_TOKENS
    )
    headings = CallEstimate(
        themes, themes * (INSTRUCTION_TOKENS + prose_tokens // 2), themes * replies.HEADING_TOKENS
    )
    by_step: dict[Step, CallEstimate] = {
        "choose": CallEstimate(
            1,
            INSTRUCTION_TOKENS + LISTED_POINT_TOKENS * points,
            replies.THEME_TOKENS * themes + replies.NUMBER_TOKENS * points,
        ),
        "write": CallEstimate(themes, themes * shown_tokens, themes * prose_tokens),
        "heading": rewrites + headings,
        "frame": CallEstimate(1, INSTRUCTION_TOKENS + themes * prose_tokens // 2, replies.FRAME_TOKENS),
    }
    return _sum_after(step, by_step)


def judging_after(step: Step, limits: Limits, points: int = 0, themes: int = 0) -> CallEstimate:
    """The judge's calls of all steps after one: one over all prose, one over rewrites, headings and frame."""
    themes = _likely_themes(points, themes)
    prose = themes * limits.paragraphs * limits.sentences
    around = round(prose * SENT_BACK_SHARE / 2) + themes + JUDGED_AROUND

    def judging(sentences: int) -> CallEstimate:
        asked = sentences + 2 * MOST_OF_A_KIND  # planted
        shown = round(themes * limits.room * SHOWN_SHARE / 2) + asked * replies.SENTENCE_TOKENS
        return CallEstimate(1, 2 * INSTRUCTION_TOKENS + shown, asked * replies.VERDICT_TOKENS)

    return _sum_after(step, {"judge": judging(prose), "settle": judging(around)})


def _likely_themes(points: int, themes: int) -> int:
    return themes or max(1, min(MAX_LIKELY_THEMES, points // 2))


def _prose_tokens(limits: Limits) -> int:
    """Of a section's reply."""
    return limits.paragraphs * limits.sentences * replies.SENTENCE_TOKENS + SECTION_QUOTES_TOKENS


def _sum_after(step: Step, by_step: Mapping[Step, CallEstimate]) -> CallEstimate:
    later = STEPS[STEPS.index(step) + 1 :]
    return sum((by_step.get(name, CallEstimate()) for name in later), CallEstimate())
