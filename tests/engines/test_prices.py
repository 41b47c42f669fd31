"""What models cost, from the tables in a wheel."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from pipeline.engines.prices import TokenPrice, minute_price, token_price
from pipeline.errors import ConfigError
from pipeline.takeaways import writers
from pipeline.workspace.config import ExtractSettings

WINDOW = 8192


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize(
    ("model", "reading", "writing"),
    [("gpt-4o", 2.5, 10.0), ("gpt-4o-mini", 0.15, 0.6), ("gpt-4.1-nano", 0.1, 0.4), ("o4-mini", 1.1, 4.4)],
)
def test_tokens_have_the_list_price_and_a_dated_name_that_of_its_model(
    model: str, reading: float, writing: float
) -> None:
    assert token_price(model, WINDOW) == TokenPrice(reading, writing)
    assert token_price(f"{model}-2099-01-01", WINDOW) == TokenPrice(reading, writing)


def test_long_prompts_cost_more_where_the_model_charges_more() -> None:
    short, long = token_price("gpt-5.4", WINDOW), token_price("gpt-5.4", 400_000)
    assert short == TokenPrice(2.5, 15.0)
    assert long == TokenPrice(5.0, 22.5)


@pytest.mark.parametrize("model", ["some-model", "gpt-4o-of-mine", "whisper-1", ""])
def test_the_price_of_other_models_is_not_known(model: str) -> None:
    assert token_price(model, WINDOW) is None


@pytest.mark.parametrize(
    ("model", "dollars"),
    [
        ("whisper-1", 0.006),
        ("gpt-4o-transcribe", 0.006),
        ("gpt-4o-transcribe-diarize", 0.006),
        ("gpt-4o-mini-transcribe", 0.003),
        ("gpt-4o-mini-transcribe-2025-12-15", 0.003),
        ("gpt-4o", None),
        ("base", None),
    ],
)
def test_a_minute_of_sound(model: str, dollars: float | None) -> None:
    assert minute_price(model) == dollars


def price_with(**settings: Any) -> TokenPrice | None:
    table = ExtractSettings.model_validate({"writer": "openai", "model": "gpt-4o", **settings})
    return writers.choose(table).price


def test_settings_go_before_the_tables_and_another_server_has_no_known_price() -> None:
    assert price_with() == TokenPrice(2.5, 10.0)
    assert price_with(input_price=1.0, output_price=2.0) == TokenPrice(1.0, 2.0)
    assert price_with(base_url="http://localhost:8000/v1") is None
    assert price_with(writer="local", model=None) == TokenPrice(0.0, 0.0)
    with pytest.raises(ConfigError, match="only one of"):
        price_with(input_price=1.0)
