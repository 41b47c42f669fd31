"""What the values of front matter mean: titles, days, names, links, tags, languages.

Each function takes a value as YAML or TOML gives it (text, lists and tables of text; for TOML numbers and
dates, too) and raises ValueError, in words, for one that means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.errors import ConfigError
from pipeline.text import plain
from pipeline.word_lists import WordLists
from pipeline.workspace import dates, links

MAX_TITLE_CHARACTERS = 300
MAX_LISTED = 100  # people or tags; nobody reads more
_MAX_NAME_WORDS, _MAX_NAME_CHARACTERS = 6, 80

_LISTS = WordLists.beside(__file__)
_NOTHING, _NAME_KEYS, _LINK_KEYS = (_LISTS[name] for name in ("nothing", "name_keys", "link_keys"))
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]*)\]\(([^\s()]*)\)")
_ASIDE = re.compile(r"\([^()]*\)|<[^<>]*>")
_LIST_MARK = re.compile(r"[;|\n\u3001]|(?<=\s)/(?=\s)")
_COMMA = re.compile(r"[,\uff0c]")
_AND = re.compile(rf"(?<!\S){_LISTS.any_of('and')}(?!\S)", re.IGNORECASE)
_NOBODY = re.compile(_LISTS.any_of("nobody"), re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9]++(?:[-_][a-z0-9]++)+")
_RESERVED = re.compile(r"new(?: \d+)?")  # means somebody else in the review
_YOUTUBE_ID, _VIMEO_ID = re.compile(r"[\w-]{11}"), re.compile(r"\d{6,12}")


def text(value: Any) -> str:
    """One line of text, "" for nothing. Raises ValueError for a list or a table."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list | Mapping):
        raise ValueError(f"is a {'list' if isinstance(value, list) else 'table'}, not text")
    line = plain("" if value is None else str(value))
    return "" if line.casefold() in _NOTHING else line


def title(value: Any) -> str:
    line = text(value)
    if len(line) > MAX_TITLE_CHARACTERS:
        raise ValueError(f"has {len(line):,} characters, of at most {MAX_TITLE_CHARACTERS}")
    return line


def date(value: Any) -> str:
    """A day as YYYY-MM-DD. Raises ValueError."""
    line = text(value)
    day = dates.iso(line)
    if line and not day:
        raise ValueError(f"'{line[:40]}' is no certain day; write it as YYYY-MM-DD")
    return day or ""


def language(value: Any) -> str:
    """The ISO 639 code of "en-GB". Raises ValueError."""
    line = text(value)
    code = re.match(r"([a-z]{2,3})(?![^\W\d_])", line.lower())
    if line and not code:
        raise ValueError(f"'{line[:40]}' is no language code such as \"en\"")
    return code[1] if code else ""


def link(key: str, value: Any) -> str:
    """The first http(s) link in a value, "" if there is none. A bare video id will do under its site's key.

    Raises ValueError for a link that is none.
    """
    wrong = ""
    for line in _leaves(value, _LINK_KEYS):
        in_text = _MARKDOWN_LINK.search(line)
        url = (in_text[2] if in_text else line).strip("<> ")
        if key.startswith(("youtube", "yt", "video")) and _YOUTUBE_ID.fullmatch(url):
            url = f"https://www.youtube.com/watch?v={url}"
        elif key.startswith("vimeo") and _VIMEO_ID.fullmatch(url):
            url = f"https://vimeo.com/{url}"
        try:
            return links.checked(url, file="", key=key)
        except ConfigError:
            wrong = wrong or (url if "://" in url else "")
    if wrong:
        raise ValueError(f"'{wrong[:80]}' is no http(s) link")
    return ""


def tags(value: Any) -> list[str]:
    """Tags, each once."""
    lines = (part for line in _leaves(value, _NAME_KEYS) for part in _split(line, re.compile("[,;\n]")))
    found = (plain(part).strip("#\"' ") for part in lines)
    return list(dict.fromkeys(tag for tag in found if tag.casefold() not in ("", *_NOTHING)))[:MAX_LISTED]


def names(value: Any) -> list[str]:
    """People's names: from a list, a table with `name`, or text with commas, semicolons or "and".

    Raises ValueError for what is no name.
    """
    found: list[str] = []
    for line in _leaves(value, _NAME_KEYS):
        line = _ASIDE.sub(" ", _MARKDOWN_LINK.sub(r"\1", line)).replace("[[", "").replace("]]", "")
        items = _split(line, _LIST_MARK)
        is_list = len(items) > 1 or not isinstance(value, str)
        for name in (name for item in items for name in _split(item, _AND)):
            found += [_listed(plain(name))] if is_list else _split(name, _COMMA)
    cleaned = [plain(name).strip("\"'*_@-\u2013 ") for name in found]
    cleaned = [n for n in cleaned if n.casefold() not in ("", *_NOTHING) and not _NOBODY.fullmatch(n)]
    if wrong := next((name for name in cleaned if not _is_name(name)), None):
        raise ValueError(f"'{wrong[:80]}' is not a name")
    return list(dict.fromkeys(cleaned))[:MAX_LISTED]


def _listed(item: str) -> str:
    """The name in an item of a list: "Ann Lee" of "Lee, Ann" and of "Ann Lee, Base"."""
    parts = [part.strip() for part in _split(item, _COMMA)]
    if len(parts) == 2 and not any(" " in part for part in parts):
        parts = [f"{parts[1]} {parts[0]}"]
    return parts[0] if parts else ""


def _is_name(name: str) -> bool:
    return (
        any(map(str.isalpha, name))
        and len(name) <= _MAX_NAME_CHARACTERS
        and len(name.split()) <= _MAX_NAME_WORDS
        and not any(mark in name for mark in ("@", "://", ":", "{"))
        and not _SLUG.fullmatch(name)
        and not _RESERVED.fullmatch(name)
    )


def _split(line: str, mark: re.Pattern[str]) -> list[str]:
    return [part for part in mark.split(line) if part.strip()]


def _leaves(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """The texts in a value: those of lists, and in tables those of the first of some keys that is there.

    Raises ValueError for a table with none of them.
    """
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item, keys)
    elif isinstance(value, Mapping):
        by_key = {str(key).casefold(): inner for key, inner in value.items()}
        key = next((key for key in keys if key in by_key), None)
        if key is None:
            raise ValueError(f"is a table without {' or '.join(keys[:2])}")
        yield from _leaves(by_key[key], keys)
    elif value is not None:
        yield str(value)
