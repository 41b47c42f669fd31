"""The steps write and heading: a theme's prose, quotes and heading, each sentence verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.engines.chat.tokens import count
from pipeline.records import Claim
from pipeline.takeaways.extractive.document import Section as Extract
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Ask, Calls, ReplyError, follow_up
from pipeline.takeaways.llm.ledger import Ledger
from pipeline.takeaways.llm.lines import Lines, block
from pipeline.takeaways.llm.map_and_choose import MAX_CITED_LINES, Scene, Theme
from pipeline.takeaways.llm.repair import RewritesByNumber, numbered_reasons, request_rewrites
from pipeline.takeaways.verification import Failure
from pipeline.workspace.prompt_sets import PromptSet

# In a reply:
SENTENCE_TOKENS = 80  # of a sentence of prose with its citations
REWRITE_TOKENS = SENTENCE_TOKENS + 20  # of one that is rewritten
QUOTE_TOKENS = 60
OVERHEAD_TOKENS = 50  # of a section besides sentences and quotes
HEADING_TOKENS = 60


@dataclass(frozen=True)
class Sizes:
    """The most that a section may have; `room` is how many tokens of transcript its prompt may show."""

    paragraphs: int
    sentences: int
    quotes: int
    room: int


@dataclass
class Draft:
    """A section being written: `paragraphs` of claims, None where one was rejected.

    `failed` are the claims to be rewritten: paragraph, index in it, claim, and why it failed.
    """

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
    def citable_ids(self) -> tuple[str, ...]:
        """The ids of the sentences that its prose may cite."""
        return tuple(sentence.id for sentence in self.lines.sentences)

    @property
    def claims(self) -> list[Claim]:
        """The claims of all paragraphs that passed."""
        return [claim for paragraph in self.paragraphs for claim in paragraph if claim]

    @property
    def cites(self) -> tuple[str, ...]:
        """The sentence ids that its prose cites, or without prose all that it could have cited."""
        cited = [id for claim in self.claims for id in claim.cites]
        return tuple(dict.fromkeys(cited)) or self.citable_ids


def start_draft(scene: Scene, prompts: PromptSet, theme: Theme, sizes: Sizes) -> Draft:
    """A section with its prompt, not yet asked for."""
    lines = scene.lines(scene.around(theme.sentences, sizes.room))
    numbers = {"lines": lines.numbers}
    most = {
        "paragraphs": sizes.paragraphs, "sentences": sizes.sentences, "quotes": sizes.quotes,
        "lines": MAX_CITED_LINES,
    }  # fmt: skip
    schema = replies.schema(replies.Section, numbers, most)
    max_tokens = (
        sizes.paragraphs * sizes.sentences * SENTENCE_TOKENS + sizes.quotes * QUOTE_TOKENS + OVERHEAD_TOKENS
    )
    request = scene.request(
        prompts["write"], schema, max_tokens, transcript=lines.block,
        points=block(list(_notes(scene, theme, lines, sizes.room // 2)), "notes"), theme=theme.name,
        paragraphs=sizes.paragraphs, sentences=sizes.sentences, quotes=sizes.quotes,
    )  # fmt: skip
    ask = Ask(request, lambda text: replies.parse(text, replies.Section, numbers))
    extract = scene.document.section(scene.document.topic(theme.sentences))
    return Draft(theme, extract, lines, ask, sizes)


def _notes(scene: Scene, theme: Theme, lines: Lines, room: int) -> Iterator[str]:
    """The theme's points with the line numbers of their sentences in `lines`, as fit into `room` tokens."""
    numbers = {sentence.id: n for n, sentence in enumerate(lines.sentences, 1)}
    for point in theme.points:
        line_numbers = [numbers[id] for i in point.sentences if (id := scene.sentences[i].id) in numbers]
        note = f"{', '.join(map(str, line_numbers))}: {scene.ids.to_prompt(point.text)}"
        room -= count(note)
        if line_numbers and room > 0:
            yield note


def write(scene: Scene, calls: Calls, drafts: Sequence[Draft], ledger: Ledger) -> None:
    """Ask for the prose of all sections, verify it, and send back failures once."""
    asks = [draft.ask for draft in drafts]
    for draft, reply in zip(drafts, calls.ask_all_that_fit(asks), strict=True):
        if isinstance(reply, ReplyError):
            ledger.reject_reply("section", reply)
            continue
        draft.reply = reply
        for index, paragraph in enumerate(reply.paragraphs[: draft.sizes.paragraphs]):
            draft.paragraphs.append([])
            for sentence in paragraph.sentences[: draft.sizes.sentences]:
                text = scene.ids.to_stored(sentence.text) or "?"
                claim = Claim(text=text, cites=draft.lines.ids(sentence.lines))
                claim, failures = ledger.check_first(claim, "prose", draft.citable_ids)
                if failures:
                    draft.failed.append((index, len(draft.paragraphs[index]), claim, failures))
                draft.paragraphs[index].append(None if failures else claim)
    failed = [draft for draft in drafts if draft.failed]
    answers = calls.ask_all_that_fit([_request_rewrites(draft, ledger) for draft in failed])
    for draft, rewrites in zip(failed, answers, strict=True):
        _apply_rewrites(scene, draft, {} if isinstance(rewrites, ReplyError) else rewrites, ledger)


def _request_rewrites(draft: Draft, ledger: Ledger) -> Ask[RewritesByNumber]:
    """Send back the sentences of a section that failed, with the reasons."""
    assert draft.reply is not None
    failed = [
        (f'"{ledger.ids.to_prompt(claim.text)}"', ledger.reasons_for_model(failures))
        for _, _, claim, failures in draft.failed
    ]
    message = (
        f"Some sentences cannot stand:\n{numbered_reasons(failed)}\nWrite each of these anew from the lines "
        'above: "of" is its number here, "lines" what it rests on, "text" the sentence, or "" to give it up.'
    )
    return request_rewrites(
        draft.ask.request, draft.reply, message, len(failed), draft.lines.numbers, REWRITE_TOKENS,
        most=MAX_CITED_LINES,
    )  # fmt: skip


def _apply_rewrites(scene: Scene, draft: Draft, rewrites: RewritesByNumber, ledger: Ledger) -> None:
    """Put the rewrites that pass in place of the sentences that failed; None where none passes."""
    for n, (paragraph, index, claim, failures) in enumerate(draft.failed, 1):
        rewrite = rewrites.get(n)
        new_claim = None
        if rewrite and rewrite.lines and (text := scene.ids.to_stored(rewrite.text)):
            new_claim = Claim(text=text, cites=draft.lines.ids(rewrite.lines))
        original = (claim, failures)
        kept = ledger.check_rewrite(new_claim, "prose", original, draft.citable_ids)
        draft.paragraphs[paragraph][index] = kept


def write_headings(
    scene: Scene, prompts: PromptSet, calls: Calls, drafts: Sequence[Draft], ledger: Ledger
) -> None:
    """Give sections their headings, each verified against what its section cites; None where that fails."""
    used: list[str] = []
    asks = [_ask_heading(scene, prompts, draft) for draft in drafts]
    for draft, heading in zip(drafts, calls.ask_all_that_fit(asks), strict=True):
        if isinstance(heading, ReplyError):
            ledger.reject_reply("heading", heading)
            continue
        draft.heading = _verify_heading(scene, prompts, calls, draft, heading, used, ledger)
        if draft.heading:
            used.append(draft.heading)


def _ask_heading(scene: Scene, prompts: PromptSet, draft: Draft, others: Sequence[str] = ()) -> Ask[str]:
    """Ask for a section's heading, out of its prose or else of its transcript."""
    text = " ".join(scene.ids.to_prompt(claim.text) for claim in draft.claims)
    if not text:
        text = "\n".join(sentence.text for sentence in draft.lines.sentences)
    request = scene.request(
        prompts["heading"], replies.schema(replies.Heading, {}, {}), HEADING_TOKENS, text=text,
        theme=draft.theme.name, others="; ".join(others),
    )  # fmt: skip
    return Ask(request, lambda reply: replies.parse(reply, replies.Heading, {}).heading)


def _verify_heading(
    scene: Scene,
    prompts: PromptSet,
    calls: Calls,
    draft: Draft,
    heading: str,
    used: Sequence[str],
    ledger: Ledger,
) -> str | None:
    """A heading if it passes, or else a second one if that does; None if neither."""
    claim = Claim(text=tidy_heading(scene.ids.to_stored(heading)), cites=draft.cites)
    claim, failures = ledger.check_first(claim, "heading", other_failures=_check_repeat(claim.text, used))
    if not failures:
        return claim.text
    ask = _ask_heading(scene, prompts, draft, used)
    message = f"That heading cannot stand: {ledger.reasons_for_model(failures)}. Give another one."
    retry = Ask(follow_up(ask.request, heading, message), ask.parse)
    try:
        rewrite = Claim(text=tidy_heading(scene.ids.to_stored(calls.ask(retry))), cites=draft.cites)
    except ReplyError:
        rewrite = None
    if rewrite and _check_repeat(rewrite.text, used):
        rewrite = None
    kept = ledger.check_rewrite(rewrite, "heading", (claim, failures))
    return kept.text if kept else None


def _check_repeat(heading: str, used: Sequence[str]) -> tuple[Failure, ...]:
    """The failure of a heading that another section has."""
    if heading.casefold() in (other.casefold() for other in used):
        return (Failure("repeat", "another section has the same heading"),)
    return ()


def tidy_heading(heading: str) -> str:
    """A heading without quotation marks, full stops and Markdown around it, with a capital letter."""
    bare = heading.strip(" .\"'\u201c\u201d\u2018\u2019*#") or "?"
    return bare[:1].upper() + bare[1:]
