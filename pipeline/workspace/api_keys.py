"""The API key from the environment, and the server addresses that settings name. Neither chooses a server."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from pipeline.errors import ConfigError
from pipeline.stage_names import TalkStage

KEY = "OPENAI_API_KEY"
OPENAI = "https://api.openai.com/v1"


def address(base_url: str | None, table: TalkStage) -> str:
    """What `base_url` of [`table`] says, OpenAI's own address by default. Raises ConfigError."""
    url = (base_url or OPENAI).rstrip("/")
    try:
        parts = urlsplit(url)
        if parts.port == 0 or not (parts.hostname and parts.hostname.isprintable()):
            raise ValueError
    except ValueError as error:
        remedy = "An address looks like http://localhost:8000/v1."
        raise ConfigError(f"{table}.base_url '{url}' is not an address", remedy=remedy) from error
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(
            f"{table}.base_url holds a name, a password or a query, which would be written into receipts",
            remedy=f"Leave it away; a key goes into {KEY}.",
        )
    return url


def key(address: str, instead: str) -> str:
    """The key for an address, "none" where none is needed; `instead` is what else one may do.

    Raises ConfigError.
    """
    value = os.environ.get(KEY, "").strip()
    if address == OPENAI and not value:
        raise ConfigError(f"{KEY} is not set, which {OPENAI} asks for", remedy=f"Set it; or {instead}.")
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ConfigError(f"{KEY} holds characters that no key has", remedy="Set it to the key alone.")
    return value or "none"


def without(key: str, text: str) -> str:
    """The text with the key replaced. A few letters, as in "none", are no secret."""
    return text.replace(key, "(the key)") if len(key) > 4 else text
