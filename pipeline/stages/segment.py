"""Stage 2: words to speakers, sentences and turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError, InputError
from pipeline.files import digest_value
from pipeline.records import Flag, Speaker, Transcript, Turn, Turns, Word
from pipeline.reporting import Monitor
from pipeline.running.stage_contract import Product, Stage, Upstream
from pipeline.stage_names import TalkStage
from pipeline.stages.transcribe import TRANSCRIBE
from pipeline.text import name_key
from pipeline.transcripts.sentences import sentence_ends, unpunctuated
from pipeline.turns import (
    advertisements,
    assemble,
    corrections,
    introductions,
    reassignment,
    rttm,
    short_names,
    voice_profiles,
    voiceprints,
)
from pipeline.weights import catalog
from pipeline.workspace.receipts import Entry, file_entry, stated
from pipeline.workspace.review_file import Changes
from pipeline.workspace.sidecar import Person
from pipeline.workspace.talks import Talk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engines import LocalDiarization, SpeakerCount

MAX_SENTENCES = 100_000  # as many as a million words make
_DIARIZER_PACKAGES = ("onnxruntime", "kaldi-native-fbank", "av")


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product[Turns]:
    """Who said what, sentence by sentence: by voice where the recording decides, else by label.

    Raises InputError for a bad RTTM file or more than MAX_SENTENCES; ConfigError if the diarizer or the RTTM
    file needs a recording or times that are not there.
    """
    from pipeline.turns import attribution

    transcript = upstream.of(Transcript)
    words = _words(talk, transcript)
    review_file = talk.review_file.name
    texts, unmatched_fixes = corrections.apply(talk.review.fix, words, review_file)
    ends = sentence_ends.ends(words, texts, transcript.language)
    if len(ends) > MAX_SENTENCES:
        raise InputError(
            f"has {len(ends):,} sentences or turns, of at most {MAX_SENTENCES:,}",
            file=talk.workspace.relative(talk.source),
            remedy="Is it one talk? Put each into a file of its own.",
        )
    local_diarization: LocalDiarization | None = None
    separation: reassignment.VoiceSplitter | None = None
    if media := _recording_to_hear(talk, transcript):
        from pipeline.engines.diarization import clustering

        monitor.used(**{name: version(name) for name in _DIARIZER_PACKAGES})
        local_diarization = voiceprints.listen(talk, media, transcript.duration, monitor)
        heard = clustering.diarize(local_diarization, _counts(talk))
        said_by = attribution.by_voice(words, ends, heard)
        _warn_of_fewer(talk, len(set(said_by.speakers)), monitor)
        separation = _separation(local_diarization, words)
    else:
        said_by = attribution.by_label(words, _aliases(talk, words, monitor))
    said_by, unmatched_changes = reassignment.apply(
        _changes(talk), said_by, words, texts, ends, review_file, separation
    )
    unmatched = (*unmatched_fixes, *unmatched_changes)
    for entry in unmatched:
        monitor.warn(entry.warning)
    unpunctuated_words = unpunctuated.find(words, texts)
    if unpunctuated_words:
        monitor.warn(unpunctuated.warning(words, unpunctuated_words))
    turns = assemble.assemble(transcript, texts, ends, said_by, unmatched, unpunctuated_words)
    turns, note = advertisements.flagged(turns)
    if note:
        monitor.warn(note)
    known = voice_profiles.profiles(talk.workspace) if local_diarization else ()
    return Product(_with_guessed_names(turns, local_diarization, known))


def _words(talk: Talk, transcript: Transcript) -> Sequence[Word]:
    """The words, labelled from the RTTM file if that says who speaks. Raises InputError, ConfigError."""
    if not _uses_rttm(talk) or talk.rttm is None:
        return transcript.words
    if not any(word.start is not None for word in transcript.words):
        raise ConfigError(
            "an RTTM file needs a recording, or a transcript with times",
            file=talk.workspace.relative(talk.rttm),
            remedy="Remove `rttm`, or give the recording.",
        )
    return rttm.label_words(transcript.words, rttm.read(talk.rttm, (talk.media or talk.source).stem))


def _aliases(talk: Talk, words: Sequence[Word], monitor: Monitor) -> dict[str, str]:
    """Other labels of each speaker's. What short names are taken for is told, unless a file names them."""
    if talk.tracks:
        return {}
    merged = (who for entry in talk.review.merge for who in entry.merge if isinstance(who, str))
    people = _named(talk)
    found = short_names.same_people(words, people, frozenset(map(name_key, merged)))
    for note in found.notes(short_names.stated_names(people)):
        monitor.warn(note)
    return found.aliases


def _named(talk: Talk) -> tuple[Person, ...]:
    """Everybody named in files about the talk, of people of one label the review's first."""
    return (*talk.regulars, *talk.facts.speakers.people, *talk.review.speaker)


def _uses_rttm(talk: Talk) -> bool:
    """Whether the RTTM file says who speaks: there is one, and segment.diarizer is "auto"."""
    return talk.rttm is not None and talk.settings.segment.diarizer == "auto"


def _recording_to_hear(talk: Talk, transcript: Transcript) -> Path | None:
    """The recording, if speakers are told apart by voice; by default, labels in the transcript win.

    Raises ConfigError if voices are asked for and there is no recording, or no times.
    """
    wanted = talk.settings.segment.diarizer
    timed = any(word.start is not None for word in transcript.words)
    if wanted == "embedded" and not (talk.media and timed and not talk.facts.tracks):
        raise ConfigError(
            "segment.diarizer = 'embedded' needs a recording and a transcript with times",
            file=talk.workspace.relative(talk.source),
            remedy="Use 'auto', or give the recording.",
        )
    labelled = _uses_rttm(talk) or any(word.label for word in transcript.words)
    hears = wanted == "embedded" or (wanted == "auto" and timed and not labelled)
    return talk.media if hears else None


def _counts(talk: Talk) -> SpeakerCount:
    """How many speakers the sidecar says there are; to name people does not state how many there are."""
    from pipeline.engines import SpeakerCount

    speakers = talk.facts.speakers
    least = speakers.min or SpeakerCount.least
    return SpeakerCount(exact=speakers.count, least=least, most=max(speakers.max or SpeakerCount.most, least))


def _warn_of_fewer(talk: Talk, count: int, monitor: Monitor) -> None:
    speakers = talk.facts.speakers
    if count < (least := speakers.count or speakers.min or 0):
        monitor.warn(
            f"{talk.sidecar.name} says that there are {least} speakers, "
            f"but no more than {count} can be told apart"
        )


def _separation(local_diarization: LocalDiarization, words: Sequence[Word]) -> reassignment.VoiceSplitter:
    """How to separate voices that the review says belong to two people."""
    from pipeline.engines.diarization import clustering
    from pipeline.turns import attribution

    def separate(own: Sequence[int], moments: Sequence[float]) -> NDArray[Any] | None:
        voiced = [words[index] for index in own]
        spans = [(w.start, w.end) for w in voiced if w.start is not None and w.end is not None]
        parts = clustering.split_voice(local_diarization, moments, spans)
        return None if parts is None else attribution.voice_fit(voiced, parts)

    return reassignment.VoiceSplitter(separate, attribution.best_path)


def _with_guessed_names(
    turns: Turns, local_diarization: LocalDiarization | None, known: Sequence[voice_profiles.Profile]
) -> Turns:
    """The turns, with a guessed name for each unnamed speaker: of a known voice, else by an introduction."""
    prints = voiceprints.by_speaker(local_diarization, turns) if local_diarization else {}
    recognised = voice_profiles.recognise(prints, known)
    introduced = introductions.introductions(_programme(turns), turns.language)

    def named(speaker: Speaker) -> Speaker:
        match, intro = recognised.get(speaker.id), introduced.get(speaker.id)
        if speaker.name is None and match:
            guess = {"name": match.name, "source": "voice", "evidence": match.evidence}
        elif speaker.name is None and intro:
            guess = {"name": intro.name, "source": "introduction", "evidence": intro.sentence}
        else:
            return speaker
        return speaker.model_copy(update=guess)

    return turns.model_copy(update={"speakers": tuple(map(named, turns.speakers))})


def _programme(turns: Turns) -> list[Turn]:
    """The turns, without asides and without advertisements, in which others are introduced."""
    kept = ((turn, [s for s in turn.sentences if Flag.ADVERTISEMENT not in s.flags]) for turn in turns.turns)
    return [t.model_copy(update={"sentences": tuple(said)}) for t, said in kept if said and not t.aside]


def _changes(talk: Talk) -> Changes:
    """What the review says about who said what; of people of one name the review's come first."""
    return talk.review.changes((*talk.review.speaker, *talk.facts.speakers.people, *talk.regulars))


def reads(talk: Talk) -> Iterator[Entry]:
    """Corrections, the RTTM file and the track; of a transcript, names that may say what labels are whose.

    With a recording, that, the models, counts and known voices.
    """
    yield Entry("review.fix", digest_value([fix.model_dump() for fix in talk.review.fix]))
    changes = _changes(talk).model_dump(mode="json")
    digests = {key: digest_value(entries) for key, entries in changes.items() if entries}
    yield from stated("review", digests)
    if talk.rttm and _uses_rttm(talk):
        yield file_entry(talk.rttm, talk.memory)
    names = short_names.stated_names(_named(talk)) if talk.transcript else {}
    if short_names.may_be_alike(names):
        yield Entry("names of labels", digest_value(sorted(names.items())))
    if talk.facts.track:
        yield Entry("facts.track", talk.facts.track)
    if talk.media:
        speakers = talk.facts.speakers
        keys = {"count"} if speakers.count else {"min", "max"}
        yield from stated("facts.speakers", speakers.model_dump(include=keys))
        yield file_entry(talk.media, talk.memory)
        yield Entry("model", catalog.SPEAKER_MODELS)
        yield Entry("known voices", voice_profiles.digest(talk.workspace))


SEGMENT = Stage(
    TalkStage.SEGMENT,
    Turns,
    run,
    needs=(TRANSCRIBE,),
    reads=reads,
    settings=lambda settings: settings.segment,
    version=3,
    shared=True,
)
