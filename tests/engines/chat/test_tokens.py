"""Whether a server reads all of a prompt: suspected by counts, proved by a comparison, else learnt from."""

from __future__ import annotations

import pytest

from pipeline.engines.chat.completions import Answer
from pipeline.engines.chat.tokens import MAX_PROBES, Calibration, without_end
from pipeline.errors import EndpointError


def read(tokens: int | None) -> Answer:
    return Answer(text="{}", prompt_tokens=tokens)


def calibrated(few: int | None = 100, many: int | None = 400) -> Calibration:
    made = Calibration("here")
    made.learn([(100, read(few)), (400, read(many))])
    return made


@pytest.mark.parametrize(("few", "many"), [(None, None), (None, 400), (100, None), (7, 7), (400, 100)])
def test_a_server_whose_counts_say_nothing_is_not_suspected(few: int | None, many: int | None) -> None:
    assert not calibrated(few, many).suspects(2000, read(300))
    assert calibrated(few, many).rate == Calibration("here").rate


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


def test_without_small_calls_a_cut_is_suspected_on_the_first_long_prompt() -> None:
    made = Calibration("here")
    assert made.suspects(15_000, read(4096))
    share = made.probe_share(15_000, read(4096))
    part = round(share * 15_000)
    with pytest.raises(EndpointError, match="cuts long prompts without saying so"):
        made.compare((15_000, read(4096)), (part, read(4096)))
    assert not Calibration("here").suspects(500, read(300))  # too short to have been cut


@pytest.mark.parametrize("rate", [0.6, 0.75, 0.9, 1.0, 1.3, 1.6])
def test_other_tokenizers_end_no_run(rate: float) -> None:
    made = Calibration("here")
    for counted in (15_000, 9_000, 400, 22_000):
        answer = read(round(counted * rate) + 30)
        if made.suspects(counted, answer):
            part = round(made.probe_share(counted, answer) * counted)
            made.compare((counted, answer), (part, read(round(part * rate) + 30)))
        else:
            made.observe(counted, answer)
    assert made.expected(10_000) == pytest.approx(10_000 * rate, rel=0.02)
    assert made.most(10_000) == made.expected(10_000)
    assert made.suspects(20_000, read(4096))


def test_rates_are_learnt_from_answers_in_any_order() -> None:
    pairs = [(2000, 2500), (6000, 6300), (3000, 3900), (500, 5000), (4000, 40_000)]
    rates = set()
    for ordered in (pairs, pairs[::-1]):
        made = Calibration("here")
        assert made.most(1000) == 1600
        for counted, tokens in ordered:
            made.observe(counted, read(tokens))
        made.observe(2000, read(None))
        rates.add(made.rate)
    assert rates == {1.3}
    told = calibrated()
    told.observe(2000, read(3000))
    assert told.rate == 1.0
