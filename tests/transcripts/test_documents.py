"""What Word documents show, as Markdown, and what is refused in their place."""

from __future__ import annotations

import io
import random
import tracemalloc
from pathlib import Path

import docx
import pytest

from pipeline import transcripts
from pipeline.errors import InputError
from pipeline.transcripts.documents.word_files import read_word
from tests.support.word_files import document, package, paragraph, run

PATH = Path("a.docx")
BOLD, ITALIC = "<w:b/>", "<w:i/>"
STYLES = "".join(
    f'<w:style w:styleId="{key}"><w:name w:val="{name}"/>{look}</w:style>'
    for key, name, look in (
        ("Titre1", "heading 1", "<w:rPr><w:b/></w:rPr>"),
        ("Sub", "Sub", '<w:basedOn w:val="Titre1"/>'),
        ("Name", "Speaker", "<w:rPr><w:b/></w:rPr>"),
        ("Loop", "Loop", '<w:basedOn w:val="Loop"/>'),
    )
)


def shown(*paragraphs: str) -> str:
    return read_word(document("".join(paragraphs), STYLES), PATH)


def test_a_turn_of_teams_is_a_line_with_name_and_time_above_its_words() -> None:
    picture = (
        "<w:r><w:drawing><wp:inline xmlns:wp='x'><wp:docPr descr='avatar'/></wp:inline></w:drawing></w:r>"
    )
    turn = paragraph(
        picture, run("\n"), run("Ann Lee", BOLD), run("   0:03"), run("\nSo it begins.\nReally.")
    )
    assert shown(turn, turn) == "\n\n".join(["**Ann Lee**   0:03\nSo it begins.\nReally."] * 2)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([run("Ann", BOLD), run(" ", BOLD), run("Lee:", BOLD), run(" Hi.")], "**Ann Lee:** Hi."),
        ([run("Ann", BOLD), run(" "), run("Lee: ", BOLD), run("Hi.")], "**Ann Lee:** Hi."),
        ([run("Ann", BOLD + ITALIC), run(": so "), run("it", ITALIC), run(" is.")], "***Ann***: so *it* is."),
        ([run("Ann\nBob", BOLD)], "**Ann**\n**Bob**"),
        ([run("not bold", '<w:b w:val="0"/>')], "not bold"),
        ([run("seen"), run("hidden", "<w:vanish/>")], "seen"),
        ([run("Ann", '<w:rStyle w:val="Name"/>'), run(": Hi.")], "**Ann**: Hi."),
        (["<w:r><w:t>0:03</w:t><w:tab/><w:t>Ann</w:t><w:noBreakHyphen/></w:r>"], "0:03\tAnn-"),
        (["<w:hyperlink>", run("0:03"), "</w:hyperlink>", run(" Hi.")], "0:03 Hi."),
        (["<w:ins>", run("put in"), "</w:ins><w:del>", run("cut"), "</w:del>"], "put in"),
        (["<w:moveFrom>", run("from"), "</w:moveFrom><w:moveTo>", run("to"), "</w:moveTo>"], "to"),
        (["<w:sdt><w:sdtContent>", run("in a field"), "</w:sdtContent></w:sdt>"], "in a field"),
        (["<w:r><w:instrText> PAGE </w:instrText></w:r>", run("kept")], "kept"),
    ],
)
def test_runs_are_read_with_their_looks(runs: list[str], expected: str) -> None:
    assert shown(paragraph(*runs)) == expected


@pytest.mark.parametrize(
    "text", ["*", "a*b*", "`x`", "_so_", "# 1", "> so", "| a |", "<b>", "&amp;amp;", "[a](b)"]
)
def test_what_markdown_would_take_for_marks_is_escaped(text: str) -> None:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(shown(paragraph(run(text.replace("<", "&lt;")))))
    inline = [child for token in tokens for child in token.children or []]
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(child.content for child in inline) == text.replace("&amp;amp;", "&amp;")


@pytest.mark.parametrize(
    "text", ["SPEAKER_00: Hi.", "[0:03] Ann: Hi.", "5 < 6 & 7 > 3", "- so", ">> ANN: Hi."]
)
def test_what_means_nothing_in_markdown_stays(text: str) -> None:
    assert shown(paragraph(run(text.replace("&", "&amp;").replace("<", "&lt;")))) == text


def test_headings_lists_and_empty_paragraphs() -> None:
    heading = paragraph(run("Part one"), look='<w:pStyle w:val="Titre1"/>')
    below = paragraph(run("Of it"), look='<w:pStyle w:val="Sub"/>')
    item = paragraph(run("salt"), look='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>')
    loop = paragraph(run("Ann: Hi."), look='<w:pStyle w:val="Loop"/>')
    assert shown(heading, below, paragraph(), item, loop) == "# Part one\n\n# Of it\n\n- salt\n\nAnn: Hi."


def table(*rows: list[str]) -> str:
    lines = ("".join(f"<w:tc>{paragraph(run(text))}</w:tc>" for text in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def test_a_table_is_a_line_a_row() -> None:
    assert shown(table(["Who", "What"], ["Ann", "a|b"])) == "| Who | What |\n| Ann | a\\|b |"
    assert shown(table(["Ann: Hi."], ["Bob: Yo."])) == "Ann: Hi.\n\nBob: Yo."
    inner = f"<w:tbl><w:tr><w:tc>{table(['a', 'b'])}{paragraph(run('c'))}</w:tc><w:tc/></w:tr></w:tbl>"
    assert shown(inner) == "| a b c |  |"


def test_a_table_in_which_names_come_back_is_a_turn_a_row() -> None:
    rows = [["Time", "Speaker", "Transcript"]]
    rows += [[f"00:00:0{i}", "AB"[i % 2], f"This is what was said in turn {i}."] for i in range(4)]
    lines = shown(table(*rows)).split("\n\n")
    assert lines[:3] == [
        "| Time | Speaker | Transcript |",
        "**A [00:00:00]:** This is what was said in turn 0.",
        "**B [00:00:01]:** This is what was said in turn 1.",
    ]


def test_a_list_of_tasks_below_a_transcript_is_no_speech_of_those_who_have_them() -> None:
    tasks = [["send the minutes", "Ann"], ["ask the council", "Bob"], ["call them", "Ann"], ["pay", "Bob"]]
    said = paragraph(run("Ann: " + "So it goes on and on. " * 9))
    assert "| ask the council | Bob |" in shown(said, table(*tasks))


def test_what_another_program_writes_is_read() -> None:
    file, written = io.BytesIO(), docx.Document()
    written.add_heading("The harbour", 1)
    turn = written.add_paragraph()
    turn.add_run("Ann Lee:").bold = True
    turn.add_run(" Who pays?\nWho?")
    written.add_paragraph("salt", style="List Bullet")
    cells = written.add_table(1, 2).rows[0].cells
    cells[0].text, cells[1].text = "port", "fees"
    written.sections[0].header.paragraphs[0].text = "no speech"
    written.add_comment(turn.runs, "nor this")
    written.save(file)
    expected = ["# The harbour", "**Ann Lee:** Who pays?\nWho?", "- salt", "| port | fees |"]
    assert read_word(file.getvalue(), PATH).split("\n\n") == expected


def test_the_main_part_may_have_another_name_and_parts_may_be_missing(tmp_path: Path) -> None:
    raw = document(paragraph(run("Ann: Hi.")), main="word/document2.xml")
    assert read_word(raw, PATH) == "Ann: Hi."
    w = "http://purl.oclc.org/ooxml/wordprocessingml/main"  # ISO's strict form
    strict = f'<w:document xmlns:w="{w}"><w:body><w:p><w:r><w:t>Hi.</w:t></w:r></w:p></w:body></w:document>'
    assert read_word(package({"word/document.xml": strict}), PATH) == "Hi."


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (package({"xl/workbook.xml": ""}), "is a spreadsheet"),
        (package({"ppt/presentation.xml": ""}), "is a presentation"),
        (package({"mimetype": "application/vnd.oasis", "META-INF/manifest.xml": ""}), "not one of Word's"),
        (package({"Index/Document.iwa": ""}), "is a document of Pages, Numbers or Keynote"),
        (package({"talk.mp3": ""}), r"is an archive \(ZIP\). Unpack it"),
        (package({"word/document.xml": "<w:document"}), "is a broken Word document"),
        (document("")[:-40], "is a broken Word document"),
        (
            document(paragraph(run("Hi.")))[:300] + b"\0" * 90 + document("")[390:],
            "is a broken Word document",
        ),
        (
            b"\xd0\xcf\x11\xe0" + bytes(99),
            r"is an old Office document .* save it as a Word document \(.docx\)",
        ),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
    ],
)
def test_what_is_no_word_document_is_refused_with_what_to_do(tmp_path: Path, raw: bytes, what: str) -> None:
    for name in ("a.docx", "a.txt"):
        path = tmp_path / name
        path.write_bytes(raw)
        with pytest.raises(InputError, match=what):
            transcripts.read(path)


def test_an_encrypted_archive_is_told() -> None:
    raw = bytearray(document(paragraph(run("Hi."))))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(signature)
        while at >= 0:
            raw[at + offset] |= 1
            at = raw.find(signature, at + 1)
    with pytest.raises(InputError, match="is protected by a password"):
        read_word(bytes(raw), PATH)


def test_entities_are_never_read() -> None:
    bomb = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(9))
    for declared in (f'<!ENTITY e0 "ha">{bomb}', '<!ENTITY e9 SYSTEM "file:///etc/passwd">'):
        body = f'<!DOCTYPE d [{declared}]><d xmlns="w"><body><p><r><t>&e9;</t></r></p></body></d>'
        with pytest.raises(InputError, match="is a broken Word document"):
            read_word(package({"word/document.xml": body}), PATH)


def test_memory_is_bounded_whatever_a_part_grows_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.transcripts.documents.word_files.MAX_READ_BYTES", 1 << 23)
    bomb = document(paragraph(run("Hi.")) + " " * (1 << 25), word__media=bytes(1 << 26))
    tracemalloc.start()
    with pytest.raises(InputError, match="has more than 8 MB of text"):
        read_word(bomb, PATH)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 24


def test_a_package_of_very_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.transcripts.documents.word_files._MAX_PARTS", 20)
    with pytest.raises(InputError, match="has more than 20 parts"):
        read_word(package({str(i): "" for i in range(21)}), PATH)


def test_elements_may_be_nested_without_end() -> None:
    deep = "<w:ins>" * 100_000 + run("Hi.") + "</w:ins>" * 100_000
    assert shown(f"<w:p>{deep}</w:p>") == "Hi."
    boxes = "<w:p><w:r>" * 5000 + "<w:t>Hi.</w:t>" + "</w:r></w:p>" * 5000
    assert shown(boxes) == "Hi."


def test_damaged_documents_are_read_or_refused() -> None:
    whole = document("".join(paragraph(run("Ann", BOLD), run(f": turn {i}.")) for i in range(20)), STYLES)
    rng = random.Random(0)
    for _ in range(150):
        raw = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(raw))
            raw[at : at + rng.choice([0, 1, 9])] = rng.randbytes(rng.choice([0, 1, 3]))
        try:
            read_word(bytes(raw), PATH)
        except InputError:
            continue
