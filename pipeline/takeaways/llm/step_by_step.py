"""A post drafted step by step, for windows that the whole talk does not fit into."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.takeaways.llm.draft import Draft
from pipeline.takeaways.llm.map_and_choose import PlannedTheme, choose_themes, map_points
from pipeline.takeaways.llm.write_frame import write_frame, write_headings
from pipeline.takeaways.llm.write_sections import write_sections
from pipeline.takeaways.llm.writing_task import WritingTask


def draft_by_steps(task: WritingTask) -> Draft | None:
    """A post about what is argued in the talk; None if no points are found in it.

    Raises EndpointError, BudgetError.
    """
    points = map_points(task)
    return draft_themes(task, choose_themes(task, points)) if points else None


def draft_themes(task: WritingTask, themes: Sequence[PlannedTheme]) -> Draft:
    """A post with a section for each theme: sections first, then their headings, and last what stands around.

    Every text is checked by rule as it is written. Raises EndpointError, BudgetError.
    """
    draft = Draft()
    write_sections(task, themes, draft)
    write_headings(task, themes, draft)
    write_frame(task, themes, draft)
    return draft
