"""Texts that failed verification, sent back once with the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.engines.chat.endpoint import Request
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Ask, followed

OVERHEAD = 30  # tokens of a reply besides its texts

Mends = Mapping[int, replies.Mend]  # by the number that a text had in the message, from 1


def sent_back(
    request: Request, reply: replies.Reply, message: str, failed: int, lines: range, tokens: int, most: int
) -> Ask[Mends]:
    """Ask anew for `failed` texts of a reply, of `tokens` each, resting on up to `most` of `lines`."""
    numbers = {"lines": lines, "of": range(1, failed + 1)}
    schema = replies.schema(replies.Mended, numbers, {"sentences": failed, "lines": most})
    again = followed(request, reply.model_dump_json(), message)

    def read(text: str) -> Mends:
        return {mend.of: mend for mend in replies.read(text, replies.Mended, numbers).sentences}

    return Ask(replace(again, schema=schema, max_tokens=failed * tokens + OVERHEAD), read)


def listed(texts: Sequence[tuple[str, str]]) -> str:
    """Texts that cannot stand, numbered from 1, each with why."""
    return "\n".join(f"{n}. {text} cannot stand: {why}" for n, (text, why) in enumerate(texts, 1))
