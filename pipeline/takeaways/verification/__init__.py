"""Whether a sentence of prose is borne out by the transcript sentences that it cites.

Checks of one kind are a file; verifier.py runs them in order. All are rules over words and sentence vectors:
they catch what they are named for, and none proves that a claim is true.
"""

from pipeline.takeaways.verification.evidence import Failure
from pipeline.takeaways.verification.verifier import Verifier

__all__ = ["Failure", "Verifier"]
