"""The whole post in one call that sees the whole talk, where the model's window has room for that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.engines.chat.endpoint import Request
from pipeline.takeaways.llm import replies, whole_reply
from pipeline.takeaways.llm.budget import SHOWN_TO_JUDGE_TOKENS, DraftSize
from pipeline.takeaways.llm.calls import Query
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import Draft, DraftSection, Exchange, claim_of, tidy_heading
from pipeline.takeaways.llm.draft_reader import DraftReader
from pipeline.takeaways.llm.material import LANGUAGES, Lines
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.text import other_language
from pipeline.workspace.prompt_sets import Prompt

# By length: about how many words the post is to have, and how many sections, fewest and most.
LENGTHS = {"short": (450, 2, 4), "medium": (800, 3, 7), "long": (1200, 4, 9)}
MIN_WORDS = 120
TALK_WORDS_PER_WORD = 2  # of the talk, for one of the post
TALK_WORDS_PER_SECTION = 120
TOKENS_PER_WORD = 5  # of a reply with its numbers, for one of the post: two posts by hand take 3 to 4
REPLY_OVERHEAD_TOKENS = 600
MAX_OPENING_SENTENCES, MAX_CLOSE_SENTENCES, MAX_BLOCKS, MAX_SENTENCES = 5, 4, 12, 8
MIN_SHARED = 0.6  # of the lines, or of the words, of two sections that are the same (Jaccard index)


@dataclass(frozen=True)
class Bounds:
    """What a post may have; `words` is how many are asked for."""

    words: int
    fewest: int
    most: int
    quotes: int  # of a section


def bounds(task: WritingTask, prompt: Prompt) -> Bounds:
    """What the prompt, the sidecar and the settings allow, and a talk of this length gives."""
    words, fewest, most = LENGTHS[task.facts.length or "medium"]
    fewest, most = prompt.front.themes or (fewest, most)
    said = round(task.material.document.word_count)
    most = max(1, min(most, task.max_themes or most, said // TALK_WORDS_PER_SECTION))
    words = max(MIN_WORDS, min(words, said // TALK_WORDS_PER_WORD))
    return Bounds(words, min(fewest, most), most, task.limits.quotes)


@dataclass
class WholeTalk:
    """The call, as it would be made; nothing is asked before `draft`."""

    task: WritingTask
    prompt: Prompt
    lines: Lines = field(init=False)
    bounds: Bounds = field(init=False)
    request: Request = field(init=False)

    def __post_init__(self) -> None:
        task, material = self.task, self.task.material
        self.lines = material.lines(range(len(material.sentences)))
        self.bounds = bounds(task, self.prompt)
        numbers = {"lines": self.lines.numbers, "heading_lines": self.lines.numbers}
        most = {
            "sections": self.bounds.most, "opening": MAX_OPENING_SENTENCES, "close": MAX_CLOSE_SENTENCES,
            "body": MAX_BLOCKS, "paragraph": MAX_SENTENCES, "notes": len(task.notes),
        }  # fmt: skip
        schema = replies.schema(whole_reply.Post, {**numbers, "notes": task.note_numbers}, most)
        self.request = material.request(
            self.prompt, schema, self.bounds.words * TOKENS_PER_WORD + REPLY_OVERHEAD_TOKENS,
            transcript=self.lines.block, notes=task.numbered_notes(task.note_numbers),
            fewest=self.bounds.fewest, most=self.bounds.most, quotes=self.bounds.quotes,
            words=self.bounds.words,
        )  # fmt: skip

    @property
    def why_not(self) -> str:
        """Why it cannot be made, and what to do about that; "" if it fits into the model's window."""
        calls = self.task.calls
        if calls.fits(self.request):
            return ""
        return (
            f"{self.task.material.subject} needs about {calls.needed(self.request):,} tokens and the model's "
            f"window is {calls.connection.context:,}, so the post is written step by step. To have it "
            "written in one call, use a model with a larger window, and set "
            f"{calls.budget.table}.context to that."
        )

    def draft(self) -> Draft:
        """The post as the model writes it, checked by rule. Raises ReplyError if it stays unusable."""
        calls = self.task.calls
        (post,) = calls.ask_all([Query(self.request, self._parse)], self.task.settling("whole", self._size))
        if isinstance(post, ReplyError):
            raise post
        return _Reading(self, post).draft()

    @property
    def _size(self) -> DraftSize:
        """The likely size of the draft."""
        texts = self.bounds.words // 20 + self.bounds.most  # sentences, and headings
        read = self.task.calls.needed(self.request)
        return DraftSize(exchanges=1, read=read, texts=texts, shown=texts * SHOWN_TO_JUDGE_TOKENS)

    def _parse(self, text: str) -> whole_reply.Post:
        """Raises ReplyError: not a post, or one in another language than the talk."""
        post = whole_reply.parse(text)
        sentences = [sentence.text for section in post.sections for sentence in section.sentences()]
        language = self.task.material.document.turns.language
        foreign = [other for text in sentences if (other := other_language(text, language))]
        if 2 * len(foreign) > len(sentences):
            wanted, given = (LANGUAGES.get(code, code) for code in (language, foreign[0]))
            raise ReplyError(f"it is written in {given}; write it in {wanted}")
        return post


class _Reading:
    """A reply read as a draft: each text with what it rests on, checked in the order in which it is read."""

    def __init__(self, whole: WholeTalk, post: whole_reply.Post) -> None:
        self.lines, self.bounds = whole.lines, whole.bounds
        self.notes: list[str] = []
        self.post = post.model_copy(update={"sections": self._sections(post.sections)})
        self.exchange = Exchange(whole.request, self.post.model_dump_json(), self.lines)
        self.reader = DraftReader(whole.task, self.exchange, whole.task.note_numbers)

    def draft(self) -> Draft:
        post = self.post
        around = (n for sentence in (*post.opening, *post.close) for n in sentence.lines)
        cited = [*(n for section in post.sections for n in section.lines), *around]
        title = (
            self._frame("title", tidy_heading(self.reader.stored(post.title)), cited) if post.title else None
        )
        dek = self._frame("dek", self.reader.stored(post.dek), cited) if post.dek else None
        opening = self.reader.sentences("opening", "frame", post.opening, MAX_OPENING_SENTENCES)
        sections = [self._section(n, section) for n, section in enumerate(post.sections, 1)]
        close = self.reader.sentences("close", "prose", post.close, MAX_CLOSE_SENTENCES)
        return Draft(title, dek, opening, sections, close, [self.exchange], self.notes)

    def _sections(self, given: Sequence[whole_reply.Section]) -> tuple[whole_reply.Section, ...]:
        """The sections that are read: each once, and no more than were asked for."""
        kept: list[whole_reply.Section] = []
        for section in given:
            if not any(_is_same(section, other) for other in kept):
                kept.append(section)
        if twice := len(given) - len(kept):
            sections = f"{twice} sections" if twice > 1 else "a section"
            self.notes.append(f"The language model wrote {sections} again; what is the same is kept once.")
        if len(kept) > self.bounds.most:
            most = self.bounds.most
            self.notes.append(
                f"The language model wrote {len(kept)} sections of at most {most}; the first {most} are kept."
            )
        return tuple(kept[: self.bounds.most])

    def _section(self, number: int, section: whole_reply.Section) -> DraftSection:
        place = f"section {number}"
        heading = None
        if section.heading:
            cites = self.lines.ids(section.heading_lines) or self.lines.ids(section.lines)
            claim = claim_of(tidy_heading(self.reader.stored(section.heading)), cites)
            heading = self.reader.checked(f"{place}, heading", "heading", claim, cites)
        return DraftSection(heading, self.reader.body(place, section.body, MAX_BLOCKS, MAX_SENTENCES))

    def _frame(self, place: str, text: str, lines: Iterable[int]) -> Text:
        """Title or dek, which rest on all that the post does."""
        cites = self.lines.ids(lines)
        return self.reader.checked(place, "frame", claim_of(text, cites), cites)


def _is_same(section: whole_reply.Section, other: whole_reply.Section) -> bool:
    """Whether a section is another one again: in mostly the same words, or under its heading on its lines."""
    has_same_heading = bool(section.heading) and section.heading.casefold() == other.heading.casefold()
    shared_lines, shared_words = (
        _overlap(section.lines, other.lines),
        _overlap(_words(section), _words(other)),
    )
    return shared_words >= MIN_SHARED or (has_same_heading and shared_lines >= MIN_SHARED)


def _words(section: whole_reply.Section) -> list[str]:
    return " ".join(sentence.text for sentence in section.sentences()).casefold().split()


def _overlap(some: Sequence[object], others: Sequence[object]) -> float:
    """The Jaccard index."""
    return len({*some} & {*others}) / max(1, len({*some} | {*others}))
