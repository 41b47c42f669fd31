"""Author and speakers are not mixed up: no "I" but the author's, no note of theirs told as what was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.takeaways.language.comparable import SPEAKER, content, letter_bigrams, plain, unquoted
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.takeaways.verification.speaker_attribution import agents
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.records import Claim

LISTS = WordLists.beside(__file__)
# Of the content words of a sentence: from so many on that a note has and its lines have not, and the share
# of them, it gives the note to a speaker.
MIN_OF_NOTE, MIN_NOTE_SHARE = 2, 0.5
_WORDS_IN = {language: LISTS.words(language, flags=0) for language in ("en", "de", "fr", "es")}
_SENTENCE_ENDS = (".", "!", "?", "\u2026")  # which a title or a dek, the author's as well, does not have


def check_first_person(claim: Claim, place: Place, evidence: Evidence) -> Iterator[Failure]:
    """An "I" or a "we" that is not the author's.

    Cannot see: other languages than English, German, French and Spanish, and a verb that says it alone.
    """
    is_title = place == "frame" and not claim.text.rstrip("\"'\u201d\u2019) ").endswith(_SENTENCE_ENDS)
    is_author_s = claim.kind == "author" or bool(evidence.notes) or place == "heading" or is_title
    words = _WORDS_IN.get(evidence.talk.language)
    if words is None or is_author_s:
        return
    if match := words.search(plain(unquoted(claim.text))):
        yield Failure("person", f'it says "{match[0]}", which is the author: write who says or does it')


def check_notes_as_speech(text: str, evidence: Evidence) -> Iterator[Failure]:
    """A note of the author's that is told as what a speaker says or thinks.

    Cannot see: a note in other words.
    """
    trees = evidence.reader.trees([text]) if evidence.talk.english else None
    speaking = agents(trees[0]) if trees else set(SPEAKER.findall(text))
    if not speaking:
        return
    parts_of = content if evidence.talk.english else letter_bigrams
    said = {part for line in evidence.near_lines for part in parts_of(line)}
    parts = set(parts_of(unquoted(text)))
    for number, note in enumerate(evidence.facts.notes, 1):
        of_note = (parts - said).intersection(parts_of(note.text))
        if len(of_note) >= max(MIN_OF_NOTE, MIN_NOTE_SHARE * len(parts)):
            yield Failure("note", f"it gives the author's note {number} to {{{min(speaking)}}}")
            return
