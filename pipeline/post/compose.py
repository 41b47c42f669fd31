"""Joins records, facts and names into the view that templates are given: of a talk, and what pages share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path

from pipeline.post.conversation import Conversation, speakers
from pipeline.post.guests import credited, guests_and_hosts, is_introduced, only_asking
from pipeline.post.prose import Prose, theme_views, verification_view
from pipeline.post.section_views import MomentView, ParagraphView, SpeakerView, ThemeView
from pipeline.post.template_views import (
    CueView,
    LinkView,
    PageView,
    PlayerView,
    PostView,
    SentenceView,
    TurnView,
)
from pipeline.post.timeline import timeline
from pipeline.records import VIDEO_SUFFIXES, Flag, Sentence, Takeaways, Transcript, Turns
from pipeline.stage_names import TalkStage
from pipeline.text import clock, day, plain
from pipeline.turns.names import Identity
from pipeline.workspace.links import at_moment, bare, checked, file_at_moment, relative_url
from pipeline.workspace.talks import Subject, Talk

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_MAX_CUE_SECONDS = 7.0  # for a cue whose end is unknown


@dataclass(frozen=True)
class RecordingLinks:
    """A talk's recording as pages in one folder link to it.

    `published` is its address on the web; `file` is the URL of the file here, relative to the folder.
    """

    published: str | None = None
    file: str | None = None

    @classmethod
    def of(cls, talk: Talk, folder: Path) -> RecordingLinks:
        """Raises ConfigError for an address that is no http(s) link."""
        return cls(published(talk), relative_url(talk.media, folder) if talk.media else None)

    def moment(self, start: float | None) -> MomentView | None:
        """A moment, with a link to it: where the recording is published if that can be, else in the file."""
        if start is None:
            return None
        link = at_moment(self.published, start) if self.published else None
        if link is None and self.file:
            link = file_at_moment(self.file, start)
        return MomentView(start, clock(start), link)


def published(subject: Subject) -> str | None:
    """Where a recording is published. Raises ConfigError for an address that is no http(s) link."""
    url = subject.facts.recording
    return checked(url, file=subject.sidecar, key="recording") if url else None


@dataclass(frozen=True)
class PageText:
    """The prose and quotes of a page, set in the order in which they are read."""

    introduction: tuple[ParagraphView, ...]
    themes: tuple[ThemeView, ...]
    close: tuple[ParagraphView, ...]

    @classmethod
    def of(cls, takeaways: Takeaways, conversation: Conversation, prose: Prose) -> PageText:
        """Raises ArtifactError for prose that cites nothing said."""
        introduction = prose.paragraphs(takeaways.introduction)
        themes = theme_views(takeaways.themes, conversation, prose)
        return cls(introduction, themes, prose.paragraphs(takeaways.close))


def page_view(
    subject: Subject,
    takeaways: Takeaways,
    prose: Prose,
    text: PageText,
    title: str,
    date: str | None,
    language: str,
) -> PageView:
    """What a page shows whatever it is of. `title` stands where neither the facts nor the takeaways have one.

    Raises ConfigError for a link that is no http(s) link.
    """
    facts = subject.facts
    return PageView(
        title=plain(facts.title or "") or prose.named(takeaways.title) or title,
        dek=plain(facts.dek or "") or prose.named(takeaways.dek),
        date=date,
        day=day(date) if date else None,
        occasion=plain(facts.occasion or "") or None,
        recording=published(subject),
        language=language,
        direction="rtl" if language in _RIGHT_TO_LEFT else "ltr",
        introduction=text.introduction,
        close=text.close,
        reflections=prose.notes((*takeaways.introduction, *takeaways.close)),
        links=_links(subject),
        verification=verification_view(takeaways),
    )


def _links(subject: Subject) -> tuple[LinkView, ...]:
    links = [
        (checked(link.url, file=subject.sidecar, key=f"links.{number}"), link)
        for number, link in enumerate(subject.facts.links)
    ]
    return tuple(LinkView(plain(link.title or "") or bare(url), url) for url, link in links)


# The page of a talk.


@dataclass(frozen=True)
class Material:
    """The records that a post is made from, and who the speakers are."""

    talk: Talk
    transcript: Transcript
    turns: Turns
    takeaways: Takeaways
    identities: Mapping[str, Identity]


def compose(material: Material, outputs: tuple[str, ...]) -> PostView:
    """The view of a talk. Raises ConfigError (a link), ArtifactError (takeaways that do not fit the talk)."""
    return _Composer(material).post(outputs)


class _Composer:
    def __init__(self, material: Material) -> None:
        self.talk, self.turns, self.takeaways = material.talk, material.turns, material.takeaways
        self.transcript = material.transcript
        self.links = RecordingLinks.of(self.talk, self.talk.folder)
        quoted = [quote.speaker for theme in self.takeaways.themes for quote in theme.quotes]
        self.speakers = speakers(self.turns, material.identities, quoted, self.links.moment)
        takeaways = self.talk.folder / TalkStage.EXTRACT.artifact
        self.conversation = Conversation(
            self.turns, self.speakers, lambda sentence, start: self.links.moment(start), takeaways
        )
        self.prose = Prose(self.conversation)

    def _taking_part(self) -> Iterator[SpeakerView]:
        """Each person once, but for those who only read advertisements."""
        selling = {True: set[str](), False: set[str]()}
        for sentence in self.turns.sentences():
            selling[Flag.ADVERTISEMENT in sentence.flags].add(self.speakers[sentence.speaker].id)
        views = {view.id: view for view in self.speakers.values()}
        yield from (view for id, view in views.items() if id not in selling[True] - selling[False])

    def post(self, outputs: tuple[str, ...]) -> PostView:
        talk, takeaways, prose = self.talk, self.takeaways, self.prose
        date = plain(talk.facts.date or self.transcript.media.date or "") or None
        last_end = max((sentence.end or 0 for sentence in self.turns.sentences()), default=0)
        seconds = self.transcript.duration or last_end
        text = PageText.of(takeaways, self.conversation, prose)
        quotes = [quote for theme in text.themes for quote in theme.quotes]
        quoted = [(quote.speaker, quote.moment.start) for quote in quotes if quote.moment]
        taking_part = tuple(self._taking_part())
        guests, hosts = guests_and_hosts(taking_part)
        themed = (paragraph for theme in text.themes for paragraph in theme.paragraphs)
        asking = only_asking(self.turns, self.speakers)
        head = credited((*guests, *hosts), (*text.introduction, *themed, *text.close), asking)
        return PostView(
            **vars(page_view(talk, takeaways, prose, text, Path(talk.name).name, date, self.turns.language)),
            duration=clock(seconds) if seconds else None,
            player=self.player(),
            speakers=taking_part,
            guests=guests,
            hosts=hosts,
            credited=() if is_introduced(head, text.introduction) else head,
            themes=text.themes,
            turns=self.transcript_turns(),
            cues=tuple(self.cues()),
            outputs=outputs,
            timeline=timeline(self.turns, self.speakers, seconds, self.links.moment, quoted),
        )

    def player(self) -> PlayerView | None:
        if self.talk.media is None or self.links.file is None:
            return None
        kind = "video" if self.talk.media.suffix.lower() in VIDEO_SUFFIXES else "audio"
        return PlayerView(self.links.file, kind)

    def transcript_turns(self) -> tuple[TurnView, ...]:
        """Turns; consecutive ones of the same person are joined."""
        views = []
        # An aside is never joined: what its speaker says next may be minutes later.
        grouped = groupby(
            self.turns.turns, key=lambda turn: (self.speakers[turn.speaker].id, turn.aside and turn.id)
        )
        for _, group in grouped:
            turns = list(group)
            speaker = self.speakers[turns[0].speaker]
            spoken = [sentence for turn in turns for sentence in turn.sentences]
            sentences = tuple(SentenceView(s.id, plain(s.text), s.start, s.end) for s in spoken)
            text = self.conversation.gap.join(sentence.text for sentence in sentences)
            views.append(TurnView(speaker, self.links.moment(turns[0].start), text, sentences))
        return tuple(views)

    def cues(self) -> Iterable[CueView]:
        """One cue per timed sentence; one without a time joins that before it of the same speaker, if any."""
        groups: list[list[Sentence]] = []
        for sentence in self.conversation.sentences:
            if sentence.start is not None:
                groups.append([sentence])
            elif groups and groups[-1][0].speaker == sentence.speaker:
                groups[-1].append(sentence)
        for group, following in zip_longest(groups, groups[1:]):
            start = group[0].start or 0.0
            next_start = following[0].start if following else None
            end = group[-1].end or min(next_start or start + _MAX_CUE_SECONDS, start + _MAX_CUE_SECONDS)
            text = self.conversation.gap.join(plain(sentence.text) for sentence in group)
            yield CueView(start, max(end, start + 0.001), self.speakers[group[0].speaker], text)
