"""The HTTP client beneath the openai client: replies are bounded, and read as UTF-8 whatever they claim."""

from __future__ import annotations

from typing import Any

import openai

from pipeline.weights import bounded_http
from pipeline.weights.bounded_http import Deadline, TooLongError

NOT_IMPLEMENTED = 501
KEPT_HEADERS = ("location", "retry-after", "retry-after-ms", "x-should-retry")


class UnreadableReplyError(openai.OpenAIError):
    """A reply that is too long or not compressed as it says, in words after "it is". It is not retried."""


class BoundedClient(openai.DefaultHttpxClient):
    """Reads each reply whole, within `seconds` from the start of the request. Thread-safe.

    Raises openai.APITimeoutError, which is not retried here, and UnreadableReplyError.
    """

    def __init__(self, seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._seconds = seconds

    def send(self, request: Any, **options: Any) -> Any:
        request.headers.update(bounded_http.CLOSING)
        with Deadline(self._seconds) as deadline:
            request.extensions["trace"] = deadline.trace
            try:
                reply = super().send(request, **{**options, "stream": True})
                try:
                    body = bounded_http.read(reply.iter_bytes())
                finally:
                    reply.close()
            except TooLongError as error:
                raise UnreadableReplyError(str(error)) from error
            except Exception as error:
                if deadline.has_passed:
                    raise openai.APITimeoutError(request=request) from error
                if type(error).__name__ == "DecodingError":
                    raise UnreadableReplyError(f"not compressed as it says ({error})") from error
                raise
        if deadline.has_passed:  # it ended the reply, which has no length of its own
            raise openai.APITimeoutError(request=request)
        headers = {name: reply.headers[name] for name in KEPT_HEADERS if name in reply.headers}
        if reply.status_code == NOT_IMPLEMENTED:
            headers["x-should-retry"] = "false"  # it will not be in a moment
        return type(reply)(reply.status_code, headers=headers, content=body, request=request)
