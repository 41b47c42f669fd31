"""What a template is given: takeaways, turns, facts and names joined into one `post`.

All text is one line without control characters. Times are seconds, None where the source has none.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SpeakerView:
    """A person who spoke. `share` is 0 to 1 of all talk; `color` counts from 0 in order of appearance."""

    id: str
    name: str
    known: bool
    confirmed: bool
    role: str | None
    link: str | None
    initials: str
    color: int
    share: float
    seconds: float | None
    quotes: int


@dataclass(frozen=True)
class MomentView:
    """A place in the recording. `clock` is "12:34" or "1:02:33"; `link` leads there if anything does."""

    start: float
    clock: str
    link: str | None


@dataclass(frozen=True)
class QuoteView:
    """Sentences of one speaker, word for word; " […] " stands where some were left out."""

    text: str
    speaker: SpeakerView
    moment: MomentView | None
    end: float | None
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class CitationView:
    """A sentence that a paragraph rests on."""

    id: str
    text: str
    speaker: SpeakerView
    moment: MomentView | None


@dataclass(frozen=True)
class ParagraphView:
    """Connecting prose."""

    text: str
    citations: tuple[CitationView, ...]


@dataclass(frozen=True)
class ThemeView:
    """A section. `anchor` is unique among the post's themes and never begins with "_"."""

    heading: str
    anchor: str
    paragraphs: tuple[ParagraphView, ...]
    quotes: tuple[QuoteView, ...]


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

    @property
    def doubtful(self) -> int:
        """How many quotes carry a doubt."""
        return sum(bool(quote.doubts) for theme in self.themes for quote in theme.quotes)

    @property
    def guessed(self) -> tuple[str, ...]:
        """Names that nobody has confirmed."""
        return tuple(speaker.name for speaker in self.speakers if speaker.known and not speaker.confirmed)

    @property
    def unnamed(self) -> tuple[str, ...]:
        """What strangers are called."""
        return tuple(speaker.name for speaker in self.speakers if not speaker.known)
