"""Whether a server reads all of a prompt: suspected by counts, proved by a comparison, else learnt from."""

from __future__ import annotations

import pytest

from pipeline.engines.chat.completions import Answer
from pipeline.engines.chat.tokens import MAX_PROBES, Calibration, without_end
from pipeline.errors import EndpointError


def read(tokens: int | None) -> Answer:
    return Answer(text="{}", prompt_tokens=tokens)


def calibrated(few: int | None = 100, many: int | None = 400) -> Calibration:
    made = Calibration("here", 8192)
    made.learn([(100, read(few)), (400, read(many))])
    return made


@pytest.mark.parametrize(("few", "many"), [(None, None), (None, 400), (100, None), (7, 7), (400, 100)])
def test_a_server_whose_counts_say_nothing_is_not_suspected(few: int | None, many: int | None) -> None:
    assert not calibrated(few, many).suspects(2000, read(300))
    assert calibrated(few, many).rate == Calibration("here", 8192).rate


def test_less_than_expected_is_suspect_and_a_comparison_proves_it() -> None:
    made = calibrated()
    assert not made.suspects(2000, read(1900))
    assert not made.suspects(2000, read(None))
    assert made.suspects(2000, read(1024))
    share = made.probe_share(2000, read(1024))
    assert 1024 < share * 2000 < 2000
    with pytest.raises(EndpointError, match="reads 1024 tokens of a prompt that has about 2000, and as many"):
        made.compare((2000, read(1024)), (1500, read(1024)))


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ((2000, 1024), (1500, 770)),  # it read all: another share of tokens
        ((2000, 1024), (1500, 990)),
        ((2000, 1024), (1500, None)),
        ((200, 100), (190, 100)),  # too little to tell
        ((2000, 1), (1500, 1)),  # what was not in its memory yet
        ((2000, 1024), (1990, 1024)),
    ],
)
def test_what_proves_nothing_ends_nothing(
    whole: tuple[int, int | None], part: tuple[int, int | None]
) -> None:
    calibrated().compare((whole[0], read(whole[1])), (part[0], read(part[1])))


def test_another_share_of_tokens_is_learnt() -> None:
    made = calibrated()
    made.compare((2000, read(700)), (1500, read(530)))
    assert made.expected(2000) == 700
    assert not made.suspects(3000, read(1040))
    assert made.suspects(4000, read(700))


def test_suspicions_come_to_an_end() -> None:
    made = calibrated()
    for _ in range(MAX_PROBES):
        assert made.suspects(2000, read(500))
        made.probe_share(2000, read(500))
    assert not made.suspects(2000, read(500))


def test_the_end_of_the_longest_message_is_left_out() -> None:
    messages = ({"role": "system", "content": "Edit."}, {"role": "user", "content": "0123456789"})
    assert without_end(messages, 0.75) == (messages[0], {"role": "user", "content": "0123456"})
