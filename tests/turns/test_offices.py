"""Which labels are offices and no names."""

from __future__ import annotations

import pytest

from pipeline.turns.called import name_parts
from pipeline.turns.offices import is_no_name, office


@pytest.mark.parametrize(
    ("label", "in_prose"),
    [
        ("Project Manager", "project manager"),
        ("Industrial Designer", "industrial designer"),
        ("Interviewer", "interviewer"),
        ("CEO", "CEO"),
        ("UX Designer", "UX designer"),
        ("VP of Sales", "VP of sales"),
        ("Attorney General", "attorney general"),
        ("Director of Research", "director of research"),
        ("Managing Director & Founder", "managing director & founder"),
        ("High Court Judge", "high court judge"),
        ("Staff Nurse", "staff nurse"),
        ("Chief Engineer", "chief engineer"),
        ("Art Director", "art director"),
        ("The Chair", "chair"),
        ("Chair of the committee", "chair of the committee"),
    ],
)
def test_an_office_is_known_by_its_noun(label: str, in_prose: str) -> None:
    assert office(label) == in_prose
    assert is_no_name(label)
    assert name_parts(label).family is None


def test_words_of_an_office_keep_capitals_unless_they_are_ordinary() -> None:
    assert office("Head of Bakery", {"bakery"}) == "head of bakery"
    assert office("Head of Europe", {"committee"}) == "Head of Europe"


NAMES = """
Baker, Cook, Mason, Doctor, Dean, Prince, Page, Taylor Mason, Judge Judy, Dean Bishop, Paul Nurse,
Mike Judge, Adam Driver, Reenu Engineer, Ismail Merchant, Michel Mayor, Christopher Guest, Victoria
Principal, Larry Page, Art Cook, Ward Bond, Page Turner, Justice Smith, Major Taylor, Chief Joseph,
Bishop Taylor, Judge Cook, Miller Cook, Maria Designer, Dr David Blaney, Professor Jean White, Cat,
Guy Cook of London, Malcolm X
"""


@pytest.mark.parametrize("name", " ".join(NAMES.split()).split(", "))
def test_a_name_is_never_taken_for_an_office(name: str) -> None:
    assert office(name) is None
    assert not is_no_name(name)


@pytest.mark.parametrize(
    "label",
    ["Grad A", "Professor B", "Interviewer 2", "Speaker 3", "Student #2", "Marketing", "User Interface"],
)
def test_departments_and_one_of_several_stay_whole_and_take_no_article(label: str) -> None:
    assert office(label) is None
    assert is_no_name(label)
    parts = name_parts(label)
    assert (parts.untitled, parts.first, parts.family) == (label, None, None)


def test_a_letter_behind_a_name_never_stands_alone() -> None:
    assert (name_parts("Lisa B").first, name_parts("Lisa B").family) == ("Lisa", None)
