"""What OpenAI's models cost, by the tables that come with genai-prices: nothing is fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

MILLION = 1_000_000
_DATE_SUFFIX = re.compile(r"-20\d\d-\d\d-\d\d$")  # "gpt-4o-mini-2024-07-18" costs what "gpt-4o-mini" does
# Of a minute of sound, for models that are billed by tokens. OpenAI's Realtime guide counts one audio token
# per 100 ms; with 240 tokens of text, the prices of gpt-4o-transcribe and gpt-4o-mini-transcribe come to the
# $0.006 and $0.003 a minute that OpenAI estimates.
AUDIO_TOKENS_PER_MINUTE = 600
TEXT_TOKENS_PER_MINUTE = 240


@dataclass(frozen=True)
class TokenPrice:
    """US dollars per million tokens."""

    reading: float
    writing: float

    def of(self, read: int, written: int) -> float:
        """US dollars for so many tokens."""
        return (read * self.reading + written * self.writing) / MILLION


def token_price(model: str, window: int) -> TokenPrice | None:
    """The most that a chat model charges for prompts of up to `window` tokens; None if it is not known.

    Some models charge more for long prompts, and for what they write to their prompt cache.
    """
    price = _calculate(model, input_tokens=window, cache_write_tokens=window, output_tokens=MILLION)
    if price is None or not price.total_price:
        return None
    return TokenPrice(float(price.input_price / window * MILLION), float(price.output_price))


def minute_price(model: str) -> float | None:
    """US dollars for a minute of sound that a model transcribes; None if it is not known."""
    price = _calculate(
        model,
        audio_seconds=60,
        input_tokens=AUDIO_TOKENS_PER_MINUTE,
        input_audio_tokens=AUDIO_TOKENS_PER_MINUTE,
        output_tokens=TEXT_TOKENS_PER_MINUTE,
    )
    hears = price and (price.model_price.audio_hours or price.model_price.input_audio_mtok)
    return float(price.total_price) if price and hears else None


def _calculate(model: str, **usage: int) -> PriceCalculation | None:
    from genai_prices import Usage, calc_price

    for name in dict.fromkeys((model, _DATE_SUFFIX.sub("", model))):
        try:
            return calc_price(Usage(**usage), name, provider_id="openai")
        except LookupError:
            continue
    return None


def known_window(model: str, address: str) -> int | None:
    """The window in tokens of a model of the provider at an address; None if either is not known.

    A name alone says nothing: other servers may give it to any model.
    """
    from genai_prices.data_snapshot import get_snapshot

    for name in dict.fromkeys((model, _DATE_SUFFIX.sub("", model))):
        try:
            return get_snapshot().find_provider_model(name, None, None, address)[1].context_window
        except LookupError:
            continue
    return None
