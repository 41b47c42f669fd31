"""Quotes that cannot stand are sent back with what leads up to them, and what comes back is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.records import Takeaways
from pipeline.workspace.talks import Workspace
from tests.takeaways.llm.test_whole_talk import Reply, giving, place, post, prose, quote, steps, written

__all__ = ["place"]  # a fixture

LEAD = "And if nobody brings any back?"
REWRITTEN = "If nobody brings any back, S2 buys new ones."
SENTENCE = "S2 just buys new ones then."


def with_bad_quote(post: Reply) -> None:
    post["sections"][0]["body"][1] = quote("My kitchen", "other mistake")  # of two speakers


def made_of(
    place: Workspace, *rewrites: Reply, judge: Callable[[str], bool] = lambda text: True
) -> tuple[Takeaways, list[dict[str, Any]]]:
    return written(place, giving(post(with_bad_quote), rewrites=rewrites, judge=judge))


def quoted(made: Takeaways) -> list[int]:
    """How many quotes each section has."""
    return [len(theme.quotes) for theme in made.themes]


def instead(of: int, text: str = "", *lines: int, **more: str) -> Reply:
    return {"of": of, "lines": list(lines), "notes": [], "text": text, **more}


def test_a_quote_and_what_stands_before_it_are_told_with_the_reason(place: Workspace) -> None:
    _, requests = made_of(place)
    assert steps(requests) == ["whole", "judge", "rewrite"]
    told = requests[2]["messages"][-1]["content"]
    assert '1. (section 1, quote) lines 13, 14: "My kitchen may' in told
    assert "cannot stand as a quote: more than one person speaks in it" in told
    assert f'2. (section 1) "{LEAD}" stands before such a quote' in told


def test_nothing_is_asked_where_every_quote_stands(place: Workspace) -> None:
    assert steps(written(place, giving(post()))[1]) == ["whole", "judge"]


def test_other_lines_may_be_quoted_and_then_the_lead_in_stays(place: Workspace) -> None:
    for given_up in ((), (instead(2),)):
        made, _ = made_of(place, instead(1, "", 9), *given_up)
        assert quoted(made) == [1, 1]
        assert LEAD in prose(made)
        assert made.rejected == ()


def test_other_words_may_be_quoted(place: Workspace) -> None:
    made, _ = made_of(place, instead(1, "", 8, from_words="so we never send", to_words="charge a fee"))
    assert quoted(made) == [1, 1]


def test_a_quote_that_comes_back_is_checked_as_well(place: Workspace) -> None:
    made, _ = made_of(place, instead(1, "", 7, 8))
    assert quoted(made) == [0, 1]
    assert LEAD not in prose(made)
    assert "more than one person" in made.rejected[0].why


def test_a_sentence_may_come_instead_and_is_judged(place: Workspace) -> None:
    made, requests = made_of(place, instead(1, SENTENCE, 8))
    assert steps(requests) == ["whole", "judge", "rewrite", "judge"]
    assert prose(made)[3:5] == [LEAD, SENTENCE.replace("S2", "{S2}")]
    made, _ = made_of(place, instead(1, SENTENCE, 8), judge=lambda text: "just buys" not in text)
    assert LEAD not in prose(made)
    assert not any("just buys" in text for text in prose(made))


def test_what_led_up_to_a_lost_quote_is_written_anew_and_judged(place: Workspace) -> None:
    made, requests = made_of(place, instead(1), instead(2, REWRITTEN, 8))
    assert steps(requests) == ["whole", "judge", "rewrite", "judge"]
    assert REWRITTEN.replace("S2", "{S2}") in prose(made)
    made, _ = made_of(place, instead(2, REWRITTEN, 8), judge=lambda text: "buys new" not in text)
    assert not any("brings any back" in text for text in prose(made))


@pytest.mark.parametrize("rewrites", [(), (instead(1), instead(2)), (instead(2, LEAD),)])
def test_what_leads_up_to_a_lost_quote_goes_with_it(place: Workspace, rewrites: tuple[Reply, ...]) -> None:
    made, _ = made_of(place, *rewrites)
    assert quoted(made) == [0, 1]
    assert LEAD not in prose(made)
    counts = made.verification
    assert counts
    assert counts.checked == counts.passed + counts.doubted + counts.mended + counts.replaced


def test_a_sentence_that_tells_something_stays_without_its_quote(place: Workspace) -> None:
    def change(post: Reply) -> None:
        with_bad_quote(post)
        del post["sections"][0]["body"][0]["paragraph"][-1]

    made, _ = written(place, giving(post(change)))
    assert any("two weeks earlier" in text for text in prose(made))
    made, _ = written(place, giving(post(change), rewrites=[instead(2)]))
    assert not any("two weeks earlier" in text for text in prose(made)), "its writer gave it up"
