"""Prompt injection: sentences addressed to a machine that may read the talk, not to people.

Such a sentence supports no claim and is not quoted. These patterns are English only, and one layer of
several: that the transcript is treated as data also rests on the prompts' markers, on the schema and on
verification.
"""

from __future__ import annotations

import re

from pipeline.word_lists import WordLists

LISTS = WordLists.beside(__file__)
_MACHINE = rf"{LISTS.any_of('machines')}s?"
_ANY = r"(?:the |any |all |every )?"

INJECTION = re.compile(
    "|".join(
        (
            LISTS.any_of("orders"),
            rf"\byou are (?:now |actually |really )?(?:an? |the )?{_MACHINE}\b",
            rf"\b(?:dear|hey|attention|note to|message (?:to|for)) {_ANY}(?:{_MACHINE}|models?)\b",
            rf"\bto {_ANY}(?:{_MACHINE}|models?) (?:reading|writing|summari[sz]ing|processing)\b",
        )
    ),
    re.IGNORECASE,
)
