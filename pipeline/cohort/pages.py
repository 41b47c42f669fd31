"""A cohort's takeaways, its talks' excerpts and its facts, joined into what templates are given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pipeline.cohort.cohort_records import CohortTakeaways, CommonTheme, Excerpt, Voice
from pipeline.cohort.cohorts import Cohort
from pipeline.cohort.excerpts import Gathered, gather, person_key
from pipeline.cohort.page_views import CohortView, CommonView, PartView, PersonView, TalkView
from pipeline.errors import ArtifactError
from pipeline.post.compose import RIGHT_TO_LEFT
from pipeline.post.conversation import Conversation
from pipeline.post.prose import Prose, author_reflections, theme_views, verification_view
from pipeline.post.section_views import MomentView, SourceView, SpeakerView, ThemeView
from pipeline.post.template_views import LinkView
from pipeline.records import Sentence, Turns, talk_of
from pipeline.text import clock, day, plain
from pipeline.workspace.links import at_moment, bare, checked, file_at_moment, relative_url
from pipeline.workspace.talks import Talk

_MAX_PAGE_NAME_LETTERS = 60


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
        places = self._places(gathered)
        file = cohort.folder / "cohort.json"
        self.conversation = CohortConversation(gathered.turns, self.speakers, places, self._moment, file)
        self.prose = Prose(self.conversation)

    def view(self) -> CohortView:
        facts, takeaways = self.cohort.facts, self.takeaways
        date = plain(facts.date or "") or None
        folder_name = Path(self.cohort.name).parent.name or "This cohort"
        language = self.conversation.turns.language
        return CohortView(
            title=plain(facts.title or "") or self.prose.named(takeaways.title) or folder_name,
            dek=plain(facts.dek or "") or self.prose.named(takeaways.dek),
            date=date,
            day=day(date) if date else None,
            occasion=plain(facts.occasion or "") or None,
            recording=self._checked(facts.recording, "recording") if facts.recording else None,
            language=language,
            direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
            themes=self._themes(),
            talks=tuple(self.talks.values()),
            people=self._people(),
            introduction=self.prose.paragraphs(takeaways.introduction, with_roles=True),
            close=self.prose.paragraphs(takeaways.close),
            reflections=author_reflections(takeaways.reflections),
            links=self._links(),
            notes=tuple(map(self.prose.named, takeaways.notes)),
            absent=tuple(name for name, _ in self.cohort.absent),
            verification=verification_view(takeaways),
        )

    def _checked(self, url: str, key: str) -> str:
        return checked(url, file=self.cohort.source, key=key)

    def _links(self) -> tuple[LinkView, ...]:
        return tuple(
            LinkView(plain(link.title or "") or bare(link.url), self._checked(link.url, f"links.{n}"))
            for n, link in enumerate(self.cohort.facts.links)
        )

    def _themes(self) -> tuple[CommonView, ...]:
        themes = self.takeaways.themes
        views = theme_views(themes, self.conversation, self.prose)
        pages = _page_names([view.anchor for view in views])
        return tuple(
            self._theme(theme, view, page) for theme, view, page in zip(themes, views, pages, strict=True)
        )

    def _theme(self, theme: CommonTheme, view: ThemeView, page: str) -> CommonView:
        if invalid := [pair for pair in theme.against if not all(0 <= k < len(theme.quotes) for k in pair)]:
            what = f"sets quotes {invalid[0]} against each other, which are not both there"
            raise self.conversation.error(what)
        talks = tuple(self.talks[name] for name in theme.talks if name in self.talks)
        against = tuple((view.quotes[a], view.quotes[b]) for a, b in theme.against)
        numbers = ((self.talks[talk], n) for talk, n in theme.parts if talk in self.talks)
        parts = tuple((talk, talk.parts[n]) for talk, n in numbers if 0 <= n < len(talk.parts))
        return CommonView(view, page, talks, parts, against)

    def _places(self, gathered: Gathered) -> dict[str, Place]:
        """Where each sentence appears in the posts: the talk, and the first of its themes with it."""
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
            PartView(part.heading, f"{link}#{part.anchor}" if link else None) for part in excerpt.parts
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
            speakers=tuple(_speaker(f"S{n}", n, voice, "") for n, voice in enumerate(excerpt.voices)),
            parts=parts,
        )

    def _speakers(self, gathered: Gathered) -> dict[str, SpeakerView]:
        """Person id to view; the names of strangers include the talk that they are in."""
        titles = {excerpt.talk: excerpt.title for excerpt in self.excerpts}
        voices = {(e.talk, id): voice for e in self.excerpts for voice in e.voices for id in voice.ids}
        views = {}
        for color, person in enumerate(gathered.people):
            own_voices = [voices[key] for key in person.voices]
            least_certain = next((voice for voice in own_voices if not voice.confirmed), own_voices[0])
            title = "" if person.name else titles[person.voices[0][0]]
            facts = {"role": _first(own_voices, "role"), "link": _first(own_voices, "link")}
            voice = least_certain.model_copy(update=facts)
            views[person.id] = _speaker(person.id, color, voice, title)
        return views

    def _moment(self, talk: str, start: float) -> MomentView:
        """A moment of a talk, with a link to that point of its recording, if there is one."""
        member = self.members[talk]
        recording = member.facts.recording
        link = at_moment(recording, start) if recording else None
        if link is None and member.media:
            link = file_at_moment(relative_url(member.media, self.cohort.folder), start)
        return MomentView(start, clock(start), link)

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
            why=guessed[0].why if guessed else "",
            role=_first(voices, "role"),
            link=_first(voices, "link"),
            anchor=f"speaker-{number}",
            talks=tuple(self.talks[talk] for talk in talks),
        )


def _speaker(id: str, color: int, voice: Voice, title: str) -> SpeakerView:
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
        evidence=voice.why.removeprefix("a guess: ") or None,
    )


def _first(voices: Sequence[Voice], key: str) -> str | None:
    return next((value for voice in voices if (value := getattr(voice, key))), None)


def _post_link(talk: Talk, folder: Path) -> str | None:
    """A link to a talk's post; None if it has not been rendered as HTML."""
    page = talk.folder / "post.html"
    return relative_url(page, folder) if page.is_file() else None


def _page_names(anchors: Sequence[str]) -> list[str]:
    """File names for themes, of lower-case ASCII letters, digits and hyphens, as any file system accepts."""
    pages: list[str] = []
    for number, anchor in enumerate(anchors, 1):
        slug = re.sub(r"[^a-z0-9]+", "-", anchor)[:_MAX_PAGE_NAME_LETTERS].strip("-") or str(number)
        name = f"theme-{slug}.html"
        while name in pages:
            name = f"{name.removesuffix('.html')}-{number}.html"
        pages.append(name)
    return pages


# What was said in all talks of a cohort, looked up by sentence id, with the talk in which it was said.


@dataclass(frozen=True)
class Place:
    """Where a sentence appears: its talk's title, and a link to the theme that quotes or cites it."""

    title: str
    link: str | None


class CohortConversation(Conversation):
    """Sentences are adjacent only within a turn: between turns something was said that is not here."""

    def __init__(
        self,
        turns: Turns,
        speakers: Mapping[str, SpeakerView],
        places: Mapping[str, Place],
        moment: Callable[[str, float], MomentView],
        takeaways: Path,
    ) -> None:
        super().__init__(turns, speakers, lambda start: None, takeaways)
        self.turns, self.places, self._moment_in_talk = turns, places, moment
        self._adjacent = {(a.id, b.id) for turn in turns.turns for a, b in pairwise(turn.sentences)}

    def moment_of(self, sentence: Sentence, start: float | None = None) -> MomentView | None:
        start = sentence.start if start is None else start
        return None if start is None else self._moment_in_talk(talk_of(sentence.id), start)

    def source(self, sentence: Sentence) -> SourceView | None:
        place = self.places.get(sentence.id)
        return SourceView(place.title, place.link) if place else None

    def error(self, what: str) -> ArtifactError:
        what = what.replace("2_turns.json", "any of its talks' posts")
        remedy = "Correct it there, or make it again: takeaways cohort FOLDER --force."
        return ArtifactError(what, file=self._takeaways, remedy=remedy)
