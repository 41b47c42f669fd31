"""Documentation that is made from what the tests check is what it would be made into now."""

from __future__ import annotations

from tests.support.inputs_page import PAGE, page


def test_the_page_about_inputs_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.support.inputs_page"
