"""Joins records, facts and names into the view that templates are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path

from pipeline.post.conversation import Conversation, speakers
from pipeline.post.prose import Prose, author_reflections, theme_views, verification_view
from pipeline.post.section_views import MomentView
from pipeline.post.template_views import CueView, LinkView, PlayerView, PostView, SentenceView, TurnView
from pipeline.post.timeline import timeline
from pipeline.records import Sentence, Takeaways, Transcript, Turns
from pipeline.text import clock, day, plain
from pipeline.turns.names import Identity
from pipeline.workspace.links import at_moment, bare, checked, file_at_moment, relative_url
from pipeline.workspace.talks import Talk

_VIDEO_SUFFIXES = frozenset(
    {".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"}
    | {".mts", ".ogv", ".ts", ".webm", ".wmv"}
)
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_MAX_CUE_SECONDS = 7.0  # for a cue whose end is unknown


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
        self.player = _player(self.talk)
        recording = self.talk.facts.recording
        self.recording = self.link(recording, "recording") if recording else None
        quoted = [quote.speaker for theme in self.takeaways.themes for quote in theme.quotes]
        self.speakers = speakers(self.turns, material.identities, quoted, self.moment)
        takeaways = self.talk.folder / "3_takeaways.json"
        self.conversation = Conversation(self.turns, self.speakers, self.moment, takeaways)
        self.prose = Prose(self.conversation)

    def post(self, outputs: tuple[str, ...]) -> PostView:
        facts, takeaways = self.talk.facts, self.takeaways
        date = plain(facts.date or self.transcript.media.date or "") or None
        last_end = max((sentence.end or 0 for sentence in self.turns.sentences()), default=0)
        seconds = self.transcript.duration or last_end
        themes = theme_views(takeaways.themes, self.conversation, self.prose)
        quotes = [quote for theme in themes for quote in theme.quotes]
        quoted = [(quote.speaker, quote.moment.start) for quote in quotes if quote.moment]
        return PostView(
            title=plain(facts.title or "") or self.prose.named(takeaways.title) or Path(self.talk.name).name,
            dek=plain(facts.dek or "") or self.prose.named(takeaways.dek),
            date=date,
            day=day(date) if date else None,
            occasion=plain(facts.occasion or "") or None,
            language=self.turns.language,
            direction="rtl" if self.turns.language in RIGHT_TO_LEFT else "ltr",
            duration=clock(seconds) if seconds else None,
            recording=self.recording,
            player=self.player,
            speakers=tuple(dict.fromkeys(self.speakers.values())),
            themes=themes,
            turns=self.transcript_turns(),
            cues=tuple(self.cues()),
            notes=tuple(map(self.prose.named, takeaways.notes)),
            outputs=outputs,
            timeline=timeline(self.turns, self.speakers, seconds, self.moment, quoted),
            introduction=self.prose.paragraphs(takeaways.introduction, with_roles=True),
            close=self.prose.paragraphs(takeaways.close),
            reflections=author_reflections(takeaways.reflections),
            links=self.links(),
            verification=verification_view(takeaways),
        )

    def link(self, url: str, key: str) -> str:
        return checked(url, file=self.talk.source.with_suffix(".toml"), key=key)

    def links(self) -> tuple[LinkView, ...]:
        links = [(self.link(link.url, f"links.{n}"), link) for n, link in enumerate(self.talk.facts.links)]
        return tuple(LinkView(plain(link.title or "") or bare(url), url) for url, link in links)

    def moment(self, start: float | None) -> MomentView | None:
        if start is None:
            return None
        link = at_moment(self.recording, start) if self.recording else None
        if link is None and self.player:
            link = file_at_moment(self.player.src, start)
        return MomentView(start, clock(start), link)

    def transcript_turns(self) -> tuple[TurnView, ...]:
        """Turns; consecutive ones of the same person are joined."""
        views = []
        # An aside is never joined: what its speaker says next may be minutes later.
        grouped = groupby(
            self.turns.turns, key=lambda turn: (self.speakers[turn.speaker], turn.aside and turn.id)
        )
        for (speaker, _), group in grouped:
            turns = list(group)
            spoken = [sentence for turn in turns for sentence in turn.sentences]
            sentences = tuple(SentenceView(s.id, plain(s.text), s.start, s.end) for s in spoken)
            text = self.conversation.gap.join(sentence.text for sentence in sentences)
            views.append(TurnView(speaker, self.moment(turns[0].start), text, sentences))
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


def _player(talk: Talk) -> PlayerView | None:
    if talk.media is None:
        return None
    kind = "video" if talk.media.suffix.lower() in _VIDEO_SUFFIXES else "audio"
    return PlayerView(relative_url(talk.media, talk.folder), kind)
