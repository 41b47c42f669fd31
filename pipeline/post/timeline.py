"""When each person spoke, as geometry: bars in per mille of the recording, and a scale of round times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from pipeline.post.section_views import MomentView, SpeakerView
from pipeline.post.template_views import BarView, LaneView, StretchView, TickView, TimelineView
from pipeline.records import Sentence, Turns
from pipeline.text import clock

# What a row is wide at most, in pixels: runs nearer than one of them are drawn as one, so that a row never
# has more than half as many bars, however long the talk.
COLUMNS = 400
_PAUSE = 1.0  # seconds of silence inside a run of speech
_PACE = 0.4  # seconds a word, for speech that nothing says the end of
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600),
)
_MOST_STEPS = 7
_IN_DOUBT = frozenset({"doubtful speaker", "overlapped speech"})

Moments = Callable[[float], MomentView | None]


@dataclass(frozen=True)
class Speech:
    """A stretch of one voice's speech: `start` < `end`."""

    speaker: str
    start: float
    end: float
    doubtful: bool


def timeline(
    turns: Turns,
    speakers: Mapping[str, SpeakerView],
    seconds: float,
    moment: Moments,
    quoted: Iterable[tuple[SpeakerView, float]] = (),
) -> TimelineView | None:
    """The rows of the people who spoke, None for a talk without times.

    `seconds` is the recording's length, 0 if unknown; `quoted` says whom the post quotes and from when.
    """
    spoken = list(speech(turns, seconds))
    seconds = max([seconds, *(s.end for s in spoken)])
    if not spoken or seconds <= 0:
        return None
    quotes = list(quoted)
    taken = (turn for turn in turns.turns if not turn.aside)
    counts = [view for view, _ in groupby(taken, key=lambda turn: speakers[turn.speaker])]
    lanes = []
    for view in dict.fromkeys(speakers.values()):
        own = [s for s in spoken if speakers[s.speaker] == view]
        bars = tuple(_bar(run, seconds, moment) for run in _runs(own, seconds))
        doubts = tuple(_stretch(run, seconds) for run in _runs([s for s in own if s.doubtful], seconds))
        ticks = tuple(_per_mille(start, seconds) for who, start in quotes if who == view)
        first = bars[0].moment if bars else None
        lanes.append(LaneView(view, bars, doubts, ticks, counts.count(view), first))
    return TimelineView(seconds, clock(seconds), tuple(lanes), _ticks(seconds))


def speech(turns: Turns, seconds: float = 0.0) -> Iterator[Speech]:
    """Sentences with their times. What has no end lasts until the next known start."""
    following: float | None = None
    latest: float | None = None
    found = []
    for sentence in reversed(turns.sentences()):
        start, end = sentence.start, sentence.end
        if start is None:
            continue
        if latest is not None and start < latest:
            following = latest
        latest = start
        if end is None:
            end = (
                following if following is not None and following > start else _guessed_end(sentence, seconds)
            )
        if end > start:
            found.append(Speech(sentence.speaker, start, end, in_doubt(sentence)))
    yield from reversed(found)


def _guessed_end(sentence: Sentence, seconds: float) -> float:
    start = sentence.start or 0.0
    end = start + _PACE * (sentence.words[1] - sentence.words[0])
    return min(end, seconds) if seconds > start else end


def in_doubt(sentence: Sentence) -> bool:
    """Whether it is uncertain who says this sentence."""
    return any(flag.replace("_", " ").replace("-", " ") in _IN_DOUBT for flag in sentence.flags)


@dataclass
class _Run:
    start: float
    end: float
    at: float  # the moment that it leads to


def _runs(spoken: Iterable[Speech], seconds: float) -> list[_Run]:
    """Speech with its short pauses filled, each run at least a pixel long and a pixel from the next."""
    pixel = seconds / COLUMNS
    runs: list[_Run] = []
    for one in sorted(spoken, key=lambda s: (s.start, s.end)):
        start = max(0.0, min(one.start, seconds - pixel))
        end = min(max(one.end, start + pixel), seconds)
        if runs and start - runs[-1].end < max(_PAUSE, pixel):
            runs[-1].end = max(runs[-1].end, end)
        else:
            runs.append(_Run(start, end, one.start))
    return runs


def _per_mille(at: float, seconds: float) -> float:
    return round(min(at / seconds, 1.0) * 1000, 1)


def _stretch(run: _Run, seconds: float) -> StretchView:
    left = _per_mille(run.start, seconds)
    return StretchView(left, round(_per_mille(run.end, seconds) - left, 1))


def _bar(run: _Run, seconds: float, moment: Moments) -> BarView:
    place = _stretch(run, seconds)
    return BarView(place.left, place.width, moment(run.at) or MomentView(run.at, clock(run.at), None))


def _ticks(seconds: float) -> tuple[TickView, ...]:
    """Round times from 0; every other one is minor, to be left out where there is little room."""
    step = next((step for step in _STEPS if seconds / step <= _MOST_STEPS), _STEPS[-1])
    count = int(seconds / step) + 1
    few = count <= _MOST_STEPS // 2 + 1
    return tuple(
        TickView(_per_mille(n * step, seconds), clock(n * step), bool(n % 2) and not few)
        for n in range(min(count, 10 * _MOST_STEPS))
    )
