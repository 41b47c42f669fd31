"""What a template is given: takeaways, turns, facts and names joined into one `post`.

All text is one line without control characters. Times are seconds, None where the source has none.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.post.section_views import MomentView, ParagraphView, SpeakerView, ThemeView


@dataclass(frozen=True)
class LinkView:
    """Something to read on: a URL and what it is called."""

    title: str
    url: str


@dataclass(frozen=True)
class VerificationView:
    """How many texts of the prose were checked against what they cite, and how they fared."""

    checked: int
    passed: int
    mended: int
    replaced: int

    @property
    def summary(self) -> str:
        """It in words: "23 checked, 18 passed, 3 passed after a second try, ..."."""
        if self.passed == self.checked:
            return f"{self.checked} checked, all passed"
        mended = "passed when written anew"
        replaced = "left out, or replaced by the speakers' own words"
        parts = ((self.passed, "passed"), (self.mended, mended), (self.replaced, replaced))
        return ", ".join([f"{self.checked} checked", *(f"{count} {what}" for count, what in parts if count)])


@dataclass(frozen=True)
class SentenceView:
    """A sentence of the transcript."""

    id: str
    text: str
    start: float | None
    end: float | None


@dataclass(frozen=True)
class TurnView:
    """Consecutive sentences of one person."""

    speaker: SpeakerView
    moment: MomentView | None
    text: str
    sentences: tuple[SentenceView, ...]


@dataclass(frozen=True)
class CueView:
    """A subtitle: `start` < `end`."""

    start: float
    end: float
    speaker: SpeakerView
    text: str


@dataclass(frozen=True)
class StretchView:
    """A part of the recording, in per mille of it."""

    left: float
    width: float


@dataclass(frozen=True)
class BarView(StretchView):
    """A run of speech, and the moment at which it begins."""

    moment: MomentView


@dataclass(frozen=True)
class LaneView:
    """A row of the timeline: when one person spoke, which of it is in doubt, and where quotes begin.

    `first` is when this person is first heard.
    """

    speaker: SpeakerView
    bars: tuple[BarView, ...]
    doubts: tuple[StretchView, ...]
    quotes: tuple[float, ...]
    turns: int
    first: MomentView | None

    @property
    def summary(self) -> str:
        """The row in words."""
        if self.first is None:
            return "No times are known."
        of = "talking" if self.speaker.seconds is not None else "words"
        turns = "1 turn" if self.turns == 1 else f"{self.turns} turns"
        return f"{self.speaker.percent} of the {of} in {turns}, first at {self.first.clock}."


@dataclass(frozen=True)
class TickView:
    """A round time on the scale, `at` per mille; one that is `minor` may be left out."""

    at: float
    clock: str
    minor: bool


@dataclass(frozen=True)
class TimelineView:
    """Who spoke when. `seconds` is the length of it all."""

    seconds: float
    clock: str
    lanes: tuple[LaneView, ...]
    ticks: tuple[TickView, ...]

    @property
    def doubtful(self) -> bool:
        """Whether anything on it is in doubt."""
        return any(lane.doubts for lane in self.lanes)

    @property
    def letters(self) -> int:
        """How many letters the names and roles want beside the rows, a mark of doubt counting as three."""
        people = [lane.speaker for lane in self.lanes]
        names = [len(one.name) + 3 * one.guessed for one in people]
        return max([*names, *(len(one.role or "") for one in people)], default=0)

    @property
    def quoted(self) -> bool:
        """Whether the start of any quote is marked on it."""
        return any(lane.quotes for lane in self.lanes)


@dataclass(frozen=True)
class PlayerView:
    """The recording beside the post: a percent-encoded URL relative to it, and "audio" or "video"."""

    src: str
    kind: str


@dataclass(frozen=True)
class PostView:
    """Everything that a template can show. `outputs` are the files written with it."""

    title: str
    dek: str
    date: str | None
    day: str | None
    occasion: str | None
    language: str
    direction: str
    duration: str | None
    recording: str | None
    player: PlayerView | None
    speakers: tuple[SpeakerView, ...]
    themes: tuple[ThemeView, ...]
    turns: tuple[TurnView, ...]
    cues: tuple[CueView, ...]
    notes: tuple[str, ...]
    outputs: tuple[str, ...]
    timeline: TimelineView | None = None
    introduction: tuple[ParagraphView, ...] = ()
    close: tuple[ParagraphView, ...] = ()
    reflections: tuple[str, ...] = ()
    links: tuple[LinkView, ...] = ()
    verification: VerificationView | None = None

    @property
    def prose(self) -> tuple[ParagraphView, ...]:
        """All connecting prose, in order; empty where the post is quotes alone."""
        themed = (paragraph for theme in self.themes for paragraph in theme.paragraphs)
        return (*self.introduction, *themed, *self.close)

    @property
    def authored(self) -> bool:
        """Whether the author of the post has a word in it."""
        return bool(self.reflections) or any(theme.reflections for theme in self.themes)

    @property
    def doubtful(self) -> int:
        """How many quotes carry a doubt."""
        return sum(bool(quote.doubts) for theme in self.themes for quote in theme.quotes)

    @property
    def guessed(self) -> tuple[str, ...]:
        """Names that nobody has confirmed."""
        return tuple(speaker.name for speaker in self.speakers if speaker.guessed)

    @property
    def unnamed(self) -> tuple[str, ...]:
        """What strangers are called."""
        return tuple(speaker.name for speaker in self.speakers if not speaker.known)
