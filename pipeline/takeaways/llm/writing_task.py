"""What all steps of writing a post work with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.records import Claim
from pipeline.takeaways.llm import budget
from pipeline.takeaways.llm.authors_notes import resting_on
from pipeline.takeaways.llm.budget import CallEstimate, DraftSize, Limits, Step
from pipeline.takeaways.llm.calls import Calls
from pipeline.takeaways.llm.claim_checker import ClaimChecker
from pipeline.takeaways.llm.draft import claim_of
from pipeline.takeaways.llm.material import Material
from pipeline.text import plain
from pipeline.workspace.prompt_sets import PromptSet
from pipeline.workspace.sidecar import Facts

MAY_BE_REWORDED = "(may be reworded) "  # before a note that is not verbatim


@dataclass
class WritingTask:
    """What every step works with. All steps share `calls` and `checker`, and add to them.

    `limits` are those of the way in which the post is drafted.
    """

    facts: Facts
    material: Material
    prompts: PromptSet
    limits: Limits
    calls: Calls
    checker: ClaimChecker
    judge_calls: Calls | None = None  # `calls` where the writer's model judges; None where rules do
    max_themes: int | None = None  # a setting
    writer: str = "openai"  # how the takeaways name it
    is_small: bool = False  # the model, which then is asked in the simplest form

    @property
    def notes(self) -> tuple[str, ...]:
        """The author's notes, which are numbered from 1."""
        return tuple(plain(note.text) for note in self.facts.notes)

    @property
    def note_numbers(self) -> range:
        return range(1, len(self.facts.notes) + 1)

    def numbered_notes(self, numbers: Iterable[int]) -> str:
        """Some of the author's notes as prompts show them, a line each."""
        marks = {n: "" if note.verbatim else MAY_BE_REWORDED for n, note in enumerate(self.facts.notes, 1)}
        return "\n".join(f"{n}. {marks[n]}{self.notes[n - 1]}" for n in numbers)

    def claim(self, text: str, cites: Sequence[str], notes: Iterable[int]) -> Claim:
        """A sentence that gives sentences by id, and notes, as a claim with what of these may count."""
        return claim_of(text, *resting_on(text, cites, notes, self.facts.notes))

    def later(self, step: Step, points: int = 0, themes: int = 0) -> CallEstimate:
        """The writer's calls after a step towards a draft."""
        themes = themes or budget.likely_themes(points)
        drafting = budget.drafting_after(step, self.limits, themes, points)
        return drafting + self.settling(step, budget.size_by_steps(self.limits, themes))

    def settling(self, step: Step, size: DraftSize) -> CallEstimate:
        """The writer's calls after a step that settle a draft of some size.

        A judge's that is another model are noted with its own calls.
        """
        rewriting, judging = budget.rewriting_after(step, size), budget.judging_after(step, size)
        if self.judge_calls and self.judge_calls is not self.calls:
            self.judge_calls.later = judging
        return rewriting + judging if self.judge_calls is self.calls else rewriting
