"""What the pages of a talk and of a cohort have in common: facts, links, and moments of recordings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.post.prose import Prose, author_reflections, verification_view
from pipeline.post.section_views import MomentView
from pipeline.post.template_views import LinkView
from pipeline.records import Takeaways
from pipeline.text import clock, day, plain
from pipeline.workspace.links import at_moment, bare, checked, file_at_moment, relative_url
from pipeline.workspace.talks import Subject, Talk

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


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


def page_fields(
    subject: Subject, takeaways: Takeaways, prose: Prose, title: str, date: str | None, language: str
) -> dict[str, Any]:
    """The fields of `PageView`. `title` stands where neither the facts nor the takeaways have one.

    Raises ConfigError for a link that is no http(s) link, ArtifactError for prose that cites nothing said.
    """
    facts = subject.facts
    return {
        "title": plain(facts.title or "") or prose.named(takeaways.title) or title,
        "dek": plain(facts.dek or "") or prose.named(takeaways.dek),
        "date": date,
        "day": day(date) if date else None,
        "occasion": plain(facts.occasion or "") or None,
        "recording": published(subject),
        "language": language,
        "direction": "rtl" if language in _RIGHT_TO_LEFT else "ltr",
        "introduction": prose.paragraphs(takeaways.introduction, with_roles=True),
        "close": prose.paragraphs(takeaways.close),
        "reflections": author_reflections(takeaways.reflections),
        "links": _links(subject),
        "notes": tuple(map(prose.named, takeaways.notes)),
        "verification": verification_view(takeaways),
    }


def _links(subject: Subject) -> tuple[LinkView, ...]:
    links = [
        (checked(link.url, file=subject.sidecar, key=f"links.{number}"), link)
        for number, link in enumerate(subject.facts.links)
    ]
    return tuple(LinkView(plain(link.title or "") or bare(url), url) for url, link in links)
