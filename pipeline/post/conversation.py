"""What was said, looked up by sentence id: in which order, by whom, when, and with what doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from pipeline.errors import ArtifactError
from pipeline.post.people import Moments
from pipeline.post.section_views import SourceView
from pipeline.post.views import MomentView, SpeakerView
from pipeline.records import Sentence, Turns
from pipeline.text import plain

_WITHOUT_SPACES = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my", "bo"})


class Conversation:
    """The sentences of a talk with the views of their speakers and moments.

    `order` is the place of each sentence by id. `gap` is what stands between two sentences, "" in a script
    without spaces. `takeaways` is the file that is at fault where it refers to what is not there.
    """

    def __init__(
        self, turns: Turns, speakers: Mapping[str, SpeakerView], moment: Moments, takeaways: Path
    ) -> None:
        self.said = turns.sentences()
        self.order = {sentence.id: index for index, sentence in enumerate(self.said)}
        self.speakers, self.moment = speakers, moment
        self.gap = "" if turns.language in _WITHOUT_SPACES else " "
        self._takeaways = takeaways
        # What listeners throw in ("yeah") stands between two sentences of a turn, and leaves nothing out.
        together = [self.said, *(turn.sentences for turn in turns.turns)]
        self._following = {(a.id, b.id) for sentences in together for a, b in pairwise(sentences)}

    def at(self, sentence: Sentence, start: float | None = None) -> MomentView | None:
        """When a sentence was said, or from `start` on, with a link that leads there."""
        return self.moment(sentence.start if start is None else start)

    def source(self, sentence: Sentence) -> SourceView | None:
        """The talk that a sentence is from; None where there is only one."""
        return None

    def sentence(self, id: str) -> Sentence:
        """Raises ArtifactError where there is none of that id."""
        if id not in self.order:
            raise self.broken(f"refers to the sentence '{id}', which is not in 2_turns.json")
        return self.said[self.order[id]]

    def goes_on(self, before: Sentence, after: Sentence) -> bool:
        """Whether nothing was said between two sentences."""
        return (before.id, after.id) in self._following

    def broken(self, what: str) -> ArtifactError:
        """The error for takeaways that do not fit what was said."""
        remedy = "Correct it there, or make it again with --from extract --force."
        return ArtifactError(what, file=self._takeaways, remedy=remedy)


def doubts(flags: Iterable[str]) -> tuple[str, ...]:
    """Flags in words, none twice."""
    return tuple(dict.fromkeys(plain(flag.replace("_", " ").replace("-", " ")) for flag in flags))
