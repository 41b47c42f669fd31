"""The servers that settings name, and which key each of them gets.

OPENAI_API_KEY belongs to OpenAI and goes to its own address. Another server gets it, or a key of its own,
only if a person says so outside the workspace: see `server_key`. Neither a key nor an address alone chooses a
server.
"""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from typing import NoReturn, TypeAlias
from urllib.parse import urlsplit

from pipeline.errors import ConfigError
from pipeline.stage_names import TalkStage
from pipeline.workspace import server_addresses, trusted
from pipeline.workspace.config import ExtractSettings, TranscribeSettings

KEY = "OPENAI_API_KEY"
NO_KEY = "none"  # what the openai client sends where none is given
OPENAI = "https://api.openai.com/v1"
_KEY_BELONGS_TO = "OPENAI_BASE_URL"  # names a server, where the key is not one of OpenAI's
ServerSettings: TypeAlias = TranscribeSettings | ExtractSettings


def address(base_url: str | None, table: str) -> str:
    """What `base_url` of [`table`] says, OpenAI's own address by default. Raises ConfigError."""
    url = (base_url or OPENAI).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ConfigError(
                f"{table}.base_url holds a name, a password or a query, which would be written into receipts",
                remedy=f"Leave it away; a key goes into {KEY}.",
            )
        return server_addresses.normal(url)
    except ValueError as error:
        remedy = "An address looks like http://localhost:8000/v1."
        raise ConfigError(f"{table}.base_url '{url}' is not an address", remedy=remedy) from error


def server_key(settings: ServerSettings, table: str, instead: str) -> str:
    """The key for the server of [`table`], NO_KEY where none is needed; `instead` is what else one may do.

    That is: the variable that trusted.toml names for this address; else OPENAI_API_KEY, for OpenAI's own
    address, and for another that a person typed or that OPENAI_BASE_URL in the environment names, unless
    somebody on the way there could read it.

    Raises ConfigError: a key is missing or is none, or only a file of the workspace names the server.
    """
    named = server(settings, table)
    named.require()
    if variable := trusted.load().keys.get(named.address):
        return _key(variable) or _missing(
            variable, f"{trusted.trusted_file()} names for {named.address}", instead
        )
    if named.address != OPENAI:
        return (_key(KEY) or NO_KEY) if key_goes_to(settings, table) else NO_KEY
    if not key_goes_to(settings, table):
        raise ConfigError(
            f"{_KEY_BELONGS_TO} says that {KEY} belongs to {_key_belongs_to()}, not to OpenAI",
            remedy=f"Name that server in {table}.base_url, or unset {_KEY_BELONGS_TO}.",
        )
    return _key(KEY) or _missing(KEY, f"{OPENAI} asks for", instead)


def server(settings: ServerSettings, table: str) -> trusted.Named:
    """The server of [`table`], and who named it. Raises ConfigError if it has no valid address.

    Where no address is given, the setting that chooses OpenAI names it.
    """
    url = address(settings.base_url, table)
    key = "base_url" if settings.base_url else "engine" if table == TalkStage.TRANSCRIBE else "model"
    file = None if url != OPENAI and url == _key_belongs_to() else settings.origin(key)
    danger = "what is said in the talk would be sent there"
    if url == OPENAI:
        danger = f"what is said in the talk would be sent to OpenAI and paid for with {KEY}"
    return trusted.Named("servers", url, f"{table}.{key}", str(getattr(settings, key)), file, danger)


def key_goes_to(settings: ServerSettings, table: str) -> bool:
    """Whether OPENAI_API_KEY may be sent to the server of [`table`]."""
    named, owner = server(settings, table), _key_belongs_to()
    if named.address == OPENAI:
        return owner in (None, OPENAI)
    return server_addresses.is_private(named.address) and (named.file is None or named.address == owner)


def _key_belongs_to() -> str | None:
    """The address that OPENAI_BASE_URL names, if it is one."""
    with suppress(ValueError):
        if url := os.environ.get(_KEY_BELONGS_TO, "").strip():
            return server_addresses.normal(url)
    return None


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
    if not server_addresses.is_private(url):
        return "A key goes to another machine by https alone: name the server's https address."
    return (
        f"{KEY} goes to OpenAI's own address alone, unless you say otherwise: "
        f"takeaways trust {shlex.quote(url)} --key NAME_OF_VARIABLE sends it the key in that variable of the "
        "environment."
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
