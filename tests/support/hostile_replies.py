"""Replies of hostile servers, as a Handler sends them: too long, too slow, too deep."""

from __future__ import annotations

import gzip
import itertools
import json
import time
import zlib
from collections.abc import Iterator, Mapping
from functools import cache

Body = bytes | Iterator[bytes]
Answered = tuple[int, Mapping[str, str], Body]
RAW = -1  # a status with which the body is all that is sent, head included


@cache
def bomb() -> Answered:
    """A hundred kilobytes that are a hundred megabytes."""
    packed = gzip.compress(gzip.compress(b" " * 100 * 2**20))
    return 200, {"Content-Encoding": "gzip, gzip"}, packed


@cache
def deflated_bomb() -> Answered:
    return 200, {"Content-Encoding": "deflate"}, zlib.compress(b" " * 100 * 2**20)


def damaged() -> Answered:
    return 200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}" * 100)[:20] + b"x" * 50


def endless() -> Answered:
    return 200, {}, itertools.repeat(b" " * 2**16)


def trickle(before: bytes = b"") -> Answered:
    """A byte now and then, for ever."""
    return 200, {}, _slowly(before)


def slow_head() -> Answered:
    """A header that never ends."""
    return RAW, {}, _slowly(b"HTTP/1.1 200 OK\r\nX-Slow: ")


def endless_greetings() -> Answered:
    """One provisional answer after another."""
    return RAW, {}, (_pause(b"HTTP/1.1 100 Continue\r\n\r\n") for _ in itertools.count())


def deep() -> Answered:
    return 200, {}, b'{"choices":' + b"[" * 200_000


def deep_error() -> Answered:
    return 400, {}, b'{"error":' * 50_000


def odd_charset() -> Answered:
    return 200, {"Content-Type": "application/json; charset=zlib_codec"}, b'{"error": "no"}'


def huge_number() -> Answered:
    return 200, {}, b'{"choices": [' + b"9" * 10_000 + b"]}"


def steering() -> Answered:
    body = {"error": {"message": "out of \x1b]0;title\x07\x1b[31mred\x9b2J \u202egnitca \ud800"}}
    return 400, {}, json.dumps(body).encode()


def late() -> Answered:
    return 429, {"Retry-After": "999999999"}, b'{"error": {"message": "much later"}}'


def page() -> Answered:
    return 200, {"Content-Type": "text/html"}, b"<!---->" * 60 + b"<html>Log in</html>"


def comments() -> Answered:
    return 200, {"Content-Type": "text/html"}, b"<!---->" * 60 + b"x"


def _slowly(before: bytes) -> Iterator[bytes]:
    yield before
    for _ in itertools.count():
        yield _pause(b" ")


def _pause(data: bytes) -> bytes:
    time.sleep(0.05)
    return data
