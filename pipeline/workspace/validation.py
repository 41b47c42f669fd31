"""What pydantic found wrong with a table or an artifact, in words: what is wanted, and what is there now."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from pipeline.records import BLOCKS
from pipeline.text import plain

Loc = tuple[int | str, ...]

_WANTED = {
    "string_type": "text, in double quotes",
    "string_too_short": "text that is not empty",
    "finite_number": "a finite number",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
}
_KINDS = {  # of errors, by how their names begin
    "int_": "a whole number",
    "float_": "a number",
    "bool_": "true or false",
    "list_": "a list, in square brackets",
    "tuple_": "a list, in square brackets",
    "dict_": "a table",
    "model_": "a table",
}
_PATTERNS = {
    r"^[a-z]{2,3}$": 'a language code such as "en"',
    r"^https?://\S+$": "an address that begins with https:// or http://, without spaces",
    r"^[\w-]+$": "a name of letters, digits, - and _",
    r"\S": "text that is not blank",
}
_MAX_SHOWN = 80


@dataclass(frozen=True)
class Fault:
    """One fault: where, what is wrong (the key in it), and what to do."""

    loc: Loc
    what: str
    remedy: str


def first_of(
    error: ValidationError, model: type[BaseModel], beside: Iterable[str] = (), at: Loc = ()
) -> Fault:
    """The fault to tell: a key that is not known before any other, since it may be why another is missing.

    `beside` are keys that are allowed next to the model's own; `at` is where the model stands in its file.
    """
    errors = error.errors(include_url=False, include_context=True)
    fault = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    loc: Loc = (*at, *_without_tags(fault["loc"]))
    key = f"'{dotted(loc)}'" if loc else "it"
    if fault["type"] == "extra_forbidden":
        known = [*_keys_beside(model, fault["loc"]), *(beside if len(fault["loc"]) == 1 else ())]
        near = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else f"Known there: {', '.join(known)}."
        return Fault(loc, f"unknown key {key}", remedy)
    if fault["type"] == "missing":
        return Fault(loc, f"{key} is missing", "Add it.")
    wanted, given = _wanted(fault), _given(fault["input"])
    if wanted is None:
        message = fault["msg"].removeprefix("Value error, ")
        return Fault(loc, f"{key}: {message}" if loc else message, f"It says {given} now; correct it.")
    return Fault(loc, f"{key} must be {wanted}", f"It is {given} now.")


def dotted(loc: Iterable[int | str]) -> str:
    """A key with those that it is in, as TOML writes it: speakers."Ann Lee".role."""
    parts = (str(part) for part in loc)
    bare = (p if re.fullmatch(r"[\w-]+", p) else json.dumps(plain(p), ensure_ascii=False) for p in parts)
    return ".".join(bare)


def _wanted(fault: Mapping[str, Any]) -> str | None:
    """What belongs there; None where the message says it."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], f"text of the form {context['pattern']}")
    if kind in _WANTED:
        return _WANTED[kind].format_map(context)
    return next((wanted for start, wanted in _KINDS.items() if kind.startswith(start)), None)


def _given(value: Any) -> str:
    """What is there, in words and short."""
    if isinstance(value, Mapping):
        return (
            f"a table with {', '.join(map(plain, map(str, value)))[:_MAX_SHOWN]}"
            if value
            else "an empty table"
        )
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    text = plain(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
    short = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
    if isinstance(value, str):
        return f"the text '{short}'"
    return f"the list [{short}]" if isinstance(value, list | tuple) else short


def _without_tags(loc: Loc) -> Loc:
    """A place as it is in the file: pydantic adds, after a number in a list, which record it took it for."""
    inside = pairwise(("", *loc))
    return tuple(part for holder, part in inside if not (isinstance(holder, int) and part in BLOCKS))


def _keys_beside(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that are known where `loc` leads; `by_name` is what a model holds under names of one's own."""
    for part in loc[:-1]:
        if part in BLOCKS:
            model = BLOCKS[part]
            continue
        field = model.model_fields.get(str(part))
        inner = (
            (field.annotation, *get_args(field.annotation)) if field else (getattr(model, "by_name", None),)
        )
        model = next((k for k in inner if isinstance(k, type) and issubclass(k, BaseModel)), model)
    return [field.alias or name for name, field in model.model_fields.items()]
