"""What the stages and their artifacts are called, everywhere: on disk, on the command line, in settings."""

from __future__ import annotations

from enum import StrEnum


class StageName(StrEnum):
    """The name of a stage: a string that knows the artifact."""

    @property
    def artifact(self) -> str:
        """The file that the stage writes into an output folder."""
        return _ARTIFACTS[self]


class TalkStage(StageName):
    """The stages of a talk, in order. Each has a table of settings of that name."""

    TRANSCRIBE = "transcribe"
    SEGMENT = "segment"
    EXTRACT = "extract"
    RENDER = "render"


JUDGE = "judge"  # the table of settings for a judge that is not the writer's model
RULES = "rules"  # the judge where no model judges


class CohortStage(StageName):
    """The two stages of a cohort, in order."""

    COHORT = "cohort"
    SITE = "site"


_ARTIFACTS: dict[StageName, str] = {
    TalkStage.TRANSCRIBE: "1_transcript.json",
    TalkStage.SEGMENT: "2_turns.json",
    TalkStage.EXTRACT: "3_takeaways.json",
    TalkStage.RENDER: "4_post.json",
    CohortStage.COHORT: "cohort.json",
    CohortStage.SITE: "cohort_post.json",
}
