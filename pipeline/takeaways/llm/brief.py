"""What the sidecar asks of a post, in the form that prompts take."""

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
MIN_SPEAKER_SHARE = 0.05  # of all words, for a speaker to be named in the opening
THEME_BOUNDS = {"short": (3, 4), "medium": (4, 7), "long": (5, 9)}
FEWER_PARAGRAPHS = {"short": 1, "medium": 0, "long": -1}  # than the prompt allows


def prompt_values(facts: Facts, turns: Turns, ids: Ids) -> dict[str, Any]:
    """The variables that the prompts of every step may use."""
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
    """Each speaker with their share of the words, in descending order."""
    counts = _word_counts(turns)
    for speaker, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{ids.prompt_id(speaker)} ({round(100 * count / max(1, counts.total()))} % of the words)"


def _word_counts(turns: Turns) -> Counter[str]:
    """How many words each speaker said."""
    counts: Counter[str] = Counter()
    for sentence in turns.sentences():
        counts[sentence.speaker] += sentence.words[1] - sentence.words[0]
    return counts


def opening(facts: Facts, document: Document, prose: str) -> Claim | None:
    """A sentence that says who spoke, and where; None if `prose` names everybody who spoke at length.

    Only in English, and of one speaker only where the occasion is known. It cites the first sentence of each,
    other than greetings and commands to machines.
    """
    turns = document.turns
    first_ids = {
        said.sentence.speaker: said.sentence.id for said in reversed(document.said) if not said.is_junk
    }
    counts = _word_counts(turns)
    speakers = [id for id in first_ids if counts[id] >= MIN_SPEAKER_SHARE * counts.total()]
    speakers.sort(key=lambda id: int(first_ids[id][1:]))
    if (
        turns.language != "en"
        or len(speakers) < 2 - bool(facts.occasion)
        or all(f"{{{id}}}" in prose for id in speakers)
    ):
        return None
    names = [f"{{{id}}}" for id in speakers]
    everybody = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    where = f"at {plain(facts.occasion)}" if facts.occasion else "with each other"
    return Claim(text=f"{everybody} spoke {where}.", cites=tuple(first_ids[id] for id in speakers))


def theme_bounds(prompt: Prompt, facts: Facts, points: int, most: int | None) -> tuple[int, int]:
    """The fewest and the most themes that the prompt or the sidecar and the setting `most` allow.

    The most is no higher than the number of pairs of points, the fewest no higher than that of triples.
    """
    lower, upper = prompt.front.themes or THEME_BOUNDS[facts.length or "medium"]
    upper = max(1, min(upper, most or upper, points // 2 or 1))
    return min(lower, upper, max(1, points // 3)), upper


def paragraph_count(prompt: Prompt, facts: Facts) -> int:
    """The most paragraphs of a section."""
    return max(1, (prompt.front.paragraphs or 2) - FEWER_PARAGRAPHS[facts.length or "medium"])
