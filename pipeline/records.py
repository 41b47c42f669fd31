"""The data that stages hand on. Frozen and validated; the JSON on disk is their dump.

`Transcript` is 1_transcript.json, `Turns` 2_turns.json, `Takeaways` 3_takeaways.json and `Post` 4_post.json;
what a cohort adds is in cohort/cohort_records.py.

Times are seconds from the start of the recording, rounded to 1 ms; None where the source gives none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator


def _milliseconds(value: float) -> float:
    return round(value, 3)


Seconds = Annotated[float, Field(ge=0, lt=1e9, allow_inf_nan=False), AfterValidator(_milliseconds)]
Share = Annotated[float, Field(gt=-1e9, lt=1e9, allow_inf_nan=False), AfterValidator(_milliseconds)]
Index = Annotated[int, Field(ge=0, lt=2**31)]


class Record(BaseModel):
    """Base of everything stored: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


RecordT = TypeVar("RecordT", bound=Record)


class Media(Record):
    """Where a talk came from. `date` (ISO 8601) is the file's own, if it carries one."""

    name: str
    kind: Literal["media", "tracks", "transcript"]
    date: str | None = None


class Word(Record):
    """One word as the engine or the transcript gave it.

    `text` keeps its leading space, so that joining texts gives the running text in any script.
    `label` is the speaker label that the source carried, if any.
    """

    text: str
    start: Seconds | None = None
    end: Seconds | None = None
    probability: Share | None = None
    label: str | None = None


class Dropped(Record):
    """Text that an engine produced and a guard threw out, with the reason."""

    text: str
    start: Seconds
    end: Seconds
    why: str


class LeftOut(Record):
    """Text of a transcript that is not speech: its line in the file, from 1, and what it is taken for."""

    line: Index
    text: str
    why: str


class Transcript(Record):
    """1_transcript.json: every word in order. `language` is an ISO 639-1 code, `duration` seconds.

    `roles` are those that the source gives beside a label; `left_out` is what a transcript holds besides
    speech.
    """

    media: Media
    language: str
    duration: Seconds | None = None
    words: tuple[Word, ...]
    dropped: tuple[Dropped, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    roles: dict[str, str] = {}


NameSource = Literal["label", "track", "file", "sidecar", "review", "introduction", "voice", "none"]


class Speaker(Record):
    """One voice or label. `source` says how the name is known; None is a stranger ("Speaker 2").

    `label` is the transcript's, `other_labels` are those that are taken for the same person's. `evidence` is
    the label, the id of the sentence in which somebody is introduced, or which known voice it is.
    `talk_seconds` is None without times.
    """

    id: str
    name: str | None = None
    source: NameSource = "none"
    evidence: str | None = None
    label: str | None = None
    other_labels: tuple[str, ...] = ()
    role: str | None = None
    link: str | None = None
    talk_seconds: Seconds | None = None


class Flag(StrEnum):
    """What is to be known of a sentence before it is used."""

    DOUBTFUL_SPEAKER = "doubtful speaker"
    OVERLAPPED_SPEECH = "overlapped speech"
    ADVERTISEMENT = "advertisement"  # no writer uses it
    UNPUNCTUATED = "no punctuation"  # its source has none: it was cut by rule


SPEAKER_IN_DOUBT = frozenset({Flag.DOUBTFUL_SPEAKER, Flag.OVERLAPPED_SPEECH})


def _flag(text: str) -> Flag | str:
    """The Flag that a text spells, "doubtful_speaker" too; any other text is a person's own remark."""
    spelled = text.replace("_", " ").replace("-", " ")
    return next((flag for flag in Flag if flag == spelled), text)


AnyFlag = Annotated[Flag | str, AfterValidator(_flag)]


ReviewEntry = Literal["fix", "speaker", "merge", "split", "turn"]


class Unmatched(Record):
    """What a file beside the talk says and nothing in the talk fits, and why.

    `entry` is the kind of entry of the review file ("fix", "turn", …), None for a name in the sidecar.
    Artifacts used to hold a line of text instead, which is read as a reason in no file.
    """

    file: str | None = None
    entry: ReviewEntry | None = None
    why: str

    @model_validator(mode="before")
    @classmethod
    def _was_a_line(cls, value: Any) -> Any:
        return {"why": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        """As it is listed for one talk, where an entry of the review needs no file."""
        return ": ".join(filter(None, (self.entry or self.file, self.why)))

    @property
    def warning(self) -> str:
        """As it is told while the talk runs."""
        return ": ".join(filter(None, (self.file, self.entry, self.why)))


class Sentence(Record):
    """The unit of citation. `id` is `s` + the index of its first word; `words` is [first, last + 1).

    `margin` is how much better its speaker's voice fits than the next one's (cosine), less near where
    voices change and for a sentence under a second; None without voices, and where a person has decided.
    """

    id: str
    text: str
    start: Seconds | None = None
    end: Seconds | None = None
    speaker: str
    margin: Share | None = None
    words: tuple[Index, Index]
    flags: tuple[AnyFlag, ...] = ()


class Turn(Record):
    """Consecutive sentences of one speaker, but for what others throw in: an `aside`, a turn of its own.

    An aside comes after the turn that it was thrown into, and that turn goes on past it.
    """

    id: str
    speaker: str
    start: Seconds | None = None
    end: Seconds | None = None
    sentences: tuple[Sentence, ...]
    aside: bool = False


class Turns(Record):
    """2_turns.json. `unmatched` lists the entries of the review file that matched nothing."""

    language: str
    speakers: tuple[Speaker, ...]
    turns: tuple[Turn, ...]
    unmatched: tuple[Unmatched, ...] = ()

    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences, in the order in which they were said."""
        return tuple(sorted((s for turn in self.turns for s in turn.sentences), key=lambda s: s.words))


class Kept(Record):
    """The words of a quoted sentence that stay, [first, last), counted as text.word_spans has them."""

    sentence: str
    words: tuple[int, int]


class Quote(Record):
    """Consecutive or chosen sentences of one speaker, by id; the text is looked up, never stored.

    A sentence that `keep` names is shortened to the words it gives; the others stay whole.
    """

    sentences: Annotated[tuple[str, ...], Field(min_length=1)]
    keep: tuple[Kept, ...] = ()
    speaker: str
    start: Seconds | None = None
    end: Seconds | None = None
    margin: Share | None = None
    flags: tuple[AnyFlag, ...] = ()


class Doubt(Record):
    """Why a claim was questioned: the rule, what it saw, what the judge said (None: no judge was asked)."""

    rule: str
    why: str
    judge: str | None = None


class Claim(Record):
    """A sentence of prose and what it rests on. Speakers are `{S1}` in it; names are put in at render.

    A `talk` claim is about what was said and rests on the sentences that it `cites`; an `author` claim rests
    on the author's own notes, by number from 1; a `linking` one leads on and claims nothing. `outcome`
    "doubted" means kept against a rule's doubt; `mended_from` is the wording that failed.
    """

    text: Annotated[str, Field(min_length=1)]
    kind: Literal["talk", "author", "linking"] = "talk"
    cites: tuple[str, ...] = ()
    notes: tuple[Annotated[int, Field(ge=1)], ...] = ()
    doubts: tuple[Doubt, ...] = ()
    outcome: Literal["passed", "doubted", "mended", "by hand"] = "passed"
    mended_from: str | None = None

    @model_validator(mode="after")
    def _rests_on_something(self) -> Claim:
        if self.kind == "talk" and not self.cites:
            raise ValueError('prose about the talk has to name what it rests on, as in "cites": ["s12"]')
        if self.kind == "author" and not self.notes:
            raise ValueError('prose of the author has to name the notes that it rests on, as in "notes": [1]')
        return self


class Paragraph(Record):
    """Prose, a claim a sentence.

    As an `author's note` it holds notes of the author's word for word, and is shown apart from the prose.
    """

    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]
    shown_as: Literal["author's note"] | None = None

    @model_validator(mode="after")
    def _is_the_author_s(self) -> Paragraph:
        if self.shown_as and any(claim.kind != "author" for claim in self.claims):
            raise ValueError("only the author's own claims can be an author's note")
        return self


# What a section is made of, by the names under which pydantic tells one from the other.
BLOCKS: dict[int | str, type[Record]] = {"paragraph": Paragraph, "quote": Quote}


def _kind_of_block(value: Any) -> str:
    """A paragraph has claims; anything else is to be a quote."""
    is_paragraph = isinstance(value, Paragraph) or (isinstance(value, dict) and "claims" in value)
    return "paragraph" if is_paragraph else "quote"


Block = Annotated[
    Annotated[Paragraph, Tag("paragraph")] | Annotated[Quote, Tag("quote")], Discriminator(_kind_of_block)
]


class Theme(Record):
    """One section of the post, its `body` in the order in which it is read.

    `source` is the id of the sentence that the heading's words come from, `doubts` are those of the heading.
    """

    heading: str
    source: str | None = None
    body: tuple[Block, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Its prose, without the author's notes."""
        return tuple(block for block in self.body if isinstance(block, Paragraph) and not block.shown_as)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return tuple(block for block in self.body if isinstance(block, Quote))

    @property
    def cited_ids(self) -> tuple[str, ...]:
        """The ids of the sentences that its prose cites, and then of those that it quotes, each once."""
        cites = (id for paragraph in self.paragraphs for claim in paragraph.claims for id in claim.cites)
        return tuple(dict.fromkeys([*cites, *(id for quote in self.quotes for id in quote.sentences)]))


class Rejected(Record):
    """Something that a writer proposed and verification threw out; `why` begins with the reason's code."""

    what: str
    why: str


class Verification(Record):
    """How the prose fared: each text was `passed` at once, `doubted`, `mended` or `replaced`.

    Doubted by a rule, and kept as the judge found it borne out; mended by the program, or by the model when
    it was sent back; replaced by what was said, or left out.

    `reasons` counts the failures by their code, those of texts that were mended included. `judge` is "rules",
    or the model that judged.
    """

    checked: Index
    passed: Index
    doubted: Index = 0
    mended: Index = 0
    replaced: Index = 0
    reasons: dict[str, Index] = {}
    judge: str = "rules"


class Takeaways(Record):
    """3_takeaways.json: what the post says, speakers by id, quotes by sentence id.

    The author's notes that belong to no one theme are paragraphs of the `close`. `notes` are for
    whoever runs this, and no part of the post. `verification` is None where a writer writes no prose.
    """

    writer: str
    title: str
    dek: str
    introduction: tuple[Paragraph, ...] = ()
    themes: tuple[Theme, ...]
    close: tuple[Paragraph, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    verification: Verification | None = None
    notes: tuple[str, ...] = ()

    @property
    def prose(self) -> tuple[Paragraph, ...]:
        """All its prose in order, without the author's notes."""
        themed = (paragraph for theme in self.themes for paragraph in theme.paragraphs)
        close = (paragraph for paragraph in self.close if not paragraph.shown_as)
        return (*self.introduction, *themed, *close)


class RenderedFile(Record):
    """One output file and the SHA-256 of its bytes."""

    name: str
    digest: str


class Post(Record):
    """4_post.json: what was rendered. `unmatched` lists names in review and sidecar that fit nobody."""

    title: str
    files: tuple[RenderedFile, ...]
    unmatched: tuple[Unmatched, ...] = ()


# What the machinery asks of a record, whatever the stage.


@runtime_checkable
class HasFiles(Protocol):
    """A record that lists the files that were written with it."""

    @property
    def files(self) -> tuple[RenderedFile, ...]: ...


@runtime_checkable
class HasUnmatched(Protocol):
    """A record that lists what people stated and nothing fits."""

    @property
    def unmatched(self) -> tuple[Unmatched, ...]: ...


# Sentence ids across talks: "week1/talk#s104" is the sentence s104 of the talk week1/talk.


def qualified(talk: str, id: str) -> str:
    return f"{talk}#{id}"


def talk_of(id: str) -> str:
    """The talk of an id, "" for one that is of the talk at hand."""
    return id.rpartition("#")[0]


# What files are, told by their names.
_AUDIO = (
    "aac ac3 aif aiff amr ape au bwf caf eac3 flac m4a m4b m4r mka mp2 mp3 oga ogg opus rf64 tta w64 wav weba"
    " wma wv"
)
_VIDEO = "3g2 3gp asf avi f4v flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts vob webm wmv"
VIDEO_SUFFIXES = frozenset(f".{suffix}" for suffix in _VIDEO.split())
MEDIA_SUFFIXES = VIDEO_SUFFIXES | {f".{suffix}" for suffix in _AUDIO.split()}
_TRANSCRIPTS = "dfxp docx htm html json markdown md mdown sbv srt text tsv ttml txt vtt xml"
TRANSCRIPT_SUFFIXES = frozenset(f".{suffix}" for suffix in _TRANSCRIPTS.split())


@dataclass(frozen=True)
class Part:
    """Which sound of a file is meant. Both count from 0.

    `track` is an audio track, None the one that players choose; `channel` is one of it, None all of them
    mixed.
    """

    track: int | None = None
    channel: int | None = None


WHOLE = Part()
