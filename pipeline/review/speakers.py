"""The speakers of a talk, for people to check: who spoke when, and how the names are known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import ArtifactError, ConfigError, InputError
from pipeline.post.compose import RecordingLinks
from pipeline.post.conversation import THIS_VOICE, introduction, speakers, speaking_amounts
from pipeline.post.section_views import SpeakerView
from pipeline.post.template_views import TimelineView
from pipeline.post.timeline import is_in_doubt, timeline
from pipeline.records import RecordT, Sentence, Speaker, Transcript, Turns, Unmatched
from pipeline.running import artifacts
from pipeline.running.stage_contract import Stage
from pipeline.running.staleness import StageRun
from pipeline.stages import SEGMENT, TRANSCRIBE
from pipeline.text import clock, plain
from pipeline.turns import names
from pipeline.turns.names import Identity
from pipeline.turns.rttm import rttm
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.talks import Talk

_INVALID_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Voice:
    """A speaker as segmentation found them, and how the name is known.

    `share` is 0 to 1 of the talking, or of the words in a talk without times; `first` is in seconds.
    """

    id: str
    name: str
    known: bool
    confirmed: bool
    source: str
    evidence: str | None
    seconds: float | None
    share: float
    turns: int
    sentences: int
    in_doubt: int
    first: float | None


@dataclass(frozen=True)
class Speakers:
    """Who speaks in a talk.

    `timeline` is None for a talk without times; `unmatched` are corrections and names that match nothing;
    `stale` is why segmentation would run again. With an `error` in the names, the speakers are as
    segmentation found them.
    """

    talk: Talk
    transcript: Transcript
    turns: Turns
    people: dict[str, SpeakerView]
    voices: tuple[Voice, ...]
    timeline: TimelineView | None
    unmatched: tuple[Unmatched, ...]
    stale: tuple[str, ...] = ()
    error: ConfigError | None = None

    def as_json(self) -> dict[str, Any]:
        """What the table shows, for machines."""
        return {
            "talk": self.talk.name,
            "duration": self.timeline.seconds if self.timeline else None,
            "speakers": [asdict(voice) for voice in self.voices],
            "unmatched": list(map(str, self.unmatched)),
            "stale": list(self.stale),
            "error": str(self.error) if self.error else None,
        }

    def svg(self) -> str:
        """The timeline as an SVG file. Raises the `error`, or InputError for a talk without times."""
        timeline = self._timeline_or_raise()
        title = plain(self.talk.facts.title or "") or self.talk.name
        text = Templates.of(self.talk.workspace.root).render("_speakers.svg", timeline=timeline, title=title)
        return _INVALID_IN_XML.sub("", text)

    def rttm(self) -> str:
        """Who speaks when, as RTTM. Raises the `error`, or InputError for a talk without times."""
        self._timeline_or_raise()
        return rttm(self.talk.name, self.turns, self.transcript, self.people)

    def _timeline_or_raise(self) -> TimelineView:
        if self.error:
            raise self.error
        if self.timeline is None:
            raise InputError(
                "has no times, so nothing says when anyone spoke",
                file=self.talk.workspace.relative(self.talk.source),
                remedy="Give the recording, or a transcript with [hh:mm:ss] at its turns.",
            )
        return self.timeline


def load(talk: Talk) -> Speakers:
    """Who speaks in a talk according to its files in outputs/, with the names that its sidecars give now.

    Names that cannot be bound become the `error`, shown beside the speakers, since seeing them helps to fix
    it. Raises ArtifactError if the talk has not been run yet.
    """
    transcript, turns = _record(talk, TRANSCRIBE), _record(talk, SEGMENT)
    error = None
    try:
        identities, unmatched = names.identify(talk, turns)
    except ConfigError as unbound:
        identities, unmatched, error = names.as_found(turns), (), unbound
    people = speakers(turns, identities, (), RecordingLinks().moment)
    return Speakers(
        talk,
        transcript,
        turns,
        people,
        _voices(turns, identities, people),
        timeline(turns, people, transcript.duration or 0.0, RecordingLinks().moment),
        (*turns.unmatched, *unmatched),
        _stale_reasons(talk),
        error,
    )


def _stale_reasons(talk: Talk) -> tuple[str, ...]:
    """Why segmentation would run again; empty if it would not."""
    transcribe_reasons, reasons = (StageRun(talk, stage).reasons for stage in SEGMENT.chain)
    return (*reasons, f"{TRANSCRIBE.name} runs first") if transcribe_reasons else reasons


def _record(talk: Talk, stage: Stage[Talk, RecordT]) -> RecordT:
    path = artifacts.path_of(talk, stage)
    if not path.is_file():
        raise ArtifactError(
            "is not there yet",
            file=talk.workspace.relative(path),
            remedy=f"Make it: takeaways run {talk.workspace.relative(talk.source)}",
        )
    return artifacts.load(talk, stage)


def _voices(
    turns: Turns, identities: Mapping[str, Identity], people: Mapping[str, SpeakerView]
) -> tuple[Voice, ...]:
    said = {sentence.id: sentence for sentence in turns.sentences()}
    own_sentences: dict[str, list[Sentence]] = {speaker.id: [] for speaker in turns.speakers}
    for sentence in said.values():
        own_sentences[sentence.speaker].append(sentence)
    turn_counts = Counter(turn.speaker for turn in turns.turns if not turn.aside)
    amounts, _ = speaking_amounts(turns)
    total = sum(amounts.values()) or 1.0

    def voice(speaker: Speaker) -> Voice:
        identity, person = identities[speaker.id], people[speaker.id]
        sentences = own_sentences[speaker.id]
        return Voice(
            id=speaker.id,
            name=person.name,
            known=identity.name is not None,
            confirmed=identity.confirmed,
            source=identity.source,
            evidence=_evidence(identity, said, person, people),
            seconds=speaker.talk_seconds,
            share=round(amounts[speaker.id] / total, 4),
            turns=turn_counts[speaker.id],
            sentences=len(sentences),
            in_doubt=sum(map(is_in_doubt, sentences)),
            first=next((sentence.start for sentence in sentences if sentence.start is not None), None),
        )

    return tuple(map(voice, turns.speakers))


def _evidence(
    identity: Identity, said: Mapping[str, Sentence], person: SpeakerView, people: Mapping[str, SpeakerView]
) -> str | None:
    sentence = introduction(identity, said)
    if sentence is None:
        return plain(identity.evidence) if identity.evidence else None
    at = f"at {clock(sentence.start)} " if sentence.start is not None else ""
    witness = people[sentence.speaker]
    who = THIS_VOICE if witness.id == person.id else witness.name
    return f"{at}{who} says \u201c{plain(sentence.text)}\u201d"
