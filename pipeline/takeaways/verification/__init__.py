"""Whether the transcript sentences that a claim cites bear it out.

Rules of one kind are a file; verifier.py runs them. Hard rules decide alone, in any language, and hardly ever
refuse a true claim. The others raise doubts, in English and by the parse: a judge settles them (judging.py).
"""

from pipeline.takeaways.verification.evidence import Failure, Findings, Place
from pipeline.takeaways.verification.verifier import Verifier

__all__ = ["Failure", "Findings", "Place", "Verifier"]
