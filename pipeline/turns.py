"""Words with their speakers to sentences and turns: the second artifact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from pipeline.records import Sentence, Speaker, Transcript, Turn, Turns

if TYPE_CHECKING:
    from pipeline.speaker_attribution import Attribution

DOUBTFUL = 0.15  # a margin (cosine) below this flags the sentence; clear speech has 0.3 and more


def assemble(
    transcript: Transcript,
    texts: Sequence[str],
    ends: Sequence[int],
    attribution: Attribution,
    unmatched: tuple[str, ...] = (),
) -> Turns:
    """Sentences with id, times, speaker and margin, grouped into turns.

    `texts` are the words' texts after corrections; `ends` close the sentences (a change of speaker closes
    one too). Speakers are numbered S1, S2, … in the order in which they first speak.
    """
    order = list(dict.fromkeys(attribution.speakers))
    ids = {speaker: f"S{number}" for number, speaker in enumerate(order, 1)}
    sentences = list(_sentences(transcript, texts, ends, attribution, ids))
    turns = tuple(_turn(tuple(group)) for _, group in groupby(sentences, key=lambda s: s.speaker))
    speakers = tuple(_speaker(ids[index], attribution.labels[index], sentences) for index in order)
    return Turns(language=transcript.language, speakers=speakers, turns=turns, unmatched=unmatched)


def _sentences(
    transcript: Transcript,
    texts: Sequence[str],
    ends: Sequence[int],
    attribution: Attribution,
    ids: dict[int, str],
) -> Iterator[Sentence]:
    said_by = attribution.speakers
    changes = (i for i in range(1, len(said_by)) if said_by[i] != said_by[i - 1])
    first, known = 0, None
    for stop in sorted({*ends, *changes}):
        words = transcript.words[first:stop]
        # Where a word has no time of its own, the last time known leads to a moment before it.
        start = words[0].start if words[0].start is not None else known
        known = next((w.start for w in reversed(words) if w.start is not None), known)
        margin = _margin(attribution, first, stop)
        if text := "".join(texts[first:stop]).strip():
            yield Sentence(
                id=f"s{first}",
                text=text,
                start=start,
                end=words[-1].end,
                speaker=ids[said_by[first]],
                margin=margin,
                words=(first, stop),
                flags=("doubtful speaker",) if margin is not None and margin < DOUBTFUL else (),
            )
        first = stop


def _margin(attribution: Attribution, first: int, stop: int) -> float | None:
    """How much better the chosen speaker fits than the next best, over the words of a sentence."""
    fit = attribution.fit
    if fit is None or fit.shape[1] < 2:
        return None
    mean = fit[first:stop].mean(axis=0)
    speaker = attribution.speakers[first]
    others = [float(value) for index, value in enumerate(mean) if index != speaker]
    return float(mean[speaker]) - max(others)


def _turn(sentences: tuple[Sentence, ...]) -> Turn:
    first, last = sentences[0], sentences[-1]
    return Turn(
        id=f"t{first.words[0]}", speaker=first.speaker, start=first.start, end=last.end, sentences=sentences
    )


def _speaker(speaker: str, label: str | None, sentences: Sequence[Sentence]) -> Speaker:
    own = [s for s in sentences if s.speaker == speaker]
    seconds = [s.end - s.start for s in own if s.start is not None and s.end is not None]
    return Speaker(
        id=speaker,
        name=label,
        source="label" if label else "none",
        evidence=label,
        talk_seconds=sum(seconds) if seconds else None,
    )
