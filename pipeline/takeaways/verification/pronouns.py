"""Pronouns: nobody is he or she until somebody said so. That is put right rather than refused."""

from __future__ import annotations

import re

from pipeline.takeaways.language.comparable import unquoted
from pipeline.takeaways.verification.evidence import Evidence

_GENDERED = (
    re.compile(r"\b(?:he|him|his|himself)(?:'\w+)?\b", re.I),
    re.compile(r"\b(?:she|her|hers|herself)(?:'\w+)?\b", re.I),
)


def has_unsaid_pronoun(text: str, evidence: Evidence) -> bool:
    """Whether English prose says he or she where no sentence near uses a pronoun of the same gender.

    Cannot see: whom a pronoun that was said, too, refers to.
    """
    return evidence.talk.english and any(
        pronouns.search(unquoted(text)) and not any(map(pronouns.search, evidence.near_texts))
        for pronouns in _GENDERED
    )
