"""The openai client as it is used here: it goes where it is told, and nowhere else; its errors are ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn, Protocol
from urllib.parse import urlsplit

from pipeline import errors
from pipeline.errors import EndpointError
from pipeline.workspace.api_keys import OPENAI, without

if TYPE_CHECKING:
    from openai import OpenAI

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
    elif isinstance(error, openai.APITimeoutError) and _connecting(error):
        what = f"the server cannot be reached (no answer in {CONNECT_SECONDS:.0f} s)"
        remedy = f"Check {table}.base_url and the network."
    elif isinstance(error, openai.APITimeoutError):
        what, remedy = "the server does not answer in time", f"Raise {table}.timeout, or ask a faster server."
    elif isinstance(error, openai.APIConnectionError):
        cause = errors.cause(error) or redacted(str(error.__cause__ or error), server)[:160]
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


def _connecting(error: Exception) -> bool:
    """Whether it was too long already until the server took the call."""
    return any(type(one).__name__ == "ConnectTimeout" for one in errors.chain(error))


def what_it_said(error: Exception, server: Server) -> str:
    """The server's own words, short."""
    body, response = getattr(error, "body", None), getattr(error, "response", None)
    message = body.get("message") if isinstance(body, dict) else None
    if response is not None and errors.is_page(response.text):
        message = f"{response.status_code} and a web page"
    return " ".join(redacted(str(message or error), server).split())[:200]


def greet(server: Server, table: str) -> str:
    """What a server says of the model, in words. Nothing is sent but the question which models it has.

    Raises EndpointError if it does not answer, not with a list, or with one that lacks the model.
    """
    import openai

    client = connect(server, CONNECT_SECONDS, retries=0)
    try:
        body = client.models.with_raw_response.list().http_response.text
    except openai.NotFoundError as error:
        raise EndpointError(
            f"the server has no list of models ({what_it_said(error, server)})",
            file=server.base_url,
            remedy=f"Check {table}.base_url; most servers want it to end in /v1.",
        ) from error
    except openai.APITimeoutError as error:
        raise EndpointError(
            f"the server does not say within {CONNECT_SECONDS:.0f} s which models it has",
            file=server.base_url,
            remedy=f"Check {table}.base_url and the network, and whether the server is well.",
        ) from error
    except openai.OpenAIError as error:
        explain(error, server, table)
    known = _listed(body, server, table)
    if known and not {server.model, f"{server.model}:latest"} & set(known):  # Ollama's way to name them
        raise EndpointError(
            f"the server answers, but '{server.model}' is not among its models",
            file=server.base_url,
            remedy=redacted(f"Set {table}.model; it has {', '.join(known)[:200]}.", server),
        )
    listed = "is among its models" if known else "may be there: it lists no models"
    return f"{server.base_url} answers; {server.model} {listed}"


def _listed(body: str, server: Server, table: str) -> list[str]:
    try:
        models = json.loads(body)["data"] or []
        return [str(model["id"]) for model in models]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise EndpointError(
            f"the server's answer is no list of models ({redacted(errors.shown(body), server)})",
            file=server.base_url,
            remedy=f"Check {table}.base_url; most servers want it to end in /v1.",
        ) from error


def redacted(text: str, server: Server) -> str:
    """The text without the key."""
    return without(server.api_key, text)
