"""What the sidecar asks of a post, as prompts are told it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pipeline.records import Claim, Turns
from pipeline.takeaways.extractive.document import Document
from pipeline.takeaways.llm.lines import Ids
from pipeline.text import plain
from pipeline.workspace.prompt_sets import Prompt
from pipeline.workspace.sidecar_facts import Facts

LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
AT_LENGTH = 0.05  # of all words
THEMES = {"short": (3, 4), "medium": (4, 7), "long": (5, 9)}
LONGER = {"short": 1, "medium": 0, "long": -1}  # what is taken off the paragraphs that a prompt allows


def values(facts: Facts, turns: Turns, ids: Ids) -> dict[str, Any]:
    """The variables that every step has."""
    return {
        "language": LANGUAGES.get(turns.language, f"the language with the ISO code {turns.language}"),
        "audience": facts.audience or "",
        "tone": facts.tone or "",
        "length": facts.length or "",
        "occasion": facts.occasion or "",
        "glossary": ", ".join(facts.glossary),
        "notes": "\n".join(f"- {note}" for note in facts.notes),
        "links": ", ".join(link.title for link in facts.links if link.title),
        "speakers": ", ".join(_speakers(turns, ids)),
    }


def _speakers(turns: Turns, ids: Ids) -> Iterable[str]:
    """Each speaker with their share of the words, who speaks most first."""
    words = _words(turns)
    for speaker, count in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        yield f"{ids.shown(speaker)} ({round(100 * count / max(1, words.total()))} % of the words)"


def _words(turns: Turns) -> Counter[str]:
    """How many words each speaker said."""
    words: Counter[str] = Counter()
    for sentence in turns.sentences():
        words[sentence.speaker] += sentence.words[1] - sentence.words[0]
    return words


def opening(facts: Facts, document: Document, named: str) -> Claim | None:
    """Who spoke, and where, if the text that there is does not name everybody who spoke at length.

    It rests on the first thing that each of them said, greetings and orders to machines left out.
    """
    turns = document.turns
    first = {said.sentence.speaker: said.sentence.id for said in reversed(document.said) if not said.junk}
    spoken = _words(turns)
    who = [id for id in first if spoken[id] >= AT_LENGTH * spoken.total()]
    who.sort(key=lambda id: int(first[id][1:]))
    if (
        turns.language != "en"
        or len(who) < 2 - bool(facts.occasion)
        or all(f"{{{id}}}" in named for id in who)
    ):
        return None
    names = [f"{{{id}}}" for id in who]
    together = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    where = f"at {plain(facts.occasion)}" if facts.occasion else "with each other"
    return Claim(text=f"{together} spoke {where}.", cites=tuple(first[id] for id in who))


def themes(prompt: Prompt, facts: Facts, points: int, most: int | None) -> tuple[int, int]:
    """How few and how many themes there may be: what the sidecar, the prompt and the settings say.

    No more than there are pairs of points, and no need for more than there are triples.
    """
    fewest, top = prompt.front.themes or THEMES[facts.length or "medium"]
    top = max(1, min(top, most or top, points // 2 or 1))
    return min(fewest, top, max(1, points // 3)), top


def paragraphs(prompt: Prompt, facts: Facts) -> int:
    return max(1, (prompt.front.paragraphs or 2) - LONGER[facts.length or "medium"])
