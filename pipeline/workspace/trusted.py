"""What a person trusts, kept outside every workspace: trusted.toml in their own config folder.

    [keys]
    "https://host/v1" = "NAME_OF_VARIABLE"   # this server gets the key that the environment variable holds

    [servers]
    "https://host/v1" = true                 # what is said in talks may be sent there

    [schedulers]
    "tcp://host:8786" = true                 # whoever runs this Dask scheduler may run code here

    [parsers]
    de = "/models/de_core_news_sm-3.8.0"     # the folder of a spaCy model for talks in this language

A workspace may come from a stranger, so its files alone can neither send anything to another machine nor have
a key sent anywhere. Nor can they name a model of spaCy's: its config calls whatever function an installed
package registers, with any arguments (it can import packages and read files), and older versions of torch
unpickle weights, which is running code. What a person types on the command line goes before this file.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pydantic

from pipeline.errors import ConfigError
from pipeline.files import write_atomically
from pipeline.records import Record
from pipeline.workspace import config
from pipeline.workspace.config import RunSettings
from pipeline.workspace.server_addresses import checked, is_loopback, is_private, normal

Table = Literal["servers", "schedulers", "keys"]


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


def _normal_keys(table: Mapping[str, object]) -> dict[str, object]:
    return {normal(address): value for address, value in table.items()}


_NORMAL = pydantic.AfterValidator(_normal_keys)
_Variable = Annotated[str, pydantic.Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_Language = Annotated[str, pydantic.Field(pattern=r"^[a-z]{2,3}$")]


def _folder(path: object) -> Path:
    try:
        folder = Path(path).expanduser() if isinstance(path, str) else Path()
    except RuntimeError as error:  # no home folder
        raise ValueError("~ leads nowhere: this user has no home folder") from error
    if not folder.is_absolute():
        raise ValueError("this must be the whole path of a model's folder")
    return folder


class Trusted(Record):
    """The content of trusted.toml, by normal addresses and by languages."""

    keys: Annotated[dict[str, _Variable], _NORMAL] = pydantic.Field(default_factory=dict)
    servers: Annotated[dict[str, pydantic.StrictBool], _NORMAL] = pydantic.Field(default_factory=dict)
    schedulers: Annotated[dict[str, pydantic.StrictBool], _NORMAL] = pydantic.Field(default_factory=dict)
    parsers: dict[_Language, Annotated[Path, pydantic.BeforeValidator(_folder)]] = pydantic.Field(
        default_factory=dict
    )

    @pydantic.field_validator("keys")
    @classmethod
    def _keys_travel_unread(cls, keys: dict[str, str]) -> dict[str, str]:
        for address in keys:
            if not is_private(address):
                raise ValueError(f"a key for {address} could be read on the way there: use https")
        return keys


def load() -> Trusted:
    """What this person trusts; nothing if they have no trusted.toml. Raises ConfigError."""
    try:
        path = trusted_file()
    except ConfigError:
        return Trusted()
    return config.validate(Trusted, config.read_toml(path), path)


def remember(table: Table, address: str, value: bool | str) -> Path:
    """Write down what a person said of an address; their file stays as it is otherwise.

    A server that gets a key is no longer one that is not trusted. Returns the file. Raises ConfigError (not
    an address, or the file is broken), OSError.
    """
    address, document = checked(address), _document()
    entries: Any = document.setdefault(table, {})
    entries[next((key for key in entries if normal(key) == address), address)] = value
    if table == "keys":
        _remove(document, "servers", address)
    return _save(document)


def forget(address: str) -> list[str]:
    """Remove an address from every table, and say from which. Raises ConfigError, OSError."""
    address, document = checked(address), _document()
    tables = [table for table in get_args(Table) if _remove(document, table, address)]
    if tables:
        _save(document)
    return tables


def _remove(document: Any, table: str, address: str) -> bool:
    keys = [key for key in document.get(table, {}) if normal(key) == address]
    for key in keys:
        del document[table][key]
    return bool(keys)


def _document() -> Any:
    """The file with its comments, to be changed and saved. Raises ConfigError if it is broken."""
    import tomlkit

    load()
    path = trusted_file()
    return tomlkit.parse(path.read_text("utf-8-sig") if path.exists() else "")


def _save(document: Any) -> Path:
    import tomlkit

    path = trusted_file()
    config.validate(Trusted, document.unwrap(), path)
    # Among a person's own settings it may be a link to where they keep them all.
    write_atomically(path.resolve(), tomlkit.dumps(document).encode(), mode=0o600)
    return path


@dataclass(frozen=True)
class Named:
    """An address to which a setting leads. `file` is the one that says so, None if a person typed it."""

    table: Literal["servers", "schedulers"]
    address: str
    setting: str
    value: str
    file: Path | None
    danger: str  # what it may do to whoever trusts it

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
            said = "have not said that you" if answer is None else "said that you do not"
            command = f"takeaways trust {shlex.quote(self.address)}"
            option = f"--set {shlex.quote(f'{self.setting}={self.value}')}"
            raise ConfigError(
                f"{self.setting} = '{self.value}': {self.danger}, and you {said} trust it",
                file=self.file,
                remedy=f"If you trust it: {command} (or for one run: {option}).",
            )


def scheduler(run: RunSettings) -> Named:
    """The Dask scheduler that [run] names. Raises ConfigError if that is no address."""
    address, danger = run.dask or "", "whoever runs that Dask scheduler can run code on this machine"
    if (file := run.origin("dask")) is not None:
        address = checked(address)
    return Named("schedulers", address, "run.dask", run.dask or "", file, danger)
