"""The openai client as used here: it connects only where it is told, and its errors become EndpointErrors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import urlsplit

from pipeline import errors
from pipeline.errors import EndpointError
from pipeline.stage_names import TalkStage
from pipeline.workspace.api_keys import KEY, NO_KEY, OPENAI, key_advice, without

if TYPE_CHECKING:
    from openai import OpenAI

CONNECT_SECONDS = 5.0  # a server that has not answered by then counts as absent
MAX_TIMEOUTS = 2  # that a whole reply may take: some servers send white space while they work
PAYMENT_REQUIRED, TOO_LARGE = 402, 413  # statuses
MAX_SHOWN_CHARACTERS = 200  # of what a server says
_WORDS = (
    "message",
    "msg",
    "error",
    "errors",
    "detail",
    "base_resp",
    "status_msg",
)  # under which servers say what is wrong
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Server(Protocol):
    """An address, the model to use there, and its API key ("none" where none is needed)."""

    @property
    def base_url(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def api_key(self) -> str: ...


def connect(server: Server, timeout: float, retries: int) -> OpenAI:
    """A client for one server; nothing is sent yet. `timeout` is in seconds, for one try to say anything.

    It follows no redirects. A proxy from the environment is used only where it cannot read the traffic
    (https), and headers from the environment go to OpenAI alone.
    """
    import openai

    from pipeline.engines.bounded_client import BoundedClient

    timeouts = openai.Timeout(timeout, connect=CONNECT_SECONDS)
    host = urlsplit(server.base_url).hostname or ""
    is_tunnelled = server.base_url.startswith("https:") and host not in LOOPBACK
    http_client = BoundedClient(
        MAX_TIMEOUTS * timeout, timeout=timeouts, trust_env=is_tunnelled, follow_redirects=False
    )
    client = openai.OpenAI(
        base_url=server.base_url, api_key=server.api_key, timeout=timeouts, max_retries=retries,
        http_client=http_client,
    )  # fmt: skip
    if server.base_url != OPENAI:
        client.organization = client.project = None
        client._custom_headers = {}  # from OPENAI_CUSTOM_HEADERS; there is no public way to leave them out
    return client


def raise_endpoint_error(error: Exception, server: Server, table: str) -> NoReturn:
    """Raise the client's error as an EndpointError: what is wrong, where, and what to set in [`table`]."""
    import openai

    from pipeline.engines.bounded_client import UnreadableReplyError

    message = server_message(error, server)
    if isinstance(error, UnreadableReplyError):
        what = f"the server's reply is {error}"
        remedy = f"Check {table}.base_url, and whether that server is well."
    elif isinstance(error, openai.AuthenticationError) and server.api_key == NO_KEY:
        what = f"the server asks for a key, and was sent none ({message})"
        remedy = key_advice(server.base_url)
    elif isinstance(error, openai.PermissionDeniedError):
        what = f"the server forbids the call ({message})"
        remedy = f"Check what {KEY}, or the variable that you named for it, may do there with {table}.model."
    elif isinstance(error, openai.AuthenticationError):
        what = f"the server refuses the key ({message})"
        remedy = f"Set {KEY}, or the variable that you named for it, to a key that is valid there."
    elif isinstance(error, openai.NotFoundError):
        what = f"the server does not know the model '{server.model}' or the address ({message})"
        remedy = f"Check {table}.model and {table}.base_url; most servers want the latter to end in /v1."
    elif isinstance(error, openai.APIStatusError) and error.status_code == PAYMENT_REQUIRED:
        what = f"the account is out of credit ({message})"
        remedy = "Pay in some, and run again: what was answered is kept."
    elif isinstance(error, openai.APIStatusError) and error.status_code == TOO_LARGE:
        what = f"a call is larger than the server takes ({message})"
        remedy = "Raise that server's limit"
        remedy += "." if table == TalkStage.TRANSCRIBE else f", or lower {table}.context."
    elif isinstance(error, openai.RateLimitError):
        what = f"the server is too busy, or the account is out of credit ({message})"
        remedy = "Wait, ask for less at once, and run again: what was answered is kept."
    elif isinstance(error, openai.APITimeoutError) and _is_connecting(error):
        what = f"the server cannot be reached (no answer in {CONNECT_SECONDS:.0f} s)"
        remedy = f"Check {table}.base_url and the network."
    elif isinstance(error, openai.APITimeoutError):
        what, remedy = "the server does not answer in time", f"Raise {table}.timeout, or ask a faster server."
    elif isinstance(error, openai.APIConnectionError) and _was_connected(error):
        what = f"the server ends the connection ({shown_message(str(error.__cause__), server)})"
        remedy = f"Check {table}.base_url and that server's log, and run again: what was answered is kept."
    elif isinstance(error, openai.APIConnectionError):
        cause = errors.cause(error) or shown_message(str(error.__cause__ or error), server)
        what, remedy = f"the server cannot be reached ({cause})", f"Check {table}.base_url and the network."
    elif isinstance(error, openai.APIStatusError) and 300 <= error.status_code < 400:
        location = shown_message(error.response.headers.get("location", "an unnamed place"), server)
        what = f"the server sends elsewhere, to {location}"
        remedy = f"Redirects are not followed; if that place is meant, name it in {table}.base_url."
    elif isinstance(error, openai.APIStatusError) and error.status_code >= 500:
        what = f"the server fails with {error.status_code} ({message})"
        remedy = "Look into its log, and run again: what was answered is kept."
    else:
        what, remedy = (
            f"the server refuses the call ({message})",
            f"Check {table}.model and {table}.base_url.",
        )
    if isinstance(error, openai.APITimeoutError):
        raise EndpointError(what, file=server.base_url, remedy=remedy) from TimeoutError(str(error))
    raise EndpointError(what, file=server.base_url, remedy=remedy) from error


def _is_connecting(error: Exception) -> bool:
    """Whether the timeout was in connecting, before the server took the call."""
    return any(type(link).__name__ == "ConnectTimeout" for link in errors.chain(error))


def _was_connected(error: Exception) -> bool:
    """Whether the connection was lost in the middle of an answer, or before one came."""
    return any(type(link).__name__ in ("RemoteProtocolError", "ReadError") for link in errors.chain(error))


def server_message(error: Exception, server: Server) -> str:
    """What the server said, on one line, shortened and without the key."""
    response = getattr(error, "response", None)
    if response is not None and errors.is_page(response.text):
        return f"{response.status_code} and a web page"
    return shown_message(server_words(getattr(error, "body", None)) or str(error), server)


def shown_message(words: str, server: Server) -> str:
    """A server's words on one printable line, shortened and without the key."""
    return errors.printable(redacted(words, server))[:MAX_SHOWN_CHARACTERS]


def server_words(body: Any, levels: int = 4) -> str:
    """What an error's body says in words, whichever of the usual forms it has; "" if it says nothing."""
    if isinstance(body, str):
        return body
    if isinstance(body, list) and levels:
        return "; ".join(filter(None, (server_words(entry, levels - 1) for entry in body[:3])))
    if not (isinstance(body, dict) and levels):
        return ""
    said = (server_words(body.get(name), levels - 1) for name in _WORDS)
    words, place, origin = next(filter(None, said), ""), body.get("loc"), body.get("metadata")
    if words and isinstance(place, list):  # as FastAPI has it
        words = f"{'.'.join(map(str, place[:9]))}: {words}"
    if isinstance(origin, dict) and isinstance(origin.get("raw"), str):  # of the server behind this one
        words = f"{words}: {origin['raw']}"
    return words


def check_model(server: Server, table: str) -> str:
    """Says in words whether a server has the model. Only the list of its models is requested.

    Raises EndpointError if it does not answer, or not with a list, or with a list that lacks the model.
    """
    import openai

    client = connect(server, CONNECT_SECONDS, retries=0)
    try:
        body = client.models.with_raw_response.list().http_response.text
    except openai.NotFoundError as error:
        raise EndpointError(
            f"the server has no list of models ({server_message(error, server)})",
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
        raise_endpoint_error(error, server, table)
    models = _model_names(body, server, table)
    if models and not {server.model, f"{server.model}:latest"} & set(models):  # Ollama's way to name them
        raise EndpointError(
            f"the server answers, but '{server.model}' is not among its models",
            file=server.base_url,
            remedy=f"Set {table}.model; it has {shown_message(', '.join(models), server)}.",
        )
    verdict = "is among its models" if models else "may be there: it lists no models"
    return f"{server.base_url} answers; {server.model} {verdict}"


def _model_names(body: str, server: Server, table: str) -> list[str]:
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
    """The text without the server's key."""
    return without(server.api_key, text)
