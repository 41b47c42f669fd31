"""He and she are nobody's until somebody said so: a speaker is their token again, or they.

Sees: he, she and their forms where no cited sentence has one of the same gender. Cannot see: whom a
pronoun that the sources use, too, refers to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.takeaways.language import comparable as t
from pipeline.takeaways.verification.evidence import Evidence
from pipeline.takeaways.verification.failure import Failure

_SETS = (
    re.compile(r"\b(?:he|him|his|himself)(?:'\w+)?\b", re.I),
    re.compile(r"\b(?:she|her|hers|herself)(?:'\w+)?\b", re.I),
)


def failures(text: str, evidence: Evidence) -> Iterator[Failure]:
    """A gendered pronoun that the cited sentences do not use."""
    bare = t.plain(t.unquoted(text))
    for forms in _SETS:
        match = forms.search(bare)
        if match and not any(forms.search(t.plain(source)) for source in evidence.texts):
            yield Failure(
                "pronoun",
                f'"{match[0]}" is used, but no cited sentence says so of anybody; '
                "write the speaker's token again, or they",
            )
