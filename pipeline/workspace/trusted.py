"""What a person trusts, kept outside every workspace: trusted.toml in their own config folder.

    [keys]
    "https://host/v1" = "NAME_OF_VARIABLE"   # this server gets the key that the environment variable holds

    [servers]
    "https://host/v1" = true                 # what is said in talks may be sent there

    [schedulers]
    "tcp://host:8786" = true                 # whoever runs this Dask scheduler may run code here

A workspace may come from a stranger, so its files alone can neither send anything to another machine nor have
a key sent anywhere. What a person types on the command line goes before this file.
"""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import pydantic

from pipeline.errors import ConfigError
from pipeline.files import write_atomically
from pipeline.records import Record
from pipeline.workspace import config
from pipeline.workspace.config import RunSettings

Table = Literal["servers", "schedulers", "keys"]
_PORTS = {"http": 80, "https": 443}


def trusted_file() -> Path:
    """trusted.toml in this person's config folder ($XDG_CONFIG_HOME, %APPDATA%, else ~/.config).

    Raises ConfigError if there is no such folder.
    """
    variable = "APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME"
    folder = Path(os.environ.get(variable, ""))
    try:
        return (folder if folder.is_absolute() else Path.home() / ".config") / "takeaways" / "trusted.toml"
    except RuntimeError as error:
        raise ConfigError("this user has no home folder", remedy=f"Set {variable}.") from error


def normal(address: str) -> str:
    """An address in the form in which addresses are compared: small letters, no default port, no slash.

    Raises ValueError if it is none.
    """
    address = address.strip().rstrip("/")
    parts = urlsplit(address if "://" in address else f"tcp://{address}")  # as Dask reads it
    if not parts.scheme or not parts.hostname or parts.port == 0:
        raise ValueError(f"'{address}' is not an address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return parts._replace(netloc=f"{host}{port}").geturl()


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


def _normal_keys(table: Mapping[str, object]) -> dict[str, object]:
    return {normal(address): value for address, value in table.items()}


_NORMAL = pydantic.AfterValidator(_normal_keys)
_Variable = Annotated[str, pydantic.Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Trusted(Record):
    """The content of trusted.toml, by normal addresses."""

    keys: Annotated[dict[str, _Variable], _NORMAL] = pydantic.Field(default_factory=dict)
    servers: Annotated[dict[str, pydantic.StrictBool], _NORMAL] = pydantic.Field(default_factory=dict)
    schedulers: Annotated[dict[str, pydantic.StrictBool], _NORMAL] = pydantic.Field(default_factory=dict)

    @pydantic.field_validator("keys")
    @classmethod
    def _keys_travel_unread(cls, keys: dict[str, str]) -> dict[str, str]:
        for address in keys:
            if not is_private(address):
                raise ValueError(f"a key for {address} could be read on the way there: use https")
        return keys


def load() -> Trusted:
    """What this person trusts; nothing if they have no trusted.toml. Raises ConfigError."""
    path = trusted_file()
    return config.validate(Trusted, config.read_toml(path), path)


def remember(table: Table, address: str, value: bool | str) -> Path:
    """Write down what a person said of an address; their file stays as it is otherwise.

    Returns the file. Raises ConfigError (not an address, or the file is broken), OSError.
    """
    import tomlkit

    path, address = trusted_file(), checked(address)
    load()  # a broken file is told, not written over
    document = tomlkit.parse(path.read_text("utf-8-sig") if path.exists() else "")
    entries: Any = document.setdefault(table, tomlkit.table())
    for former in [key for key in entries if normal(key) == address]:
        del entries[former]
    entries[address] = value
    config.validate(Trusted, document.unwrap(), path)
    write_atomically(path, tomlkit.dumps(document).encode(), mode=0o600)
    return path


def forget(address: str) -> list[str]:
    """Remove an address from every table, and say from which. Raises ConfigError, OSError."""
    import tomlkit

    path, address = trusted_file(), checked(address)
    trusted = load().model_dump()
    tables = [name for name, entries in trusted.items() if address in entries]
    if tables:
        document = tomlkit.parse(path.read_text("utf-8-sig"))
        for name in tables:
            entries: Any = document[name]
            for key in [key for key in entries if normal(key) == address]:
                del entries[key]
        write_atomically(path, tomlkit.dumps(document).encode(), mode=0o600)
    return tables


def checked(address: str) -> str:
    """The normal form of an address. Raises ConfigError if it is none."""
    try:
        normal_address = normal(address)
    except ValueError as error:
        remedy = "An address looks like https://host/v1 or tcp://host:8786."
        raise ConfigError(f"'{address}' is not an address", remedy=remedy) from error
    if re.search(r"[\s\x00-\x1f\x7f-\x9f]", normal_address):
        raise ConfigError("there is white space in that address", remedy="Give the address alone.")
    return normal_address


@dataclass(frozen=True)
class Named:
    """An address that a setting names. `file` is the one that says so, None if a person typed it."""

    table: Literal["servers", "schedulers"]
    address: str
    setting: str
    file: Path | None

    @property
    def danger(self) -> str:
        """What it may do to whoever trusts it."""
        if self.table == "schedulers":
            return "whoever runs that Dask scheduler can run code on this machine"
        return "what is said in the talk would be sent there"

    def answer(self) -> bool | None:
        """Whether it is trusted; None if nobody was asked yet. Raises ConfigError.

        What a person typed is, and a server on this machine, and one that gets a key.
        """
        if self.file is None or (self.table == "servers" and is_loopback(self.address)):
            return True
        trusted, address = load(), checked(self.address)
        if self.table == "servers":
            return trusted.servers.get(address, True if address in trusted.keys else None)
        return trusted.schedulers.get(address)

    def require(self) -> None:
        """Raises ConfigError unless it is trusted."""
        answer = self.answer()
        if not answer:
            why = "only this file says so" if answer is None else "you said that you do not trust it"
            raise ConfigError(
                f"{self.setting} = '{self.address}': {self.danger}, and {why}",
                file=self.file,
                remedy=f"If you trust it: takeaways trust {self.address} "
                f"(or for one run: --set {self.setting}={self.address}).",
            )


def scheduler(run: RunSettings) -> Named:
    """The Dask scheduler that [run] names."""
    return Named("schedulers", run.dask or "", "run.dask", run.origin("dask"))
