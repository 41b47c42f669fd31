"""What was said and by whom, as it is shown: sentences by id, and the people who spoke."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from textwrap import shorten

from pipeline.errors import ArtifactError
from pipeline.post.section_views import MomentView, SourceView, SpeakerView
from pipeline.records import Sentence, Turns
from pipeline.text import plain
from pipeline.turns.names import Identity

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


# The people who spoke, as they are shown: voices that bear one name are one person.

THIS_VOICE = "this voice"  # who says a name that is the speaker's own
_LONGEST_EVIDENCE = 160

Moments = Callable[[float | None], MomentView | None]


def speakers(
    turns: Turns, identities: Mapping[str, Identity], quoted: Sequence[str], moment: Moments
) -> dict[str, SpeakerView]:
    """Speaker id to view; the voices of one person share a view."""
    people: dict[tuple[bool, str], list[str]] = {}
    for speaker in turns.speakers:
        name = identities[speaker.id].name
        people.setdefault((bool(name), name or speaker.id), []).append(speaker.id)
    seconds = {speaker.id: speaker.talk_seconds for speaker in turns.speakers}
    amount, timed = amounts(turns)
    total = sum(amount.values()) or 1.0
    names = {id: _name(ids[0], identities) for ids in people.values() for id in ids}
    views = {}
    for color, ids in enumerate(people.values()):
        known = [identities[id] for id in ids]
        shown = names[ids[0]]
        least = next((one for one in known if not one.confirmed), known[0])
        words = introduced(least, turns)
        evidence = words.text if words else None if least.source == "introduction" else least.evidence
        view = SpeakerView(
            id=ids[0],
            name=shown,
            known=known[0].name is not None,
            confirmed=all(one.confirmed for one in known),
            role=next((plain(one.role) for one in known if one.role), None),
            link=next((one.link for one in known if one.link), None),
            initials="".join(part[0] for part in shown.split()[:2]).upper(),
            color=color,
            share=round(sum(amount[id] for id in ids) / total, 4),
            seconds=round(sum(seconds[id] or 0.0 for id in ids), 3) if timed else None,
            quotes=sum(id in ids for id in quoted),
            source=least.source,
            evidence=shorten(plain(evidence), _LONGEST_EVIDENCE, placeholder=" …") if evidence else None,
            witness=(THIS_VOICE if words.speaker in ids else names[words.speaker]) if words else None,
            moment=moment(words.start) if words else None,
        )
        views.update(dict.fromkeys(ids, view))
    return views


def _name(id: str, identities: Mapping[str, Identity]) -> str:
    return plain(identities[id].name or "") or f"Speaker {id.removeprefix('S')}"


def introduced(identity: Identity, turns: Turns) -> Sentence | None:
    """The sentence in which somebody was introduced, for a name that rests on one."""
    if identity.source in ("label", "track", "voice"):
        return None
    return next((sentence for sentence in turns.sentences() if sentence.id == identity.evidence), None)


def amounts(turns: Turns) -> tuple[dict[str, float], bool]:
    """How much each voice says: seconds, or words where there are no times; and whether it is seconds."""
    timed = any(speaker.talk_seconds for speaker in turns.speakers)
    if timed:
        return {speaker.id: speaker.talk_seconds or 0.0 for speaker in turns.speakers}, True
    words = {speaker.id: 0.0 for speaker in turns.speakers}
    for sentence in turns.sentences():
        words[sentence.speaker] += sentence.words[1] - sentence.words[0]
    return words, False
