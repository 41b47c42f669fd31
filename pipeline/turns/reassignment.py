"""Who said what, corrected by a person: the merge, split and turn entries of NAME.review.toml."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.records import ReviewEntry, Unmatched, Word
from pipeline.text import clock
from pipeline.turns import corrections
from pipeline.turns.moments import SpeakerFinder, Timeline, UnmatchedError, describe_all
from pipeline.workspace.review_file import Changes, Merge, Move, Split, Who

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.turns.attribution import Attribution

_EntryAndReason = tuple[ReviewEntry, str]  # an entry that matches nothing, and why

_NEW_SPEAKER = re.compile(r"new(?: \d+)?")
# A word that belongs to the phrase before it: no letters, digits or spaces, and nothing that opens a phrase.
_CLOSING_PUNCTUATION = re.compile("[^\\w\\s(\\[{\u00ab\u201c\u2018\u300c\u300e\uff08\u3010\u3008\u300a]*")


@dataclass(frozen=True)
class VoiceSplitter:
    """How to tell apart voices that were taken for one.

    `separate` takes word indices and moments, and returns the fit of these words to the voice heard at each
    moment (as Attribution.fit, one column per moment), or None if the voices cannot be told apart.
    `path` takes the fit of some words, the words, and the ends of their sentences (indices one past the last
    word), at which changes are cheap; it returns the best sequence of columns.
    """

    separate: Callable[[Sequence[int], Sequence[float]], NDArray[np.float64] | None]
    path: Callable[[NDArray[np.float64], Sequence[Word], Sequence[int]], list[int]]


def apply(
    changes: Changes,
    original: Attribution,
    words: Sequence[Word],
    texts: Sequence[str],
    ends: Sequence[int],
    file: str,
    splitter: VoiceSplitter | None = None,
) -> tuple[Attribution, list[Unmatched]]:
    """The attribution after all entries of the review `file`, and each that matched nothing.

    Merges come first, then splits, then moves in their order. A moment or label means whoever was heard
    there before any entry was applied. `texts` are the words' texts after fixes, `ends` the ends of sentences
    (indices one past the last word); without a `splitter` nothing can be split.
    """
    if not (changes.merge or changes.split or changes.turn):
        return original, []
    labels = {label: index for index, label in enumerate(original.labels) if label}
    labels |= {other: labels[label] for other, label in original.aliases.items()}
    timeline = Timeline.of(words, original.speakers)
    finder = SpeakerFinder(timeline, original.speakers, labels, changes.people)
    current, new_indices, unmatched = _merge(changes.merge, original, finder)
    for entry in changes.split:
        try:
            current = _split(entry, current, finder, words, ends, splitter)
        except UnmatchedError as why:
            unmatched.append(("split", str(why)))
    # The turns that may be moved are those of the original, or the parts that a split made of them.
    timeline = Timeline.of(words, list(zip(original.speakers, current.speakers, strict=True)))
    labels = {label: new_indices[index] for label, index in labels.items()}
    finder = SpeakerFinder(timeline, current.speakers, labels, changes.people)
    current, unmatched_moves = _move(changes.turn, current, finder, (texts, [word.text for word in words]))
    return current, [
        Unmatched(file=file, entry=entry, why=why) for entry, why in (*unmatched, *unmatched_moves)
    ]


def _merge(
    entries: Sequence[Merge], original: Attribution, finder: SpeakerFinder
) -> tuple[Attribution, list[int], list[_EntryAndReason]]:
    """The attribution with the later speakers of each merge replaced by its first.

    Also returns each speaker's new index, by the old one, and what matched nothing.
    """
    unmatched: list[_EntryAndReason] = []
    merged_into = list(range(len(original.labels)))
    for entry in entries:
        members = []
        for who in entry.merge:
            try:
                members.append(finder.find(who))
            except UnmatchedError as why:
                unmatched.append(("merge", str(why)))
        if len(set(members)) > 1:
            joined = {merged_into[speaker] for speaker in members}
            first = merged_into[members[0]]
            merged_into = [first if speaker in joined else speaker for speaker in merged_into]
        elif len(members) > 1:
            unmatched.append(("merge", f"{describe_all(entry.merge)} are one speaker already"))
    remaining = sorted(set(merged_into))
    new_index_of = {speaker: index for index, speaker in enumerate(remaining)}
    new_indices = [new_index_of[speaker] for speaker in merged_into]
    fit = original.fit
    if fit is not None and len(remaining) < len(merged_into):
        import numpy as np

        groups = (
            [index for index, target in enumerate(merged_into) if target == speaker] for speaker in remaining
        )
        fit = np.stack([fit[:, group].max(axis=1) for group in groups], axis=1)
    speakers = [new_indices[speaker] for speaker in original.speakers]
    labels = [original.labels[speaker] for speaker in remaining]
    return replace(original, speakers=speakers, labels=labels, fit=fit), new_indices, unmatched


def _split(
    entry: Split,
    current: Attribution,
    finder: SpeakerFinder,
    words: Sequence[Word],
    ends: Sequence[int],
    splitter: VoiceSplitter | None,
) -> Attribution:
    """The attribution with each voice split in which several of the moments fall. Raises UnmatchedError."""
    moments = list(dict.fromkeys(entry.split))
    if len(moments) < 2:
        raise UnmatchedError(f"{clock(moments[0])} is one moment; give one of each speaker")
    word_at = {moment: finder.word_at(moment) for moment in moments}
    if len({finder.speakers[word] for word in word_at.values()}) == len(moments):
        raise UnmatchedError(f"{describe_all(moments)} are different speakers already")
    if splitter is None:
        raise UnmatchedError(f"no recording is listened to, so {describe_all(moments)} stay as they are")
    for speaker in dict.fromkeys(finder.speakers[word] for word in word_at.values()):
        own_moments = [moment for moment, word in word_at.items() if finder.speakers[word] == speaker]
        # An earlier entry on this voice may have split some of them already.
        for voice in dict.fromkeys(current.speakers[word_at[moment]] for moment in own_moments):
            group = [moment for moment in own_moments if current.speakers[word_at[moment]] == voice]
            if len(group) > 1:
                current = _split_voice(current, voice, group, words, ends, splitter)
    return current


def _split_voice(
    current: Attribution,
    voice: int,
    moments: Sequence[float],
    words: Sequence[Word],
    ends: Sequence[int],
    splitter: VoiceSplitter,
) -> Attribution:
    """One voice as several: the first keeps its index and label. Raises UnmatchedError."""
    import numpy as np

    own_words = [index for index, speaker in enumerate(current.speakers) if speaker == voice]
    columns = splitter.separate(own_words, moments)
    if columns is None:
        raise UnmatchedError(f"what is heard at {describe_all(moments)} does not tell two voices apart")
    stops = set(ends)
    breaks = [
        n for n in range(1, len(own_words)) if own_words[n] in stops or own_words[n] != own_words[n - 1] + 1
    ]
    path = splitter.path(columns, [words[index] for index in own_words], [*breaks, len(own_words)])
    if len(set(path)) < len(moments):
        raise UnmatchedError(f"{describe_all(moments)} sound like one voice")
    added_count = len(moments) - 1
    parts = [voice, *range(len(current.labels), len(current.labels) + added_count)]
    speakers = list(current.speakers)
    for index, part in zip(own_words, path, strict=True):
        speakers[index] = parts[part]
    fit = current.fit
    if fit is not None:
        fit = np.concatenate([fit, np.repeat(fit[:, [voice]], added_count, axis=1)], axis=1)
        fit[np.ix_(own_words, parts)] = columns
    return replace(current, speakers=speakers, labels=[*current.labels, *[None] * added_count], fit=fit)


def _move(
    entries: Sequence[Move],
    current: Attribution,
    finder: SpeakerFinder,
    wordings: Sequence[Sequence[str]],
) -> tuple[Attribution, list[_EntryAndReason]]:
    """The attribution after all moves, whose words are then settled; and what matched nothing."""
    unmatched: list[_EntryAndReason] = []
    speakers, labels = list(current.speakers), list(current.labels)
    settled = set(current.settled)
    new_speakers: dict[str, int] = {}
    for entry in entries:
        try:
            indices = _words_of(entry, finder, wordings)
            speaker = _new_speaker(entry.to, new_speakers, labels)
            speaker = finder.find(entry.to) if speaker is None else speaker
        except UnmatchedError as why:
            unmatched.append(("turn", str(why)))
            continue
        for index in indices:
            speakers[index] = speaker
        settled.update(indices)
    return replace(current, speakers=speakers, labels=labels, settled=frozenset(settled)), unmatched


def _words_of(entry: Move, finder: SpeakerFinder, wordings: Sequence[Sequence[str]]) -> range:
    """Indices of an entry's turn, or of the words it quotes, as fixed or as heard. Raises UnmatchedError."""
    timeline = finder.timeline
    if entry.words is None:
        if len(runs := timeline.runs_starting_at(entry.at)) > 1:
            raise UnmatchedError(f"{len(runs)} turns begin at {clock(entry.at)}; say which words are meant")
        return finder.run_at(entry.at)
    near, length = timeline.words_around(entry.at, corrections.REACH_SECONDS), len(entry.words)
    first, stop = max(0, near.start - length), near.stop + length
    for texts in wordings:
        places = corrections.Spoken.of(texts[first:stop]).places(entry.words)
        matches = (range(first + p.first, _stop_after(texts, first + p.last)) for p in places)
        if (match := timeline.nearest(matches, entry.at, corrections.REACH_SECONDS)) is not None:
            return match
    if not timeline.has_times:
        raise UnmatchedError(f"the transcript has no times, so '{entry.words}' is not looked for")
    raise UnmatchedError(f"'{entry.words}' is not said near {clock(entry.at)}")


def _stop_after(texts: Sequence[str], last: int) -> int:
    """One past a word and the words of mere punctuation, or made empty by a fix, that follow it."""
    stop = last + 1
    while stop < len(texts) and _CLOSING_PUNCTUATION.fullmatch(texts[stop]):
        stop += 1
    return stop


def _new_speaker(to: Who, new_speakers: dict[str, int], labels: list[str | None]) -> int | None:
    """The index of a speaker not heard elsewhere, added if need be; None if `to` means somebody else.

    Each "new" is another person, since joining two would misattribute words; "new 1" is always the same.
    """
    if not isinstance(to, str) or not _NEW_SPEAKER.fullmatch(to):
        return None
    if to == "new" or to not in new_speakers:
        new_speakers[to] = len(labels)
        labels.append(None)
    return new_speakers[to]
