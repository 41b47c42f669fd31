"""No letter is lost between what a document or a page shows and the Markdown that is made of it."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcripts.documents.web_pages import read_page
from pipeline.transcripts.documents.word_files import read_word
from tests.support.word_files import document, paragraph, run

LETTERS = "ab_*`#>|<&;[]()\\~:-0. \n\u00e9\u8a71"
RUNS = st.lists(st.tuples(st.text(LETTERS, max_size=8), st.booleans(), st.booleans()), max_size=6)
BODIES = st.lists(RUNS, max_size=4)
Body = list[list[tuple[str, bool, bool]]]


def letters(markdown: str) -> str:
    """What Markdown says, without its emphasis, escapes and blanks."""
    said = re.sub(r"\\(.)|\*", lambda match: match[1] or "", markdown)
    return "".join(said.split())


def written(body: Body) -> str:
    return "".join("".join(text for runs in body for text, *_ in runs).split())


@given(BODIES)
def test_every_letter_of_a_document_is_kept(body: Body) -> None:
    looks = [[("<w:b/>" * bold + "<w:i/>" * italic) for _, bold, italic in runs] for runs in body]
    xml = "".join(
        paragraph(*(run(escape(text), look) for (text, *_), look in zip(runs, own, strict=True)))
        for runs, own in zip(body, looks, strict=True)
    )
    assert letters(read_word(document(xml), Path("a.docx"))) == written(body)


@given(BODIES)
def test_every_letter_of_a_page_is_kept(body: Body) -> None:
    html = "".join(
        "<p>"
        + "".join(
            f"{'<b>' * bold}{'<i>' * italic}{escape(text)}{'</i>' * italic}{'</b>' * bold}"
            for text, bold, italic in runs
        )
        for runs in body
    )
    read = letters(read_page(f"<html>{html}")[0])
    assert [*filter(str.isalnum, read)] == [*filter(str.isalnum, written(body))]
