"""The same talk as people have it: a writer a form."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from bench.transcripts.talks import WORDS_PER_SECOND, Talk, Turn

CUE_WORDS = 8
ROLES = ("head of policy at the port", "minister for ferries", "member for the old quay", "host")
PARAGRAPH_WORDS = 80


@dataclass(frozen=True)
class Form:
    """`times`: the file says when turns begin. `voices`: it says who speaks. `change` is done to the talk."""

    name: str
    suffix: str
    write: Callable[[Talk], str | bytes]
    times: bool = False
    voices: bool = True
    change: Callable[[Talk], Talk] = lambda talk: talk


def clock(seconds: float, hours: bool = False) -> str:
    """`0:15`, from an hour on `1:00:15`; with `hours` always `00:00:15`."""
    whole = int(seconds)
    if hours:
        return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


def by_line(line: Callable[[Turn], str], between: str = "\n\n") -> Callable[[Talk], str]:
    """A writer that gives each turn a line."""
    return lambda talk: between.join(map(line, talk.turns)) + "\n"


def paragraphs(turn: Turn) -> str:
    """Long turns as several paragraphs."""
    words = turn.words
    starts = range(0, len(words), PARAGRAPH_WORDS)
    return "\n\n".join(" ".join(words[first : first + PARAGRAPH_WORDS]) for first in starts)


def with_roles(talk: Talk) -> str:
    """`Name (office): text` where the source gives offices, else `Name, role: text` with an invented one."""
    roles = dict(zip(talk.speakers, ROLES * len(talk.speakers), strict=False))
    in_brackets = any(turn.office for turn in talk.turns)

    def label(turn: Turn) -> str:
        if in_brackets:
            return f"{turn.speaker} ({turn.office})" if turn.office else turn.speaker
        return f"{turn.speaker}, {roles[turn.speaker]}"

    return by_line(lambda turn: f"{label(turn)}: {turn.text}")(talk)


def one_small_name(talk: Talk) -> Talk:
    """One turn in the middle, of a few words, is by somebody who is called by a small letter."""
    middle = len(talk.turns) // 2
    chosen = next((n for n in range(middle, len(talk.turns)) if len(talk.turns[n].words) > 5), middle)
    turns = list(talk.turns)
    turns[chosen] = replace(turns[chosen], speaker="vitek")
    return Talk(talk.name, tuple(turns))


@dataclass(frozen=True)
class Cue:
    turn: Turn
    first: bool  # of its turn
    text: str
    start: float
    end: float


def cues(talk: Talk) -> Iterator[Cue]:
    for turn in talk.turns:
        words = turn.words
        for first in range(0, len(words), CUE_WORDS):
            said = words[first : first + CUE_WORDS]
            start = turn.start + first / WORDS_PER_SECOND
            yield Cue(turn, not first, " ".join(said), start, start + len(said) / WORDS_PER_SECOND)


def captions(text: Callable[[Cue], str], srt: bool = False) -> Callable[[Talk], str]:
    """A writer of WebVTT or SRT."""

    def moment(seconds: float) -> str:
        return f"{clock(seconds, hours=True)}{',' if srt else '.'}{int(seconds * 1000) % 1000:03}"

    def write(talk: Talk) -> str:
        blocks = [
            f"{number}\n{moment(cue.start)} --> {moment(cue.end)}\n{text(cue)}"
            for number, cue in enumerate(cues(talk), 1)
        ]
        return "\n\n".join(blocks if srt else ["WEBVTT", *blocks]) + "\n"

    return write


def teams_docx(talk: Talk) -> bytes:
    """Teams' download: a title, a date and a length, then a name in bold with its time, and paragraphs."""
    from docx import Document

    document = Document()
    document.add_heading(f"{talk.name}-20260312_150210-Meeting Recording", 1)
    document.add_paragraph("March 12, 2026, 3:02PM")
    document.add_paragraph("{}m {}s".format(*divmod(int(talk.turns[-1].start), 60)))
    for turn in talk.turns:
        head = document.add_paragraph()
        head.add_run(turn.speaker).bold = True
        head.add_run(f"   {clock(turn.start)}")
        document.add_paragraph(turn.text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def full_markdown(talk: Talk) -> str:
    """Front matter, a table of those present, headings of topics, paragraphs, sounds and a rule."""
    rows = "\n".join(f"| {name} | {role} |" for name, role in zip(talk.speakers, ROLES, strict=False))
    names = "\n".join(f"  - {name}" for name in talk.speakers)
    parts = [
        f"---\ntitle: Harbour meeting\ndate: 2026-03-12\nspeakers:\n{names}\n---",
        "# Harbour meeting",
        f"**Attendees:**\n\n| Name | Role |\n| ---- | ---- |\n{rows}",
    ]
    number = 0
    for topic, turns in groupby(talk.turns, key=lambda turn: turn.topic):
        parts += [f"## {topic}"] if topic else []
        for turn in turns:
            number += 1
            sound = "" if number % 7 else r" \[laughter\]"
            parts.append(f"**{turn.speaker}:** {paragraphs(turn)}{sound}")
    return "\n\n".join([*parts[:-1], "---", parts[-1]]) + "\n"


_URL = "https://video.example/watch?t="
FORMS = (
    Form("`**Name:** text`", "md", by_line(lambda t: f"**{t.speaker}:** {t.text}")),
    Form(
        "`*Name (0:15)*: text`", "md", by_line(lambda t: f"*{t.speaker} ({clock(t.start)})*: {t.text}"), True
    ),
    Form("`### Name` above paragraphs", "md", by_line(lambda t: f"### {t.speaker}\n\n{paragraphs(t)}")),
    Form("`[0:05] Name: text`", "txt", by_line(lambda t: f"[{clock(t.start)}] {t.speaker}: {t.text}"), True),
    Form(
        "`Name  0:05` above the words",
        "txt",
        by_line(lambda t: f"{t.speaker}  {clock(t.start)}\n{t.text}"),
        True,
    ),
    Form(
        "`**Name** [7:12](https://…): text`",
        "md",
        by_line(lambda t: f"**{t.speaker}** [{clock(t.start)}]({_URL}{int(t.start)}): {t.text}"),
        True,
    ),
    Form("`Name, role: text`, `Name (office): text`", "txt", with_roles),
    Form(
        "`Name: text`, one `vitek` once",
        "txt",
        by_line(lambda t: f"{t.speaker}: {t.text}"),
        change=one_small_name,
    ),
    Form("VTT, `<v Name>`", "vtt", captions(lambda cue: f"<v {cue.turn.speaker}>{cue.text}</v>"), True),
    Form(
        "VTT, `Name:` in every cue, one `vitek` once",
        "vtt",
        captions(lambda cue: f"{cue.turn.speaker}: {cue.text}"),
        True,
        change=one_small_name,
    ),
    Form("VTT without voices", "vtt", captions(lambda cue: cue.text), True, voices=False),
    Form(
        "SRT, `Name:` in the first cue of a turn",
        "srt",
        captions(lambda cue: f"{cue.turn.speaker}: {cue.text}" if cue.first else cue.text, srt=True),
        True,
    ),
    Form("docx as Teams writes it", "docx", teams_docx, True),
    Form(
        "`Name 00:01:17 text`",
        "txt",
        by_line(lambda t: f"{t.speaker} {clock(t.start, hours=True)} {t.text}", "\n"),
        True,
    ),
    Form("`>> NAME: text`", "txt", by_line(lambda t: f">> {t.speaker.upper()}: {t.text}")),
    Form(
        "`Name [00:01:17] text`",
        "txt",
        by_line(lambda t: f"{t.speaker} [{clock(t.start, hours=True)}] {t.text}"),
        True,
    ),
    Form("Markdown with front matter, table, headings, sounds, a rule", "md", full_markdown),
)
