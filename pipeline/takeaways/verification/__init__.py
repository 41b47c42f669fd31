"""Whether the transcript sentences that a claim cites support it.

Checks of one kind are a file, with its word lists beside it; verifier.py runs them in order. All are rules
over words and sentence embeddings: they catch what they are named for, and none proves that a claim is true.
"""

from pipeline.takeaways.verification.evidence import Failure, Kind
from pipeline.takeaways.verification.verifier import Verifier

__all__ = ["Failure", "Kind", "Verifier"]
