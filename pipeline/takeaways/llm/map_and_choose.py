"""The steps map and choose: from the transcript to points, and from points to themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import EndpointError
from pipeline.takeaways.llm import replies
from pipeline.takeaways.llm.calls import Query
from pipeline.takeaways.llm.material import block, line_tokens
from pipeline.takeaways.llm.replies import ReplyError
from pipeline.takeaways.llm.writing_task import WritingTask
from pipeline.workspace.prompt_sets import Prompt
from pipeline.workspace.sidecar import Facts

TALK_TOKENS_PER_POINT = 350
LIKELY_SHARE = 0.5  # of the points that are asked for; models give fewer
MAX_CITED_LINES = 4  # of one point
MIN_PIECE_SHARE = 0.25  # of the room; a smaller piece is joined to the next
THEME_BOUNDS = {"short": (3, 4), "medium": (4, 7), "long": (5, 9)}


@dataclass(frozen=True)
class Point:
    """Something that is argued, and the indices in the talk of the sentences that say so."""

    text: str
    sentences: tuple[int, ...]


@dataclass(frozen=True)
class PlannedTheme:
    """Points that belong together. `name` is a label, not yet a heading."""

    name: str
    points: tuple[Point, ...]

    @property
    def sentences(self) -> tuple[int, ...]:
        return tuple(sorted({i for point in self.points for i in point.sentences}))


def map_points(task: WritingTask) -> list[Point]:
    """What is argued in the talk, in order of speech, without greetings and logistics.

    Raises EndpointError if no reply is usable.
    """
    sentences, document = task.material.sentences, task.material.document
    sizes = [line_tokens(sentence) for sentence in sentences]
    pieces = cut_into_pieces(document.starts(), sizes, task.limits.room)
    queries = [_points_query(task, piece) for piece in pieces]
    likely = sum(most_points(_size(piece, sizes)) * LIKELY_SHARE for piece in pieces)
    later = task.later("map", points=round(likely))
    answers = task.calls.ask_all(queries, later)
    errors = [answer for answer in answers if isinstance(answer, ReplyError)]
    if len(errors) == len(answers):
        task.calls.drop_unusable()
        raise EndpointError(
            f"not one of {len(answers)} replies could be used ({errors[0]})",
            file=task.calls.connection.where,
            remedy="Mend that, or use a model that answers such talks in JSON, and run again.",
        )
    for error in errors:
        task.checker.reject_reply("piece's points", error)
    points = [point for answer in answers if not isinstance(answer, ReplyError) for point in answer]
    usable = [point for point in points if not all(document.said[i].is_junk for i in point.sentences)]
    return sorted(usable, key=lambda point: point.sentences)


def most_points(tokens: int) -> int:
    """How many points a piece is asked for: in proportion to its length."""
    return max(1, round(tokens / TALK_TOKENS_PER_POINT))


def _points_query(task: WritingTask, piece: range) -> Query[tuple[Point, ...]]:
    """What is argued in one piece?"""
    lines = task.material.lines(piece)
    most = most_points(sum(line_tokens(sentence) for sentence in lines.sentences))
    numbers = {"lines": lines.numbers}
    schema = replies.schema(replies.Points, numbers, {"points": most, "lines": MAX_CITED_LINES})

    def parse(text: str) -> tuple[Point, ...]:
        reply = replies.parse(text, replies.Points, numbers)
        return tuple(
            Point(statement, tuple(sorted({piece[n - 1] for n in point.lines})))
            for point in reply.points[:most]
            if (statement := _whole_sentences(task.material.ids.to_stored(point.point)))
        )

    max_tokens = most * replies.POINT_TOKENS + replies.POINTS_OVERHEAD_TOKENS
    request = task.material.request(
        task.prompts["map"], schema, max_tokens, transcript=lines.block, most=most
    )
    return Query(request, parse)


def _whole_sentences(text: str) -> str:
    """A point without a last sentence that breaks off; "" if nothing is left."""
    return text if text.endswith((".", "!", "?", "。")) else text[: text.rfind(". ") + 1]


def choose_themes(task: WritingTask, points: Sequence[Point]) -> tuple[PlannedTheme, ...]:
    """The model's themes, or clusters of points if its replies are unusable."""
    fewest, most = theme_bounds(task.prompts["choose"], task.facts, len(points), task.max_themes)
    later = task.later("choose", points=len(points))
    (themes,) = task.calls.ask_all_that_fit([_themes_query(task, points, fewest, most)], later)
    if isinstance(themes, ReplyError):
        task.checker.reject_reply("choice of themes", themes)
        return cluster_points(task, points, most)
    return themes


def theme_bounds(prompt: Prompt, facts: Facts, points: int, max_themes: int | None) -> tuple[int, int]:
    """The fewest and the most themes that the prompt or the sidecar and the setting allow.

    The most is no higher than the number of pairs of points, the fewest no higher than that of triples.
    """
    lower, upper = prompt.front.themes or THEME_BOUNDS[facts.length or "medium"]
    upper = max(1, min(upper, max_themes or upper, points // 2 or 1))
    return min(lower, upper, max(1, points // 3)), upper


def _themes_query(
    task: WritingTask, points: Sequence[Point], fewest: int, most: int
) -> Query[tuple[PlannedTheme, ...]]:
    """Which points belong together in a theme?"""
    listed = [f"{n} {task.material.ids.to_prompt(point.text)}" for n, point in enumerate(points, 1)]
    numbers = {"points": range(1, len(points) + 1)}
    max_points = max(2, round(1.5 * len(points) / fewest))  # else models put all points into one theme
    schema = replies.schema(replies.Choices, numbers, {"themes": most, "points": max_points})

    def parse(text: str) -> tuple[PlannedTheme, ...]:
        reply = replies.parse(text, replies.Choices, numbers)
        if len(reply.themes) < fewest:
            raise ReplyError(f"it has {len(reply.themes)} themes; give {fewest} to {most}")
        return _disjoint_themes(reply, points, fewest)[:most]

    request = task.material.request(
        task.prompts["choose"], schema, most * replies.THEME_TOKENS + replies.NUMBER_TOKENS * len(points),
        points=block(listed, "points"), fewest=fewest, most=most,
    )  # fmt: skip
    return Query(request, parse)


def _disjoint_themes(
    reply: replies.Choices, points: Sequence[Point], fewest: int
) -> tuple[PlannedTheme, ...]:
    """Themes without shared points: each goes to the first theme that claims it. Raises ReplyError."""
    taken: set[int] = set()
    themes = []
    for choice in reply.themes:
        untaken = [n for n in dict.fromkeys(choice.points) if n not in taken]
        taken.update(untaken)
        if untaken:
            themes.append(PlannedTheme(choice.theme, tuple(points[n - 1] for n in sorted(untaken))))
    if len(themes) < fewest:
        raise ReplyError(f"only {len(themes)} themes have points of their own; use no point twice")
    return tuple(themes)


def cluster_points(task: WritingTask, points: Sequence[Point], most: int) -> tuple[PlannedTheme, ...]:
    """At most `most` themes without a language model: points by average linkage of cosine distances."""
    from pipeline.engines.average_linkage import at_most_clusters, cosine_distances

    if len(points) == 1:
        return (PlannedTheme(points[0].text, tuple(points)),)
    rows = task.material.document.embed([point.text for point in points])
    labels = at_most_clusters(cosine_distances(rows), most)
    groups = [
        [point for point, label in zip(points, labels, strict=True) if label == k]
        for k in range(labels.max() + 1)
    ]
    themes = (PlannedTheme(group[0].text, tuple(group)) for group in groups)
    return tuple(sorted(themes, key=lambda theme: theme.sentences))


# The talk is cut into pieces, each about one topic and short enough for a prompt.


def cut_into_pieces(starts: Sequence[int], sizes: Sequence[int], room: int) -> list[range]:
    """Ranges of sentences, in order, that cover all of them.

    `starts` are where topics begin (ascending, the first 0), `sizes` the tokens of each sentence, `room` the
    most tokens of a piece. A topic that is too long is cut into parts of about equal size; a sentence that is
    too long gets a piece of its own.
    """
    ranges: list[range] = []
    for topic in map(range, starts, [*starts[1:], len(sizes)]):
        for part in _split_evenly(topic, sizes, room):
            last = ranges[-1] if ranges else None
            if last and _size(last, sizes) < MIN_PIECE_SHARE * room and _fits(last, part, sizes, room):
                ranges[-1] = range(last.start, part.stop)
            else:
                ranges.append(part)
    if (
        len(ranges) > 1
        and _size(ranges[-1], sizes) < MIN_PIECE_SHARE * room
        and _fits(ranges[-2], ranges[-1], sizes, room)
    ):
        ranges[-2:] = [range(ranges[-2].start, ranges[-1].stop)]
    return ranges


def _size(piece: range, sizes: Sequence[int]) -> int:
    return sum(sizes[i] for i in piece)


def _fits(first: range, second: range, sizes: Sequence[int], room: int) -> bool:
    return _size(first, sizes) + _size(second, sizes) <= room


def _split_evenly(topic: range, sizes: Sequence[int], room: int) -> list[range]:
    """A topic in parts of about equal size, each within the room."""
    topic_tokens = _size(topic, sizes)
    part_tokens = topic_tokens / -(-topic_tokens // room) if topic_tokens else room
    parts: list[range] = []
    first, size = topic.start, 0
    for i in topic:
        if i > first and (size + sizes[i] > room or size >= part_tokens):
            parts.append(range(first, i))
            first, size = i, 0
        size += sizes[i]
    return [*parts, range(first, topic.stop)] if first < topic.stop else parts
