"""Conversations written down in one form or several, of which it is known who says each word.

Spoken words are made of syllables, and none occurs twice; a few common words are among them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hypothesis import strategies as st

NAMES = (
    *(
        "Ann Lee",
        "Bob Ito",
        "Carla",
        "vitek",
        "Q",
        "A",
        "SPEAKER_00",
        "SPEAKER_01",
        "Speaker 3",
        "Dr. Ivo Marsh",
    ),
    *("Юлия Орлова", "田中健", "Ελένη", "@harbour_dan", "eva | port", "Jean-Luc O'Neill", "Audience member"),
    *("The Chair", "Ms. Ortiz", "MODERATOR", "Mia van der Berg", "Woman in the third row", "Lars (he/him)"),
)
ROLES = ("head of policy at the port", "Minister for Ferries", "host")
TOPICS = ("Harbour fees", "Intro", "Break", "Who pays for it?", "Part 2: the quay", "Outro")
TOPS = (
    "---\ntitle: Harbour fees\ndate: 2026-03-12\n---\n",
    "# Harbour fees\n\n",
    "# Harbour fees\n\nDate: 12 March 2026\n\n",
    "| Name | Role |\n| ---- | ---- |\n| Zoe Quill | host |\n\n",
    "<!-- exported -->\n\n",
)
BETWEEN = (
    *("---\n\n", "* * *\n\n", "[music]\n\n", "(Applause)\n\n", "\\[laughter\\]\n\n", "**Break**\n\n"),
    *("**Break**: \\[16:05\\]\n\n", "Slides: https://video.example/slides.pdf\n\n"),
)
SENTENCES = (
    *(
        "{} {} {} {}.",
        "I think {} {} is {}.",
        "So {}, and {} {}?",
        "No, {} {}!",
        "Yes, {}.",
        "The {} {} {} it.",
    ),
    *(
        "We {} {} at 10:30, {}.",
        "The point is this: {} {}.",
        "I said “{} {}” and {}.",
        "It's {} & {}.",
        "{}.",
    ),
    *("{} *{}* {}.", "Well … {} \u2013 {}.", "In 1984 {} {}.", "He said: {} {}, {}.", "{} (or {}) {}."),
)
OPENERS = tuple(sentence for sentence in SENTENCES if ": " not in sentence)  # "He said:" may be a label
SOUNDS = ("", "", "", " [laughter]", " \\[laughter\\]", " (laughs)")


@dataclass(frozen=True)
class Form:
    """How a turn is written: `{name}`, `{NAME}`, `{time}`, `{end}` and `{text}` in a template."""

    template: str
    between: str = "\n\n"
    suffix: str = "md"

    @property
    def has_times(self) -> bool:
        return "{time}" in self.template

    @property
    def is_weak(self) -> bool:
        """Whether a single line of it says nothing to who does not know the name."""
        return not self.has_times and not re.search(r"\W:|:\W|<v ", self.template)


_LINK = "(https://video.example/?t=9)"
FORMS = (
    *(
        Form("{name}: {text}"),
        Form("**{name}:** {text}"),
        Form("**{name}**: {text}"),
        Form("*{name}*: {text}"),
    ),
    *(Form("__{name}:__ {text}"), Form("*{name} ({time})*: {text}"), Form("{name}:\n{text}")),
    *(Form("**{name}:**\n{text}"), Form("**{name}**\n\n{text}"), Form("### {name}\n\n{text}")),
    *(Form("[{time}] {name}: {text}"), Form("({time}) {name}: {text}"), Form("{time} {name}: {text}")),
    *(
        Form("\\[{time}\\] **{name}:** {text}"),
        Form("**[{time}] {name}:** {text}"),
        Form("{name} ({time}): {text}"),
    ),
    *(Form("{name} [{time}]: {text}"), Form("{name}: [{time}] {text}"), Form("{name}  {time}\n{text}")),
    *(Form("**{name}** {time}\n{text}"), Form("{name}: {time}\n\n{text}"), Form("{name} ({time}):\n{text}")),
    *(Form("{time}\n{name}: {text}"), Form("{time}\n{name}\n{text}"), Form("{time} - {name}\n  {text}")),
    *(Form("[{time} - {end}] {name}: {text}"), Form("{name} {time} - {end}\n{text}")),
    *(Form(f"**{{name}}** [{{time}}]{_LINK}: {{text}}"), Form(f"[{{time}}]{_LINK} **{{name}}:** {{text}}")),
    *(Form("{name} {time} {text}", "\n"), Form("{name} [{time}] {text}"), Form("[{name}] {text}")),
    *(Form("[{name}]: {text}"), Form("({name})\n\n{text}"), Form("{name} - {text}"), Form("{name} — {text}")),
    *(Form(">> {NAME}: {text}"), Form("{NAME}: {text}"), Form("- {name}: {text}", "\n")),
    *(Form("* **{name}**: {text}", "\n"), Form("> {name}: {text}"), Form("<b>{name}:</b> {text}")),
    *(Form("{name}: {text}", "\n", "txt"), Form("{name}\n{text}", suffix="txt")),
    *(Form("<v {name}>{text}</v>", suffix="vtt"), Form("{name}: {text}", suffix="vtt")),
    *(Form("[{name}] {text}", suffix="vtt"), Form(">> {NAME}: {text}", suffix="vtt")),
    *(Form("{name}: {text}", suffix="srt"), Form("{name}\n{text}", suffix="srt")),
)


@dataclass(frozen=True)
class Person:
    """`written` is the label in the file; `labels`, in small letters, are those that may come out."""

    written: str
    labels: frozenset[str]


@dataclass(frozen=True)
class File:
    """A file's text, and each spoken word with its speaker (None: no label) and when its turn starts.

    `starts` has the first words of turns whose form gives times.
    """

    text: str
    suffix: str
    said: dict[str, Person | None] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    forms: tuple[str, ...] = ()


def word(number: int) -> str:
    """A different word of three syllables for each number."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    scattered = (number * 7919 + 12345) % len(syllables) ** 3
    return "".join(syllables[scattered // len(syllables) ** place % len(syllables)] for place in range(3))


def people(draw: st.DrawFn, least: int, most: int) -> list[Person]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=least, max_size=most, unique=True))
    role = draw(st.sampled_from(("", "", "", *ROLES)))
    found = [
        Person(name, frozenset(each.casefold() for each in (name, name.partition(" (")[0], name.lstrip("@"))))
        for name in names
    ]
    if role and " " in names[0] and "(" not in names[0]:
        full = f"{names[0]}, {role}"
        found[0] = Person(full, found[0].labels | {full.casefold()})
    return found


@st.composite
def files(draw: st.DrawFn, mixed: bool, forms: tuple[Form, ...] = FORMS) -> File:
    """With `mixed`, some turns are in another form, some have no label, and headings stand between."""
    main = draw(st.sampled_from(forms))
    others = [form for form in FORMS if form.suffix == main.suffix]
    speakers = people(draw, 2, 6 if mixed else 4)
    built = _Builder(draw, captions=main.suffix in ("vtt", "srt"))
    order = draw(st.lists(st.sampled_from(speakers), min_size=4 if mixed else 2, max_size=12))
    if not mixed:  # everybody speaks twice
        order = [*speakers, *order, *speakers]
    if mixed and draw(st.integers(0, 5)) == 5:
        built.turn(None, Form("{text}", suffix=main.suffix))
    for person in order:
        odd = draw(st.sampled_from(others)) if mixed and draw(st.integers(0, 4)) == 4 else main
        built.turn(person, main if odd.is_weak and person not in built.said.values() else odd)
        if mixed and not built.captions and draw(st.integers(0, 7)) == 7:
            built.parts.append(draw(st.sampled_from([*BETWEEN, *(f"## {topic}\n\n" for topic in TOPICS)])))
    top = "" if main.suffix != "md" or not mixed else draw(st.sampled_from(("", "", *TOPS)))
    return built.file(top, main.suffix)


class _Builder:
    """A file, turn by turn."""

    def __init__(self, draw: st.DrawFn, captions: bool) -> None:
        self.draw, self.captions = draw, captions
        self.parts: list[str] = []
        self.said: dict[str, Person | None] = {}
        self.starts: dict[str, int] = {}
        self.forms: dict[str, None] = {}
        self.seconds = 0

    def turn(self, person: Person | None, form: Form) -> None:
        """One to four sentences in one paragraph; sometimes a second one, without a label."""
        first = len(self.said)
        text = self.sentences(person)
        if self.draw(st.integers(0, 5)) == 5 and (form.between != "\n" or self.captions):
            text += ("\n" if self.captions else "\n\n") + self.sentences(person)
        if form.has_times or self.captions:
            self.starts[list(self.said)[first]] = self.seconds
        end = self.seconds + self.draw(st.integers(1, 40))
        name = person.written if person else ""
        written = form.template.format(
            name=name, NAME=name.upper(), text=text, time=_clock(self.seconds), end=_clock(end)
        )
        if self.captions:
            mark = "," if form.suffix == "srt" else "."
            times = f"{_clock(self.seconds, True)}{mark}000 --> {_clock(end, True)}{mark}000"
            written = f"{len(self.parts) + 1}\n{times}\n{written}"
        self.parts.append(written + form.between if not self.captions else f"{written}\n\n")
        self.forms[form.template] = None
        self.seconds = end

    def sentences(self, person: Person | None) -> str:
        found = []
        others = st.lists(st.sampled_from(SENTENCES), max_size=3)
        for template in (self.draw(st.sampled_from(OPENERS)), *self.draw(others)):
            words = [word(len(self.said) + n) for n in range(template.count("{}"))]
            self.said |= dict.fromkeys(words, person)
            sentence = template.format(*words)
            found.append(sentence[0].upper() + sentence[1:])
        return " ".join(found) + self.draw(st.sampled_from(SOUNDS))

    def file(self, top: str, suffix: str) -> File:
        head = {"vtt": "WEBVTT\n\n"}.get(suffix, top)
        text = head + "".join(self.parts).rstrip() + "\n"
        return File(text, suffix, self.said, self.starts, tuple(self.forms))


def _clock(seconds: int, hours: bool = False) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def bare(text: str) -> str:
    """Letters alone, in small letters."""
    return re.sub(r"[\W\d_]", "", text).casefold()
