"""Stage 2: words to speakers, sentences and turns."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import corrections, models, sentences, turns
from pipeline.digests import digest_value
from pipeline.errors import ConfigError
from pipeline.records import Transcript, Turns
from pipeline.stage import Monitor, Product, Stage, Upstream
from pipeline.talks import Talk

if TYPE_CHECKING:
    from pipeline.engines import Counts, Diarizer, Voices


def run(talk: Talk, upstream: Upstream, monitor: Monitor) -> Product:
    """Who said what, a sentence at a time. Raises ConfigError if there is no audio to hear voices in."""
    from pipeline import speaker_attribution

    transcript = upstream.of(Transcript)
    words = transcript.words
    texts, unmatched = corrections.apply(talk.review.fix, words)
    for line in unmatched:
        monitor.warn(f"{talk.source.stem}.review.toml: {line}")
    ends = sentences.ends(words, texts, transcript.language)
    if media := _recording_to_hear(talk, transcript):
        voices = _voices(talk, media, transcript.duration, monitor)
        attribution = speaker_attribution.by_voice(words, ends, voices)
    else:
        attribution = speaker_attribution.by_label(words)
    return Product(turns.assemble(transcript, texts, ends, attribution, tuple(unmatched)))


def _recording_to_hear(talk: Talk, transcript: Transcript) -> Path | None:
    """The recording, if voices tell the speakers; labels that a transcript carries come first by default."""
    wanted = talk.settings.segment.diarizer
    timed = any(word.start is not None for word in transcript.words)
    if wanted == "embedded" and not (talk.media and timed):
        raise ConfigError(
            "segment.diarizer = 'embedded' needs a recording and a transcript with times",
            file=talk.workspace.relative(talk.source),
            remedy="Use 'auto', or give the recording.",
        )
    labelled = any(word.label for word in transcript.words)
    hears = wanted == "embedded" or (wanted == "auto" and timed and not labelled)
    return talk.media if hears else None


def _voices(talk: Talk, media: Path, duration: float | None, monitor: Monitor) -> Voices:
    from pipeline.engines import audio
    from pipeline.engines.diarizer import EmbeddedDiarizer

    monitor.used(**{name: version(name) for name in ("onnxruntime", "scipy", "av")})
    diarizer: Diarizer = EmbeddedDiarizer()
    return diarizer.diarize(
        audio.blocks(media), _counts(talk), lambda reached: monitor.progress(reached, duration)
    )


def _counts(talk: Talk) -> Counts:
    """What the sidecar says about the number of speakers; each moment bound to a name is another one."""
    from pipeline.engines import Counts

    said = talk.facts.speakers
    least = max(said.min or 1, _moments(talk))
    return Counts(exact=said.count, least=least, most=max(said.max or Counts.most, least))


def _moments(talk: Talk) -> int:
    """How many people are bound to a moment; where it is matters only when names are joined."""
    return len({person.name for person in talk.facts.speakers.people if person.at is not None})


def reads(talk: Talk) -> dict[str, Any]:
    """The recording where there is one (its voices), how many speakers people say there are, word fixes."""
    found: dict[str, Any] = {"review.fix": digest_value([fix.model_dump() for fix in talk.review.fix])}
    if talk.media:
        said = talk.facts.speakers
        found["facts.speakers.count"] = said.count
        if said.count is None:
            found |= {
                "facts.speakers.least": max(said.min or 1, _moments(talk)),
                "facts.speakers.max": said.max,
            }
        found[f"file {talk.media.name}"] = talk.memory.digest(talk.media)
        found["model"] = models.SPEAKER_ENCODER
    return found


SEGMENT = Stage("segment", "2_turns.json", Turns, run, needs=("transcribe",), reads=reads)
