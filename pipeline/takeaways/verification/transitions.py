"""Sentences that lead on from one to the next: they rest on nothing, and so may claim nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.takeaways.language import quantities
from pipeline.takeaways.language.comparable import QUOTED, SPEAKER, content
from pipeline.takeaways.verification.evidence import Evidence, Failure, Place
from pipeline.takeaways.verification.proper_names import names_in
from pipeline.takeaways.verification.speaker_attribution import agents

MAX_WORDS = 4  # content words of a statement that may do no more than lead on


def check_transition(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """At most one failure: what a sentence without any source holds that needs one."""
    trees = evidence.reader.trees([text]) if evidence.talk.english else None
    speaking = agents(text, trees[0]) if trees else set(SPEAKER.findall(text))
    if speaking:
        yield Failure("uncited", f"it has {{{min(speaking)}}} say or do something, and cites no sentence")
    elif QUOTED.search(text):
        yield Failure("uncited", "it quotes, and cites no sentence")
    elif numbers := quantities.read(SPEAKER.sub(" ", text), evidence.talk.english):
        yield Failure("uncited", f"it gives the number {numbers[0].text}, and cites no sentence")
    elif name := next(names_in(text, evidence, place), None):
        yield Failure("uncited", f'it names "{name}", and cites no sentence')


def doubt_transition(text: str, evidence: Evidence, place: Place) -> Iterator[Failure]:
    """A statement that is long enough to claim something."""
    is_question = text.rstrip().endswith(("?", "\uff1f", ":", "\u2026"))
    if not is_question and (not evidence.talk.english or len(content(text)) > MAX_WORDS):
        yield Failure("uncited", "it cites no sentence: does it claim anything about the talk?")
