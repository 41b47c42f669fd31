"""The whole program, in order."""

from pipeline.stages.cohort import COHORT
from pipeline.stages.extract import EXTRACT
from pipeline.stages.render import RENDER
from pipeline.stages.segment import SEGMENT
from pipeline.stages.site import SITE
from pipeline.stages.transcribe import TRANSCRIBE

__all__ = ["COHORT", "COHORT_STAGES", "EXTRACT", "RENDER", "SEGMENT", "SITE", "STAGES", "TRANSCRIBE"]

STAGES = (TRANSCRIBE, SEGMENT, EXTRACT, RENDER)  # of a talk
COHORT_STAGES = (COHORT, SITE)  # of a folder of talks
