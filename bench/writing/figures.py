"""What can be counted in a post: its words, links and names, and what was refused on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from bench.writing.played import Played
from pipeline.records import Claim

SHARED_RUN_WORDS = 4  # in a row, as somebody said them: those are not the writer's own

_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(([^()\s]*)\)")
_MARKS = re.compile(r"^(?:#+|>|[-*] |\*\*\*$|---$)", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+(?:['\u2019.,-]?[^\W_]+)*")


def figures(played: Played) -> dict[str, Any]:
    """All figures of a post, by name."""
    made, verified = played.takeaways, played.takeaways.verification
    assert verified
    post = played.post
    words, seen = len(post.split()), len(_WORD.findall(as_read(post)))
    asked, kept = [*quotes_asked(played)], [quote for theme in made.themes for quote in theme.quotes]
    return {
        "calls": played.meter.calls,
        "read": played.meter.read,
        "written": played.meter.written,
        "seconds": round(played.seconds, 1),
        "checked": verified.checked,
        "passed": verified.passed,
        "doubted": verified.doubted,
        "mended": verified.mended,
        "lost": verified.replaced,
        "quotes asked": len(asked),
        "quotes kept": len(kept),
        "cuts asked": sum(bool(quote.get("from_words") or quote.get("to_words")) for quote in asked),
        "cuts made": sum(bool(quote.keep) for quote in kept),
        "words": words,
        "words seen": seen,
        "ratio": round(words / seen, 2),
        "links": len(_LINK.findall(post)),
        "full names": full_names(played),
        "own words": round(own_words(played), 2),
        "refused": refused(played),
        "left out": [rejected.model_dump() for rejected in made.rejected],
        "notes": list(made.notes),
    }


def as_read(post: str) -> str:
    """The text of post.md as a reader sees it: without front matter, marks and addresses."""
    text = _COMMENT.sub("", _FRONT.sub("", post))
    return _MARKS.sub("", _LINK.sub(r"\1", text)).replace("*", "").replace("\\", "")


def prose_of(post: str) -> str:
    """The paragraphs of post.md, without headings, quotes and what stands above the first paragraph."""
    lines = as_paragraphs(post)
    return "\n".join(line for line in lines if not line.startswith(("#", ">", "*", "With ", "—", "- ")))


def as_paragraphs(post: str) -> list[str]:
    return [line for line in _LINK.sub(r"\1", _FRONT.sub("", post)).splitlines() if line.strip()]


def full_names(played: Played) -> dict[str, int]:
    """How often the prose calls each person by a name of several words."""
    prose, front = prose_of(played.post), _FRONT.match(played.post)
    given: list[str] = yaml.safe_load(front[0].strip("-\n"))["speakers"] if front else []
    names = [name for name in given if " " in name]
    counted = {name: len(re.findall(rf"\b{re.escape(name)}\b", prose)) for name in names}
    return {name: count for name, count in counted.items() if count}


def claims(played: Played) -> Iterator[Claim]:
    """The sentences about the talk that stand in the post."""
    for paragraph in played.takeaways.prose:
        yield from (claim for claim in paragraph.claims if claim.kind == "talk")


def own_words(played: Played) -> float:
    """The share of the prose about the talk that is in no longer run of words of the lines it cites."""
    said = {sentence.id: _words(sentence.text) for sentence in played.turns.sentences()}
    own = total = 0
    for claim in claims(played):
        words = _words(re.sub(r"\{S\d+\}", " ", claim.text))
        runs = {run for id in claim.cites for run in _runs(said.get(id, []))}
        shared = {
            place + offset
            for place, run in enumerate(_runs(words))
            if run in runs
            for offset in range(SHARED_RUN_WORDS)
        }
        own, total = own + len(words) - len(shared), total + len(words)
    return own / total if total else 0.0


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + SHARED_RUN_WORDS]) for i in range(len(words) - SHARED_RUN_WORDS + 1)]


def quotes_asked(played: Played) -> Iterator[Any]:
    """The quotes that the model's replies ask for."""
    model = played.model
    for reply in [model.post] if model.post else [recorded["reply"] for recorded in model.replies]:
        yield from _quotes_in(reply)


def _quotes_in(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("quote", "quotes") and inner:
                yield from inner if isinstance(inner, list) else [inner]
            else:
                yield from _quotes_in(inner)
    elif isinstance(value, list):
        for entry in value:
            yield from _quotes_in(entry)


def refused(played: Played) -> list[dict[str, str]]:
    """Each sentence that was sent back: why, and what stands instead ("" if nothing does)."""
    made = played.takeaways
    kept = {claim.mended_from: claim.text for paragraph in made.prose for claim in paragraph.claims}
    kept = {_bare(before): after for before, after in kept.items() if before}
    texts = [made.title, made.dek, *(theme.heading for theme in made.themes)]
    found = []
    for text, why in played.model.sent_back:
        rewrite = played.model.rewrites.get(text, {}).get("text", "")
        stands = _bare(rewrite) if any(_bare(rewrite) == _bare(other) for other in texts) else ""
        found.append({"text": text, "why": why, "became": _bare(kept.get(_bare(text), stands))})
    return found


def _bare(text: str) -> str:
    return re.sub(r"\{(\w+)\}", r"\1", text)
