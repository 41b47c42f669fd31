"""What templates are given: takeaways, turns, facts and names joined into one `post`.

All text is a single line without control characters. Times are in seconds, None if the source has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.post.section_views import MomentView, ParagraphView, SpeakerView, ThemeView
from pipeline.workspace.plain_views import View

TOLD_SHARE = 0.8  # of an occasion's words that are in the opening, where that tells it
_WORD = re.compile(r"[^\W_]{3,}|\d++")


@dataclass(frozen=True)
class LinkView(View):
    """Further reading: a URL and its title."""

    title: str
    url: str


@dataclass(frozen=True)
class VerificationView(View):
    """How many texts of the prose were checked against what they cite, and with what result."""

    checked: int
    passed: int
    doubted: int
    mended: int
    replaced: int

    @property
    def summary(self) -> str:
        """The counts in words: "23 checked, 18 passed, 3 passed when written anew, ..."."""
        if self.passed == self.checked:
            return f"{self.checked} checked, all passed"
        results = (
            (self.passed, "passed"),
            (self.doubted, "questioned and found to be borne out"),
            (self.mended, "passed when written anew"),
            (self.replaced, "left out, or replaced by the speakers' own words"),
        )
        counts = [f"{count} {result}" for count, result in results if count]
        return ", ".join([f"{self.checked} checked", *counts])


@dataclass(frozen=True)
class SentenceView(View):
    """A sentence of the transcript."""

    id: str
    text: str
    start: float | None
    end: float | None


@dataclass(frozen=True)
class TurnView(View):
    """Consecutive sentences of one person, but for what others throw in."""

    speaker: SpeakerView
    moment: MomentView | None
    text: str
    sentences: tuple[SentenceView, ...]


@dataclass(frozen=True)
class CueView(View):
    """A subtitle: `start` < `end`."""

    start: float
    end: float
    speaker: SpeakerView
    text: str


@dataclass(frozen=True)
class StretchView(View):
    """A part of the recording, in per mille of its length."""

    left: float
    width: float


@dataclass(frozen=True)
class BarView(StretchView):
    """A run of speech, and the moment at which it begins."""

    moment: MomentView


@dataclass(frozen=True)
class LaneView(View):
    """A row of the timeline: when one person spoke, where that is in doubt, and where quotes begin.

    `quotes` are in per mille, `turns` is a count, `first` is when this person is first heard.
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
        unit = "talking" if self.speaker.seconds is not None else "words"
        turns = "1 turn" if self.turns == 1 else f"{self.turns} turns"
        return f"{self.speaker.percent} of the {unit} in {turns}, first at {self.first.clock}."


@dataclass(frozen=True)
class TickView(View):
    """A round time on the scale, `at` in per mille; a `minor` one may be left out."""

    at: float
    clock: str
    minor: bool


@dataclass(frozen=True)
class TimelineView(View):
    """Who spoke when. `seconds` is the length of the recording."""

    seconds: float
    clock: str
    lanes: tuple[LaneView, ...]
    ticks: tuple[TickView, ...]

    @property
    def doubtful(self) -> bool:
        """Whether it is anywhere in doubt who spoke."""
        return any(lane.doubts for lane in self.lanes)

    @property
    def letters(self) -> int:
        """Letters of the longest name or role beside the rows; the mark of a guessed name counts as three."""
        people = [lane.speaker for lane in self.lanes]
        names = [len(person.name) + 3 * person.guessed for person in people]
        return max([*names, *(len(person.role or "") for person in people)], default=0)

    @property
    def quoted(self) -> bool:
        """Whether any quote is marked on it."""
        return any(lane.quotes for lane in self.lanes)


@dataclass(frozen=True)
class PlayerView(View):
    """The recording: its percent-encoded URL relative to the post, and its kind, "audio" or "video"."""

    src: str
    kind: str


@dataclass(frozen=True)
class PageView(View):
    """What the pages of a talk and of a cohort both show. `day` is `date` in words, if that is ISO 8601."""

    title: str
    dek: str
    date: str | None
    day: str | None
    occasion: str | None
    recording: str | None
    language: str
    direction: str
    introduction: tuple[ParagraphView, ...]
    close: tuple[ParagraphView, ...]
    reflections: tuple[str, ...]
    links: tuple[LinkView, ...]
    verification: VerificationView | None

    @property
    def untold_occasion(self) -> str | None:
        """The occasion, to stand alone; None where the opening tells it in nearly the same words."""
        if not self.occasion or self._is_told(self.occasion):
            return None
        return self.occasion[:1].upper() + self.occasion[1:]

    @property
    def untold_day(self) -> str | None:
        """The day, to stand alone; None where the opening tells it."""
        return None if not self.day or self._is_told(self.day) else self.day

    def _is_told(self, text: str) -> bool:
        """Whether the opening has nearly all words of a text."""
        told = set(_WORD.findall(" ".join(paragraph.text for paragraph in self.introduction).casefold()))
        words = set(_WORD.findall(text.casefold()))
        return bool(words) and len(words & told) >= TOLD_SHARE * len(words)


@dataclass(frozen=True)
class PostView(PageView):
    """Everything that a template can show of a talk. `outputs` are the files that are written with it.

    Of the `speakers` the named ones are `guests`, or `hosts` who lead the conversation; those who stand for
    nobody in particular ("Audience") are neither. `credited` are those of both to name at the head: nobody
    where the opening tells who they are.
    """

    duration: str | None
    player: PlayerView | None
    speakers: tuple[SpeakerView, ...]
    guests: tuple[SpeakerView, ...]
    hosts: tuple[SpeakerView, ...]
    credited: tuple[SpeakerView, ...]
    themes: tuple[ThemeView, ...]
    turns: tuple[TurnView, ...]
    cues: tuple[CueView, ...]
    outputs: tuple[str, ...]
    timeline: TimelineView | None

    @property
    def prose(self) -> tuple[ParagraphView, ...]:
        """All connecting prose, in order; empty if the post consists of quotes."""
        themed = (paragraph for theme in self.themes for paragraph in theme.paragraphs)
        return (*self.introduction, *themed, *self.close)

    @property
    def authored(self) -> bool:
        """Whether the post has reflections by its author, or sentences that rest on notes."""
        notes = bool(self.reflections) or any(theme.reflections for theme in self.themes)
        return notes or any(claim.notes for paragraph in self.prose for claim in paragraph.claims)

    @property
    def doubtful(self) -> int:
        """How many quotes are marked as doubtful."""
        return sum(bool(quote.doubts) for theme in self.themes for quote in theme.quotes)

    @property
    def guessed(self) -> tuple[str, ...]:
        """Names that nobody has confirmed."""
        return tuple(speaker.name for speaker in self.speakers if speaker.guessed)

    @property
    def unnamed(self) -> tuple[str, ...]:
        """What speakers without a name are called."""
        return tuple(speaker.name for speaker in self.speakers if not speaker.known)
