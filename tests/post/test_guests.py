"""Who is named at the head of a post."""

from __future__ import annotations

import pytest

from pipeline.post.guests import credited, is_introduced
from pipeline.post.section_views import ClaimView, ParagraphView, PieceView, SpeakerView
from pipeline.records import NameSource


def person(
    id: str, share: float, quotes: int = 0, source: NameSource = "label", role: str = ""
) -> SpeakerView:
    name = f"Person {id}"
    return SpeakerView(id, name, True, True, role or None, None, 0, share, None, quotes, source)


def prose_on(*people: SpeakerView, behind: str = " spoke") -> ParagraphView:
    pieces = [piece for one in people for piece in (PieceView(one.name, one), PieceView(behind))]
    return ParagraphView((ClaimView(tuple(pieces), (), ()),))


def test_who_hardly_spoke_is_named_at_the_head_only_for_another_reason() -> None:
    little = [person(f"S{number}", 0.01) for number in range(2)]
    others = [
        person("S2", 0.02),
        person("S3", 0.0, quotes=1),
        person("S4", 0.0, source="sidecar"),
        person("S5", 0.0, role="Clerk"),
    ]
    assert credited([*little, *others], [prose_on(little[1])]) == (little[1], *others)


@pytest.mark.parametrize(
    ("named", "is_told"), [((0, 1), True), ((0, 3), False), ((0,), False), ((2, 3), False), ((0, 1, 2), True)]
)
def test_an_opening_that_names_most_of_those_who_matter_needs_no_line(
    named: tuple[int, ...], is_told: bool
) -> None:
    chief, quoted, much, little = (
        person("S0", 0.3),
        person("S1", 0.05, 2),
        person("S2", 0.2),
        person("S3", 0.05),
    )
    people = [chief, quoted, much, little]
    assert is_introduced(people, [prose_on(*(people[n] for n in named))]) == is_told


def test_one_who_matters_and_is_named_without_the_role_keeps_the_line() -> None:
    people = [person("S0", 0.3), person("S1", 0.3), person("S2", 0.3, role="Keeper")]
    assert not is_introduced(people, [prose_on(*people)])
    assert is_introduced(people, [prose_on(*people, behind=", a keeper")])
