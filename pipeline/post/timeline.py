"""When each person spoke, as geometry: bars in per mille of the recording, and a scale of round times."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from pipeline.post.section_views import MomentAt, MomentView, SpeakerView
from pipeline.post.template_views import BarView, LaneView, StretchView, TickView, TimelineView
from pipeline.records import SPEAKER_IN_DOUBT, Sentence, Turns
from pipeline.text import clock

# The width of a row. Runs of speech less than a pixel apart are drawn as one, so that a row never has more
# bars than half its pixels, however long the talk.
ROW_PIXELS = 400
_MAX_PAUSE_SECONDS = 1.0  # of silence inside a run of speech
_SECONDS_PER_WORD = 0.4  # for speech of which the end is not known
_STEP_SECONDS = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600),
)
_MAX_STEPS = 7


@dataclass(frozen=True)
class SpeechSpan:
    """A span of one voice's speech: `start` < `end`, in seconds."""

    speaker: str
    start: float
    end: float
    doubtful: bool


def timeline(
    turns: Turns,
    speakers: Mapping[str, SpeakerView],
    seconds: float,
    moment: MomentAt,
    quoted: Iterable[tuple[SpeakerView, float]] = (),
) -> TimelineView | None:
    """A row for each person who spoke; None for a talk without times.

    `seconds` is the recording's length, 0 if unknown; `quoted` is whom the post quotes, and the
    second at which each quote starts.
    """
    spans = list(speech_spans(turns, seconds))
    seconds = max([seconds, *(span.end for span in spans)])
    if not spans or seconds <= 0:
        return None
    own_spans, quote_marks = defaultdict[str, list[SpeechSpan]](list), defaultdict[str, list[float]](list)
    for span in spans:
        own_spans[speakers[span.speaker].id].append(span)
    for view, start in quoted:
        quote_marks[view.id].append(_per_mille(start, seconds))
    full_turns = (turn for turn in turns.turns if not turn.aside)
    turn_counts = Counter(id for id, _ in groupby(full_turns, key=lambda turn: speakers[turn.speaker].id))
    lanes = []
    for view in {view.id: view for view in speakers.values()}.values():
        doubtful_spans = [span for span in own_spans[view.id] if span.doubtful]
        bars = tuple(_bar(run, seconds, moment) for run in _runs(own_spans[view.id], seconds))
        doubts = tuple(_stretch(run, seconds) for run in _runs(doubtful_spans, seconds))
        first = bars[0].moment if bars else None
        marks = tuple(quote_marks[view.id])
        lanes.append(LaneView(view, bars, doubts, marks, turn_counts[view.id], first))
    return TimelineView(seconds, clock(seconds), tuple(lanes), _ticks(seconds))


def speech_spans(turns: Turns, seconds: float = 0.0) -> Iterator[SpeechSpan]:
    """A span for each sentence with a start. One without an end lasts until the next later start, if any."""
    following: float | None = None
    latest: float | None = None
    spans = []
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
            spans.append(SpeechSpan(sentence.speaker, start, end, is_in_doubt(sentence)))
    yield from reversed(spans)


def _guessed_end(sentence: Sentence, seconds: float) -> float:
    start = sentence.start or 0.0
    end = start + _SECONDS_PER_WORD * (sentence.words[1] - sentence.words[0])
    return min(end, seconds) if seconds > start else end


def is_in_doubt(sentence: Sentence) -> bool:
    """Whether it is uncertain who says this sentence."""
    return not SPEAKER_IN_DOUBT.isdisjoint(sentence.flags)


@dataclass
class _Run:
    start: float
    end: float
    play_from: float  # where its link leads


def _runs(spans: Iterable[SpeechSpan], seconds: float) -> list[_Run]:
    """Speech with short pauses closed, each run at least a pixel long and a pixel from the next."""
    pixel = seconds / ROW_PIXELS
    runs: list[_Run] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        start = max(0.0, min(span.start, seconds - pixel))
        end = min(max(span.end, start + pixel), seconds)
        if runs and start - runs[-1].end < max(_MAX_PAUSE_SECONDS, pixel):
            runs[-1].end = max(runs[-1].end, end)
        else:
            runs.append(_Run(start, end, span.start))
    return runs


def _per_mille(time: float, seconds: float) -> float:
    return round(min(time / seconds, 1.0) * 1000, 1)


def _stretch(run: _Run, seconds: float) -> StretchView:
    left = _per_mille(run.start, seconds)
    return StretchView(left, round(_per_mille(run.end, seconds) - left, 1))


def _bar(run: _Run, seconds: float, moment: MomentAt) -> BarView:
    stretch = _stretch(run, seconds)
    start = run.play_from
    return BarView(stretch.left, stretch.width, moment(start) or MomentView(start, clock(start), None))


def _ticks(seconds: float) -> tuple[TickView, ...]:
    """Round times from 0. If there are many, every other one is minor: left out where space is short."""
    step = next((step for step in _STEP_SECONDS if seconds / step <= _MAX_STEPS), _STEP_SECONDS[-1])
    count = int(seconds / step) + 1
    all_major = count <= _MAX_STEPS // 2 + 1
    return tuple(
        TickView(_per_mille(n * step, seconds), clock(n * step), bool(n % 2) and not all_major)
        for n in range(min(count, 10 * _MAX_STEPS))
    )
