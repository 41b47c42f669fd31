"""Rendering: text stays text in every format, and templates can be added, replaced and got wrong."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import yaml
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.errors import ArtifactError, ConfigError, TemplateError
from pipeline.records import Post, Takeaways, Theme
from pipeline.stages.render import RENDER
from pipeline.text import markdown, plain, quoted, webvtt
from pipeline.turns.called import is_role
from pipeline.workspace import template_process
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.receipts import made_from
from pipeline.workspace.template_process import Limits
from tests.support.given_to_templates import contexts, not_plain, reachable
from tests.support.posts import (
    PANEL,
    PEOPLE,
    Page,
    guessing,
    paragraph,
    quoting,
    render,
    spoken,
    talk,
    texts,
    turns,
    written,
)

SAID = (("S1", "We ship fast. | We learn. | We iterate."), ("S2", "Once it is out there, it is out there."))
WORDS = r"""
<script>alert(1)</script> <https://x.org> <!-- ]]> </v> </title> &lt; &#39; --> " ' \
# ## * + - --- == ~~~ > : 1. 2) [x](y) ![a](b) [^1] [ ] `x` **a** __a__ |a|b| $x$ {{a}} {% %}
javascript:x NOTE 00:01.000 S1 word
"""
FRAGMENTS = (*WORDS.split(), "\n", "\t", "    ", "\x00", "\u2028", "\ufffe")
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(FRAGMENTS),
        min_size=1,
        max_size=5,
    ).map(" ".join),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def rendered(root: Path, sidecar: str = "", media: str = "talk.mp3", timed: bool = True) -> dict[str, str]:
    said = turns(SAID, timed=timed, labels=("Ada", "Grace") if not timed else ())
    return texts(render(talk(root, sidecar, media=media), said, quoting(said, "s0", "s5")))


def as_text(source: str) -> str:
    """What a reader of the Markdown sees, and that it is one plain paragraph."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {token.type for token in children} <= {"text", "text_special"}
    return "".join(token.content for token in children)


@given(HOSTILE)
def test_text_in_markdown_reads_as_it_stands(text: str) -> None:
    if plain(text):
        assert as_text(markdown(text)) == plain(text)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("OP_CAT and OP_CTV", "OP_CAT and OP_CTV"),
        ("_so_ it __goes", r"\_so\_ it \_\_goes"),
        ("a_ b_c_ é_é", r"a\_ b_c\_ é_é"),
    ],
)
def test_an_underscore_inside_a_word_stays_as_it_is(text: str, source: str) -> None:
    assert markdown(text) == source
    assert as_text(source) == text


@given(HOSTILE)
def test_text_in_a_heading_or_a_quote_reads_as_it_stands(text: str) -> None:
    if not plain(text):
        return
    for prefix, block in (("## ", "heading_open"), ("> ", "blockquote_open")):
        tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(prefix + markdown(text))
        assert tokens[0].type == block
        (inline,) = (token for token in tokens if token.type == "inline")
        assert "".join(child.content for child in inline.children or []) == plain(text)


@given(HOSTILE)
def test_quoted_text_is_yaml(text: str) -> None:
    (value,) = yaml.safe_load(f"- {quoted(text)}")
    assert value == plain(text)


@given(HOSTILE)
def test_text_in_subtitles_is_neither_tag_nor_timing(text: str) -> None:
    cue = webvtt(text)
    assert not re.search(r"[<>\n\r]|--$", cue)
    assert "&" not in re.sub("&(amp|lt|gt|#45);", "", cue)
    assert unescape(cue) == plain(text)


@settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example(title="", heading="", sentence="", name="--")
@example(title="", heading="", sentence="", name="Q")
@example(title="", heading="", sentence="<!--", name="")
@given(title=HOSTILE, heading=HOSTILE, sentence=HOSTILE, name=HOSTILE)
def test_hostile_text_stays_text_in_every_format(title: str, heading: str, sentence: str, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        said = turns((("S1", sentence.replace(" | ", " ")), ("S2", "Yes.")), labels=(name, "Grace"))
        takeaways = quoting(said, "s0", title=title, heading=heading)
        files = texts(render(talk(Path(folder)), said, takeaways))
        usual = texts(
            render(talk(Path(folder)), turns((("S1", "a"), ("S2", "b")), labels=("A", "B")), takeaways)
        )
    page, tame = Page(files["post.html"]), Page(usual["post.html"])
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in tame.tags]
    assert "".join(page.text["h1"]) == plain(title) or not plain(title)
    said_whole = plain(sentence).rstrip(",;:-\u2013\u2014 ")  # as where speech breaks off
    assert said_whole in "".join(page.text["p"])
    front = yaml.safe_load(files["post.md"].split("\n---\n")[0])
    assert front["title"] == (plain(title) or "talk")
    assert front["speakers"] == [own for own in (plain(name), "Grace") if own and not is_role(own)]
    tokens = MarkdownIt("commonmark").parse(files["post.md"].partition("\n---\n")[2])
    assert not {"html_block", "fence", "code_block", "table_open"} & {token.type for token in tokens}
    timings = [line for line in files["transcript.vtt"].splitlines() if "-->" in line]
    assert timings == ["00:00:00.000 --> 00:00:04.000", "00:00:05.000 --> 00:00:09.000"]


def test_the_page_is_self_contained_and_whole(root: Path) -> None:
    page = Page(rendered(root, 'title = "T"\nrecording = "https://youtu.be/abc"')["post.html"])
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert all(href[1:] in ids for href in page.values("href") if href.startswith("#"))
    assert page.values("src") == ["../../inputs/talk.mp3"]
    assert not [a for tag, a in page.tags if tag == "link" and a["href"] != "data:,"]
    assert not re.search(r"url\(|@import", "".join(page.text["style"]))
    assert page.values("data-t") == ["0.0", "5.0", "10.0", "15.0", "0.0"], "four bars and a quote"
    assert "https://youtu.be/abc?t=0s" in page.values("href")
    assert page.values("lang")[0] == "en"


def test_a_film_is_played_as_one(root: Path) -> None:
    assert "<video " in rendered(root, media="talk.mp4")["post.html"]


def test_without_times_there_are_no_clocks_and_no_time_links(root: Path) -> None:
    files = rendered(root, 'recording = "https://youtu.be/abc"', media="talk.md", timed=False)
    page = Page(files["post.html"])
    assert not page.values("data-t")
    assert "<svg" not in files["post.html"]
    assert "<audio" not in files["post.html"]
    assert not [value for value in page.values("class") if value == "time"]
    assert "t=" not in files["post.md"].replace('"https://youtu.be/abc"', "")
    assert files["transcript.vtt"].startswith("WEBVTT\n\nNOTE ")
    assert "-->" not in files["transcript.vtt"]
    assert "**Ada**\n\nWe ship fast." in files["transcript.md"]


def test_a_recording_page_without_moments_is_linked_as_a_whole(root: Path) -> None:
    files = rendered(root, 'recording = "https://example.org/ep/1"', media="talk.md")
    assert files["post.md"].count("https://example.org/ep/1") == 2  # front matter and one link
    assert ", 0:00" in files["post.md"]


def test_quotes_are_looked_up_and_gaps_are_marked(root: Path) -> None:
    said = turns(SAID)
    whole = texts(render(talk(root), said, quoting(said, "s0", "s3")))["post.md"]
    assert "> We ship fast. We learn.\n" in whole
    gap = texts(render(talk(root), said, quoting(said, "s0", "s5")))["post.md"]
    assert r"> We ship fast. \[…\] We iterate." in gap


@pytest.mark.parametrize(("ids", "message"), [(("s0", "s99"), "s99"), (("s0", "s7"), "gives s0 to S1")])
def test_a_quote_of_what_was_not_said_so_is_an_error(root: Path, ids: tuple[str, ...], message: str) -> None:
    said = turns(SAID)
    takeaways = quoting(said, "s0")
    quote = takeaways.themes[0].quotes[0].model_copy(update={"sentences": ids})
    theme = takeaways.themes[0].model_copy(update={"body": (quote,)})
    with pytest.raises(ArtifactError, match=rf"3_takeaways\.json: .*{message}"):
        render(talk(root), said, takeaways.model_copy(update={"themes": (theme,)}))


def test_prose_speaks_of_speakers_by_id_and_is_rendered_with_names(root: Path) -> None:
    said = turns(SAID)
    prose = paragraph(("{S1} pushed back; S1 did not.", "s0"))
    takeaways = Takeaways(
        writer="x", title="{S2} on open tech", dek="", themes=(Theme(heading="A", body=(prose,)),)
    )
    files = texts(render(talk(root, '[speakers]\n"Ada" = { at = "0:01" }'), said, takeaways))
    assert "Ada pushed back; S1 did not. ([0:00](../../inputs/talk.mp3#t=0))" in files["post.md"]
    assert "<h1>Speaker 2 on open tech</h1>" in files["post.html"]


def test_headings_of_any_script_have_anchors_of_their_own(root: Path) -> None:
    headings = ["Ship fast", "Ship fast!", "ship-fast-2", "開かれた技術", "हिन्दी", "…", "_player"]
    takeaways = Takeaways(writer="x", title="T", dek="", themes=tuple(Theme(heading=h) for h in headings))
    page = Page(texts(render(talk(root), turns(SAID), takeaways))["post.html"])
    anchors = [a["id"] for tag, a in page.tags if tag == "h2"]
    assert anchors == [
        "ship-fast",
        "ship-fast-2",
        "ship-fast-2-2",
        "開かれた技術",
        "हिन्दी",
        "theme-6",
        "player",
    ]


def test_a_guessed_name_says_what_it_rests_on_and_leads_there(root: Path) -> None:
    said = turns((("S1", "Hello. | We are joined by Greg Sanders."), ("S2", "Hi.")))
    files = texts(
        render(talk(root), guessing(said, "S2", "Greg Sanders", "introduction", "s1"), quoting(said, "s7"))
    )
    page = Page(files["post.html"])
    why = "a guess: at 0:05 Speaker 1 says \u201cWe are joined by Greg Sanders.\u201d"
    marks = [(tag, attrs) for tag, attrs in page.tags if attrs.get("aria-label") == why]
    assert [tag for tag, _ in marks] == ["a", "span"], "in the head, and at the quote"
    assert (marks[0][1]["href"], marks[0][1]["data-t"]) == ("../../inputs/talk.mp3#t=5", "5.0")
    assert "A guess, not yet confirmed: Greg Sanders." in files["post.html"]


@pytest.mark.parametrize(("role", "with_line"), [(None, "Greg (?)"), ("Base & co", "Greg (?, Base & co)")])
def test_a_guess_is_marked_wherever_it_stands(root: Path, role: str | None, with_line: str) -> None:
    said = guessing(turns(SAID), "S2", "Greg", "introduction", "s0")
    people = (said.speakers[0], said.speakers[1].model_copy(update={"role": role}))
    said = said.model_copy(update={"speakers": people})
    takeaways = quoting(said, "s7")
    prose = paragraph(("{S2}'s right: {S2} is.", "s7"))
    theme = takeaways.themes[0].model_copy(update={"body": (prose, *takeaways.themes[0].quotes)})
    files = texts(render(talk(root), said, takeaways.model_copy(update={"themes": (theme,)})))
    post = files["post.md"]
    assert yaml.safe_load(post.split("\n---\n")[0])["speakers"] == ["Greg (?)"]
    assert f"\nWith {with_line}.\n" in post
    assert "\nGreg's (?) right: Greg is. ([0:15](" in post
    assert "— **Greg** (?), [0:15](" in post
    assert post.endswith("\nA name with (?) is a guess.\n")
    assert (
        "# A title: transcript\n\n*A name with (?) is a guess, not yet confirmed.*\n\n**Speaker 1** [0"
        in (files["transcript.md"])
    )
    assert "**Greg** (?) [0:15](" in files["transcript.md"]
    subtitles = files["transcript.vtt"]
    assert subtitles.startswith(
        'WEBVTT\n\nNOTE A name that ends in "?" is a guess, not yet confirmed.\n\n00:'
    )
    assert "<v Greg?>Once" in subtitles
    assert "<v Speaker 1>We" in subtitles


def test_names_that_are_certain_bear_no_mark(root: Path) -> None:
    files = rendered(root, '[speakers]\n"Ada" = { at = "0:01" }\n"Grace" = { at = "0:15" }')
    for name in ("post.md", "transcript.md", "transcript.vtt"):
        assert "?" not in files[name]
        assert "NOTE" not in files[name]


@settings(max_examples=20, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example(name="--")
@given(name=HOSTILE)
def test_a_hostile_guess_stays_text_in_every_format(name: str) -> None:
    if not plain(name):
        return
    with tempfile.TemporaryDirectory() as folder:
        said = guessing(turns(SAID), "S2", name, "voice", "as ever")
        files = texts(render(talk(Path(folder)), said, quoting(said, "s7")))
    shown = f"{plain(name)} (?)"
    front = yaml.safe_load(files["post.md"].split("\n---\n")[0])
    assert front["speakers"] == [shown]
    tokens = MarkdownIt("commonmark").parse(files["post.md"].partition("\n---\n")[2])
    attribution = next(token for token in tokens if token.content.startswith("—"))
    words = "".join(child.content for child in attribution.children or [])
    assert words == f"— {shown}, 0:15"
    assert not {"html_block", "fence", "code_block", "table_open"} & {token.type for token in tokens}
    timings = [line for line in files["transcript.vtt"].splitlines() if "-->" in line]
    assert len(timings) == 4


@pytest.mark.parametrize(
    ("source", "evidence", "why"),
    [
        ("voice", 'voice profile "Grace", cosine 1.00', "a guess: recognised by their voice"),
        (
            "introduction",
            "s7",
            "a guess: at 0:15 this voice says \u201cOnce it is out there, it is out there.\u201d",
        ),
        ("introduction", "s99", "this name is a guess from the conversation"),
    ],
)
def test_a_guess_says_what_there_is(root: Path, source: str, evidence: str, why: str) -> None:
    said = guessing(turns(SAID), "S2", "Grace", source, evidence)
    page = Page(texts(render(talk(root), said, quoting(said, "s0")))["post.html"])
    assert [a["title"] for _, a in page.tags if a.get("class") == "doubt"] == [why]


def test_a_quote_in_doubt_says_why(root: Path) -> None:
    said = spoken([("S1", 0.0, 4.0), ("S2", 5.0, 9.0)], flags=("overlapped speech",))
    files = texts(render(talk(root), said, quoting(said, "s0")))
    assert 'title="in doubt: overlapped speech"' in files["post.html"]
    assert "(overlapped speech)" in files["post.md"]
    assert "speaker in doubt" in files["post.html"], "the key of the timeline"


def test_with_no_themes_the_page_says_so(root: Path) -> None:
    takeaways = Takeaways(writer="x", title="", dek="", themes=(), notes=("Of the run.",))
    files = texts(render(talk(root), turns(SAID), takeaways))
    assert "No themes came out" in files["post.html"]
    assert not any("Of the run." in file for file in files.values())
    assert "<h1>talk</h1>" in files["post.html"]
    assert "Every quote" not in files["post.html"]
    Page(files["post.html"])


def test_the_record_names_each_file_with_its_digest_and_a_rerun_gives_the_same(root: Path) -> None:
    said = turns(SAID)
    first, second = (render(talk(root), said, quoting(said, "s0")) for _ in range(2))
    assert first == second
    assert isinstance(first.record, Post)
    assert [file.name for file in first.record.files] == sorted(first.files)
    assert set(first.files) >= {"post.html", "post.md", "transcript.md", "transcript.vtt"}


# Templates


def write(root: Path, name: str, text: str) -> Path:
    path = root / "templates" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_template_dropped_in_is_another_output(root: Path) -> None:
    write(root, "plain.txt.j2", "{{ post.title }} <{{ post.speakers | length }}>\n")
    write(root, "_unused.txt.j2", "not an output")
    write(root, "notes.txt", "not a template")
    files = rendered(root, 'title = "A & B"')
    assert files["plain.txt"] == "A & B <2>\n"
    assert set(files) == {"plain.txt", "post.html", "post.md", "transcript.md", "transcript.vtt"}


def test_a_workspace_overrides_one_file_and_can_build_on_what_it_overrides(root: Path) -> None:
    write(root, "post.md.j2", "mine\n")
    write(
        root,
        "post.html.j2",
        '{% extends "builtin/post.html.j2" %}{% block style %}h1 { color: red }{% endblock %}',
    )
    files = rendered(root, 'title = "T"')
    assert files["post.md"] == "mine\n"
    assert "h1 { color: red }" in files["post.html"]
    assert "<h1>T</h1>" in files["post.html"]


def test_markup_escapes_by_itself_and_text_does_not(root: Path) -> None:
    for name in ("a.html", "a.xml", "a.svg", "a.txt"):
        write(root, f"{name}.j2", "{{ post.title }}{% include '_part.j2' %}")
    write(root, "_part.j2", "{{ post.title }}")
    files = rendered(root, 'title = "<b>"')
    assert {files[f"a.{ext}"] for ext in ("html", "xml", "svg")} == {"&lt;b&gt;&lt;b&gt;"}
    assert files["a.txt"].startswith("<b>")


def failures() -> Iterator[tuple[str, str, str]]:
    yield "{{ post.title", r"bad\.txt\.j2:2: ", "Correct that line"
    yield (
        "{% include '_part.j2' %}",
        r"_part\.j2:1: a Quote has no 'words'",
        "Known there: doubts, end, is_cut, moment",
    )
    yield (
        "{{ post.titel }}",
        r"bad\.txt\.j2:2: a Post has no 'titel'",
        r"Did you mean 'title'\? Known there: .*themes",
    )
    yield "{{ talk }}", r"bad\.txt\.j2:2: unknown name 'talk'", "Known there: post"
    yield "{{ post | nosuch }}", r"bad\.txt\.j2:2: No filter named 'nosuch'", ""
    yield (
        "{% include 'gone.j2' %}",
        r"bad\.txt\.j2:2: asks for the template 'gone\.j2'",
        r"There are: .*post\.md",
    )
    yield "{{ 1 / 0 }}", r"bad\.txt\.j2:2: failed with ZeroDivisionError", ""
    yield "{% include 'bad.txt.j2' %}", r"bad\.txt\.j2:2: failed with RecursionError", ""
    yield "{% include '../inputs/talk.toml' %}", r"bad\.txt\.j2:2: asks for the template", ""
    yield "{{ ''.__class__.__mro__ }}", r"bad\.txt\.j2:2: ", ""


@pytest.mark.parametrize(("source", "place", "remedy"), list(failures()))
def test_a_wrong_template_is_an_error_with_file_line_and_remedy(
    root: Path, source: str, place: str, remedy: str
) -> None:
    write(root, "bad.txt.j2", f"first line\n{source}\n")
    write(root, "_part.j2", "{{ post.themes[0].quotes[0].words }}")
    with pytest.raises(TemplateError, match=f"(?s){place}.*{remedy}"):
        rendered(root)


def test_all_that_a_template_reaches_is_plain_data(root: Path) -> None:
    said = turns(PANEL)
    write(root, "mine.txt.j2", "{{ post.title }}")
    with contexts() as given:
        files = render(talk(root, PEOPLE), said, written(said)).files
    assert len(given) == len(files) == 5
    for context in given:
        assert not_plain(context) == []
    kinds = {type(value).__name__ for _, value in reachable(given[0])}
    assert kinds >= {"PostView", "LaneView", "MomentView", "CitationView", "VerificationView", "PlayerView"}


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{{ post.title * 10 ** 12 }}",
        "{% include '_part.j2' %}",
        "{% include post.title ~ '.j2' %}",
        "{% extends 'builtin/post.html.j2' %}{% block style %}{{ 10 ** (10 ** 8) }}{% endblock %}",
    ],
)
def test_a_strangers_template_ends_as_one_error(
    root: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_process, "LIMITS", Limits(seconds=1.0))
    write(root, "_part.j2", "\n{{ 10 ** (10 ** 8) }}")
    write(root, "bad.html.j2", source)
    with pytest.raises(TemplateError, match=r"(bad\.html\.j2:1|_part\.j2:2): takes more"):
        rendered(root, 'title = "_part"')


def test_a_template_may_not_overwrite_an_artifact(root: Path) -> None:
    path = write(root, "2_turns.json.j2", "{}")
    with pytest.raises(TemplateError, match=r"would overwrite the artifact 2_turns\.json") as caught:
        made_from(RENDER.reads(talk(root)))
    assert caught.value.file == path


def test_the_digest_covers_all_that_a_template_draws_in_and_nothing_else(root: Path) -> None:
    write(root, "a.txt.j2", "{% include '_b.j2' %}")
    write(root, "_b.j2", "{% from '_c.j2' import x %}{{ x }}")
    write(root, "_c.j2", "{% set x = 1 %}")
    write(root, "any.txt.j2", "{% include post.title ~ '.j2' %}")

    def digests() -> dict[str, str]:
        templates = Templates.of(talk(root).workspace.root)
        return {name: templates.digest(name) for name in templates.outputs()}

    def changed(name: str, text: str) -> set[str]:
        before = digests()
        write(root, name, text)
        return {output for output, digest in digests().items() if before.get(output) != digest}

    assert changed("_c.j2", "{% set x = 2 %}") == {"a.txt", "any.txt"}
    assert changed("_post.css.j2", "body {}") == {"post.html", "any.txt"}
    assert changed("_new.j2", "") == {"any.txt"}
    assert changed("post.md.j2", "") == {"post.md"}


def test_what_is_read_is_named(root: Path) -> None:
    sidecar = 'occasion = "PyCon"\nglossary = ["Base"]\n[speakers]\ncount = 2\n"Ada" = { at = "0:01" }'
    read = made_from(RENDER.reads(talk(root, sidecar)))
    assert read["facts.occasion"] == "PyCon"
    assert [person["name"] for person in read["facts.speakers"]] == ["Ada"]
    assert read["template post.html"].startswith("sha256:")
    assert not [key for key in read if "glossary" in key]
    recounted = made_from(RENDER.reads(talk(root, sidecar.replace("count = 2", "count = 3"))))
    assert recounted == read, "the number of speakers is not shown"


def test_only_the_outputs_that_are_wanted_are_made(root: Path) -> None:
    files = rendered(root, '[render]\ntemplates = ["post.html"]')
    assert list(files) == ["post.html"]
    assert "transcript.md" not in files["post.html"]
    with pytest.raises(ConfigError, match=r"names 'post\.pdf'.*There are: post\.html, post\.md"):
        rendered(root, '[render]\ntemplates = ["post.pdf"]')
