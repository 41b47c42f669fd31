"""Every error that a user can meet, in words: what is wrong, in which file or server, and what to do."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path


class TakeawaysError(Exception):
    """Base of all errors raised on purpose; only the command line turns them into output and exit codes."""

    def __init__(self, what: str, *, remedy: str, file: Path | str | None = None) -> None:
        self.what, self.remedy, self.file = what, remedy, file
        where = f"{file}: " if file is not None else ""
        super().__init__(f"{where}{what}. {remedy}")


class InputError(TakeawaysError):
    """A recording or transcript that cannot be used as it is."""


class ConfigError(TakeawaysError):
    """A settings, sidecar or review file (or a --set) that does not say something valid."""


class ArtifactError(TakeawaysError):
    """A file in outputs/ that is broken, or that a person edited and a rerun would replace."""


class PlaceError(TakeawaysError):
    """A place in the workspace in which nothing may be written: a link, or what is no folder or file."""


class ModelError(TakeawaysError):
    """Weights that are missing, incomplete or not the ones they should be."""


class TemplateError(TakeawaysError):
    """A template that does not parse or asks for something that is not there."""


class PromptError(TakeawaysError):
    """A prompt that does not parse, or asks for something that its step does not give."""


class EndpointError(TakeawaysError):
    """A language model's server that cannot be reached, refuses, or does not do what it says."""


class BudgetError(TakeawaysError):
    """The next call could cost more than is allowed."""


class ClusterError(TakeawaysError):
    """A Dask cluster that cannot be reached, goes away, or cannot do the work."""


class BusyError(TakeawaysError):
    """Another run holds the talk."""


def explained(error: BaseException) -> str | None:
    """A foreseen error in words that say what to do; None for one that nobody foresaw."""
    if isinstance(error, TakeawaysError):
        return str(error)
    if _wants_memory(error):
        return "not enough memory. Close other programs, or use a smaller model."
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        if isinstance(error, FileExistsError | NotADirectoryError):
            return f"{where}something else is where a folder has to be. Move it away, and run again."
        remedy = _REMEDIES.get(error.errno or 0, "Check the disk and its permissions.")
        return f"{where}{error.strerror or error}. {remedy}"
    return None


def unforeseen(error: BaseException) -> str:
    """Any other error, without a full stop."""
    return f"{type(error).__name__}: {error}. This is a bug in takeaways"


def _wants_memory(error: BaseException) -> bool:
    """Whether memory ran out. Libraries in C++ have errors of their own for that, told by their words."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return isinstance(error, Exception) and any(words in str(error) for words in _NO_MEMORY)


_NO_MEMORY = (
    "bad_alloc",
    "bad allocation",
    "allocate memory",
    "can't start new thread",
    "failed to map segment from shared object",  # a library that is loaded
)
_SPACE = "Free some space there, and run again: finished stages are kept."
_RIGHTS = "Give this user the right to read and write there."
_REMEDIES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "Mount it writable, or copy the workspace to where one can write.",
}


# What goes wrong between this machine and a server, in words.

_PAGE = re.compile(r"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_SEARCHED_CHARACTERS = 8192  # of a reply, for the start of a page
_NO_NETWORK = (errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH)


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it comes from, which HTTP clients wrap several times."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def cause(error: BaseException) -> str | None:
    """Why a server cannot be reached, None if that cannot be told from the error."""
    for link in chain(error):
        if isinstance(link, socket.gaierror):
            return "its name cannot be looked up: is there a network?"
        if isinstance(link, ConnectionRefusedError):
            return "nothing listens there"
        if isinstance(link, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({link.verify_message}): is there a login page in between?"
        if isinstance(link, ssl.SSLError):
            return f"no secure connection ({link.reason or link}): should it be http instead of https?"
        if isinstance(link, TimeoutError):
            return "no answer in time"
        if isinstance(link, OSError) and link.errno in _NO_NETWORK:
            return "there is no way there: is there a network?"
    return None


def is_page(body: str) -> bool:
    """Whether a reply is HTML, as that of a login page between here and the server."""
    start = body[:_SEARCHED_CHARACTERS].lstrip("\ufeff \t\r\n")
    while start.startswith("<!--"):
        start = start.partition("-->")[2].lstrip()
    return bool(_PAGE.match(start))


def printable(text: str) -> str:
    """What a server says, on one line; what would steer a terminal or turn the text around is escaped."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def shown(body: str) -> str:
    """The start of a reply that was to be JSON, and what it is, if that can be told."""
    start = " ".join(body.split())[:60]
    if not start:
        return "it is empty"
    return f"{start!r}, a web page: is there a login page in between?" if is_page(body) else repr(start)
