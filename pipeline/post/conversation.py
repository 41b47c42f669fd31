"""What was said and by whom, as it is shown: sentences by id, and the people who spoke."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from textwrap import shorten

from pipeline.errors import ArtifactError
from pipeline.post.section_views import MomentAt, MomentView, SourceView, SpeakerView
from pipeline.records import Sentence, Turns
from pipeline.stage_names import TalkStage
from pipeline.text import LANGUAGES_WITHOUT_SPACES, name_key, plain
from pipeline.turns.called import Usage, name_parts, short_forms
from pipeline.turns.names import Identity
from pipeline.turns.offices import office

MomentIn = Callable[[Sentence, float | None], MomentView | None]


class Conversation:
    """The sentences of a talk with the views of their speakers and moments.

    `moment_in` gives a moment of the recording in which a sentence was said, by its seconds.

    `order` is the position of each sentence by id. `gap` separates two sentences: "" in a script without
    spaces. `takeaways` is the file to blame in errors.
    """

    SAID_IN = TalkStage.SEGMENT.artifact  # where somebody looks for a sentence, for errors
    REMEDY = f"Correct the reference, or have it made again with --from {TalkStage.EXTRACT} --force."

    def __init__(
        self, turns: Turns, speakers: Mapping[str, SpeakerView], moment_in: MomentIn, takeaways: Path
    ) -> None:
        self.sentences = turns.sentences()
        self.order = {sentence.id: index for index, sentence in enumerate(self.sentences)}
        self.speakers, self._moment_in = speakers, moment_in
        self.language = turns.language
        self.gap = "" if turns.language in LANGUAGES_WITHOUT_SPACES else " "
        self._takeaways = takeaways
        # A backchannel ("yeah") may stand between two sentences of a turn: to skip it leaves nothing out.
        sequences = [self.sentences, *(turn.sentences for turn in turns.turns)]
        pairs = [pair for sentences in sequences for pair in pairwise(sentences)]
        self._adjacent = {(a.id, b.id) for a, b in pairs}
        self._going_on = {a.id for a, b in pairs if a.speaker == b.speaker}
        self._continuing = {b.id for a, b in pairs if a.speaker == b.speaker}

    @cached_property
    def small_words(self) -> frozenset[str]:
        """The words that are said in small letters, so that they are no names where they begin a sentence."""
        return Usage(plain(sentence.text) for sentence in self.sentences).small_words

    def moment_of(self, sentence: Sentence, start: float | None = None) -> MomentView | None:
        """When a sentence was said (or `start`, if given), with a link to that point of the recording."""
        return self._moment_in(sentence, sentence.start if start is None else start)

    def source(self, sentence: Sentence) -> SourceView | None:
        """The talk that a sentence is from; None if there is only one."""
        return None

    def sentence(self, id: str) -> Sentence:
        """Raises ArtifactError if no sentence has that id."""
        if id not in self.order:
            raise self.error(f"refers to the sentence '{id}', which is not in {self.SAID_IN}")
        return self.sentences[self.order[id]]

    def are_adjacent(self, before: Sentence, after: Sentence) -> bool:
        """Whether nothing was said between two sentences, except backchannels."""
        return (before.id, after.id) in self._adjacent

    def goes_on(self, sentence: Sentence) -> bool:
        """Whether its speaker is the next to speak."""
        return sentence.id in self._going_on

    def continues(self, sentence: Sentence) -> bool:
        """Whether its speaker was the last to speak."""
        return sentence.id in self._continuing

    def error(self, what: str) -> ArtifactError:
        """The error to raise for takeaways that do not fit what was said."""
        return ArtifactError(what, file=self._takeaways, remedy=self.REMEDY)


def unique_flags(flags: Iterable[str]) -> tuple[str, ...]:
    """Flags without duplicates, each as words on one line."""
    return tuple(dict.fromkeys(plain(flag.replace("_", " ").replace("-", " ")) for flag in flags))


# The people who spoke, as they are shown: voices with the same name are one person.

THIS_VOICE = "this voice"  # the witness of a speaker who says their own name
_MAX_EVIDENCE_LETTERS = 160


def speakers(
    turns: Turns, identities: Mapping[str, Identity], quote_speakers: Sequence[str], moment: MomentAt
) -> dict[str, SpeakerView]:
    """Views by speaker id; the voices of one person share one. `quote_speakers` is who says each quote."""
    people: dict[tuple[bool, str], list[str]] = {}
    for speaker in turns.speakers:
        name = identities[speaker.id].name
        people.setdefault((bool(name), name_key(name or speaker.id)), []).append(speaker.id)
    seconds = {speaker.id: speaker.talk_seconds for speaker in turns.speakers}
    said = {sentence.id: sentence for turn in turns.turns for sentence in turn.sentences}
    amounts, is_timed = speaking_amounts(turns)
    total = sum(amounts.values()) or 1.0
    names = {id: _name(ids[0], identities) for ids in people.values() for id in ids}
    said_words = Usage(plain(sentence.text) for turn in turns.turns for sentence in turn.sentences)
    known = [ids for (is_known, _), ids in people.items() if is_known]
    called = _called(known, names, identities, turns, said_words)
    views = {}
    for color, ids in enumerate(people.values()):
        voices = [identities[id] for id in ids]
        name = names[ids[0]]
        least_certain = next((identity for identity in voices if not identity.confirmed), voices[0])
        intro = introduction(least_certain, said)
        without_intro = None if least_certain.source == "introduction" else least_certain.evidence
        evidence = intro.text if intro else without_intro
        view = SpeakerView(
            id=ids[0],
            name=name,
            known=voices[0].name is not None,
            confirmed=all(identity.confirmed for identity in voices),
            role=next((plain(identity.role) for identity in voices if identity.role), None),
            link=next((identity.link for identity in voices if identity.link), None),
            color=color,
            share=round(sum(amounts[id] for id in ids) / total, 4),
            seconds=round(sum(seconds[id] or 0.0 for id in ids), 3) if is_timed else None,
            quotes=sum(id in ids for id in quote_speakers),
            source=least_certain.source,
            evidence=shorten(plain(evidence), _MAX_EVIDENCE_LETTERS, placeholder=" …") if evidence else None,
            witness=(THIS_VOICE if intro.speaker in ids else names[intro.speaker]) if intro else None,
            moment=moment(intro.start) if intro else None,
            short=called.get(ids[0], ""),
            untitled=name_parts(name).untitled,
            pronoun=next((identity.pronoun for identity in voices if identity.pronoun), None),
            office=office(name, said_words.small_words) if turns.language == "en" else None,
        )
        views.update(dict.fromkeys(ids, view))
    return views


def _name(id: str, identities: Mapping[str, Identity]) -> str:
    return plain(identities[id].name or "") or f"Speaker {id.removeprefix('S')}"


def _called(
    people: Sequence[Sequence[str]],
    names: Mapping[str, str],
    identities: Mapping[str, Identity],
    turns: Turns,
    said: Usage,
) -> dict[str, str]:
    """What people with names are called once introduced, by the first id of each."""
    stated = {
        ids[0]: short
        for ids in people
        if (short := next(filter(None, (identities[i].short for i in ids)), None))
    }
    labels = {speaker.id: plain(speaker.label or speaker.name or "") for speaker in turns.speakers}
    formal = {ids[0] for ids in people if any(name_parts(labels[id]).is_formal for id in ids)}
    return short_forms({ids[0]: names[ids[0]] for ids in people}, stated, said, formal)


def introduction(identity: Identity, said: Mapping[str, Sentence]) -> Sentence | None:
    """The sentence that introduced somebody, of those by id, for a name that comes from one."""
    if identity.source in ("label", "track", "voice"):
        return None
    return said.get(identity.evidence or "")


def speaking_amounts(turns: Turns) -> tuple[dict[str, float], bool]:
    """How much each voice says: seconds, or words if there are no times; and whether it is seconds."""
    if any(speaker.talk_seconds for speaker in turns.speakers):
        return {speaker.id: speaker.talk_seconds or 0.0 for speaker in turns.speakers}, True
    words = {speaker.id: 0.0 for speaker in turns.speakers}
    for sentence in turns.sentences():
        words[sentence.speaker] += sentence.words[1] - sentence.words[0]
    return words, False
