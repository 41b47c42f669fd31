"""The whole program, in order: from a recording or a transcript to a post.

A folder of talks has two stages more, in pipeline.cohort.cohort_stages.
"""

from pipeline.stages.extract import EXTRACT
from pipeline.stages.render import RENDER
from pipeline.stages.segment import SEGMENT
from pipeline.stages.transcribe import TRANSCRIBE

__all__ = ["EXTRACT", "RENDER", "SEGMENT", "STAGES", "TRANSCRIBE"]

STAGES = (TRANSCRIBE, SEGMENT, EXTRACT, RENDER)
