"""What stands of a draft: its texts are judged; what fails goes back once, together, and is judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.engines.chat.endpoint import Request
from pipeline.engines.chat.tokens import count, count_messages
from pipeline.records import Claim
from pipeline.takeaways.language.comparable import content
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.authors_notes import set_notes
from pipeline.takeaways.llm.budget import SHOWN_TO_JUDGE_TOKENS, DraftSize
from pipeline.takeaways.llm.calls import Query, follow_up
from pipeline.takeaways.llm.claim_checker import Text
from pipeline.takeaways.llm.draft import Draft, Exchange, claim_of, tidy_heading
from pipeline.takeaways.llm.quote_rewrites import (
    ABOUT_QUOTES,
    SentBack,
    lost_quotes,
    replace_lead,
    replace_quote,
)
from pipeline.takeaways.llm.replies import QuoteRewrite, ReplyError, Rewrite
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.takeaways.verification import Failure

MISPLACED = Failure("rewrite", "it came in place of another sentence, whose lines it cites")
LEFT_OUT = "(The reply is left out here.)"  # where the window has no room for it

RewritesByNumber = Mapping[int, QuoteRewrite]  # that a text has in the message, from 1


def settle(task: WritingTask, draft: Draft) -> None:
    """Settle which texts of a draft stand, all of which rules have checked: the others are given up."""
    size = _size(draft)
    set_notes(draft.texts, task.facts.notes, task.checker)
    task.calls.later = task.settling("judge", size)
    task.checker.judge(draft.texts)
    _send_back(task, draft, size)
    set_notes([text for text in draft.texts if not text.failures], task.facts.notes, task.checker)
    task.calls.later = task.settling("settle", size)
    task.checker.judge(draft.texts)


def _size(draft: Draft) -> DraftSize:
    exchanges, texts = draft.exchanges, len(draft.texts)
    read = sum(count_messages(exchange.request.messages) + count(exchange.reply) for exchange in exchanges)
    return DraftSize(len(exchanges), read, texts, texts * SHOWN_TO_JUDGE_TOKENS)


def _send_back(task: WritingTask, draft: Draft, size: DraftSize) -> None:
    """Ask once more for what failed, in the exchange in which it was written."""
    lost = lost_quotes(task, draft)
    pairs = [
        (exchange, [quote for quote in lost if quote.exchange is exchange]) for exchange in draft.exchanges
    ]
    failed = [SentBack(exchange, exchange.failed, quotes) for exchange, quotes in pairs]
    failed = [sent for sent in failed if sent.texts or sent.quotes]
    queries = [_query(task, sent) for sent in failed]
    answers = task.calls.ask_all_that_fit(queries, task.settling("rewrite", size)) if queries else []
    given = [{} if isinstance(answer, ReplyError) else answer for answer in answers]
    for sent, rewrites in zip(failed, given, strict=True):
        for number, (place, text) in enumerate(sent.texts, 1):
            rewrite = rewrites.get(number)
            claim = _rewritten(task, sent.exchange, place, text, rewrite) if rewrite else None
            near = sent.exchange.lines.near(rewrite.lines if rewrite else ())
            others = [other for _, other in sent.texts if other is not text]
            is_misplaced = claim and any(_is_of(other, text, claim) for other in others)
            task.checker.rewrite(text, claim, near, (MISPLACED,) if is_misplaced else ())
        for number, quote in sent.numbered_quotes:
            if rewrite := rewrites.get(number):
                replace_quote(task, quote, rewrite)
    still_lost = {quote.quote for quote in lost_quotes(task, draft)} if lost else set()
    for sent, rewrites in zip(failed, given, strict=True):
        for number, quote in sent.numbered_leads:
            if rewrite := rewrites.get(number):
                replace_lead(task, quote, rewrite, quote.quote in still_lost)
    for text in draft.texts:
        if text.failures and not text.was_sent_back:
            task.checker.rewrite(text, None)


def _is_of(other: Text, text: Text, claim: Claim) -> bool:
    """Whether a claim that came for a text is another's: it cites its lines, and is no nearer in words.

    Title and dek rest on all lines, and so tell nothing.
    """
    if "frame" in (other.place, text.place) or not claim.cites:
        return False
    cites, words = {*claim.cites}, {*content(claim.text)}
    shared, others = ({*content(one.first.text)} & words for one in (text, other))
    is_elsewhere = cites.isdisjoint(text.first.cites) and cites.issubset(other.first.cites)
    return is_elsewhere and len(others) >= len(shared)


def _query(task: WritingTask, sent: SentBack) -> Query[RewritesByNumber]:
    """What failed of an exchange, sent back with the reasons."""
    exchange = sent.exchange
    rejections = task.material.rejections((f"({place}) ", text) for place, text in sent.texts)
    told = "\n".join(filter(None, (rejections, *sent.told(task.material))))
    message = (
        f"Some sentences cannot stand:\n{told}\nWrite each of these anew so that it can, in its place: "
        '"of" is its number here, "lines" and "notes" are what it rests on, "text" is the sentence, or "" to '
        f"give it up.{ABOUT_QUOTES if sent.quotes else ''}"
    )
    numbers = {"lines": exchange.lines.numbers, "notes": task.note_numbers, "of": range(1, sent.count + 1)}
    most = {"sentences": sent.count, "lines": replies.MAX_CITED_LINES, "notes": len(task.note_numbers)}
    schema = replies.schema(replies.QuoteRewrites if sent.quotes else replies.Rewrites, numbers, most)
    max_tokens = sent.count * replies.REWRITE_TOKENS + replies.REWRITES_OVERHEAD_TOKENS

    def request(reply: str) -> Request:
        return replace(follow_up(exchange.request, reply, message), schema=schema, max_tokens=max_tokens)

    def parse(text: str) -> RewritesByNumber:
        return {rewrite.of: rewrite for rewrite in replies.parse(text, replies.QuoteRewrites, {}).sentences}

    whole = request(exchange.reply)
    return Query(whole if task.calls.fits(whole) else request(LEFT_OUT), parse)


def _rewritten(
    task: WritingTask, exchange: Exchange, place: str, text: Text, rewrite: Rewrite
) -> Claim | None:
    """A rewrite as a claim; None if it gives the text up.

    What stands over other texts (title, dek, heading) rests on no note. It, and what cites no lines that the
    model was shown, keeps what it rests on, if it is not given anything else.
    """
    worded = task.material.ids.to_stored(rewrite.text)
    if not worded:
        return None
    if place == "title" or text.place == "heading":
        worded = tidy_heading(worded)
    cites = exchange.lines.ids(rewrite.lines)
    stands_above = place in ("title", "dek") or text.place == "heading"
    claim = task.claim(worded, cites, () if stands_above else rewrite.notes)
    can_keep = text.place != "prose" or not exchange.lines.sentences
    if place in ("title", "dek") or (can_keep and claim.kind == "linking"):
        return claim_of(worded, text.claim.cites, text.claim.notes)
    return claim
