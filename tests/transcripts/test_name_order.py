"""Which labels have the surname first, judged by all labels of a file."""

from __future__ import annotations

import pytest

from pipeline.transcripts.name_order import given_name_first, in_order, is_surname_first, surname_first

INVERTED = (
    ("Lee, Ann", "Ann Lee"),
    ("van der Berg, Jan", "Jan van der Berg"),
    ("O\u2019Hara, Mary-Kate", "Mary-Kate O\u2019Hara"),
    ("LEE, Ann", "Ann LEE"),
    ("LEE, ANN", "ANN LEE"),
    ("Lee, J. R.", "J. R. Lee"),
    ("King, Martin Luther, Jr.", "Martin Luther King, Jr."),
    ("\u738b, \u5c0f\u660e", "\u5c0f\u660e \u738b"),
    ("Lee , Ann", "Ann Lee"),
)
AS_THEY_ARE = (
    *("Ann Lee, Harbour Co", "Ann Lee, Harbour", "Lee, CEO", "Lee, Treasurer", "Smith, Jr.", "Smith, III"),
    *("Ann Lee", "Lee", "", ",", "Lee,", ", Ann", "lee, ann", "Lee, Ann, Harbour", "Speaker 1, Ann"),
    "Well, I think so",
)


@pytest.mark.parametrize(("label", "name"), INVERTED)
def test_a_surname_before_a_comma_comes_last(label: str, name: str) -> None:
    assert (is_surname_first(label), given_name_first(label)) == (True, name)


@pytest.mark.parametrize("label", AS_THEY_ARE)
def test_what_may_be_read_otherwise_stays(label: str) -> None:
    assert (is_surname_first(label), given_name_first(label)) == (False, label)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (("Lee, Ann", "Ito, Bob"), ("Lee, Ann", "Ito, Bob")),
        (("Lee, Ann", "Bob Ito"), ("Lee, Ann",)),
        (("Lee, Ann", "Ito, Bob", "Max"), ("Lee, Ann", "Ito, Bob")),
        (("Lee, Ann", "Lee, Bob"), ("Lee, Ann", "Lee, Bob")),  # a family
        (("Lee, Ann", "Ito, Ann", "Kay, Jo"), ("Lee, Ann", "Ito, Ann", "Kay, Jo")),  # two of one first name
        (("Lee, Ann", "Ito, Bob", "Ann"), ("Lee, Ann", "Ito, Bob")),  # and the first name alone, later
        (("Garcia Lopez, Maria", "Lee, Ann", "Ito, Bob"), ("Garcia Lopez, Maria", "Lee, Ann", "Ito, Bob")),
        (("Lee, Ann", "Ann Lee"), ("Lee, Ann",)),
        (("Lee, Ann", "Ann", "Ann Lee"), ("Lee, Ann",)),
        (("Ann, Bob", "Ann", "Bob"), ()),
        (("Ann, Bob", "Bob, Carl"), ()),  # one stands on both sides
        (("Ann, Bob", "Carl, Dora", "Ann", "Carl"), ()),
        (("Lee, Ann", "Bob"), ()),  # either reading is possible
        (("Lee, Harbour", "Ito, Harbour"), ()),
        (("Lee, Harbour", "Ito, Harbour", "Kay, Port", "May, Port"), ()),
        (("Ann Lee, Harbour", "Bob Ito, Port"), ()),
    ],
)
def test_the_labels_of_a_file_are_judged_together(labels: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert surname_first(labels) == frozenset(found)
    assert surname_first(labels[::-1]) == frozenset(found)


def test_each_label_has_its_name() -> None:
    labels = ("Lee, Ann", "Garcia Lopez, Maria", "Ito, Bob", "Max")
    names = in_order(labels)
    assert list(names.values()) == ["Ann Lee", "Maria Garcia Lopez", "Bob Ito", "Max"]
