"""What the steps after the last one that is known would take: a guess from the size of what is known."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.takeaways.llm.calls import Planned
from pipeline.takeaways.llm.frame import FRAME_TOKENS
from pipeline.takeaways.llm.sections import HEADING_TOKENS, SENTENCE_TOKENS, Sizes

STEPS = ("map", "choose", "write", "heading", "frame")
INSTRUCTIONS = 350  # tokens of a prompt without what it shows
A_POINT = 40  # tokens of a point where it is listed
SHOWN = 0.5  # of the room, that a section's lines take
BACK = 0.5  # of the sections, that have something sent back


@dataclass
class Reached:
    """How far a writer came, and what it knew by then."""

    step: str = "map"
    points: int = 0
    themes: int = 0


def add(planned: Planned, reached: Reached, sizes: Sizes) -> None:
    """Add the steps after the one reached to what is planned."""
    after = STEPS[STEPS.index(reached.step) + 1 :]
    themes = reached.themes or max(1, min(7, reached.points // 2))
    prose = sizes.paragraphs * sizes.sentences * SENTENCE_TOKENS + 170
    shown = INSTRUCTIONS + round(sizes.room * SHOWN)
    if "choose" in after:
        planned.add(1, INSTRUCTIONS + A_POINT * reached.points, 60 * themes + 5 * reached.points)
    if "write" in after:
        planned.add(themes, themes * shown, themes * prose)
    if "heading" in after:
        back = max(1, round(themes * BACK))
        planned.add(back, back * (shown + prose), back * 130)
        planned.add(themes, themes * (INSTRUCTIONS + prose // 2), themes * HEADING_TOKENS)
    if "frame" in after:
        planned.add(1, INSTRUCTIONS + themes * prose // 2, FRAME_TOKENS)
