"""Speakers as prompts and stored prose call them: by ids."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.records import Turns
from pipeline.text import plain
from pipeline.turns.names import NOBODY, Identity
from pipeline.turns.person_names import HOMONYMS

ID_PREFIXES = ("S", "P", "V", "SPEAKER")
_LINE_REFERENCE = re.compile(  # "(see line 3)"
    r"(?<! ) *\((?:see )?lines? \d+(?:(?:, | and |, and |-)\d+)*\)"
)


class SpeakerIds:
    """Speakers' ids in prompts, S1, S2, …, and in stored prose, {S1}, {S2}, ….

    Where people say "S3" and mean something else, prompts use another prefix.
    """

    def __init__(self, turns: Turns, people: Mapping[str, Identity] = NOBODY) -> None:
        text = " ".join(sentence.text for sentence in turns.sentences())
        unused = (prefix for prefix in ID_PREFIXES if not re.search(rf"\b{prefix}\d", text))
        self._prefix = next(unused, "S")
        self._prompt_ids = {speaker.id: self._prefix + speaker.id[1:] for speaker in turns.speakers}
        self._names = _unmistakable_names(turns, people)
        self._is_english = turns.language == "en"
        # In other languages an ending may follow, or a script without spaces: "S2s Bohnen", "S2の豆".
        around = (r"\b", r"\b") if self._is_english else ("(?<![A-Za-z0-9_])", "(?![A-Z0-9_])")
        self._id = re.compile(f"{around[0]}{self._prefix}([0-9]++){around[1]}")

    def prompt_id(self, speaker: str) -> str:
        """A speaker's id as prompts show it."""
        return self._prompt_ids.get(speaker, speaker)

    def to_stored(self, text: str) -> str:
        """A model's prose in its stored form: one line, braces only around speaker ids.

        References to lines are removed; speakers' full names, and the short ones that people stated, become
        ids, too.
        """
        text = _LINE_REFERENCE.sub("", plain(text).replace("{", "").replace("}", ""))
        for name, speaker in self._names:
            text = re.sub(_as_a_name(name, self._is_english), self.prompt_id(speaker), text)
        return self._id.sub(
            lambda match: f"{{S{match[1]}}}" if f"S{match[1]}" in self._prompt_ids else match[0], text
        )

    def to_prompt(self, text: str) -> str:
        """Stored prose as prompts show it."""
        return re.sub(r"\{(S\d+)\}", lambda match: self.prompt_id(match[1]), text)


def _unmistakable_names(turns: Turns, people: Mapping[str, Identity]) -> list[tuple[str, str]]:
    """(name, id) of each speaker's names of several words, and of short names that people stated.

    The longest first; none that two people have.
    """
    bearers: dict[str, dict[str, str]] = {}  # by name: full names, each with an id
    for speaker in turns.speakers:
        who = people.get(speaker.id)
        full = (who.name if who else None) or speaker.name or speaker.label or ""
        names = {name for name in (full, speaker.name, speaker.label) if name and " " in name}
        for name in names | ({who.short} if who and who.short else set()):
            bearers.setdefault(plain(name), {}).setdefault(full, speaker.id)
    certain = [(name, id) for name, ids in bearers.items() if len(ids) == 1 for id in ids.values()]
    return sorted(certain, key=lambda pair: -len(pair[0]))


def _as_a_name(name: str, is_english: bool) -> str:
    """A pattern for a name. "Jesse Jackson" is not Jesse, and "Mark" that begins a sentence may be a verb.

    Outside English a genitive's ending may follow: "Ada Byrons Bohnen".
    """
    is_also_a_word = name.casefold() in HOMONYMS
    end = r"(?!\w| [A-Z])" if is_english else r"(?:(?=s\b)|(?!\w| [A-Z]))"
    return rf"{'(?<=[^.!?] )' if is_also_a_word else ''}(?<!\w){re.escape(name)}{end}"
