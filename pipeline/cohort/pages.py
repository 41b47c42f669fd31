"""A cohort's takeaways, its talks' excerpts and its facts, joined into what templates are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pipeline.cohort.cohort_records import CohortTakeaways, CommonTheme, Excerpt, Voice
from pipeline.cohort.cohorts import Cohort
from pipeline.cohort.excerpts import Gathered, gather, person_key
from pipeline.cohort.page_views import CohortView, CommonThemeView, PersonView, TalkThemeView, TalkView
from pipeline.post.compose import PageText, RecordingLinks, page_view
from pipeline.post.conversation import Conversation
from pipeline.post.prose import Prose, theme_views
from pipeline.post.section_views import SourceView, SpeakerView, ThemeView
from pipeline.records import Sentence, Turns, talk_of
from pipeline.stage_names import CohortStage
from pipeline.text import name_key, plain, slug
from pipeline.turns.called import name_parts
from pipeline.workspace.links import relative_url
from pipeline.workspace.talks import Talk

_MAX_PAGE_NAME_CHARACTERS = 60


def compose(cohort: Cohort, takeaways: CohortTakeaways, excerpts: Sequence[Excerpt]) -> CohortView:
    """The view of a cohort. Raises ConfigError (a link), ArtifactError (takeaways that do not fit)."""
    return _Composer(cohort, takeaways, excerpts).view()


class _Composer:
    def __init__(self, cohort: Cohort, takeaways: CohortTakeaways, excerpts: Sequence[Excerpt]) -> None:
        self.cohort, self.takeaways, self.excerpts = cohort, takeaways, excerpts
        self.members = {member.name: member for member in cohort.members}
        gathered = gather(excerpts)
        self.speakers = self._speakers(gathered)
        self.talks = {excerpt.talk: self._talk(excerpt, number) for number, excerpt in enumerate(excerpts, 1)}
        recordings = {name: RecordingLinks.of(talk, cohort.folder) for name, talk in self.members.items()}
        file = cohort.folder / CohortStage.COHORT.artifact
        self.conversation = CohortConversation(
            gathered.turns, self.speakers, self._places(gathered), recordings, file
        )
        self.prose = Prose(self.conversation)

    def view(self) -> CohortView:
        title = Path(self.cohort.name).parent.name or "This cohort"
        date = plain(self.cohort.facts.date or "") or None
        language = self.conversation.turns.language
        text = PageText.of(self.takeaways, self.conversation, self.prose)
        themes = self._themes(text.themes)
        return CohortView(
            **vars(page_view(self.cohort, self.takeaways, self.prose, text, title, date, language)),
            themes=themes,
            pages=tuple(map(self._alone, self.takeaways.themes, themes)),
            talks=tuple(self.talks.values()),
            people=self._people(),
            absent=tuple(name for name, _ in self.cohort.absent),
        )

    def _alone(self, theme: CommonTheme, shown: CommonThemeView) -> CommonThemeView:
        """A theme on a page of its own, where people are named in full at their first mention."""
        (view,) = theme_views([theme], self.conversation, Prose(self.conversation))
        return self._theme(theme, replace(view, anchor=shown.anchor), shown.page)

    def _themes(self, views: Sequence[ThemeView]) -> tuple[CommonThemeView, ...]:
        themes = self.takeaways.themes
        pages = _page_names([view.anchor for view in views])
        return tuple(
            self._theme(theme, view, page) for theme, view, page in zip(themes, views, pages, strict=True)
        )

    def _theme(self, theme: CommonTheme, view: ThemeView, page: str) -> CommonThemeView:
        if invalid := [pair for pair in theme.against if not all(0 <= k < len(theme.quotes) for k in pair)]:
            what = f"sets quotes {invalid[0]} against each other, which are not both there"
            raise self.conversation.error(what)
        talks = tuple(self.talks[name] for name in theme.talks if name in self.talks)
        against = tuple((view.quotes[a], view.quotes[b]) for a, b in theme.against)
        numbers = ((self.talks[talk], n) for talk, n in theme.parts if talk in self.talks)
        parts = tuple((talk, talk.parts[n]) for talk, n in numbers if 0 <= n < len(talk.parts))
        return CommonThemeView(view, page, talks, parts, against)

    def _places(self, gathered: Gathered) -> dict[str, Place]:
        """Where each sentence appears in the posts: its talk, and the first theme that quotes or cites it."""
        places: dict[str, Place] = {}
        for part in gathered.parts:
            talk = self.talks[part.talk]
            link = talk.parts[part.number].link
            for id in part.sentences:
                places.setdefault(id, Place(talk.title, link))
        return places

    def _talk(self, excerpt: Excerpt, number: int) -> TalkView:
        member = self.members[excerpt.talk]
        link = _post_link(member, self.cohort.folder)
        parts = tuple(
            TalkThemeView(part.heading, f"{link}#{part.anchor}" if link else None) for part in excerpt.parts
        )
        return TalkView(
            name=excerpt.talk,
            title=excerpt.title,
            dek=excerpt.dek,
            date=excerpt.date,
            day=excerpt.day,
            occasion=excerpt.occasion,
            duration=excerpt.duration,
            link=link,
            anchor=f"talk-{number}",
            speakers=tuple(speaker_view(f"S{n}", n, voice, "") for n, voice in enumerate(excerpt.voices)),
            parts=parts,
        )

    def _speakers(self, gathered: Gathered) -> dict[str, SpeakerView]:
        """Person id to view; the names of strangers include the title of their talk."""
        titles = {excerpt.talk: excerpt.title for excerpt in self.excerpts}
        voices = {(e.talk, id): voice for e in self.excerpts for voice in e.voices for id in voice.ids}
        views = {}
        for color, person in enumerate(gathered.people):
            own_voices = [voices[key] for key in person.voices]
            least_certain = next((voice for voice in own_voices if not voice.confirmed), own_voices[0])
            title = "" if person.name else titles[person.voices[0][0]]
            facts = {key: _first(own_voices, key) for key in ("role", "link", "short", "pronoun")}
            voice = least_certain.model_copy(update=facts)
            views[person.id] = speaker_view(person.id, color, voice, title)
        bearers = Counter(name_key(view.short) for view in views.values() if view.short)
        shared = {id for id, view in views.items() if view.short and bearers[name_key(view.short)] > 1}
        return {id: replace(view, short="") if id in shared else view for id, view in views.items()}

    def _people(self) -> tuple[PersonView, ...]:
        """Everybody with a name, those in most talks first."""
        people: dict[tuple[str, str], list[tuple[str, Voice]]] = {}
        for excerpt in self.excerpts:
            for voice in filter(lambda voice: voice.known, excerpt.voices):
                people.setdefault(person_key(excerpt.talk, voice), []).append((excerpt.talk, voice))
        ranked = sorted(
            people.values(),
            key=lambda person: (-len({talk for talk, _ in person}), person[0][1].name.casefold()),
        )
        return tuple(self._person(person, number) for number, person in enumerate(ranked, 1))

    def _person(self, voices_by_talk: Sequence[tuple[str, Voice]], number: int) -> PersonView:
        voices = [voice for _, voice in voices_by_talk]
        guessed = [voice for voice in voices if not voice.confirmed]
        talks = dict.fromkeys(talk for talk, _ in voices_by_talk)
        return PersonView(
            name=voices[0].name,
            guessed=bool(guessed),
            why=speaker_view("", 0, guessed[0], "").why if guessed else "",
            role=_first(voices, "role"),
            link=_first(voices, "link"),
            anchor=f"speaker-{number}",
            talks=tuple(self.talks[talk] for talk in talks),
        )


def speaker_view(id: str, color: int, voice: Voice, title: str) -> SpeakerView:
    name = f"{voice.name} ({title})" if title else voice.name
    return SpeakerView(
        id=id,
        name=name,
        known=voice.known,
        confirmed=voice.confirmed,
        role=voice.role,
        link=voice.link,
        color=color,
        share=voice.share,
        seconds=None,
        quotes=0,
        evidence=voice.reason,
        short="" if title else voice.short or "",
        untitled="" if title else name_parts(voice.name).untitled,
        pronoun=voice.pronoun,
    )


def _first(voices: Sequence[Voice], key: str) -> str | None:
    return next((value for voice in voices if (value := getattr(voice, key))), None)


def _post_link(talk: Talk, folder: Path) -> str | None:
    """A link to a talk's post; None if it has not been rendered as HTML."""
    page = talk.folder / "post.html"
    return relative_url(page, folder) if page.is_file() else None


def _page_names(anchors: Sequence[str]) -> list[str]:
    """A file name for each theme, of lower-case ASCII letters, digits and hyphens, for any file system."""
    pages: list[str] = []
    for number, anchor in enumerate(anchors, 1):
        name = slug(anchor, ascii_only=True)[:_MAX_PAGE_NAME_CHARACTERS].strip("-") or str(number)
        page = f"theme-{name}.html"
        while page in pages:
            page = f"{page.removesuffix('.html')}-{number}.html"
        pages.append(page)
    return pages


# What was said in all talks of a cohort, looked up by sentence id, with the talk that it was said in.


@dataclass(frozen=True)
class Place:
    """Where a sentence appears: its talk's title, and a link to the theme, None without an HTML post."""

    title: str
    link: str | None


class CohortConversation(Conversation):
    """Sentences are adjacent only within a turn: between turns, something may have been left out."""

    SAID_IN = "any of its talks' posts"
    REMEDY = "Correct the reference, or have it made again: takeaways cohort FOLDER --force."

    def __init__(
        self,
        turns: Turns,
        speakers: Mapping[str, SpeakerView],
        places: Mapping[str, Place],
        recordings: Mapping[str, RecordingLinks],
        takeaways: Path,
    ) -> None:
        super().__init__(
            turns, speakers, lambda sentence, start: recordings[talk_of(sentence.id)].moment(start), takeaways
        )
        self.turns, self._places = turns, places
        self._adjacent = {(a.id, b.id) for turn in turns.turns for a, b in pairwise(turn.sentences)}

    def source(self, sentence: Sentence) -> SourceView | None:
        place = self._places.get(sentence.id)
        return SourceView(place.title, place.link) if place else None
