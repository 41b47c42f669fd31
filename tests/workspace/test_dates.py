"""Days in words and in the names of files."""

from __future__ import annotations

import pytest

from pipeline.workspace import dates


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-02",
        "2024-05-02T22:01:00+10:30",
        "2024-05-02 14:00:00 -0800",
        "2024/5/2",
        "2024.05.02",
        "20240502",
        "20240502T140322Z",
        "May 2, 2024",
        "may 2nd 2024",
        "Thursday, May 2,2024 2:00 PM",
        "Thu, 02 May 2024 10:00:00 +0000",
        "2nd of May, 2024",
        "2. Mai 2024",
        "2 de mayo de 2024",
        "2.5.2024",
        "2024年5月2日",
    ],
)
def test_a_day_is_read_in_each_form(text: str) -> None:
    assert dates.iso(text) == "2024-05-02"


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2024", "May 2024", "2024-13-40", "02/05/2024", "2024-05-02 to 2024-05-03", "Mayor 3 2024"],
)
def test_what_is_no_one_day_is_none(text: str) -> None:
    assert dates.iso(text) is None


def test_a_day_above_twelve_tells_which_number_is_the_month() -> None:
    assert dates.iso("25/12/2023") == dates.iso("12/25/2023") == "2023-12-25"


@pytest.mark.parametrize(
    "name",
    [
        "2024-05-02-harbour",
        "20240502_harbour",
        "harbour 2 May 2024",
        "harbour-2May2024",
        "harbour_2024_05_02",
        "GMT20240502-140322_Recording",
        "2024-05-02 14.03.22 Ann's Meeting 81234567890",
        "20240502140322",
        "2024-05-02 harbour/talk 1",
        "2023-01-01 all/2024-05-02 harbour",
    ],
)
def test_a_day_is_read_in_a_name(name: str) -> None:
    assert dates.in_name(name) == "2024-05-02"


@pytest.mark.parametrize(
    "name",
    ["harbour", "episode 12 2024", "v2024.1.2", "120240502", "81234567890", "03-05-2024", "march 2024 12"],
)
def test_other_numbers_in_a_name_are_no_day(name: str) -> None:
    assert dates.in_name(name) is None
