"""Links into a recording, and which links may be rendered at all."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from pipeline.errors import ConfigError
from pipeline.records import MEDIA_SUFFIXES

_YOUTUBE = frozenset({"youtube.com", "youtube-nocookie.com", "youtu.be"})
_VIMEO = frozenset({"vimeo.com", "player.vimeo.com"})
_START_KEYS = frozenset({"t", "start", "time_continue"})  # what YouTube calls the second to start from
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f\"<>\\^`{|}]")  # never part of a URL (RFC 3986)


def checked(url: str, *, file: Path | str, key: str) -> str:
    """`url` if it is http(s) and can stand in any output. Raises ConfigError naming file and key."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid or _UNSAFE.search(url):
        raise ConfigError(
            f"'{key}' cannot be '{url[:80]}'",
            file=file,
            remedy="A link starts with https:// or http:// and has no spaces in it.",
        )
    return url


def bare(url: str) -> str:
    """What a link without a title is called: its address without scheme, "www." and final slash."""
    return re.sub(r"^https?://(?:www\.)?", "", url, flags=re.IGNORECASE).rstrip("/") or url


def at_moment(recording: str, seconds: float) -> str | None:
    """A link to that second of a YouTube, Vimeo or plain media file URL; None for any other page."""
    parts = urlsplit(recording)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("music.")
    second = int(seconds)
    if host in _YOUTUBE:
        return _youtube(recording, second)
    if host in _VIMEO and re.search(r"/\d+", parts.path):
        return urlunsplit(parts._replace(fragment=f"t={second}s"))
    if Path(parts.path).suffix.lower() in MEDIA_SUFFIXES:
        return file_at_moment(recording, second)
    return None


def _youtube(url: str, second: int) -> str | None:
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] not in _START_KEYS]
    kind, _, video = parts.path.strip("/").partition("/")
    if kind in ("embed", "shorts", "v"):  # these players pay no heed to t: link to the page instead
        parts = parts._replace(netloc="www.youtube.com", path="/watch")
        kept = [f"v={video}"]
    named_in_path = bool(kind if parts.hostname == "youtu.be" else kind == "live" and video)
    if not named_in_path and "v" not in parse_qs("&".join(kept)):  # a channel or playlist has no moments
        return None
    return urlunsplit(parts._replace(query="&".join([*kept, f"t={second}s"]), fragment=""))


def file_at_moment(url: str, seconds: float) -> str:
    """A media fragment (W3C Media Fragments 1.0): the file, played from that second."""
    return f"{url.partition('#')[0]}#t={int(seconds)}"


def relative_url(target: Path, folder: Path) -> str:
    """A percent-encoded URL of `target` as seen from a page in `folder`."""
    try:
        relative = os.fsencode(Path(os.path.relpath(target, folder)).as_posix())
    except ValueError:  # another drive on Windows
        return target.as_uri()
    return quote(relative)
