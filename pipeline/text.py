"""Text as data in Markdown, WebVTT and YAML: what was said can never become markup."""

from __future__ import annotations

import json
import re
import unicodedata

_INLINE = re.compile(r"([\\`*_\[\]{}~|$]|#(?=#*$))")  # { and $ mean something to Jekyll and to GitHub's maths
_ENTITY = re.compile(r"&(?=#?\w+;)")
_AT_START = re.compile(r"(\d+(?=[.)])|(?=[-+=:#]))")
_NOT_IN_YAML = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """One line: no control characters, every run of white space one space."""
    kept = (c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join("".join(kept).split())


def visible(text: str) -> str:
    """`text` with control characters, line ends and bytes that are no UTF-8 as escapes, as in "\\n"."""
    hidden = ("Cc", "Cs", "Zl", "Zp")
    return "".join(ascii(c)[1:-1] if unicodedata.category(c) in hidden else c for c in text)


def markdown(text: str) -> str:
    """`text` as one line of CommonMark (with GitHub's extensions) that reads as it stands."""
    text = _INLINE.sub(r"\\\1", _ENTITY.sub("&amp;", plain(text)))
    text = text.replace("<", "&lt;").replace(">", "&gt;")
    return _AT_START.sub(r"\1\\", text, count=1) if _AT_START.match(text) else text


def markdown_url(url: str) -> str:
    """`url` as a CommonMark link destination."""
    for char, code in (("\\", "%5C"), (" ", "%20"), ("(", "%28"), (")", "%29"), ("<", "%3C"), (">", "%3E")):
        url = url.replace(char, code)
    return _ENTITY.sub("&amp;", url)


def webvtt(text: str) -> str:
    """`text` inside a WebVTT cue, as words or as the name of a voice."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub("--$", "-&#45;", text)  # else the name in `<v A-->` would end as a timing line does


def quoted(text: str) -> str:
    """`text` as a JSON string that is a YAML 1.1 and 1.2 string as well."""
    return _NOT_IN_YAML.sub(
        lambda match: f"\\u{ord(match[0]):04x}", json.dumps(plain(text), ensure_ascii=False)
    )
