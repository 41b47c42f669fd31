"""What web pages show, as Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import transcripts
from pipeline.transcripts.documents.web_pages import read_page
from tests.support.operations import operations


def shown(body: str) -> str:
    return read_page(f"<!DOCTYPE html><html><head><title>T</title></head><body>{body}</body></html>")[0]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<p><b>Ann:</b> Hi <i>there</i>.</p><p>So\n it&nbsp;is &amp; was.",
            "**Ann:** Hi *there*.\n\nSo it\xa0is & was.",
        ),
        ("<p>One<p>Two<br>Three<div>Four</div>", "One\n\nTwo\nThree\n\nFour"),
        ("<b>Ann:</b><b> </b>Hi.", "**Ann:** Hi."),
        ("<p><b>Ann:</p><p>Hi.</p>", "**Ann:**\n\nHi."),
        (
            '<p><span style="font-weight:700">Ann</span><span style="font-style: italic">so</span>',
            "**Ann***so*",
        ),
        ("<h2>Part <b>one</b></h2><h3></h3><p>Hi.", "## Part one\n\nHi."),
        ("<ul><li>salt<li><p>pepper</p><p>more</p></ul><p>Hi.", "- salt\n\n- pepper\n\nmore\n\nHi."),
        ("<cite>Ann:</cite><time>0:03</time><p>Hi.</p>", "Ann:  0:03\n\nHi."),
        ("<span>Ann Lee</span><span>0:03</span><div>Hi.</div>", "Ann Lee 0:03\n\nHi."),
        ("<span>0:03</span><span>Ann Lee</span>", "0:03 Ann Lee"),
        ("<p><button>0:03</button><button>Share</button>Ann: Hi.</p>", "0:03 Ann: Hi."),
        ("<table><tr><td>Ann<td>fees", "| Ann | fees |"),
        ("<p>un</p><p>be<b>liev</b>able</p>", "un\n\nbe**liev**able"),
        ("<dl><dt>Ann<dd>Hi.<dt>Bob<dd>Yo.</dl>", "**Ann**\n\nHi.\n\n**Bob**\n\nYo."),
        ("<table><tr><th>Who<th>What<tr><td>Ann<td>fees</table>", "| Who | What |\n| Ann | fees |"),
        ("<table><tr><td><p>a<p>b<p>c<p>d</td><td>e</td></table>", "a\n\nb\n\nc\n\nd\n\ne"),
        ("<pre>Ann: Hi.\n  Bob: Yo.</pre>", "Ann: Hi.\nBob: Yo."),
        ("<nav>Home</nav><p>Hi.<button>Play</button></p><footer>(c)</footer><noscript>x</noscript>", "Hi."),
        ("<script>if (a < b) '</p>'</script><style>p{}</style><p>Hi.<!-- <p>no --></p>", "Hi."),
        ('<p title="a > b">Hi.</p><img alt="<p>no"><p>5 < 6 & *so*', "Hi.\n\n5 < 6 & \\*so\\*"),
        ("<p>Hi.</div></b></p></p><p>Yo.", "Hi.\n\nYo."),
        ("<?php echo ?><p>Hi.<![CDATA[x]]></p>", "Hi."),
    ],
)
def test_a_page_is_read_as_it_is_seen(body: str, expected: str) -> None:
    assert shown(body) == expected


def test_the_part_of_a_page_that_is_the_transcript_counts_alone() -> None:
    said = "".join(f"<p>Ann: This is turn {i} of it.</p>" for i in range(20))
    main = f'<h1>Show</h1><div class="ep-transcript">{said}</div>{"<p>More." * 9}'
    text, notes = read_page(f"<html><p>{'Buy this. ' * 60}<main>{main}</main>")
    assert (text.count("turn"), "Buy" in text, "More" in text) == (20, False, False)
    assert notes == ["left out 131 words of the page around the transcript"]
    summary = f'<html><div class="transcript-summary">{"<p>In short. " * 40}</div>{said * 9}'
    assert read_page(summary)[0].count("turn") == 180
    link = f'<html><main>{said}<a class="get-transcript">Transcript</a></main>'
    assert read_page(link)[0].count("turn") == 20


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.txt", "\n<!DOCTYPE html><p>Ann: Hi.", "Ann: Hi."),
        ("a.md", "<?xml version='1.0'?>\n<!-- saved --><html xmlns='x'><p>Ann: Hi.", "Ann: Hi."),
        ("a.html", "<p>Ann: Hi.</p>", "Ann: Hi."),
        ("a.txt", "Ann: 1 <3 and <x>.", "Ann: 1 <3 and <x>."),
        ("a.html", "Ann: 5 < 6.", "Ann: 5 < 6."),
    ],
)
def test_a_page_is_told_by_its_beginning_or_in_a_file_named_so_by_its_tags(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    words = transcripts.read(tmp_path / name).words
    assert f"{words[0].label}:{''.join(word.text for word in words)}" == expected


def test_a_page_in_an_old_encoding_says_which(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    page = '<html><meta charset="koi8-r"><p>Анна: Привет, сегодня мы говорим о соли.</p>'  # noqa: RUF001
    path.write_bytes(page.encode("koi8-r"))
    assert transcripts.read(path).words[0].label == "Анна"
    path.write_bytes(page.replace("koi8-r", "zlib_codec").encode("koi8-r"))
    transcripts.read(path)


@pytest.mark.parametrize(
    "piece",
    [
        *("<", "<!--", "<!", "<?", "<p", "<p ", '<p a="', "<a '\"", "<b>", "</p>", "<script>"),
        *("<table>", "<li>", "<ul><li>", "<dl><dt>", "<table><td>"),
    ],
)
def test_broken_pages_take_linear_time(piece: str) -> None:
    def work(count: int) -> int:
        return operations(lambda: read_page("<html>" + piece * count + "Hi."))

    assert work(2000) < 12 * work(200)
