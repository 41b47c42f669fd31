"""What a talk may cost: the limits of a section, the calls made and their price, an estimate of the rest."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal

from pipeline.engines.prices import TokenPrice
from pipeline.errors import BudgetError, ConfigError
from pipeline.stage_names import TalkStage
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.planted import MOST_OF_A_KIND

# Ways to draft: map to frame, or whole; then the draft is judged, mended, and judged again.
Step = Literal["map", "choose", "write", "heading", "frame", "whole", "judge", "rewrite", "settle"]


@dataclass(frozen=True)
class Limits:
    """The most that a section may have; `room` is how many tokens of the talk the prompt of a step shows."""

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
OUTLINE_TOKENS = 150  # of the outline, and of who the speakers are
SECTION_QUOTES_TOKENS = 170  # of a section's reply besides its sentences
SHOWN_TOKENS = 2000  # of a section's lines, where the room suffices for what was said around what it cites
SENT_BACK_SHARE = 0.3  # of the exchanges, in which some text fails
FAILED_SHARE = 0.15  # of the texts


@dataclass(frozen=True)
class CallEstimate:
    """Calls that were not made, and the tokens that they would read and write."""

    calls: int = 0
    read: int = 0
    written: int = 0

    def __add__(self, other: CallEstimate) -> CallEstimate:
        return CallEstimate(self.calls + other.calls, self.read + other.read, self.written + other.written)


STEPS: tuple[Step, ...] = (
    "map", "choose", "write", "heading", "frame", "whole", "judge", "rewrite", "settle",
)  # fmt: skip
SHOWN_TO_JUDGE_TOKENS = 75  # of the talk, for a text of a post
JUDGED_AROUND = 6  # texts of a post that stand around its sections, all in all


@dataclass(frozen=True)
class DraftSize:
    """How large a draft is, or is likely to be.

    `read` is the tokens of the prompts and replies in which it was written, `shown` those of what a judge is
    shown of the talk.
    """

    exchanges: int
    read: int
    texts: int
    shown: int


def size_by_steps(limits: Limits, themes: int) -> DraftSize:
    """The likely size of a draft that is written step by step: its sections, all headings, and the frame."""
    sections = writing_sections(themes, limits)
    return DraftSize(
        exchanges=themes + 2,
        read=sections.read + 2 * sections.written + 2 * INSTRUCTION_TOKENS,
        texts=themes * (limits.paragraphs * limits.sentences + 1) + JUDGED_AROUND,
        shown=themes * min(limits.room, SHOWN_TOKENS) // 2,
    )


def drafting_after(step: Step, limits: Limits, themes: int, points: int = 0) -> CallEstimate:
    """The calls of all steps after one that are left until a draft is written step by step."""
    prose_tokens = _prose_tokens(limits)
    by_step: dict[Step, CallEstimate] = {
        "choose": CallEstimate(
            1,
            INSTRUCTION_TOKENS + LISTED_POINT_TOKENS * points,
            replies.THEME_TOKENS * themes + replies.NUMBER_TOKENS * points,
        ),
        "write": writing_sections(themes, limits),
        "heading": CallEstimate(
            themes, themes * (INSTRUCTION_TOKENS + prose_tokens // 2), themes * replies.HEADING_TOKENS
        ),
        "frame": CallEstimate(1, INSTRUCTION_TOKENS + themes * prose_tokens // 2, replies.FRAME_TOKENS),
    }
    later = STEPS[STEPS.index(step) + 1 :]
    return sum((by_step.get(name, CallEstimate()) for name in later), CallEstimate())


def writing_sections(number: int, limits: Limits) -> CallEstimate:
    """The calls that write sections, each of which sees the outline and the section before."""
    prose_tokens = _prose_tokens(limits)
    shown_tokens = min(limits.room, SHOWN_TOKENS) + OUTLINE_TOKENS + prose_tokens
    return CallEstimate(number, number * (INSTRUCTION_TOKENS + shown_tokens), number * prose_tokens)


def rewriting_after(step: Step, size: DraftSize) -> CallEstimate:
    """The writer's calls once a draft is judged: what fails goes back to where it was written."""
    if STEPS.index(step) >= STEPS.index("rewrite"):
        return CallEstimate()
    sent_back = max(1, round(size.exchanges * SENT_BACK_SHARE))
    read = sent_back * size.read // max(1, size.exchanges)
    return CallEstimate(sent_back, read, max(1, round(size.texts * FAILED_SHARE)) * replies.REWRITE_TOKENS)


def judging_after(step: Step, size: DraftSize) -> CallEstimate:
    """The judge's calls after a step: one over all texts of a draft, one over those that come back."""

    def judging(texts: int) -> CallEstimate:
        asked = texts + 2 * MOST_OF_A_KIND  # planted
        shown = size.shown * texts // max(1, size.texts) + asked * replies.SENTENCE_TOKENS
        return CallEstimate(1, 2 * INSTRUCTION_TOKENS + shown, asked * replies.VERDICT_TOKENS)

    calls: dict[Step, CallEstimate] = {
        "judge": judging(size.texts),
        "settle": judging(max(1, round(size.texts * FAILED_SHARE))),
    }
    later = STEPS[STEPS.index(step) + 1 :]
    return sum((calls.get(name, CallEstimate()) for name in later), CallEstimate())


def likely_themes(points: int) -> int:
    """How many themes so many points are likely to be put into."""
    return max(1, min(MAX_LIKELY_THEMES, points // 2))


def _prose_tokens(limits: Limits) -> int:
    """Of a section's reply."""
    return limits.paragraphs * limits.sentences * replies.SENTENCE_TOKENS + SECTION_QUOTES_TOKENS
