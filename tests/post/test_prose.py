"""Prose on the page: who is named, what each sentence rests on, shortened quotes, the author's own voice."""

from __future__ import annotations

import re
import tempfile
from html import unescape
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.errors import ArtifactError, ConfigError
from pipeline.post.section_views import QuoteView, SpeakerView
from pipeline.records import Claim, Doubt, Flag, Kept, Paragraph, Takeaways, Theme, Turn, Turns, Verification
from pipeline.stages.render import RENDER
from pipeline.takeaways.section_bodies import author_note
from pipeline.text import plain
from pipeline.workspace.receipts import made_from
from tests.support.posts import (
    PANEL,
    PEOPLE,
    Page,
    guessing,
    paragraph,
    quoting,
    render,
    talk,
    texts,
    turns,
    written,
)

SAID = (("S1", "Yeah, so, we ship fast. | We learn, you know. | We iterate."), ("S2", "It is out there."))
ROLES = '[speakers]\n"Ada" = { at = "0:01", role = "Base" }\n"Grace" = { at = "0:16" }'
HOSTILE = st.lists(
    st.sampled_from(
        ["<b>", "</p>", "{{a}}", "{S1}", "{S9}", "*", "[x](y)", "- ", "1. ", "\x00", "&lt;", "> ", "é"]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    said = turns(PANEL)
    return texts(render(talk(tmp_path_factory.mktemp("panel"), PEOPLE), said, written(said)))


def introduced(root: Path, *claims: tuple[str, ...]) -> str:
    takeaways = Takeaways(
        writer="x", title="T", dek="", introduction=(paragraph(*claims),), themes=(Theme(heading="A"),)
    )
    return texts(render(talk(root, ROLES), turns(SAID), takeaways))["post.md"]


def shortened(root: Path, *keep: tuple[str, int, int], ids: tuple[str, ...] = ("s0", "s5", "s9")) -> str:
    said = turns(SAID)
    return quoted(root, said, ids, keep)


def quoted(root: Path, said: Turns, ids: tuple[str, ...], keep: tuple[tuple[str, int, int], ...]) -> str:
    takeaways = quoting(said, *ids)
    kept = tuple(Kept(sentence=id, words=(first, last)) for id, first, last in keep)
    quote = takeaways.themes[0].quotes[0].model_copy(update={"keep": kept})
    theme = takeaways.themes[0].model_copy(update={"body": (quote,)})
    shown = texts(render(talk(root), said, takeaways.model_copy(update={"themes": (theme,)})))["post.html"]
    return shown.partition("<blockquote><p>")[2].partition("</p>")[0]


# What prose rests on


def behind(html: str) -> list[str]:
    """What a touch of each sentence shows, as text, in order."""
    shown = re.findall(r'<span class="sources"[^>]*>\n(.*?)\n</span>', html, re.DOTALL)
    return [" ".join(unescape(re.sub("<[^>]+>", " ", one)).split()) for one in shown]


def test_each_claim_shows_its_sources_word_for_word_behind_a_touch(panel: dict[str, str]) -> None:
    page, shown = Page(panel["post.html"]), behind(panel["post.html"])
    assert len(shown) == page.values("class").count("claim") == len(page.values("popovertarget")) == 9
    assert shown[4] == (
        "Jesse Pollak 0:15 It is the same design decision as in Ethereum. "
        "Jesse Pollak 0:20 Anyone should be able to run a node at home."
    )
    assert "https://www.youtube.com/watch?v=abc&t=15s" in page.values("href")
    assert set(page.values("popovertarget")) | set(page.values("for")) <= set(page.values("id"))


def test_one_time_a_paragraph_is_in_sight_and_none_in_opening_and_close(panel: dict[str, str]) -> None:
    for words in ('<section class="opening"', '<section class="close"'):
        part = panel["post.html"].partition(words)[2].partition("</section>")[0]
        assert "cites" not in part
    assert Page(panel["post.html"]).values("class").count("cites") == 3, "one a paragraph"


def test_without_times_the_sources_are_there_all_the_same(tmp_path: Path) -> None:
    said = turns(PANEL, timed=False, labels=("Conner", "Jesse"))
    files = texts(render(talk(tmp_path, media="talk.md"), said, written(said)))
    page = Page(files["post.html"])
    assert "cites" not in page.values("class")
    assert page.values("class").count("sources") == 9
    assert "whatever its licence says.\n\n>" in files["post.md"]


@pytest.mark.parametrize("recording", ["", 'recording = "https://example.org/ep/1"'])
def test_prose_has_no_time_that_leads_nowhere(tmp_path: Path, recording: str) -> None:
    said, sidecar = (
        turns(PANEL),
        PEOPLE.replace('recording = "https://www.youtube.com/watch?v=abc"', recording),
    )
    post = texts(render(talk(tmp_path, sidecar, media="talk.md"), said, written(said)))["post.md"]
    body = post.partition("\n---\n")[2]
    clocks = re.findall(r"^.*\b\d+:\d\d\b.*$", body, re.MULTILINE)
    assert len(clocks) == (4 if recording else 0), "with a recording, a quote can be sought by its time"
    assert all(line.startswith("\u2014 **") for line in clocks)


def test_a_paragraph_links_to_its_first_moment_alone(tmp_path: Path) -> None:
    claims = ("One.", "s5", "s0"), ("Two.", "s11", "s0", "s0"), ("Three.", "s5")
    takeaways = Takeaways(
        writer="x",
        title="T",
        dek="",
        introduction=(paragraph(*claims),),
        themes=(Theme(heading="A", body=(paragraph(*claims),)),),
        close=(paragraph(*claims),),
    )
    post = texts(render(talk(tmp_path, ROLES), turns(SAID), takeaways))["post.md"]
    assert re.findall("One. Two. Three..*", post) == [
        "One. Two. Three.", "One. Two. Three. ([0:00](../../inputs/talk.mp3#t=0))", "One. Two. Three."
    ]  # fmt: skip


def test_prose_may_rest_only_on_what_was_said(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"3_takeaways\.json: .*'s99'"):
        introduced(tmp_path, ("One.", "s99"))


def test_a_quote_follows_the_paragraph_that_is_about_it(panel: dict[str, str]) -> None:
    post = panel["post.md"]
    order = ["wants Stability", "> … the models", "answer was", "> Otherwise", "I keep coming back"]
    assert sorted(order, key=post.index) == order


def test_a_section_is_read_in_the_order_of_its_body(tmp_path: Path) -> None:
    said = turns(SAID)
    first, last = paragraph(("The first.", "s0")), paragraph(("The last.", "s11"))
    early, late = quoting(said, "s5").themes[0].body[0], quoting(said, "s11").themes[0].body[0]
    notes = author_note("My first.", 1), author_note("My second.", 2), author_note("My third.", 3)
    body = (late, notes[0], first, *notes[1:], early, early, last)
    takeaways = Takeaways(writer="x", title="T", dek="", themes=(Theme(heading="A", body=body),))
    files = texts(render(talk(tmp_path), said, takeaways))
    order = [
        "It is out there.",
        "My first.",
        "The first.",
        "My second.",
        "My third.",
        "We learn",
        "The last.",
    ]
    for name, start in (("post.md", "## A"), ("post.html", "<h2")):
        shown = files[name].partition(start)[2]
        places = [shown.index(words) for words in order]
        assert places == sorted(places), name
    assert Page(files["post.html"]).values("class").count("reflection") == 2, "what stands together is one"


BEFORE_BODIES = """{% for theme in post.themes %}{% for part in theme.parts %}
{{ part.paragraph.text if part.paragraph else "-" }}
{%- for quote in part.quotes %} > {{ quote.text }}{% endfor %}

{% endfor %}
{{ theme.paragraphs | length }} {{ theme.quotes | length }}
{%- for note in theme.reflections %} note: {{ note }}{% endfor %}

{% endfor %}
{% for note in post.reflections %}at the end: {{ note }}
{% endfor %}"""


def test_templates_that_ask_for_parts_quotes_and_reflections_go_on_working(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "mine.txt.j2").write_text(BEFORE_BODIES, "utf-8")
    said = turns(SAID)
    prose = paragraph(("The first.", "s0")), paragraph(("The last.", "s11"))
    early, late = quoting(said, "s5").themes[0].body[0], quoting(said, "s11").themes[0].body[0]
    body = (late, author_note("Mine.", 1), early, prose[0], prose[1], early, late)
    themes = (Theme(heading="A", body=body), Theme(heading="B", body=(early,)), Theme(heading="C"))
    takeaways = Takeaways(
        writer="x", title="T", dek="", themes=themes, close=(author_note("Thanks.", 2), prose[1])
    )
    lines = texts(render(talk(tmp_path), said, takeaways))["mine.txt"].split("\n")
    out, learn = "It is out there.", "We learn, you know."
    assert list(filter(None, lines)) == [
        f"- > {out} > {learn}", "The first.", f"The last. > {learn} > {out}", "2 4 note: Mine.",
        f"- > {learn}", "0 1", "0 0", "at the end: Thanks.",
    ]  # fmt: skip


def test_a_sentence_that_rests_on_nothing_said_is_no_source(tmp_path: Path) -> None:
    linking = Claim(text="There is {S1}'s other side.", kind="linking")
    author = Claim(text="{S1} is right, I think.", kind="author", notes=(1,))
    cited = Claim(text="It ships fast.", cites=("s0",))
    mixed, alone = Paragraph(claims=(linking, cited, author)), Paragraph(claims=(linking, author))
    themes = (Theme(heading="A", body=(mixed,)), Theme(heading="B", body=(alone,)))
    takeaways = Takeaways(writer="x", title="T", dek="", themes=themes)
    files = texts(render(talk(tmp_path, ROLES), turns(SAID), takeaways))
    post = files["post.md"]
    assert "There is Ada's other side. It ships fast. Ada is right, I think. ([0:00](" in post
    assert "## B\n\nThere is Ada's other side. Ada is right, I think.\n" in post
    own = "The author\u2019s own, note 1."
    assert behind(files["post.html"]) == ["Ada 0:00 Yeah, so, we ship fast.", own, own]


def test_a_touch_tells_what_became_of_a_sentence(tmp_path: Path) -> None:
    doubt = Doubt(rule="names", why='"Base" is in none of the lines of {S1}', judge="{S2} calls it so.")
    claim = Claim(text="It ships fast.", cites=("s0",), notes=(2, 3), doubts=(doubt,), outcome="doubted")
    others = (
        claim.model_copy(update={"outcome": "mended", "mended_from": "{S1} <ships>."}),
        claim.model_copy(update={"outcome": "by hand", "doubts": (), "notes": ()}),
    )
    themes = (Theme(heading="A", body=(Paragraph(claims=(claim, *others)),)),)
    takeaways = Takeaways(writer="x", title="T", dek="", themes=themes)
    files = texts(render(talk(tmp_path, ROLES), turns(SAID), takeaways))
    again = "Written anew. At first: \u201c Ada <ships>. \u201d"
    said = "Ada 0:00 Yeah, so, we ship fast. "
    notes, why = "From the author\u2019s notes 2, 3. ", 'Questioned: "Base" is in none of the lines of Ada.'
    assert behind(files["post.html"]) == [
        f"{said}{notes}{why} Kept, as the judge found it borne out: Grace calls it so.",
        f"{said}{notes}{why} The judge: Grace calls it so. {again}",
        f"{said}Written by hand.",
    ]
    assert "Questioned" not in files["post.md"]


def test_an_author_s_note_among_the_introduction_is_shown_with_the_others(tmp_path: Path) -> None:
    prose = paragraph(("It ships fast.", "s0"))
    takeaways = Takeaways(
        writer="x", title="T", dek="", introduction=(author_note("Mine.", 1), prose), themes=()
    )
    files = texts(render(talk(tmp_path), turns(SAID), takeaways))
    assert "**Author\u2019s note:** Mine." in files["post.md"]
    assert files["post.html"].count("<p>Mine.</p>") == 1


def test_japanese_sentences_follow_each_other_without_a_space(tmp_path: Path) -> None:
    said = turns((("S1", "これはペンです。 | はい。"),)).model_copy(update={"language": "ja"})
    prose = paragraph(("一。", "s0"), ("二。", "s1"))
    takeaways = Takeaways(writer="x", title="T", dek="", themes=(Theme(heading="A", body=(prose,)),))
    assert "一。二。" in texts(render(talk(tmp_path), said, takeaways))["post.md"]


# Names


def test_only_the_program_s_own_opening_adds_roles(tmp_path: Path) -> None:
    own = "{S1} and {S2} spoke at a meetup."
    post = introduced(tmp_path, (own, "s0"), ("{S1} left.", "s0"))
    assert "\nAda (Base) and Grace spoke at a meetup. Ada left.\n" in post
    assert "\nWith " not in post
    for text in (
        "{S1} has a database.",
        "{S1} of Base spoke.",
        "{S1}'s chain grew.",
        "{S2} spoke at length.",
    ):
        shown = text.replace("{S1}", "Ada").replace("{S2}", "Grace")
        assert f"\n{shown}\n" in introduced(tmp_path, (text, "s0"))


@pytest.mark.parametrize(
    ("opening", "is_told"),
    [
        ("{S1} of the harbour met {S2}.", True),
        ("{S1}, who works there, met {S2}.", True),
        ("{S1} (Base) met {S2}.", True),
        ("At Base, {S1} met {S2}.", True),
        ("{S1} met {S2}.", False),
        ("{S1} of Base met nobody.", False),
    ],
)
def test_the_line_of_guests_goes_where_the_opening_says_who_they_are(
    tmp_path: Path, opening: str, is_told: bool
) -> None:
    post = introduced(tmp_path, (opening, "s0"))
    assert ("\nWith Ada (Base) and Grace.\n" not in post) == is_told


def test_a_guess_is_marked_where_it_is_first_read(tmp_path: Path) -> None:
    said = guessing(turns(SAID), "S2", "Greg", "introduction", "s0")
    prose = paragraph(("{S2} is right: {S2} is.", "s11"), ("{S2} said so.", "s11"))
    themes = (Theme(heading="A", body=(prose, prose)),)
    files = texts(render(talk(tmp_path), said, Takeaways(writer="x", title="T", dek="", themes=themes)))
    assert files["post.md"].count("\nGreg (?) is right: Greg is. Greg said so. (") == 1
    assert files["post.md"].count("\nGreg is right: Greg is. Greg said so. (") == 1


HOSTED = (
    ("S1", "Welcome to all of you here today. | Why is it so?"),
    ("S2", "It has always been so, I think."),
    ("S1", "And who was it that found it?"),
    ("S3", "I found it, one day, by chance."),
    ("S4", "May I ask you something now?"),
    ("S5", "Is this on, by the way?"),
)
NAMES = ("Di Roe", "Al Coe", "Bo Poe", "Audience", "Ed Low")


@pytest.mark.parametrize(
    ("sidecar", "line"),
    [
        ("", "With Al Coe and Bo Poe."),
        ('"Al Coe" = { role = "Moderator" }', "With Bo Poe. Hosted by Al Coe."),
        (
            '"Bo Poe" = { role = "Co-host of X" }',
            "With Al Coe. Hosted by Bo Poe (Co-host of X).",
        ),
    ],
)
def test_only_a_role_makes_a_host_and_who_only_asks_is_no_guest(
    tmp_path: Path, sidecar: str, line: str
) -> None:
    said = turns(HOSTED, labels=NAMES)
    quoted = next(s.id for s in said.sentences() if s.speaker == "S3")
    post = texts(render(talk(tmp_path, f"[speakers]\n{sidecar}"), said, quoting(said, quoted)))["post.md"]
    assert f"\n{line}\n" in post
    assert ('hosts: ["' in post) == bool(sidecar)


# Shortened quotes


@pytest.mark.parametrize(
    ("keep", "text"),
    [
        ([], "Yeah, so, we ship fast. We learn, you know. We iterate."),
        ([("s0", 2, 5)], "… we ship fast. We learn, you know. We iterate."),
        ([("s5", 0, 2)], "Yeah, so, we ship fast. We learn […] We iterate."),
        ([("s9", 0, 1)], "Yeah, so, we ship fast. We learn, you know. We …"),
        ([("s0", 0, 1), ("s0", 3, 5)], "Yeah […] ship fast. We learn, you know. We iterate."),
        ([("s0", 0, 1), ("s5", 1, 2)], "Yeah […] learn […] We iterate."),
        ([("s0", 0, 2), ("s0", 2, 5)], "Yeah, so, we ship fast. We learn, you know. We iterate."),
        ([("s5", 0, 4)], "Yeah, so, we ship fast. We learn, you know. We iterate."),
    ],
)
def test_words_left_out_show_as_such(tmp_path: Path, keep: list[tuple[str, int, int]], text: str) -> None:
    assert shortened(tmp_path, *keep) == text


def test_a_cut_at_a_dash_between_words(tmp_path: Path) -> None:
    said = turns((("S1", "It is open\u2014or is it closed\u2014these are questions."),))
    assert quoted(tmp_path, said, ("s0",), (("s0", 2, 7),)) == "… open\u2014or is it closed …"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("They are used to discrimination anyway,", "They are used to discrimination anyway…"),
        ("It is pretty cool, but", "It is pretty cool, but…"),
        ("It is what it\u2014", "It is what it…"),
        ("so you did not go off.", "…so you did not go off."),
        ("iPhones are dear.", "iPhones are dear."),
        ("He stopped short…", "He stopped short…"),
        ("Is it safe?", "Is it safe?"),
    ],
)
def test_where_speech_breaks_off_or_begins_midway_a_mark_says_so(
    tmp_path: Path, said: str, shown: str
) -> None:
    talk_of = turns((("S2", "Go on."), ("S1", said), ("S2", "Right.")))
    ids = tuple(s.id for s in talk_of.sentences() if s.speaker == "S1")
    assert quoted(tmp_path, talk_of, ids, ()) == shown


def test_where_the_speaker_s_own_words_go_on_they_are_left_out(tmp_path: Path) -> None:
    said = turns((("S1", "It is cheap, | and it is small, | so we keep it."),))
    first, second, _ = (s.id for s in said.sentences())
    assert quoted(tmp_path, said, (first,), ()) == "It is cheap …"
    assert quoted(tmp_path, said, (second,), ()) == "… and it is small …"


def test_without_punctuation_nothing_is_marked(tmp_path: Path) -> None:
    said = turns((("S1", "so we keep it anyway"),))
    said = said.model_copy(update={"turns": tuple(_unpunctuated(turn) for turn in said.turns)})
    assert quoted(tmp_path, said, ("s0",), ()) == "so we keep it anyway"


def _unpunctuated(turn: Turn) -> Turn:
    flagged = [s.model_copy(update={"flags": (Flag.UNPUNCTUATED,)}) for s in turn.sentences]
    return turn.model_copy(update={"sentences": tuple(flagged)})


@pytest.mark.parametrize(
    ("text", "is_cut"),
    [
        ("… so we ship.", True),
        ("We […] ship.", True),
        ("We …", True),
        ("…so we ship.", False),
        ("We…", False),
    ],
)
def test_only_a_cut_is_told_at_the_end_of_the_post(text: str, is_cut: bool) -> None:
    assert (
        QuoteView(
            text, SpeakerView("S1", "Ada", True, True, None, None, 0, 0.5, None, 1), None, None, ()
        ).is_cut
        == is_cut
    )


def test_a_cut_and_a_sentence_left_out_show_once(tmp_path: Path) -> None:
    assert shortened(tmp_path, ("s0", 2, 4), ids=("s0", "s9")) == "… we ship […] We iterate."


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ([("s11", 0, 2)], "s11, which is not in that quote"),
        ([("s0", 2, 2)], "words 2 to 2 of s0, which has 5"),
        ([("s0", 3, 2)], "words 3 to 2"),
        ([("s0", 0, 6)], "words 0 to 6"),
        ([("s0", -1, 3)], "words -1 to 3"),
        ([("s0", 2, 4), ("s0", 0, 1)], "twice or out of order"),
        ([("s0", 0, 3), ("s0", 2, 4)], "twice or out of order"),
    ],
)
def test_a_range_that_is_wrong_is_an_error(
    tmp_path: Path, keep: list[tuple[str, int, int]], message: str
) -> None:
    with pytest.raises(ArtifactError, match=rf"3_takeaways\.json: .*{message}"):
        shortened(tmp_path, *keep)


def test_where_no_spaces_part_words_a_sentence_stays_whole(tmp_path: Path) -> None:
    said = turns((("S1", "これは ペンです。"),)).model_copy(update={"language": "ja"})
    assert quoted(tmp_path, said, ("s0",), (("s0", 0, 2),)) == "これは ペンです。"
    with pytest.raises(ArtifactError, match="no spaces between words"):
        quoted(tmp_path, said, ("s0",), (("s0", 0, 1),))


# The author, links, and how it was made


def test_the_author_speaks_apart_from_all_that_was_said(panel: dict[str, str]) -> None:
    page = Page(panel["post.html"])
    notes = [attrs for tag, attrs in page.tags if attrs.get("class") == "reflection"]
    assert [attrs["aria-label"] for attrs in notes] == ["Author\u2019s note"] * 2
    assert "**Author\u2019s note:** I keep coming back to this: openness" in panel["post.md"]
    quotes = panel["post.html"].split('<figure class="quote"')[1:]
    assert not any("I keep coming" in quote.split("</figure>")[0] for quote in quotes)
    assert "the author\u2019s notes is the author\u2019s own" in panel["post.html"]


def test_notes_are_shown_as_they_were_written(tmp_path: Path) -> None:
    notes = (author_note("I like {S1} & <b>*.", 1), author_note(" \x00 ", 2))
    takeaways = quoting(turns(SAID), "s0").model_copy(update={"close": notes})
    files = texts(render(talk(tmp_path, ROLES), turns(SAID), takeaways))
    assert "<p>I like {S1} &amp; &lt;b&gt;*.</p>" in files["post.html"]
    assert files["post.md"].count("Author\u2019s note:") == 1


def test_links_end_the_post_and_are_read_only_if_there(panel: dict[str, str], tmp_path: Path) -> None:
    assert "- [builders.example/cohort](https://www.builders.example/cohort)" in panel["post.md"]
    assert '<a href="https://a.example/sd">What Stable Diffusion is</a>' in panel["post.html"]
    assert "facts.links" not in made_from(RENDER.reads(talk(tmp_path)))
    subject = talk(tmp_path, 'links = ["http://x.org"]')
    assert made_from(RENDER.reads(subject))["facts.links"] == [{"url": "http://x.org", "title": None}]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "x.org", "https://x.org/a b", "file:///etc/passwd"])
def test_a_link_that_is_none_is_an_error_that_names_file_and_key(tmp_path: Path, url: str) -> None:
    subject = talk(tmp_path, f'links = ["https://x.org", {{ title = "X", url = "{url}" }}]')
    with pytest.raises(ConfigError, match=r"talk\.toml: 'links\.1' cannot be '") as caught:
        render(subject, turns(SAID), quoting(turns(SAID), "s0"))
    assert "https://" in (caught.value.remedy or "")


def colophon(post: str) -> str:
    return post.rpartition("\n---\n\n")[2]


def test_the_page_says_what_was_checked_and_only_if_it_was(panel: dict[str, str], tmp_path: Path) -> None:
    line = "9 checked, 7 passed, 1 passed when written anew, 1 left out, or replaced by the speakers"
    assert line in panel["post.html"]
    assert "written by a program, not by the speakers" in panel["post.html"]
    verified = Verification(checked=5, passed=2, doubted=2, mended=1, judge="a model")
    doubted = written(turns(PANEL)).model_copy(update={"verification": verified})
    questioned = texts(render(talk(tmp_path, PEOPLE), turns(PANEL), doubted))["post.html"]
    assert "5 checked, 2 passed, 2 questioned and found to be borne out, 1 passed when" in questioned
    quotes = texts(render(talk(tmp_path), turns(SAID), quoting(turns(SAID), "s0")))["post.html"]
    for word in ("checked", "Touch", "author"):
        assert word not in quotes.split("</style>")[-1]


def test_the_post_ends_with_how_it_was_made_in_two_lines(panel: dict[str, str], tmp_path: Path) -> None:
    program = "A program wrote the text around the quotes"
    assert colophon(panel["post.md"]) == (
        f"{program}, with the author\u2019s notes worked in, and checked each sentence against what was "
        "said; that finds many mistakes, not all.\n"
        "Quotes are word for word; … marks a cut.\n"
    )
    said = turns(SAID)
    quotes = texts(render(talk(tmp_path), said, quoting(said, "s0")))["post.md"]
    assert colophon(quotes) == "Quotes are word for word.\n"
    theme = Theme(heading="A", body=(paragraph(("{S2} is.", "s11")),))
    takeaways = Takeaways(writer="x", title="T", dek="", themes=(theme,), notes=("Of the run.",))
    guessed = guessing(said, "S2", "Greg", "introduction", "s0")
    files = texts(render(talk(tmp_path), guessed, takeaways))
    assert colophon(files["post.md"]) == f"{program}.\nA name with (?) is a guess.\n"
    assert not any("Of the run." in file for file in files.values())


def test_a_transcript_without_punctuation_is_told_of_once(tmp_path: Path) -> None:
    said = turns(SAID)
    flags = {"s0": (Flag.UNPUNCTUATED,), "s5": (Flag.UNPUNCTUATED, Flag.DOUBTFUL_SPEAKER)}
    flagged = tuple(
        turn.model_copy(
            update={
                "sentences": tuple(
                    s.model_copy(update={"flags": flags.get(s.id, ())}) for s in turn.sentences
                )
            }
        )
        for turn in said.turns
    )
    quotes = tuple(quoting(said, id).themes[0].body[0] for id in ("s0", "s5"))
    takeaways = Takeaways(writer="x", title="T", dek="", themes=(Theme(heading="A", body=quotes),))
    unpunctuated = said.model_copy(update={"turns": flagged})
    post = texts(render(talk(tmp_path, media="a.md"), unpunctuated, takeaways))["post.md"]
    assert re.findall("^\u2014.*", post, re.MULTILINE) == [
        "\u2014 **Speaker 1**", "\u2014 **Speaker 1** (doubtful speaker)"
    ]  # fmt: skip
    assert colophon(post) == "Quotes are word for word, from a transcript without punctuation.\n"


@settings(max_examples=30, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(text=HOSTILE, note=HOSTILE)
def test_hostile_prose_stays_text(text: str, note: str) -> None:
    said = turns(SAID)
    prose, notes = paragraph((text, "s0")), [author_note(note, 1)] if note else []
    theme = Theme(heading="A", body=(prose, *notes))
    takeaways = Takeaways(writer="x", title="T", dek="", themes=(theme,), introduction=(prose,))
    with tempfile.TemporaryDirectory() as folder:
        files = texts(
            render(
                talk(
                    Path(folder),
                    f"links = [{{ url = 'https://x.org', title = '''{note}''' }}]".replace("\x00", ""),
                ),
                said,
                takeaways,
            )
        )
    page = Page(files["post.html"])
    assert "b" not in [tag for tag, _ in page.tags]
    assert plain(text).replace("{S1}", "Speaker 1") in "".join(page.text.get("label", []))
    tokens = MarkdownIt("commonmark").parse(files["post.md"].partition("\n---\n")[2])
    assert not {"html_block", "fence", "code_block", "table_open"} & {token.type for token in tokens}
    said_so = ["".join(child.content for child in token.children or []) for token in tokens if token.children]
    assert not plain(note) or f"Author\u2019s note: {plain(note)}" in said_so


def test_names_with_a_comma_are_parted_by_semicolons(tmp_path: Path) -> None:
    sidecar = '[speakers]\n"Lee, CEO" = { at = "0:01" }\n"Bob Ito" = { at = "0:11" }\n"Jo" = { at = "0:21" }'
    said = turns((("S1", "One. | Two."), ("S2", "Three. | Four."), ("S3", "Five. | Six.")))
    page = texts(render(talk(tmp_path, sidecar), said, quoting(said, "s0")))["post.md"]
    assert "With Lee, CEO; Bob Ito; and Jo." in page
    plain = texts(render(talk(tmp_path, sidecar.replace(", CEO", "")), said, quoting(said, "s0")))["post.md"]
    assert "With Lee, Bob Ito and Jo." in plain


def test_who_only_reads_advertisements_takes_no_part(tmp_path: Path) -> None:
    said = turns((("S1", "One. | Two."), ("S2", "Buy this. | Buy that."), ("S3", "Three. | Four.")))
    parts = [
        turn.model_copy(
            update={
                "sentences": tuple(
                    s.model_copy(update={"flags": (Flag.ADVERTISEMENT,)}) for s in turn.sentences
                )
            }
        )
        if turn.speaker == "S2"
        else turn
        for turn in said.turns
    ]
    sold = said.model_copy(update={"turns": tuple(parts)})
    sidecar = "\n".join(f'"{who}" = {{ at = "0:{at}1" }}' for at, who in enumerate(("Ann", "Bo", "Cy")))
    files = texts(render(talk(tmp_path, f"[speakers]\n{sidecar}"), sold, quoting(sold, "s0")))
    assert "With Ann and Cy." in files["post.md"]
    assert "Buy this." in files["transcript.md"]


@pytest.mark.parametrize(
    ("opening", "line"),
    [
        ("In the first weeks of the lockdown the committee met.", None),
        ("{S1} and {S2} spoke of gardens.", "A meeting of the committee in the first weeks of the lockdown"),
    ],
)
def test_an_occasion_that_the_opening_tells_does_not_stand_above_it(
    opening: str, line: str | None, tmp_path: Path
) -> None:
    said = turns([("S1", "Gardens are for all."), ("S2", "Are they now?")])
    takeaways = quoting(said, "s0").model_copy(update={"introduction": (paragraph((opening, "s0")),)})
    facts = 'occasion = "a meeting of the committee in the first weeks of the lockdown"\n'
    post = texts(render(talk(tmp_path, facts), said, takeaways))["post.md"].split("---\n", 2)[2]
    assert post.casefold().count("first weeks of the lockdown") == 1
    assert line is None or f"\n{line}\n" in post


@pytest.mark.parametrize(
    ("opening", "is_told"), [("On 9 May 2024 they met.", True), ("They met in May.", False)]
)
def test_a_day_that_the_opening_tells_does_not_stand_above_it(
    opening: str, is_told: bool, tmp_path: Path
) -> None:
    said = turns([("S1", "Gardens are for all."), ("S2", "Are they now?")])
    takeaways = quoting(said, "s0").model_copy(update={"introduction": (paragraph((opening, "s0")),)})
    post = texts(render(talk(tmp_path, "date = 2024-05-09\n"), said, takeaways))["post.md"]
    assert ("\n9 May 2024\n" in post) != is_told
