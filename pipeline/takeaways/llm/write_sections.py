"""The steps write and heading: a theme's prose, quotes and heading, each sentence verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.engines.chat.tokens import count
from pipeline.records import Claim
from pipeline.takeaways.extractive.document import Section as Extract
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Ask, Calls, ReplyError, followed
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.lines import Lines, block
from pipeline.takeaways.llm.map_and_choose import Scene, Theme
from pipeline.takeaways.llm.repair import Mends, listed, sent_back
from pipeline.takeaways.verification import Failure
from pipeline.workspace.prompt_sets import PromptSet

SENTENCE_TOKENS = 80  # of a sentence of prose with its citations in a reply
QUOTE_TOKENS = 60
HEADING_TOKENS = 60


@dataclass(frozen=True)
class Sizes:
    """How much a section may have."""

    paragraphs: int
    sentences: int
    quotes: int
    room: int


@dataclass
class Draft:
    """A section being written: `paragraphs` of claims, None where one was rejected."""

    theme: Theme
    extract: Extract
    lines: Lines
    ask: Ask[replies.Section]
    sizes: Sizes
    reply: replies.Section | None = None
    paragraphs: list[list[Claim | None]] = field(default_factory=list)
    failed: list[tuple[int, int, Claim, tuple[Failure, ...]]] = field(default_factory=list)
    heading: str | None = None

    @property
    def within(self) -> tuple[str, ...]:
        """What its prose may cite."""
        return tuple(sentence.id for sentence in self.lines.sentences)

    @property
    def claims(self) -> list[Claim]:
        return [claim for paragraph in self.paragraphs for claim in paragraph if claim]

    @property
    def cites(self) -> tuple[str, ...]:
        """What the section rests on: what its prose cites, or else all that it was written from."""
        cited = [id for claim in self.claims for id in claim.cites]
        return tuple(dict.fromkeys(cited)) or self.within


def draft(scene: Scene, prompts: PromptSet, theme: Theme, sizes: Sizes) -> Draft:
    """A section about to be asked for."""
    lines = scene.lines(scene.around(theme.sentences, sizes.room))
    numbers = {"lines": lines.numbers}
    most = {"paragraphs": sizes.paragraphs, "sentences": sizes.sentences, "quotes": sizes.quotes, "lines": 4}
    tokens = sizes.paragraphs * sizes.sentences * SENTENCE_TOKENS + sizes.quotes * QUOTE_TOKENS + 50
    request = scene.request(
        prompts["write"], replies.schema(replies.Section, numbers, most), tokens, transcript=lines.block,
        points=block(list(_noted(scene, theme, lines, sizes.room // 2)), "notes"), theme=theme.name,
        paragraphs=sizes.paragraphs, sentences=sizes.sentences, quotes=sizes.quotes,
    )  # fmt: skip
    ask = Ask(request, lambda text: replies.read(text, replies.Section, numbers))
    extract = scene.document.section(scene.document.topic(theme.sentences))
    return Draft(theme, extract, lines, ask, sizes)


def _noted(scene: Scene, theme: Theme, lines: Lines, room: int) -> Iterator[str]:
    """The theme's points, with the numbers that their lines have here, as far as there is room (tokens)."""
    number = {sentence.id: n for n, sentence in enumerate(lines.sentences, 1)}
    for point in theme.points:
        own = [number[id] for i in point.sentences if (id := scene.sentences[i].id) in number]
        note = f"{', '.join(map(str, own))}: {scene.ids.unstored(point.text)}"
        room -= count(note)
        if own and room > 0:
            yield note


def write(scene: Scene, calls: Calls, drafts: Sequence[Draft], ledger: Ledger) -> None:
    """Ask for the prose of all sections, verify it, and send back once what fails."""
    asks = [one.ask for one in drafts]
    for one, reply in zip(drafts, calls.ask_all_that_fit(asks), strict=True):
        if isinstance(reply, ReplyError):
            ledger.unusable("section", reply)
            continue
        one.reply = reply
        for at, written in enumerate(reply.paragraphs[: one.sizes.paragraphs]):
            one.paragraphs.append([])
            for said in written.sentences[: one.sizes.sentences]:
                claim = Claim(text=scene.ids.stored(said.text) or "?", cites=one.lines.ids(said.lines))
                claim, found = ledger.first(claim, "prose", one.within)
                if found:
                    one.failed.append((at, len(one.paragraphs[at]), claim, found))
                one.paragraphs[at].append(None if found else claim)
    failed = [one for one in drafts if one.failed]
    answers = calls.ask_all_that_fit([_sent_back(one, ledger) for one in failed])
    for one, mended in zip(failed, answers, strict=True):
        _mend(scene, one, {} if isinstance(mended, ReplyError) else mended, ledger)


def _sent_back(one: Draft, ledger: Ledger) -> Ask[Mends]:
    """The sentences of a section that failed, with the reasons."""
    assert one.reply is not None
    failed = [(f'"{ledger.ids.unstored(c.text)}"', ledger.told(why)) for _, _, c, why in one.failed]
    message = (
        f"Some sentences cannot stand:\n{listed(failed)}\nWrite each of these anew from the lines above: "
        '"of" is its number here, "lines" what it rests on, "text" the sentence, or "" to give it up.'
    )
    numbers = one.lines.numbers
    return sent_back(one.ask.request, one.reply, message, len(failed), numbers, SENTENCE_TOKENS + 20, most=4)


def _mend(scene: Scene, one: Draft, mended: Mends, ledger: Ledger) -> None:
    for n, (paragraph, at, claim, found) in enumerate(one.failed, 1):
        mend = mended.get(n)
        again = None
        if mend and mend.lines and (text := scene.ids.stored(mend.text)):
            again = Claim(text=text, cites=one.lines.ids(mend.lines))
        one.paragraphs[paragraph][at] = ledger.second(again, "prose", (claim, found), one.within)


def head(scene: Scene, prompts: PromptSet, calls: Calls, drafts: Sequence[Draft], ledger: Ledger) -> None:
    """Give the sections headings, each verified against what its section rests on; None where that fails."""
    taken: list[str] = []
    asks = [_heading(scene, prompts, one) for one in drafts]
    for one, heading in zip(drafts, calls.ask_all_that_fit(asks), strict=True):
        if isinstance(heading, ReplyError):
            ledger.unusable("heading", heading)
            continue
        one.heading = _checked_heading(scene, prompts, calls, one, heading, taken, ledger)
        if one.heading:
            taken.append(one.heading)


def _heading(scene: Scene, prompts: PromptSet, one: Draft, others: Sequence[str] = ()) -> Ask[str]:
    text = " ".join(scene.ids.unstored(claim.text) for claim in one.claims)
    if not text:
        text = "\n".join(sentence.text for sentence in one.lines.sentences)
    request = scene.request(
        prompts["heading"], replies.schema(replies.Heading, {}, {}), HEADING_TOKENS, text=text,
        theme=one.theme.name, others="; ".join(others),
    )  # fmt: skip
    return Ask(request, lambda reply: replies.read(reply, replies.Heading, {}).heading)


def _checked_heading(
    scene: Scene,
    prompts: PromptSet,
    calls: Calls,
    one: Draft,
    heading: str,
    taken: Sequence[str],
    ledger: Ledger,
) -> str | None:
    claim = Claim(text=tidied(scene.ids.stored(heading)), cites=one.cites)
    claim, found = ledger.first(claim, "heading", also=_same(claim.text, taken))
    if not found:
        return claim.text
    ask = _heading(scene, prompts, one, taken)
    message = f"That heading cannot stand: {ledger.told(found)}. Give another one."
    again = Ask(followed(ask.request, heading, message), ask.read)
    try:
        second = Claim(text=tidied(scene.ids.stored(calls.ask(again))), cites=one.cites)
    except ReplyError:
        second = None
    if second and _same(second.text, taken):
        second = None
    kept = ledger.second(second, "heading", (claim, found))
    return kept.text if kept else None


def _same(heading: str, taken: Sequence[str]) -> tuple[Failure, ...]:
    if heading.casefold() in (other.casefold() for other in taken):
        return (Failure("repeat", "another section has the same heading"),)
    return ()


def tidied(heading: str) -> str:
    """A heading without marks at its ends that no heading has."""
    bare = heading.strip(" .\"'\u201c\u201d\u2018\u2019*#") or "?"
    return bare[:1].upper() + bare[1:]
