"""The servers that settings name, and which key each of them gets.

OPENAI_API_KEY belongs to OpenAI and goes to its own address. Another server gets it, or a key of its own,
only if a person says so outside the workspace: see `server_key`. Neither a key nor an address alone chooses a
server.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from pipeline.errors import ConfigError
from pipeline.stage_names import TalkStage
from pipeline.workspace import trusted
from pipeline.workspace.config import ExtractSettings, TranscribeSettings

KEY = "OPENAI_API_KEY"
NO_KEY = "none"  # what the openai client sends where none is given
OPENAI = "https://api.openai.com/v1"
_OPENAI_ADDRESS = "OPENAI_BASE_URL"  # where OPENAI_API_KEY belongs, if it is no key of OpenAI's


def address(base_url: str | None, table: TalkStage) -> str:
    """What `base_url` of [`table`] says, OpenAI's own address by default. Raises ConfigError."""
    url = (base_url or OPENAI).strip().rstrip("/")
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
    return OPENAI if trusted.normal(url) == OPENAI else url


def server_key(settings: TranscribeSettings | ExtractSettings, table: TalkStage, instead: str) -> str:
    """The key for the server of [`table`], NO_KEY where none is needed; `instead` is what else one may do.

    That is: the variable that trusted.toml names for this address; else OPENAI_API_KEY, for OpenAI's own
    address, and for another that a person typed or that OPENAI_BASE_URL in the environment names, unless
    somebody on the way there could read it.

    Raises ConfigError: a key is missing or is none, or only a file of the workspace names the server.
    """
    url = address(settings.base_url, table)
    if url == OPENAI:
        return _key(KEY) or _missing(KEY, f"{OPENAI} asks for", instead)
    server(settings, table).require()
    variable = trusted.load().keys.get(trusted.normal(url))
    if variable:
        return _key(variable) or _missing(variable, f"{trusted.trusted_file()} names for {url}", instead)
    return (_key(KEY) or NO_KEY) if key_goes_to(settings, url) else NO_KEY


def server(settings: TranscribeSettings | ExtractSettings, table: TalkStage) -> trusted.Named:
    """The server of [`table`], and who named it. Raises ConfigError if it has no valid address."""
    url = address(settings.base_url, table)
    file = None if url == OPENAI else _origin(settings, url)
    return trusted.Named("servers", url, f"{table}.base_url", file)


def key_goes_to(settings: TranscribeSettings | ExtractSettings, url: str) -> bool:
    """Whether OPENAI_API_KEY may be sent to an address that the settings name."""
    return url == OPENAI or (trusted.is_private(url) and _origin(settings, url) is None)


def _origin(settings: TranscribeSettings | ExtractSettings, url: str) -> Path | None:
    """The file that names the server; None if a person did, on the command line or in the environment."""
    named = os.environ.get(_OPENAI_ADDRESS, "").strip()
    with suppress(ValueError):
        if named and trusted.normal(named) == trusted.normal(url):
            return None
    return settings.origin("base_url")


def _missing(variable: str, why: str, instead: str) -> NoReturn:
    raise ConfigError(f"{variable} is not set, which {why}", remedy=f"Set it; or {instead}.")


def _key(variable: str) -> str:
    """The key in an environment variable, "" if there is none. Raises ConfigError."""
    value = os.environ.get(variable, "").strip()
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ConfigError(f"{variable} holds characters that no key has", remedy="Set it to the key alone.")
    return value


def key_advice(url: str) -> str:
    """What to do if a server asks for a key and was sent none."""
    return (
        f"{KEY} goes to OpenAI's own address alone, unless you say otherwise: "
        f"takeaways trust {url} --key NAME_OF_VARIABLE sends it the key in that environment variable."
    )


def known_keys() -> list[str]:
    """Every key that may be sent somewhere, to be kept out of what is told."""
    variables = [KEY]
    with suppress(ConfigError):
        variables += trusted.load().keys.values()
    return [value for name in variables if (value := os.environ.get(name, "").strip())]


def without(key: str, text: str) -> str:
    """The text with the key replaced. A few letters, as in "none", are no secret."""
    return text.replace(key, "(the key)") if len(key) > 4 else text
