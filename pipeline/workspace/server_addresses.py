"""Addresses of servers and schedulers: one form to compare them in, and how safe the way there is."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from pipeline.errors import ConfigError

_PORTS = {"http": 80, "https": 443}
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/\[\]@%+,=-]+")  # of RFC 3986, less what a shell would act on


def normal(address: str) -> str:
    """The form in which addresses are compared: small letters, no default port, no slash at the end.

    A name in other letters than ASCII becomes what is really looked up (RFC 5891), so that none only looks
    like another. Raises ValueError if it is no address.
    """
    address = address.strip().rstrip("/")
    parts = urlsplit(address if "://" in address else f"tcp://{address}")  # as Dask reads it
    host = parts.hostname or ""
    host = host if host.isascii() else host.encode("idna").decode()
    if (
        not (host and address.isprintable())
        or parts.port == 0
        or parts.username is not None
        or ("://" not in address and not parts.port)
    ):
        raise ValueError(f"'{address}' is not an address")
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    result = parts._replace(netloc=f"[{host}]{port}" if ":" in host else f"{host}{port}").geturl()
    if not _CHARACTERS.fullmatch(result):
        raise ValueError(f"'{address}' has characters that no address has")
    return result


def checked(address: str) -> str:
    """The normal form of an address. Raises ConfigError if it is none."""
    try:
        return normal(address)
    except ValueError as error:
        remedy = "An address looks like https://host/v1 or tcp://host:8786, without names and passwords."
        raise ConfigError(f"'{address}' is not an address", remedy=remedy) from error


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine, so that nothing leaves it."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(address: str) -> bool:
    """Whether nobody on the way to an address can read what is sent there."""
    return address.startswith("https:") or is_loopback(address)
