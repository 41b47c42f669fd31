"""What was said in all talks of a cohort, looked up by sentence id, with the talk that it was said in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pipeline.errors import ArtifactError
from pipeline.places import talk_of
from pipeline.post.conversation import Conversation
from pipeline.post.section_views import SourceView
from pipeline.post.views import MomentView, SpeakerView
from pipeline.records import Sentence, Turns


@dataclass(frozen=True)
class Place:
    """Where a sentence stands: its talk's title, and a link to the theme that quotes or cites it."""

    title: str
    link: str | None


class CohortConversation(Conversation):
    """Sentences follow one another only inside a turn: between turns something was said that is not here."""

    def __init__(
        self,
        turns: Turns,
        speakers: Mapping[str, SpeakerView],
        places: Mapping[str, Place],
        moment: Callable[[str, float], MomentView],
        takeaways: Path,
    ) -> None:
        super().__init__(turns, speakers, lambda start: None, takeaways)
        self.turns, self.places, self._moment_of = turns, places, moment
        self._following = {(a.id, b.id) for turn in turns.turns for a, b in pairwise(turn.sentences)}

    def at(self, sentence: Sentence, start: float | None = None) -> MomentView | None:
        start = sentence.start if start is None else start
        return None if start is None else self._moment_of(talk_of(sentence.id), start)

    def source(self, sentence: Sentence) -> SourceView | None:
        place = self.places.get(sentence.id)
        return SourceView(place.title, place.link) if place else None

    def broken(self, what: str) -> ArtifactError:
        what = what.replace("2_turns.json", "any of its talks' posts")
        remedy = "Correct it there, or make it again: takeaways cohort FOLDER --force."
        return ArtifactError(what, file=self._takeaways, remedy=remedy)
