"""Joins records, facts and names into the view that templates are given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise, zip_longest
from pathlib import Path

from pipeline.clock import clock, day
from pipeline.errors import ArtifactError
from pipeline.escape import plain
from pipeline.links import at_moment, checked, file_at_moment, relative_url
from pipeline.post import (
    CitationView,
    CueView,
    MomentView,
    ParagraphView,
    PlayerView,
    PostView,
    QuoteView,
    SentenceView,
    ThemeView,
    TurnView,
)
from pipeline.records import Paragraph, Quote, Sentence, Takeaways, Theme, Transcript, Turns
from pipeline.speakers.names import Identity
from pipeline.speakers.people import speakers
from pipeline.talks import Talk
from pipeline.timeline import timeline

_VIDEO = frozenset(
    {".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"}
    | {".mts", ".ogv", ".ts", ".webm", ".wmv"}
)
_WITHOUT_SPACES = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my", "bo"})
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_ELISION = " […] "
_LONGEST_CUE = 7.0  # seconds that a subtitle stays when nothing says when it ends


@dataclass(frozen=True)
class Material:
    """The records that a post is made of, and who the speakers are."""

    talk: Talk
    transcript: Transcript
    turns: Turns
    takeaways: Takeaways
    identities: Mapping[str, Identity]


def compose(material: Material, outputs: tuple[str, ...]) -> PostView:
    """The view of a talk. Raises ConfigError (a link) and ArtifactError (a quote of what is not there)."""
    return _Composer(material).post(outputs)


class _Composer:
    def __init__(self, material: Material) -> None:
        self.talk, self.turns, self.takeaways = material.talk, material.turns, material.takeaways
        self.transcript = material.transcript
        said = self.turns.sentences()
        self.order = {sentence.id: index for index, sentence in enumerate(said)}
        self.said = said
        # What listeners throw in ("yeah") stands between two sentences of a turn, and leaves nothing out.
        together = [said, *(turn.sentences for turn in self.turns.turns)]
        self.following = {(a.id, b.id) for sentences in together for a, b in pairwise(sentences)}
        self.gap = "" if self.turns.language in _WITHOUT_SPACES else " "
        self.player = _player(self.talk)
        recording = self.talk.facts.recording
        sidecar = self.talk.source.with_suffix(".toml")
        self.recording = checked(recording, file=sidecar, key="recording") if recording else None
        quoted = [quote.speaker for theme in self.takeaways.themes for quote in theme.quotes]
        self.speakers = speakers(self.turns, material.identities, quoted, self.moment)
        self.names = {f"{{{id}}}": speaker.name for id, speaker in self.speakers.items()}

    def post(self, outputs: tuple[str, ...]) -> PostView:
        facts, takeaways = self.talk.facts, self.takeaways
        date = plain(facts.date or self.transcript.media.date or "") or None
        seconds = self.transcript.duration or max((s.end or 0 for s in self.said), default=0)
        themes = self.themes(takeaways.themes)
        quoted = [(q.speaker, q.moment.start) for theme in themes for q in theme.quotes if q.moment]
        return PostView(
            title=plain(facts.title or "") or self.prose(takeaways.title) or Path(self.talk.name).name,
            dek=plain(facts.dek or "") or self.prose(takeaways.dek),
            date=date,
            day=day(date) if date else None,
            occasion=plain(facts.occasion or "") or None,
            language=self.turns.language,
            direction="rtl" if self.turns.language in _RIGHT_TO_LEFT else "ltr",
            duration=clock(seconds) if seconds else None,
            recording=self.recording,
            player=self.player,
            speakers=tuple(dict.fromkeys(self.speakers.values())),
            themes=themes,
            turns=self.transcript_turns(),
            cues=tuple(self.cues()),
            notes=tuple(map(self.prose, takeaways.notes)),
            outputs=outputs,
            timeline=timeline(self.turns, self.speakers, seconds, self.moment, quoted),
        )

    def prose(self, text: str) -> str:
        """Stored prose speaks of {S1}; names are joined only here, so that a new name reruns only this."""
        return re.sub(r"\{S\d+\}", lambda match: self.names.get(match[0], match[0]), plain(text))

    def moment(self, start: float | None) -> MomentView | None:
        if start is None:
            return None
        link = at_moment(self.recording, start) if self.recording else None
        if link is None and self.player:
            link = file_at_moment(self.player.src, start)
        return MomentView(start, clock(start), link)

    def themes(self, themes: Iterable[Theme]) -> tuple[ThemeView, ...]:
        views, taken = [], set[str]()
        for number, theme in enumerate(themes, 1):
            heading = self.prose(theme.heading) or f"Theme {number}"
            views.append(
                ThemeView(
                    heading,
                    _anchor(heading, number, taken),
                    tuple(map(self.paragraph, theme.paragraphs)),
                    tuple(map(self.quote, theme.quotes)),
                )
            )
        return tuple(views)

    def paragraph(self, paragraph: Paragraph) -> ParagraphView:
        cited = [self.sentence(id) for id in paragraph.cites]
        return ParagraphView(
            self.prose(paragraph.text),
            tuple(
                CitationView(s.id, plain(s.text), self.speakers[s.speaker], self.moment(s.start))
                for s in cited
            ),
        )

    def quote(self, quote: Quote) -> QuoteView:
        cited = [self.sentence(id) for id in quote.sentences]
        if any(sentence.speaker != quote.speaker for sentence in cited):
            raise self.broken(f"gives {quote.sentences[0]} to {quote.speaker}, who did not say all of it")
        text = plain(cited[0].text)
        for before, after in pairwise(cited):
            adjacent = (before.id, after.id) in self.following
            text += (self.gap if adjacent else _ELISION) + plain(after.text)
        flags = (*quote.flags, *(flag for sentence in cited for flag in sentence.flags))
        return QuoteView(
            text,
            self.speakers[quote.speaker],
            self.moment(quote.start if quote.start is not None else cited[0].start),
            quote.end if quote.end is not None else cited[-1].end,
            tuple(dict.fromkeys(plain(flag.replace("_", " ").replace("-", " ")) for flag in flags)),
        )

    def sentence(self, id: str) -> Sentence:
        if id not in self.order:
            raise self.broken(f"refers to the sentence '{id}', which is not in 2_turns.json")
        return self.said[self.order[id]]

    def broken(self, what: str) -> ArtifactError:
        return ArtifactError(
            what,
            file=self.talk.folder / "3_takeaways.json",
            remedy="Correct it there, or make it again with --from extract --force.",
        )

    def transcript_turns(self) -> tuple[TurnView, ...]:
        """Turns, those of one person in a row as one."""
        views = []
        # An aside stays by itself: what its speaker says next may be minutes later.
        apart = groupby(
            self.turns.turns, key=lambda turn: (self.speakers[turn.speaker], turn.aside and turn.id)
        )
        for (speaker, _), turns in apart:
            same = list(turns)
            spoken = [s for turn in same for s in turn.sentences]
            sentences = tuple(SentenceView(s.id, plain(s.text), s.start, s.end) for s in spoken)
            text = self.gap.join(s.text for s in sentences)
            views.append(TurnView(speaker, self.moment(same[0].start), text, sentences))
        return tuple(views)

    def cues(self) -> Iterable[CueView]:
        """A cue a sentence; sentences without a time join the one before them."""
        groups: list[list[Sentence]] = []
        for sentence in self.said:
            if sentence.start is not None:
                groups.append([sentence])
            elif groups and groups[-1][0].speaker == sentence.speaker:
                groups[-1].append(sentence)
        for group, following in zip_longest(groups, groups[1:]):
            start = group[0].start or 0.0
            next_start = following[0].start if following else None
            end = group[-1].end or min(next_start or start + _LONGEST_CUE, start + _LONGEST_CUE)
            text = self.gap.join(plain(s.text) for s in group)
            yield CueView(start, max(end, start + 0.001), self.speakers[group[0].speaker], text)


def _player(talk: Talk) -> PlayerView | None:
    if talk.media is None:
        return None
    kind = "video" if talk.media.suffix.lower() in _VIDEO else "audio"
    return PlayerView(relative_url(talk.media, talk.folder), kind)


def _anchor(heading: str, number: int, taken: set[str]) -> str:
    """A fragment identifier of the heading's own letters, in any script."""
    letters = unicodedata.normalize("NFKC", heading).casefold().replace("'", "").replace("\u2019", "")
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in letters)
    slug = "-".join("".join(kept).split()) or f"theme-{number}"
    anchor, copy = slug, 2
    while anchor in taken:
        anchor, copy = f"{slug}-{copy}", copy + 1
    taken.add(anchor)
    return anchor
