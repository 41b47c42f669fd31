"""What calls cost, and the limit that they never pass."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from pipeline.engines.prices import TokenPrice
from pipeline.errors import BudgetError, ConfigError


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

    price: TokenPrice | None
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
