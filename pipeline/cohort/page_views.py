"""What the templates of a cohort's pages are given."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.post.section_views import QuoteView, SpeakerView, ThemeView
from pipeline.post.template_views import PageView
from pipeline.workspace.plain_views import View


@dataclass(frozen=True)
class TalkThemeView(View):
    """A theme of a talk's own post; `link` leads to it there."""

    heading: str
    link: str | None


@dataclass(frozen=True)
class TalkView(View):
    """A talk as the index lists it. `link` leads to its post; `anchor` is its fragment in the index."""

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
    parts: tuple[TalkThemeView, ...]


@dataclass(frozen=True)
class PersonView(View):
    """Somebody who speaks in one or more talks. Unnamed speakers are not listed."""

    name: str
    guessed: bool
    why: str
    role: str | None
    link: str | None
    anchor: str
    talks: tuple[TalkView, ...]


@dataclass(frozen=True)
class CommonThemeView(View):
    """A theme that talks share. `page` is the file name of its own page.

    `theme` has prose and quotes, like a theme of a post; `against` are pairs of its quotes that contradict
    each other; `talks` share it, quoted or not; `parts` are the themes of theirs that make it up.
    """

    theme: ThemeView
    page: str
    talks: tuple[TalkView, ...]
    parts: tuple[tuple[TalkView, TalkThemeView], ...]
    against: tuple[tuple[QuoteView, QuoteView], ...]

    @property
    def heading(self) -> str:
        return self.theme.heading

    @property
    def entry(self) -> str:
        """The heading where it stands alone, with full names."""
        return self.theme.entry

    @property
    def anchor(self) -> str:
        return self.theme.anchor

    @property
    def apart(self) -> tuple[QuoteView, ...]:
        """The quotes that are in no pair."""
        paired = [quote for pair in self.against for quote in pair]
        return tuple(quote for quote in self.theme.quotes if quote not in paired)


@dataclass(frozen=True)
class CohortView(PageView):
    """Everything that a cohort's pages can show. `absent` are the names of talks that were left out.

    `pages` are the themes as they stand alone, each on its own page.
    """

    themes: tuple[CommonThemeView, ...]
    talks: tuple[TalkView, ...]
    people: tuple[PersonView, ...]
    absent: tuple[str, ...]
    pages: tuple[CommonThemeView, ...] = ()

    @property
    def quoted(self) -> tuple[SpeakerView, ...]:
        """The people who are quoted, in order of appearance."""
        return tuple(dict.fromkeys(quote.speaker for common in self.themes for quote in common.theme.quotes))

    @property
    def prose(self) -> bool:
        """Whether there is connecting prose."""
        return bool(self.introduction or self.close or any(common.theme.paragraphs for common in self.themes))

    @property
    def authored(self) -> bool:
        """Whether the pages have reflections by their author, or sentences that rest on notes."""
        themed = (text for common in self.themes for text in common.theme.paragraphs)
        prose = (*self.introduction, *themed, *self.close)
        notes = bool(self.reflections) or any(common.theme.reflections for common in self.themes)
        return notes or any(claim.notes for paragraph in prose for claim in paragraph.claims)

    @property
    def doubtful(self) -> int:
        """How many quotes are marked as doubtful."""
        return sum(bool(quote.doubts) for common in self.themes for quote in common.theme.quotes)

    @property
    def guessed(self) -> tuple[str, ...]:
        """Names of quoted people that nobody has confirmed."""
        return tuple(speaker.name for speaker in self.quoted if speaker.guessed)
