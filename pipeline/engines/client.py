"""The openai client as it is used here: it goes where it is told, and nowhere else; its errors are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Protocol
from urllib.parse import urlsplit

from pipeline.errors import EndpointError

if TYPE_CHECKING:
    from openai import OpenAI

OPENAI = "https://api.openai.com/v1"
CONNECT_SECONDS = 5.0  # a server that does not answer by then counts as absent
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Server(Protocol):
    """An address, the model to ask there, and the key for it ("none" where none is needed)."""

    @property
    def base_url(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def api_key(self) -> str: ...


def connect(server: Server, timeout: float, retries: int) -> OpenAI:
    """A client for one server; nothing is sent yet. `timeout` is in seconds, for one try.

    It follows no redirect. A proxy of the environment is used only where it cannot read along (https), and
    headers of the environment go to OpenAI alone.
    """
    import openai

    patience = openai.Timeout(timeout, connect=CONNECT_SECONDS)
    host = urlsplit(server.base_url).hostname or ""
    tunnelled = server.base_url.startswith("https:") and host not in LOOPBACK
    http = openai.DefaultHttpxClient(timeout=patience, trust_env=tunnelled, follow_redirects=False)
    client = openai.OpenAI(
        base_url=server.base_url, api_key=server.api_key, timeout=patience, max_retries=retries,
        http_client=http,
    )  # fmt: skip
    if server.base_url != OPENAI:
        client.organization = client.project = None
        client._custom_headers = {}  # OPENAI_CUSTOM_HEADERS; there is no public way to leave them out
    return client


def explain(error: Exception, server: Server, table: str) -> NoReturn:
    """The client's error as an EndpointError: what is wrong, where, and what to set in [`table`]."""
    import openai

    said = what_it_said(error, server)
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        what, remedy = (
            f"the server refuses the key ({said})",
            "Set OPENAI_API_KEY to a key that is valid there.",
        )
    elif isinstance(error, openai.NotFoundError):
        what = f"the server does not know the model '{server.model}' or the address ({said})"
        remedy = f"Check {table}.model and {table}.base_url; most servers want the latter to end in /v1."
    elif isinstance(error, openai.RateLimitError):
        what = f"the server is too busy, or the account is out of credit ({said})"
        remedy = "Wait, ask for less at once, and run again: what was answered is kept."
    elif isinstance(error, openai.APITimeoutError):
        what, remedy = "the server does not answer in time", f"Raise {table}.timeout, or ask a faster server."
    elif isinstance(error, openai.APIConnectionError):
        cause = redacted(str(error.__cause__ or error), server)[:160]
        what, remedy = f"the server cannot be reached ({cause})", f"Check {table}.base_url and the network."
    elif isinstance(error, openai.APIStatusError) and 300 <= error.status_code < 400:
        place = redacted(error.response.headers.get("location", "an unnamed place"), server)
        what = f"the server sends elsewhere, to {place}"
        remedy = f"Redirects are not followed; if that place is meant, name it in {table}.base_url."
    elif isinstance(error, openai.APIStatusError) and error.status_code >= 500:
        what = f"the server fails with {error.status_code} ({said})"
        remedy = "Look into its log, and run again: what was answered is kept."
    else:
        what, remedy = f"the server refuses the call ({said})", f"Check {table}.model and {table}.base_url."
    if isinstance(error, openai.APITimeoutError):
        raise EndpointError(what, file=server.base_url, remedy=remedy) from TimeoutError(str(error))
    raise EndpointError(what, file=server.base_url, remedy=remedy) from error


def what_it_said(error: Exception, server: Server) -> str:
    """The server's own words, short."""
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    return " ".join(redacted(str(message or error), server).split())[:200]


def redacted(text: str, server: Server) -> str:
    """The text without the key."""
    return text.replace(server.api_key, "(the key)") if len(server.api_key) > 4 else text
