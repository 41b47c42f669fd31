"""Who said what, put right by a person: merge, split and turn entries of NAME.review.toml."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.records import Word
from pipeline.text import clock
from pipeline.turns import corrections
from pipeline.turns.references import Spoken, UnmatchedError, Voices, all_called
from pipeline.workspace.sidecar_facts import Changes, Merge, Move, Split, Who

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.turns.attribution import Attribution

_NEWCOMER = re.compile(r"new(?: \d+)?")
# What closes a phrase: no letter, no space, and nothing that opens another.
_CLOSING = re.compile("[^\\w\\s(\\[{\u00ab\u201c\u2018\u300c\u300e\uff08\u3010\u3008\u300a]*")


@dataclass(frozen=True)
class Hearing:
    """What it takes to tell voices apart that were taken for one.

    `separate` gives the fit of the words of these indices to the voice heard at each of the moments (as
    Attribution.fit, a moment a column), None if these are not told apart. `path` gives each of some words
    its speaker: the best sequence by their fit, where changes are cheap at the ends (indices one past a
    sentence's last).
    """

    separate: Callable[[Sequence[int], Sequence[float]], NDArray[np.float64] | None]
    path: Callable[[NDArray[np.float64], Sequence[Word], Sequence[int]], list[int]]


def apply(
    changes: Changes,
    heard: Attribution,
    words: Sequence[Word],
    texts: Sequence[str],
    ends: Sequence[int],
    hearing: Hearing | None = None,
) -> tuple[Attribution, list[str]]:
    """The attribution after all entries, and a line for each that matched nothing.

    Merges come first, then splits, then moves in their order. A moment or label means whoever was heard
    before any of them. `texts` are the words' texts after fixes; without `hearing` nothing can be split.
    """
    if not (changes.merge or changes.split or changes.turn):
        return heard, []
    lines: list[str] = []
    labels = {label: index for index, label in enumerate(heard.labels) if label}
    before = Voices(Spoken.of(words, heard.speakers), heard.speakers, labels, changes.people)
    now, became = _merge(changes.merge, heard, before, lines)
    for entry in changes.split:
        try:
            now = _split(entry, now, before, words, ends, hearing)
        except UnmatchedError as why:
            lines.append(f"split: {why}")
    # A turn to move is one of those heard at first, or of those that a split made of it.
    runs = Spoken.of(words, list(zip(heard.speakers, now.speakers, strict=True)))
    labels = {label: became[index] for label, index in labels.items()}
    after = Voices(runs, now.speakers, labels, changes.people)
    return _move(changes.turn, now, after, (texts, [word.text for word in words]), lines), lines


def _merge(
    entries: Sequence[Merge], heard: Attribution, voices: Voices, lines: list[str]
) -> tuple[Attribution, list[int]]:
    """Each merge's later speakers become its first; also what each speaker's index became."""
    kept = list(range(len(heard.labels)))
    for entry in entries:
        found = []
        for who in entry.merge:
            try:
                found.append(voices.find(who))
            except UnmatchedError as why:
                lines.append(f"merge: {why}")
        if len(set(found)) > 1:
            joined = {kept[speaker] for speaker in found}
            kept = [kept[found[0]] if speaker in joined else speaker for speaker in kept]
        elif len(found) > 1:
            lines.append(f"merge: {all_called(entry.merge)} are one speaker already")
    order = sorted(set(kept))
    became = [order.index(speaker) for speaker in kept]
    fit = heard.fit
    if fit is not None and len(order) < len(kept):
        import numpy as np

        groups = ([one for one, into in enumerate(kept) if into == speaker] for speaker in order)
        fit = np.stack([fit[:, group].max(axis=1) for group in groups], axis=1)
    speakers = [became[speaker] for speaker in heard.speakers]
    return replace(heard, speakers=speakers, labels=[heard.labels[s] for s in order], fit=fit), became


def _split(
    entry: Split,
    now: Attribution,
    before: Voices,
    words: Sequence[Word],
    ends: Sequence[int],
    hearing: Hearing | None,
) -> Attribution:
    """The attribution with each voice parted that is heard at two or more of the moments."""
    moments = list(dict.fromkeys(entry.split))
    if len(moments) < 2:
        raise UnmatchedError(f"{clock(moments[0])} is one moment; give one of each speaker")
    spots = {moment: before.word(moment) for moment in moments}
    if len({before.speakers[spot] for spot in spots.values()}) == len(moments):
        raise UnmatchedError(f"{all_called(moments)} are different speakers already")
    if hearing is None:
        raise UnmatchedError(f"no recording is listened to, so {all_called(moments)} stay as they are")
    for speaker in dict.fromkeys(before.speakers[spot] for spot in spots.values()):
        theirs = [moment for moment, spot in spots.items() if before.speakers[spot] == speaker]
        # An earlier entry on this voice may have parted some of them already.
        for voice in dict.fromkeys(now.speakers[spots[moment]] for moment in theirs):
            group = [moment for moment in theirs if now.speakers[spots[moment]] == voice]
            if len(group) > 1:
                now = _part(now, voice, group, words, ends, hearing)
    return now


def _part(
    now: Attribution,
    voice: int,
    moments: Sequence[float],
    words: Sequence[Word],
    ends: Sequence[int],
    hearing: Hearing,
) -> Attribution:
    """One voice as several: the first keeps its index and label."""
    import numpy as np

    own = [index for index, speaker in enumerate(now.speakers) if speaker == voice]
    columns = hearing.separate(own, moments)
    if columns is None:
        raise UnmatchedError(f"what is heard at {all_called(moments)} does not tell two voices apart")
    stops = set(ends)
    breaks = [n for n in range(1, len(own)) if own[n] in stops or own[n] != own[n - 1] + 1]
    path = hearing.path(columns, [words[index] for index in own], [*breaks, len(own)])
    if len(set(path)) < len(moments):
        raise UnmatchedError(f"{all_called(moments)} sound like one voice")
    more = len(moments) - 1
    numbers = [voice, *range(len(now.labels), len(now.labels) + more)]
    speakers = list(now.speakers)
    for index, part in zip(own, path, strict=True):
        speakers[index] = numbers[part]
    fit = now.fit
    if fit is not None:
        fit = np.concatenate([fit, np.repeat(fit[:, [voice]], more, axis=1)], axis=1)
        fit[np.ix_(own, numbers)] = columns
    return replace(now, speakers=speakers, labels=[*now.labels, *[None] * more], fit=fit)


def _move(
    entries: Sequence[Move],
    now: Attribution,
    voices: Voices,
    wordings: Sequence[Sequence[str]],
    lines: list[str],
) -> Attribution:
    """Turns and words go to whom a person gave them, and are in doubt no more."""
    speakers, labels = list(now.speakers), list(now.labels)
    settled = set(now.settled)
    newcomers: dict[str, int] = {}
    for entry in entries:
        try:
            said = _said(entry, voices, wordings)
            speaker = _newcomer(entry.to, newcomers, labels)
            speaker = voices.find(entry.to) if speaker is None else speaker
        except UnmatchedError as why:
            lines.append(f"turn: {why}")
            continue
        for index in said:
            speakers[index] = speaker
        settled.update(said)
    fit = now.fit
    if fit is not None and len(labels) > len(now.labels):
        import numpy as np

        unheard = np.full((len(fit), len(labels) - len(now.labels), *fit.shape[2:]), -1.0)
        fit = np.concatenate([fit, unheard], axis=1)
    return replace(now, speakers=speakers, labels=labels, fit=fit, settled=frozenset(settled))


def _said(entry: Move, voices: Voices, wordings: Sequence[Sequence[str]]) -> range:
    """The words that an entry is about: as they read after fixes, or as they were heard."""
    if entry.words is None:
        if len(begun := voices.spoken.begun(entry.at)) > 1:
            raise UnmatchedError(f"{len(begun)} turns begin at {clock(entry.at)}; say which words are meant")
        return voices.run(entry.at)
    near, length = voices.spoken.around(entry.at, corrections.REACH), len(entry.words)
    first, stop = max(0, near.start - length), near.stop + length
    for texts in wordings:
        places = corrections.places(texts[first:stop], entry.words)
        found = (range(first + p.first, _closed(texts, first + p.last)) for p in places)
        if (said := voices.spoken.nearest(found, entry.at, corrections.REACH)) is not None:
            return said
    if not voices.spoken.timed:
        raise UnmatchedError(f"the transcript has no times, so '{entry.words}' is not looked for")
    raise UnmatchedError(f"'{entry.words}' is not said near {clock(entry.at)}")


def _closed(texts: Sequence[str], last: int) -> int:
    """One past a word and what a fix or a script without spaces leaves to its right: its full stop."""
    stop = last + 1
    while stop < len(texts) and _CLOSING.fullmatch(texts[stop]):
        stop += 1
    return stop


def _newcomer(to: Who, newcomers: dict[str, int], labels: list[str | None]) -> int | None:
    """The index of somebody not heard elsewhere, None if somebody else is meant.

    Each "new" is another person, since joining two would put words into a mouth; "new 1" is always the same.
    """
    if not isinstance(to, str) or not _NEWCOMER.fullmatch(to):
        return None
    if to == "new" or to not in newcomers:
        newcomers[to] = len(labels)
        labels.append(None)
    return newcomers[to]
