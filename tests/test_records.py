"""Records that read more than one spelling."""

from __future__ import annotations

import pytest

from pipeline.records import Flag, Sentence, Turns, Unmatched


@pytest.mark.parametrize(
    ("spelling", "flag"),
    [
        ("doubtful speaker", Flag.DOUBTFUL_SPEAKER),
        ("doubtful_speaker", Flag.DOUBTFUL_SPEAKER),
        ("overlapped-speech", Flag.OVERLAPPED_SPEECH),
        ("hard to hear", "hard to hear"),
        ("hard_to_hear", "hard_to_hear"),
    ],
)
def test_a_flag_is_read_in_any_spelling_and_written_in_one(spelling: str, flag: str) -> None:
    sentence = Sentence(id="s0", text="So.", speaker="S1", words=(0, 1), flags=(spelling,))
    assert sentence.flags == (flag,)
    assert type(sentence.flags[0]) is type(flag)
    assert sentence.model_dump(mode="json")["flags"] == [str(flag)]
    assert sentence.model_dump_json() == sentence.model_copy(update={"flags": (str(flag),)}).model_dump_json()


def test_unmatched_entries_that_were_lines_of_text_are_read() -> None:
    entry = Unmatched(file="talk.review.toml", entry="fix", why="'zebra' is not in the transcript")
    line = "fix: 'zebra' is not in the transcript"
    data = {"language": "en", "speakers": [], "turns": [], "unmatched": [line, entry.model_dump()]}
    old, new = Turns.model_validate(data).unmatched
    assert (str(old), str(new)) == (line, line)
    assert new == entry
    assert entry.warning == f"talk.review.toml: {line}"
