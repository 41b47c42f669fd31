"""What the templates of a cohort's pages are given."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.post.section_views import ParagraphView, QuoteView, SpeakerView, ThemeView
from pipeline.post.template_views import LinkView, VerificationView


@dataclass(frozen=True)
class PartView:
    """A theme of a talk's own post; `link` leads to it there."""

    heading: str
    link: str | None


@dataclass(frozen=True)
class TalkView:
    """A talk as the index lists it. `link` leads to its post, `anchor` is its place in the index."""

    name: str
    title: str
    dek: str
    date: str | None
    day: str | None
    occasion: str | None
    duration: str | None
    link: str | None
    anchor: str
    speakers: tuple[SpeakerView, ...]
    parts: tuple[PartView, ...]


@dataclass(frozen=True)
class PersonView:
    """Somebody who speaks in one talk or several. Strangers are not listed."""

    name: str
    guessed: bool
    why: str
    role: str | None
    link: str | None
    anchor: str
    talks: tuple[TalkView, ...]


@dataclass(frozen=True)
class CommonView:
    """A theme that talks share. `page` is the file of its own page.

    `theme` has prose and quotes as a post has them; `against` are pairs of its quotes that speak against
    each other; `talks` take part in it, quoted or not, with those of their themes that are its `parts`.
    """

    theme: ThemeView
    page: str
    talks: tuple[TalkView, ...]
    parts: tuple[tuple[TalkView, PartView], ...]
    against: tuple[tuple[QuoteView, QuoteView], ...]

    @property
    def heading(self) -> str:
        return self.theme.heading

    @property
    def anchor(self) -> str:
        return self.theme.anchor

    @property
    def apart(self) -> tuple[QuoteView, ...]:
        """The quotes that stand in no pair."""
        paired = [quote for pair in self.against for quote in pair]
        return tuple(quote for quote in self.theme.quotes if quote not in paired)


@dataclass(frozen=True)
class CohortView:
    """Everything that a cohort's pages can show. `absent` are names of talks left out."""

    title: str
    dek: str
    date: str | None
    day: str | None
    occasion: str | None
    recording: str | None
    language: str
    direction: str
    themes: tuple[CommonView, ...]
    talks: tuple[TalkView, ...]
    people: tuple[PersonView, ...]
    introduction: tuple[ParagraphView, ...]
    close: tuple[ParagraphView, ...]
    reflections: tuple[str, ...]
    links: tuple[LinkView, ...]
    notes: tuple[str, ...]
    absent: tuple[str, ...]
    verification: VerificationView | None

    @property
    def quoted(self) -> tuple[SpeakerView, ...]:
        """Who is quoted, in order of appearance."""
        return tuple(dict.fromkeys(quote.speaker for one in self.themes for quote in one.theme.quotes))

    @property
    def prose(self) -> bool:
        """Whether there is connecting prose."""
        return bool(self.introduction or self.close or any(one.theme.paragraphs for one in self.themes))

    @property
    def authored(self) -> bool:
        """Whether the author of the post has a word in it."""
        return bool(self.reflections) or any(one.theme.reflections for one in self.themes)

    @property
    def doubtful(self) -> int:
        """How many quotes carry a doubt."""
        return sum(bool(quote.doubts) for one in self.themes for quote in one.theme.quotes)

    @property
    def guessed(self) -> tuple[str, ...]:
        """Names of those quoted that nobody has confirmed."""
        return tuple(speaker.name for speaker in self.quoted if speaker.guessed)
