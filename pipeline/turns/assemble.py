"""From words with their speakers to sentences and turns: the second artifact."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pipeline.records import Flag, Sentence, Speaker, Transcript, Turn, Turns, Unmatched, Word
from pipeline.transcripts.name_order import in_order
from pipeline.turns.short_names import names_in_tables
from pipeline.turns.talk_time import talk_seconds
from pipeline.word_lists import WordLists

if TYPE_CHECKING:
    from pipeline.turns.attribution import Attribution

_LISTS = WordLists.beside(__file__)
_ANONYMOUS = _LISTS.pattern("anonymous_labels")
DOUBTFUL_MARGIN_COSINE = 0.15  # a sentence with less is flagged; clear speech has 0.3 and more
STRANGER_COSINE = 0.3  # how well an unknown voice would fit: who fits no better is in doubt, too
FULL_MARGIN_SECONDS = 1.0  # a margin counts in full from here on: a voice is known by two seconds around
MIN_OVERLAP_SHARE = 0.25  # a sentence is flagged if two people speak in so much of it


def assemble(
    transcript: Transcript,
    texts: Sequence[str],
    ends: Sequence[int],
    attribution: Attribution,
    unmatched: tuple[Unmatched, ...] = (),
    unpunctuated: Collection[int] = frozenset(),
) -> Turns:
    """Sentences with id, times, speaker and margin, grouped into turns.

    `texts` are the words' texts after corrections; `ends` are the indices one past each sentence's last word
    (a change of speaker ends a sentence, too). Speakers are numbered S1, S2, … in the order in which they
    first speak. `unmatched` are review entries that matched nothing, passed on as they are. `unpunctuated`
    are the words whose source has no punctuation.
    """
    ids = {speaker: f"S{number}" for number, speaker in enumerate(dict.fromkeys(attribution.speakers), 1)}
    sentences = list(_sentences(transcript, texts, ends, attribution, ids, unpunctuated))
    turns = tuple(_turn(group, is_aside) for group, is_aside in group_turns(sentences, transcript.language))
    tracks = {word.label for word in transcript.words} if transcript.media.kind == "tracks" else set()
    seconds = talk_seconds(transcript.words, attribution.speakers)
    labels = [*(word.label for word in transcript.words), *attribution.labels]
    names = in_order(dict.fromkeys(filter(None, labels)))
    names |= names_in_tables(transcript.left_out, names)
    other_labels: dict[str | None, list[str]] = {}
    for other, label in attribution.aliases.items():
        other_labels.setdefault(label, []).append(other)
    speakers = tuple(
        _speaker(
            Speaker(id=id, label=label, other_labels=tuple(other_labels.get(label, ()))),
            names,
            transcript.roles,
            tracks,
            seconds.get(index),
        )
        for index, id in ids.items()
        for label in [attribution.labels[index]]
    )
    return Turns(language=transcript.language, speakers=speakers, turns=turns, unmatched=unmatched)


def _sentences(
    transcript: Transcript,
    texts: Sequence[str],
    ends: Sequence[int],
    attribution: Attribution,
    ids: dict[int, str],
    unpunctuated: Collection[int],
) -> Iterator[Sentence]:
    speakers = attribution.speakers
    changes = (i for i in range(1, len(speakers)) if speakers[i] != speakers[i - 1])
    first, last_known = 0, None
    for stop in sorted({*ends, *changes}):
        words = transcript.words[first:stop]
        # Where a word has no time of its own, the last known time leads to a moment before it.
        start = words[0].start if words[0].start is not None else last_known
        last_known = next((w.start for w in reversed(words) if w.start is not None), last_known)
        margin = _margin(attribution, first, stop, _duration(words))
        overlap = _overlap(attribution, first, stop)
        flags = (
            (Flag.DOUBTFUL_SPEAKER, margin is not None and margin < DOUBTFUL_MARGIN_COSINE),
            (Flag.OVERLAPPED_SPEECH, overlap >= MIN_OVERLAP_SHARE),
            (Flag.UNPUNCTUATED, first in unpunctuated or stop - 1 in unpunctuated),
        )
        if text := "".join(texts[first:stop]).strip():
            yield Sentence(
                id=f"s{first}",
                text=text,
                start=start,
                end=words[-1].end,
                speaker=ids[speakers[first]],
                margin=margin,
                words=(first, stop),
                flags=tuple(flag for flag, is_set in flags if is_set),
            )
        first = stop


def _duration(words: Sequence[Word]) -> float | None:
    start, end = words[0].start, words[-1].end
    return None if start is None or end is None else end - start


def _margin(attribution: Attribution, first: int, stop: int, seconds: float | None) -> float | None:
    """How much better the chosen speaker fits than the next best, over the words of a sentence (cosine).

    Of the fits as heard and shifted a little, the worst counts: a sentence whose speaker hangs on a fraction
    of a second is in doubt. So is one that is too short to recognise a voice in.
    """
    fit = attribution.fit
    heard = [index for index in range(first, stop) if index not in attribution.settled]
    if fit is None or len(attribution.labels) < 2 or not heard:
        return None
    mean = fit[heard].mean(axis=0)
    speaker = attribution.speakers[first]
    others = [column for index, column in enumerate(mean) if index != speaker]
    next_best = [max([STRANGER_COSINE, *(other[shift] for other in others)]) for shift in range(fit.shape[2])]
    worst = min(own - other for own, other in zip(mean[speaker], next_best, strict=True))
    return float(worst) * (1.0 if seconds is None or worst < 0 else min(1.0, seconds / FULL_MARGIN_SECONDS))


def _overlap(attribution: Attribution, first: int, stop: int) -> float:
    """The share of these words in which two people speak."""
    return 0.0 if attribution.overlap is None else float(attribution.overlap[first:stop].mean())


def _turn(sentences: tuple[Sentence, ...], is_aside: bool) -> Turn:
    first, last = sentences[0], sentences[-1]
    return Turn(
        id=f"t{first.words[0]}",
        speaker=first.speaker,
        start=first.start,
        end=last.end,
        sentences=sentences,
        aside=is_aside,
    )


def _speaker(
    speaker: Speaker,
    names: Mapping[str, str],
    roles: Mapping[str, str],
    tracks: Collection[str | None],
    seconds: float | None,
) -> Speaker:
    """The speaker with what the source tells by the labels. `names` have the given names first."""
    known: dict[str, Any] = {"talk_seconds": seconds}
    if (label := speaker.label) is None:
        return speaker.model_copy(update=known)
    known |= {
        "name": None if _ANONYMOUS.fullmatch(label) else names[label],
        "source": "track" if label in tracks else "label",
        "evidence": label,
        "role": next((roles[own] for own in (label, *speaker.other_labels) if own in roles), None),
    }
    return speaker.model_copy(update=known)


# Backchannels (V. Yngve 1970): what a listener throws in ("yeah") does not end the current speaker's turn.

MAX_ASIDE_WORDS = 3
MAX_ASIDE_SECONDS = 1.5  # for the aside itself, and for how long the speaker stops for it
_BACKCHANNEL_SOUNDS = frozenset(_LISTS["backchannel_sounds"])
_BACKCHANNELS = {"en": _BACKCHANNEL_SOUNDS.union(_LISTS["english_backchannels"])}


def group_turns(sentences: Sequence[Sentence], language: str) -> list[tuple[tuple[Sentence, ...], bool]]:
    """Turns in the order in which they begin, and whether each is an aside: a backchannel inside another."""
    runs = [tuple(group) for _, group in groupby(sentences, key=lambda s: s.speaker)]
    turns: list[tuple[tuple[Sentence, ...], bool]] = []
    index = 0
    while index < len(runs):
        turn, asides = list(runs[index]), []
        has_begun = _count_words(turn) > MAX_ASIDE_WORDS  # else it is no turn to throw anything into
        while (
            has_begun
            and index + 2 < len(runs)
            and _is_backchannel(turn[-1], runs[index + 1], runs[index + 2], language)
        ):
            asides.append((runs[index + 1], True))
            turn += runs[index + 2]
            index += 2
        turns += [(tuple(turn), False), *asides]
        index += 1
    return turns


def _is_backchannel(
    before: Sentence, aside: Sequence[Sentence], after: Sequence[Sentence], language: str
) -> bool:
    """Whether a speaker goes on across somebody's "yeah" or "right", which is not an answer to a question.

    `before` is the last sentence before it.
    """
    begin, end = aside[0].start, aside[-1].end
    stopped, went_on = before.end, after[0].start
    if begin is None or end is None or stopped is None or went_on is None:
        return False
    words = [word.strip(".,!\u2026 ") for s in aside for word in s.text.casefold().split()]
    return (
        before.speaker == after[0].speaker
        and all(word in _BACKCHANNELS.get(language, _BACKCHANNEL_SOUNDS) for word in words)
        and len(words) <= MAX_ASIDE_WORDS
        and max(end - begin, went_on - stopped) <= MAX_ASIDE_SECONDS
        and not before.text.endswith(("?", "\uff1f", "\u061f"))
    )


def _count_words(sentences: Sequence[Sentence]) -> int:
    return sum(sentence.words[1] - sentence.words[0] for sentence in sentences)
