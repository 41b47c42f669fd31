"""Records that read more than one spelling, or that hold what else they are told to refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline.records import Claim, Doubt, Flag, Kept, Paragraph, Quote, Sentence, Theme, Turns, Unmatched


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


@pytest.mark.parametrize("kind", ["talk", "author", "linking"])
@pytest.mark.parametrize("cites", [(), ("s0",)])
@pytest.mark.parametrize("notes", [(), (1,)])
def test_a_claim_rests_on_what_its_kind_needs(
    kind: str, cites: tuple[str, ...], notes: tuple[int, ...]
) -> None:
    data = {"text": "So it is.", "kind": kind, "cites": cites, "notes": notes}
    needed = {"talk": cites, "author": notes, "linking": True}[kind]
    if needed:
        assert Claim.model_validate(data).model_dump().items() >= data.items()
    else:
        with pytest.raises(ValidationError, match={"talk": "as in .cites", "author": "as in .notes"}[kind]):
            Claim.model_validate(data)


@pytest.mark.parametrize("wrong", [{"notes": (0,)}, {"text": ""}, {"kind": "joke"}, {"outcome": "fine"}])
def test_what_no_claim_can_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Claim.model_validate({"text": "So it is.", "cites": ("s0",), **wrong})


def test_only_the_author_s_claims_are_an_author_s_note() -> None:
    author, talk = Claim(text="I agree.", kind="author", notes=(2,)), Claim(text="It is.", cites=("s0",))
    assert Paragraph(claims=(author,), shown_as="author's note").shown_as
    assert Paragraph(claims=(author, talk)).shown_as is None
    with pytest.raises(ValidationError, match="only the author's own"):
        Paragraph(claims=(author, talk), shown_as="author's note")


def test_a_body_is_read_back_as_it_was_in_any_order() -> None:
    doubt = Doubt(rule="negation", why="it says not", judge="borne out")
    claim = Claim(text="It is.", cites=("s0",), doubts=(doubt,), outcome="mended", mended_from="It is not.")
    note = Paragraph(claims=(Claim(text="I agree.", kind="author", notes=(1,)),), shown_as="author's note")
    quote = Quote(sentences=("s0",), speaker="S1", keep=(Kept(sentence="s0", words=(0, 2)),))
    prose = Paragraph(claims=(claim, Claim(text="But then.", kind="linking")))
    theme = Theme(heading="A", body=(quote, prose, note, quote, prose), doubts=(doubt,))
    assert Theme.model_validate_json(theme.model_dump_json(exclude_none=True)) == theme
    assert theme.paragraphs == (prose, prose)
    assert theme.quotes == (quote, quote)
    assert theme.cited_ids == ("s0",)


@pytest.mark.parametrize(
    ("block", "loc"),
    [
        ({"claims": []}, ("paragraph", "claims")),
        ({"claims": [{"text": "x"}]}, ("paragraph", "claims", 0)),
        ({"sentences": [], "speaker": "S1"}, ("quote", "sentences")),
        ({"sentences": ["s0"], "speaker": "S1", "claims": []}, ("paragraph", "claims")),
        ({}, ("quote", "sentences")),
        (3, ("quote",)),
        (None, ("quote",)),
    ],
)
def test_a_block_is_told_for_what_it_is_meant_to_be(block: object, loc: tuple[int | str, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        Theme.model_validate({"heading": "A", "body": [block]})
    assert caught.value.errors()[0]["loc"] == ("body", 0, *loc)
