"""The one key of the environment, and the addresses of servers that settings name. It never chooses one."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from pipeline.errors import ConfigError

KEY = "OPENAI_API_KEY"
OPENAI = "https://api.openai.com/v1"


def address(base_url: str | None, table: str) -> str:
    """What `base_url` of [`table`] says, OpenAI's own address by default. Raises ConfigError."""
    found = (base_url or OPENAI).rstrip("/")
    try:
        parts = urlsplit(found)
        if parts.port == 0 or not (parts.hostname and parts.hostname.isprintable()):
            raise ValueError
    except ValueError as error:
        remedy = "An address looks like http://localhost:8000/v1."
        raise ConfigError(f"{table}.base_url '{found}' is not an address", remedy=remedy) from error
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(
            f"{table}.base_url holds a name, a password or a query, which would be written into receipts",
            remedy=f"Leave it away; a key goes into {KEY}.",
        )
    return found


def key(address: str, instead: str) -> str:
    """The key for an address, "none" where none is needed; `instead` is what else one may do.

    Raises ConfigError.
    """
    found = os.environ.get(KEY, "").strip()
    if address == OPENAI and not found:
        raise ConfigError(f"{KEY} is not set, which {OPENAI} asks for", remedy=f"Set it; or {instead}.")
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise ConfigError(f"{KEY} holds characters that no key has", remedy="Set it to the key alone.")
    return found or "none"


def without(key: str, text: str) -> str:
    """The text without a key. A few letters, as in "none", are no secret."""
    return text.replace(key, "(the key)") if len(key) > 4 else text
