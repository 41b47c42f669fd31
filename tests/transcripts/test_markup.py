"""Lines as they read, without their markup."""

from __future__ import annotations

import pytest

from pipeline.transcripts.lines import markup

TEXTS = (
    ("**Ann:** words", "Ann: words"),
    ("__Ann:__ words", "Ann: words"),
    ("** Ann: **words", "Ann: words"),
    ("*Ann (0:15)*: words", "Ann (0:15): words"),
    ("<b>Ann:</b> words &amp; more", "Ann: words & more"),
    ("\\[12:34\\] words", "[12:34] words"),
    ("[7:12](https://video.example/?t=9) words", "[7:12] words"),
    ("[my site](https://video.example) words", "my site words"),
    ("![a picture](picture.png) words", "words"),
    ("~~old~~ new words", "old new words"),
    ("words that go on\\", "words that go on"),
    ("* **Ann**: words", "Ann: words"),
    ("> Ann: words", "Ann: words"),
    ("- [ ] words", "words"),
    ("## Harbour fees ##", "Harbour fees"),
    ("words[^1] and {{< note >}} more", "words and  more"),
    # neighbours that are no markup
    ("5 * 3 is 15, 2 * 2 is 4", "5 * 3 is 15, 2 * 2 is 4"),
    ("a List<String> is typed", "a List<String> is typed"),
    ("snake_case_name", "snake_case_name"),
    ("it costs ~5 euros", "it costs ~5 euros"),
    (">> ANN: words", ">> ANN: words"),
    ("-5 degrees", "-5 degrees"),
    ("#hashtag words", "#hashtag words"),
)
SPLIT = (
    ("One.<br>Two.", ["One.", "Two."]),
    ("One. >>TWO: Three.", ["One.", ">>TWO: Three."]),
    ("if a >> b then c", ["if a >> b then c"]),
    ("One\n\n---\n\nTwo", ["One", "Two"]),
    ("One <!-- not\nthis --> Two", ["One", "Two"]),
    ("One\n{% comment %} not this {% endcomment %}\nTwo", ["One", "Two"]),
    ("One\n{% quote %} this {% endquote %}\nTwo", ["One", "this", "Two"]),
    ("<script>no()</script>\nOne", ["One"]),
    ("1  One\n2  Two\n3  Three\n4  Four", ["One", "Two", "Three", "Four"]),
    ("1. One\nOther\nOther\nOther", ["1. One", "Other", "Other", "Other"]),
    (
        "Words enough of them, and more of them.\n```\ncode\n```\nTwo",
        ["Words enough of them, and more of them.", "Two"],
    ),
)


@pytest.mark.parametrize(("raw", "text"), TEXTS)
def test_a_line_reads_without_its_markup(raw: str, text: str) -> None:
    assert [line.text for line in markup.clean(raw).lines] == [text]


@pytest.mark.parametrize(("raw", "texts"), SPLIT)
def test_lines_are_parted_and_what_is_no_text_goes(raw: str, texts: list[str]) -> None:
    assert [line.text for line in markup.clean(raw).lines] == texts


def test_emphasis_headings_and_paragraphs_are_remembered() -> None:
    bold, heading, below, after = markup.clean("**Ann:** words\n\n## Fees\nbelow\n\nafter").lines
    assert bold.is_emphasised(0, 4)
    assert not bold.is_emphasised(0, 6)
    assert (bold.level, heading.level) == (0, 2)
    assert [line.opens_paragraph for line in (bold, heading, below, after)] == [True, True, True, True]


def test_lines_keep_their_numbers_and_what_goes_is_listed() -> None:
    cleaned = markup.clean("One\n\n[^1]: A note.\n\nTwo", first_number=7)
    assert [line.number for line in cleaned.lines] == [7, 11]
    assert [(left.line, left.why) for left in cleaned.left_out] == [(9, "footnote or link")]
