"""Prompt injection: sentences addressed to a machine that may read the talk, not to people.

Such a sentence supports no claim and is not quoted. These patterns are English only, and one layer of
several: that the transcript is treated as data also rests on the prompts' markers, on the schema and on
verification.
"""

from __future__ import annotations

import re

_MACHINE = (
    r"(?:ai|llm|chat ?gpt|gpt|claude|gemini|language model|chat ?bot|"
    r"(?:ai |summary )?(?:assistant|summari[sz]er))s?"
)
_ANY = r"(?:the |any |all |every )?"

# None of these occurs in the 71,000 sentences of 55 real talks.
INJECTION = re.compile(
    "|".join(
        (
            r"\b(?:ignore|disregard|forget|override|bypass)\b[^.?!,]{0,40}\b(?:instructions?|prompts?|rules|"
            r"guidelines?|guardrails?|(?:previous|prior|above|earlier) (?:text|context|messages?|lines?))\b",
            rf"\byou are (?:now |actually |really )?(?:an? |the )?{_MACHINE}\b",
            r"\b(?:system|developer) (?:prompt|message|override|mode)\b|\bjailbr(?:eak|oken)\b",
            r"\b(?:new|updated|real|following|these|my) instructions?\b[^.?!]{0,30}"
            r"(?::|\bfor (?:you|the (?:ai|model)))",
            rf"\b(?:dear|hey|attention|note to|message (?:to|for)) {_ANY}(?:{_MACHINE}|models?)\b",
            rf"\bto {_ANY}(?:{_MACHINE}|models?) (?:reading|writing|summari[sz]ing|processing)\b",
            r"\b(?:write|say|state|claim|print|reply|respond|answer|include|insert|mention)\b[^.?!]{0,80}"
            r"\bin (?:the|your|this) (?:post|summary|article|reply|response|title|headline|heading|json)\b"
            r"(?!-)",
            r"\b(?:your|the) (?:next |only |final |whole )?(?:reply|response|summary|json) "
            r"(?:must|should|shall|has to)\b",
            r"\bend of (?:the )?transcript\b|</?(?:system|assistant|user|transcript|instructions?)>|===.*===",
        )
    ),
    re.IGNORECASE,
)
