"""Links into recordings, and which links are rendered at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.text import clock, day, webvtt_time
from pipeline.workspace.links import at_moment, checked, file_at_moment, relative_url


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ("https://www.youtube.com/watch?v=abc", "https://www.youtube.com/watch?v=abc&t=72s"),
        ("https://youtube.com/watch?v=abc&t=5", "https://youtube.com/watch?v=abc&t=72s"),
        (
            "https://m.youtube.com/watch?t=1m2s&v=abc&list=x#t=9",
            "https://m.youtube.com/watch?v=abc&list=x&t=72s",
        ),
        ("https://youtu.be/abc", "https://youtu.be/abc?t=72s"),
        ("https://youtu.be/abc?si=share&t=9", "https://youtu.be/abc?si=share&t=72s"),
        (
            "https://www.youtube.com/live/abc?feature=share",
            "https://www.youtube.com/live/abc?feature=share&t=72s",
        ),
        ("https://www.youtube.com/embed/abc?start=4", "https://www.youtube.com/watch?v=abc&t=72s"),
        ("https://www.youtube-nocookie.com/embed/abc", "https://www.youtube.com/watch?v=abc&t=72s"),
        ("https://www.youtube.com/shorts/abc", "https://www.youtube.com/watch?v=abc&t=72s"),
        ("https://vimeo.com/12345", "https://vimeo.com/12345#t=72s"),
        ("https://player.vimeo.com/video/12345?h=1", "https://player.vimeo.com/video/12345?h=1#t=72s"),
        ("https://example.org/talks/one.mp3?x=1#top", "https://example.org/talks/one.mp3?x=1#t=72"),
        ("https://www.youtube.com/@channel", None),
        ("https://youtu.be/", None),
        ("https://vimeo.com/", None),
        ("https://example.org/talks/one", None),
        ("https://notyoutube.com/watch?v=abc", None),
    ],
)
def test_a_moment_is_linked_where_a_page_can_start_from_it(recording: str, expected: str | None) -> None:
    assert at_moment(recording, 72.9) == expected


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "//example.org/x",
        "example.org",
        "https://",
        "https://[broken",
        "https://example.org/a b",
        'https://example.org/"onclick=x',
        "https://example.org/\njavascript:x",
        "",
    ],
)
def test_only_web_links_are_rendered(url: str) -> None:
    with pytest.raises(ConfigError, match=r"talk\.toml: 'recording' cannot be"):
        checked(url, file="talk.toml", key="recording")


def test_a_web_link_stays_as_it_is() -> None:
    url = "https://example.org/a_(b)?c=d&e=%20#f"
    assert checked(url, file="x", key="y") == url


def test_a_path_becomes_a_url_whatever_it_is_called() -> None:
    media = Path("/w/inputs/c 1/100% #1?: é.mp3")
    src = relative_url(media, Path("/w/outputs/c 1/talk"))
    assert src == "../../../inputs/c%201/100%25%20%231%3F%3A%20%C3%A9.mp3"
    assert file_at_moment(src, 3.99).endswith(".mp3#t=3")


def test_clocks_and_days() -> None:
    assert [clock(s) for s in (0, 59.99, 754, 3753.2)] == ["0:00", "0:59", "12:34", "1:02:33"]
    assert webvtt_time(3753.2) == "01:02:33.200"
    assert webvtt_time(59.9996) == "00:01:00.000"
    assert day("2023-11-09T18:00:00Z") == "9 November 2023"
    assert day("last spring") is None
