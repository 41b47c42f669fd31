"""What calls cost, and the limit that they never pass."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from pipeline.errors import BudgetError, ConfigError

# Of tokens read, and of tokens written: OpenAI's list prices of standard calls, mid 2025.
# A dated name ("gpt-4o-mini-2024-07-18") costs what its family does.
DOLLARS_PER_MILLION = {
    "gpt-4.1": (2.00, 8.00),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1-nano": (0.10, 0.40),
    "gpt-4o": (2.50, 10.00),
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-5": (1.25, 10.00),
    "gpt-5-mini": (0.25, 2.00),
    "gpt-5-nano": (0.05, 0.40),
    "o3": (2.00, 8.00),
    "o4-mini": (1.10, 4.40),
}


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    reading: float
    writing: float

    def of(self, read: int, written: int) -> float:
        """US dollars for so many tokens."""
        return (read * self.reading + written * self.writing) / 1e6


def price_of(model: str) -> Price | None:
    """The list price of one of OpenAI's models, None if it is not in the table."""
    families = [name for name in DOLLARS_PER_MILLION if model == name or model.startswith(f"{name}-20")]
    return Price(*DOLLARS_PER_MILLION[max(families, key=len)]) if families else None


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
    in an earlier run and count towards the limit: a run that stopped there cannot pass it when resumed.
    """

    price: Price | None
    limit: float | None = None  # US dollars for one talk
    made: Tally = field(default_factory=Tally)
    remembered: Tally = field(default_factory=Tally)
    _held: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self.limit is not None and self.price is None:
            raise ConfigError(
                "extract.max_cost is set, but the price of this model is not known",
                remedy="Set extract.input_price and extract.output_price (dollars for a million tokens).",
            )

    def cost(self, *tallies: Tally) -> float | None:
        """US dollars; None if the price is not known."""
        return sum(self.price.of(t.read, t.written) for t in tallies) if self.price else None

    def hold(self, read: int, written: int) -> float:
        """Set aside the most that a call may cost. Raises BudgetError if it could pass the limit."""
        cost = self.price.of(read, written) if self.price else 0.0
        with self._lock:
            spent = (self.cost(self.made, self.remembered) or 0.0) + self._held
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

    def recall(self, read: int, written: int, seconds: float) -> None:
        """Count a call that was answered from the cache."""
        with self._lock:
            self.remembered.add(read, written, seconds)
