"""The whole program, in order. A folder of talks has two stages more: pipeline.cohort.cohort_stages."""

from pipeline.stages.extract import EXTRACT
from pipeline.stages.render import RENDER
from pipeline.stages.segment import SEGMENT
from pipeline.stages.transcribe import TRANSCRIBE

__all__ = ["EXTRACT", "RENDER", "SEGMENT", "STAGES", "TRANSCRIBE"]

STAGES = RENDER.chain
