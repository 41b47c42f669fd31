"""What goes wrong between this machine and a server, in words."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator

_PAGE = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_NO_NETWORK = (errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH)


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it comes from, which HTTP clients wrap several times."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def cause(error: BaseException) -> str | None:
    """Why a server cannot be reached, None if that cannot be told from the error."""
    for one in chain(error):
        if isinstance(one, socket.gaierror):
            return "its name cannot be looked up: is there a network?"
        if isinstance(one, ConnectionRefusedError):
            return "nothing listens there"
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({one.verify_message}): is there a login page in between?"
        if isinstance(one, ssl.SSLError):
            return f"no secure connection ({one.reason or one}): should it be http instead of https?"
        if isinstance(one, TimeoutError):
            return "no answer in time"
        if isinstance(one, OSError) and one.errno in _NO_NETWORK:
            return "there is no way there: is there a network?"
    return None


def is_page(body: str) -> bool:
    """Whether a reply is HTML, as that of a login page between here and the server."""
    return bool(_PAGE.match(body))


def shown(body: str) -> str:
    """The start of a reply that was to be JSON, and what it is, if that can be told."""
    start = " ".join(body.split())[:60]
    if not start:
        return "it is empty"
    return f"{start!r}, a web page: is there a login page in between?" if is_page(body) else repr(start)
