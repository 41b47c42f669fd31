"""A cohort's post and site: three cuts of a panel on disk, views made by hand, and both in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Locator
from playwright.sync_api import Page as Tab

from pipeline.cohort import cohort_stages
from pipeline.cohort.cohort_records import Voice
from pipeline.cohort.page_views import CohortView, CommonThemeView, PersonView, TalkThemeView, TalkView
from pipeline.cohort.pages import speaker_view
from pipeline.post.section_views import (
    BlockView,
    CitationView,
    ClaimView,
    MomentView,
    ParagraphView,
    PieceView,
    QuoteView,
    SourceView,
    SpeakerView,
    ThemeView,
)
from pipeline.post.template_views import LinkView, VerificationView
from pipeline.running.batch import run_all
from pipeline.running.runner import Plan
from pipeline.stages import STAGES
from pipeline.workspace import discovery
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.talks import Workspace
from tests.support.given_to_templates import contexts, not_plain, reachable
from tests.support.helpers import PANEL, Recorder
from tests.support.posts import Page

CUTS = {"one": (0, 44), "two": (16, 60), "three": (24, 66)}
NASTY = "<script>alert(1)</script> \"quoted\" & 'so' [x](y)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cohort of three talks; a fourth was never run."""
    workspace = Workspace(tmp_path_factory.mktemp("site"))
    folder = workspace.inputs / "talks"
    folder.mkdir(parents=True)
    lines = PANEL.read_text("utf-8").splitlines()
    for name, (first, last) in CUTS.items():
        timed = (_stamped(line, at) for at, line in enumerate(lines[first:last]))
        (folder / f"{name}.md").write_text("\n".join(timed), "utf-8")
    (folder / "one.toml").write_text(f"title = '''{NASTY}'''\nrecording = 'https://youtu.be/abc'\n", "utf-8")
    (folder / "cohort.toml").write_text(f"title = '''All of {NASTY}'''\ndate = 2024-05-02\n", "utf-8")
    sources, _ = discovery.discover([folder], workspace)
    assert not run_all(sources, workspace, Plan(STAGES, False, ()), Recorder(), 4)
    (folder / "waiting.md").write_text("**Ann:** Not yet.\n", "utf-8")
    return cohort_stages.make(folder, workspace, (), Recorder()).folder


def _stamped(line: str, at: int) -> str:
    return re.sub(r"^\*\*([^*]+):\*\*", rf"**\1 [{at // 6}:{at % 6 * 10:02}]:**", line)


def pages(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.html"))
    assert {"cohort.html", "index.html"} < {path.name for path in found}
    return found


def parsed(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


def test_every_page_is_whole_and_needs_nothing_from_elsewhere(site: Path) -> None:
    for path in pages(site):
        page = parsed(path)
        ids = page.values("id")
        assert len(ids) == len(set(ids)), path.name
        named = [
            names for key in ("aria-labelledby", "aria-describedby", "for") for names in page.values(key)
        ]
        assert all(name in ids for names in named for name in names.split())
        assert not page.values("src")
        assert {href for tag, attrs in page.tags if tag == "link" and (href := attrs["href"])} == {"data:,"}
        assert "url(" not in "".join(page.text["style"])


def test_templates_are_given_plain_data_alone(site: Path) -> None:
    workspace = Workspace(site.parents[1])
    with contexts() as given:
        cohort_stages.make(workspace.inputs / "talks", workspace, (), Recorder(), force=True)
    assert len(given) == len(pages(site)) + 1, "cohort.md is made as well"
    for context in given:
        assert not_plain(context) == []
    kinds = {type(value).__name__ for context in given for _, value in reachable(context)}
    assert kinds >= {"CohortView", "CommonThemeView", "TalkView", "TalkThemeView", "PersonView", "QuoteView"}


def test_every_link_inside_leads_to_a_file_and_a_place_in_it(site: Path) -> None:
    inside = 0
    for path in pages(site):
        for href in parsed(path).values("href"):
            if re.match(r"https?:|data:", href):
                continue
            file, _, place = href.partition("#")
            target = path.parent / unquote(file) if file else path
            assert target.is_file(), f"{path.name}: {href}"
            assert not place or unquote(place) in parsed(target).values("id"), f"{path.name}: {href}"
            inside += 1
    assert inside > 40


def test_every_theme_has_a_page_that_the_post_and_the_index_lead_to(site: Path) -> None:
    own = {path.name for path in site.glob("theme-*.html")}
    assert len(own) >= 2
    for name in ("cohort.html", "index.html"):
        assert own <= set(parsed(site / name).values("href"))
    for name in own:
        links = parsed(site / name).values("href")
        assert "index.html" in links
        assert any(link.startswith("cohort.html#") for link in links)


def test_quotes_are_in_the_transcript_of_the_talk_that_they_link_to(site: Path) -> None:
    html = (site / "cohort.html").read_text("utf-8")
    figures = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
    assert len(figures) >= 5
    lines = PANEL.read_text("utf-8").splitlines()
    for figure in figures:
        page = Page(figure)
        (quote,) = page.text["p"]
        talk = next(href for href in page.values("href") if "post.html#" in href).partition("/")[0]
        first, last = CUTS[talk]
        said = " ".join(" ".join(lines[first:last]).split())
        for words in re.split(r"\[…\]|^… | …$", quote):
            assert words.strip() in said


def test_quotes_lead_to_the_moment_in_the_recording_if_anything_does(site: Path) -> None:
    post = parsed(site / "cohort.html")
    assert any(href.startswith("https://youtu.be/abc?t=") for href in post.values("href"))
    assert any(re.fullmatch(r"\d+:\d\d", text) for text in post.text["span"]), "a time without a link stays"


def test_markdown_parses_and_front_matter_is_yaml(site: Path) -> None:
    front, _, body = (site / "cohort.md").read_text("utf-8").partition("\n---\n")
    facts = yaml.safe_load(front)
    assert facts["title"] == f"All of {NASTY}"
    assert (facts["date"], facts["talks"]) == ("2024-05-02", 3)
    assert "Mark Erhardt" in facts["speakers"]
    tokens = MarkdownIt("commonmark").parse(body)
    assert not {"html_block", "fence", "code_block"} & {token.type for token in tokens}
    html = (site / "cohort.html").read_text("utf-8")
    assert sum(token.type == "blockquote_open" for token in tokens) == html.count("<blockquote>")
    links = {
        str(child.attrs["href"])
        for token in tokens
        for child in token.children or ()
        if child.type == "link_open"
    }
    assert {f"{name}/post.html" for name in CUTS} <= links
    for link in links - {link for link in links if link.startswith("https:")}:
        assert (site / unquote(link.partition("#")[0])).is_file()


def test_a_title_is_text(site: Path) -> None:
    for path in pages(site):
        page = parsed(path)
        assert [tag for tag, _ in page.tags].count("script") == (path.name == "index.html")
        assert f"All of {NASTY}" in "".join(page.text["title"])
    assert f"All of {NASTY}" in parsed(site / "index.html").text["h1"]
    assert NASTY in parsed(site / "index.html").text["bdi"]


def test_talks_left_out_are_named(site: Path) -> None:
    text = (site / "cohort.html").read_text("utf-8")
    assert "1 talk left out" in text
    assert "<bdi>talks/waiting</bdi>" in text


ADA = SpeakerView("S1", "Ada", True, True, "Engines", None, 0, 0.5, None, 0)
GRACE = SpeakerView("S2", "Grace", True, False, None, None, 1, 0.5, None, 0, evidence="a hunch")


def talk(number: int, title: str = "", dek: str = "") -> TalkView:
    part = TalkThemeView(f"Part of {number}", f"talk-{number}/post.html#part")
    return TalkView(
        name=f"talk-{number}",
        title=title or f"Talk number {number}",
        dek=dek,
        date="2024-05-02",
        day="2 May 2024",
        occasion="A day of talks",
        duration="1:02:03",
        link=f"talk-{number}/post.html",
        anchor=f"talk-{number}",
        speakers=(ADA, GRACE),
        parts=(part,),
    )


def quote(text: str, speaker: SpeakerView, of: TalkView, doubts: tuple[str, ...] = ()) -> QuoteView:
    moment = MomentView(754.0, "12:34", "https://youtu.be/abc?t=754s")
    return QuoteView(text, speaker, moment, None, doubts, SourceView(of.title, f"{of.link}#part"))


def common(heading: str, of: tuple[TalkView, ...], prose: bool = False) -> CommonThemeView:
    """A theme with two views and a third quote, and if asked for with prose."""
    three = (
        quote("Small is enough.", ADA, of[0]),
        quote("Small is never enough.", GRACE, of[1], ("overlap",)),
        quote("We […] ship.", ADA, of[1]),
    )
    anchor = heading.casefold().replace(" ", "-")
    cited = CitationView("s1", "We always ship.", GRACE, three[0].moment, (), three[0].source)
    assert cited.moment
    claim = ClaimView(
        (PieceView("Grace", GRACE, marked=True), PieceView(" ships.")), (cited,), (cited.moment,)
    )
    body = tuple(BlockView(quote=quote) for quote in three)
    if prose:
        body = (BlockView(ParagraphView((claim,))), *body, BlockView(notes=("My own word.",)))
    theme = ThemeView(heading, anchor, body, heading)
    parts = tuple((one, one.parts[0]) for one in of)
    return CommonThemeView(theme, f"theme-{anchor}.html", of, parts, (three[:2],))


def cohort(themes: tuple[CommonThemeView, ...], of: tuple[TalkView, ...]) -> CohortView:
    return CohortView(
        title="A cohort",
        dek="Of talks",
        date="2024-05-02",
        day="2 May 2024",
        occasion="A day of talks",
        recording="https://youtu.be/playlist",
        language="en",
        direction="ltr",
        themes=themes,
        talks=of,
        people=(
            PersonView("Ada", False, "", "Engines", None, "speaker-1", of),
            PersonView("Grace", True, "a guess: a hunch", None, None, "speaker-2", of[:1]),
        ),
        introduction=(),
        close=(),
        reflections=(),
        links=(LinkView("A link", "https://a.example/"),),
        absent=(),
        verification=None,
    )


def render(template: str, view: CohortView, root: Path, theme: CommonThemeView | None = None) -> str:
    templates = Templates.of(root)
    return templates.render(template, cohort=view, **({"theme": theme} if theme else {}))


TWO = (talk(1), talk(2))
ALL_PAGES = ("_cohort.html", "_cohort_theme.html", "_cohort_index.html")


@pytest.mark.parametrize("prose", [False, True])
def test_two_views_stand_together_and_no_quote_stands_twice(tmp_path: Path, prose: bool) -> None:
    theme = common("Size matters", TWO, prose)
    view = cohort((theme,), TWO)
    for template in ALL_PAGES[:2]:
        html = render(template, view, tmp_path, theme)
        page = Page(html)
        assert page.text["p"].count("Two views") == 1
        for one in theme.theme.quotes:
            assert page.text["p"].count(one.text) == 1
        (pair,) = re.findall(r'<div class="views".*?</div>', html, re.DOTALL)
        assert pair.count("<blockquote>") == 2
        assert "disagree" not in html
    text = render("_cohort.md", view, tmp_path)
    assert text.count("Two views:\n\n> Small is enough.") == 1
    assert text.count("> Small is never enough.") == 1
    assert "\n— **Grace** (?), Talk number 2, [12:34](https://youtu.be/abc?t=754s) (overlap)\n" in text


def test_a_guessed_name_is_marked_wherever_it_stands(tmp_path: Path) -> None:
    html = render("_cohort_index.html", cohort((common("Size matters", TWO),), TWO), tmp_path)
    marked = re.findall(r'<bdi>Grace</bdi>\s*<span class="doubt"[^>]*title="a guess: a hunch"', html)
    assert len(marked) == html.count("Grace") == 4


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (None, "this name is a guess from the conversation"),
        ("Bob says “Hi, Ada”", "a guess: Bob says “Hi, Ada”"),
    ],
)
def test_why_a_name_is_a_guess_is_said_as_in_the_talk(reason: str | None, why: str) -> None:
    voice = Voice(ids=("S1",), name="Ada", known=True, confirmed=False, reason=reason)
    assert speaker_view("S1", 0, voice, "").why == why


def test_prose_says_what_it_rests_on_and_in_which_talk(tmp_path: Path) -> None:
    theme = common("Size matters", TWO, prose=True)
    written = theme.theme.paragraphs
    view = replace(
        cohort((theme,), TWO), introduction=written, close=written, reflections=("The last word.",)
    )
    view = replace(view, verification=VerificationView(3, 3, 0, 0, 0))
    html = render("_cohort.html", view, tmp_path)
    found = re.findall(r'<span class="sources"[^>]*>\n.*?\n</span>', html, re.DOTALL)
    assert len(found) == 3
    for sources in found:
        assert "We always ship." in sources
        assert "talk-1/post.html#part" in Page(sources).values("href")
    (cites,) = re.findall('<span class="cites">.*?</span>', html)
    assert 'href="https://youtu.be/abc?t=754s"><bdi>Talk number 1</bdi></a>' in cites
    for words in ("3 checked, all passed", "own.", "The last word.", "My own word.", "A guess, not yet"):
        assert words in html
    text = render("_cohort.md", view, tmp_path)
    ships = r"^Grace \(\?\) ships\..*$"
    linked = "Grace (?) ships. ([Talk number 1](https://youtu.be/abc?t=754s))"
    assert re.findall(ships, text, re.MULTILINE) == ["Grace (?) ships.", linked, "Grace (?) ships."]
    assert text.endswith(
        "\nA program found what the talks share and which views may be at odds, and wrote the text around "
        "the quotes, with the author\u2019s notes worked in; it checked each sentence against what was said, "
        "which finds many mistakes, not all.\nQuotes are word for word; … marks a cut.\n"
        "A name with (?) is a guess.\n"
    )


def test_where_no_moment_can_be_linked_the_talk_is(tmp_path: Path) -> None:
    theme = common("Size matters", TWO, prose=True)
    unlinked = MomentView(754.0, "12:34", None)
    (claim,) = theme.theme.paragraphs[0].claims
    cited = replace(claim.citations[0], moment=unlinked)
    body = (
        BlockView(ParagraphView((replace(claim, citations=(cited,), moments=(unlinked,)),))),
        *(BlockView(quote=replace(quote, moment=unlinked)) for quote in theme.theme.quotes),
    )
    theme = replace(theme, theme=replace(theme.theme, body=body), against=())
    text = render("_cohort.md", cohort((theme,), TWO), tmp_path)
    assert "Grace (?) ships. ([Talk number 1](talk-1/post.html#part))\n" in text
    assert "\n— **Ada**, [Talk number 1](talk-1/post.html#part)\n" in text
    assert "12:34" not in text


def test_without_themes_the_pages_say_so(tmp_path: Path) -> None:
    view = cohort((), TWO)
    for template in ("_cohort.html", "_cohort.md", "_cohort_index.html"):
        text = render(template, view, tmp_path)
        assert "No themes came out" in text
        assert "word for word" not in text
    index = Page(render("_cohort_index.html", view, tmp_path))
    assert "_themes" not in [*index.values("id"), *(href[1:] for href in index.values("href"))]


def test_talks_without_a_page_are_named_without_a_link(tmp_path: Path) -> None:
    bare = tuple(replace(one, link=None, parts=(replace(one.parts[0], link=None),)) for one in TWO)
    theme = common("Size matters", bare)
    unlinked = tuple(replace(one, source=SourceView("A talk", None)) for one in theme.theme.quotes)
    body = tuple(BlockView(quote=quote) for quote in unlinked)
    theme = replace(theme, theme=replace(theme.theme, body=body), against=())
    for template in (*ALL_PAGES, "_cohort.md"):
        text = render(template, cohort((theme,), bare), tmp_path, theme)
        assert "None" not in text
        assert "post.html" not in text


@pytest.mark.parametrize("template", [*ALL_PAGES, "_cohort.md"])
def test_hostile_text_stays_text(tmp_path: Path, template: str) -> None:
    def view(word: str) -> tuple[CohortView, CommonThemeView]:
        of = tuple(replace(one, title=word, dek=word, occasion=word) for one in TWO)
        speaker = replace(ADA, name=word, role=word)
        theme = common("Size matters", of, prose=True)
        body = tuple(
            replace(block, quote=replace(block.quote, text=word, speaker=speaker)) if block.quote else block
            for block in theme.theme.body
        )
        theme = replace(theme, theme=replace(theme.theme, heading=word, body=body), against=())
        made = cohort((theme,), of)
        person = replace(made.people[0], name=word, role=word)
        told = {"title": word, "dek": word, "absent": (word,)}
        return replace(made, people=(person,), **told), theme

    html = [render(template, *_swapped(view(word), tmp_path)) for word in (NASTY, "tame")]
    if template == "_cohort.md":
        tokens = [MarkdownIt("commonmark").parse(text.partition("\n---\n")[2]) for text in html]
        assert [token.type for token in tokens[0]] == [token.type for token in tokens[1]]
    else:
        assert [tag for tag, _ in Page(html[0]).tags] == [tag for tag, _ in Page(html[1]).tags]


def _swapped(
    made: tuple[CohortView, CommonThemeView], root: Path
) -> tuple[CohortView, Path, CommonThemeView]:
    return made[0], root, made[1]


# In a browser


@pytest.fixture
def tab(page: Tab) -> Tab:
    return page  # of the browser; Page is something else here


CREME = "Crème brûlée à la carte"


def written(root: Path, view: CohortView) -> dict[str, str]:
    """The pages of a view on disk, and their addresses."""
    files = {"index.html": render("_cohort_index.html", view, root)}
    files["cohort.html"] = render("_cohort.html", view, root)
    files |= {theme.page: render("_cohort_theme.html", view, root, theme) for theme in view.themes}
    for name, text in files.items():
        (root / name).write_text(text, "utf-8")
    return {name: (root / name).as_uri() for name in files}


@pytest.fixture
def address(tmp_path: Path) -> dict[str, str]:
    of = (talk(1, CREME, "On Straße and kitchens"), talk(2), talk(3, "Élan"))
    themes = (common("Size matters", of[:2]), common("Kitchen work", of[1:], prose=True))
    return written(tmp_path, cohort(themes, of))


def shown(tab: Tab) -> Locator:
    return tab.locator("[data-item]:visible")


@pytest.mark.browser
def test_typing_leaves_what_has_every_word(tab: Tab, address: dict[str, str]) -> None:
    tab.goto(address["index.html"])
    box, count = tab.get_by_role("searchbox"), tab.get_by_role("status")
    assert count.get_attribute("aria-live") == "polite"
    assert shown(tab).count() == 7
    for query in ("creme brulee", "CARTE crème", "strasse  KITCHENS", "brûlée"):
        box.fill(query)
        assert tab.locator(".talks [data-item]:visible").count() == 1
        assert "1 talk" in count.inner_text()
    box.fill("grace elan")
    assert tab.locator(".talks [data-item]:visible h3").all_inner_texts() == ["Élan"]
    box.fill("kitchen work")
    assert shown(tab).count() == 1
    assert count.inner_text() == "Found: 1 theme"
    assert not tab.get_by_role("heading", name="Speakers").is_visible()
    box.fill("no such word")
    assert (shown(tab).count(), count.inner_text()) == (0, "Nothing found")


@pytest.mark.browser
def test_a_search_can_be_linked_and_escape_ends_it(tab: Tab, address: dict[str, str]) -> None:
    tab.goto(address["index.html"])
    tab.keyboard.press("/")
    box = tab.get_by_role("searchbox")
    assert box.evaluate("box => box === document.activeElement")
    tab.keyboard.type("crème & 100% a/b")
    assert shown(tab).count() == 0
    link = tab.url
    assert "#q=cr%C3%A8me" in link
    tab.keyboard.press("Escape")
    assert (box.input_value(), shown(tab).count(), "#" in tab.url) == ("", 7, False)
    tab.goto("about:blank")
    tab.goto(link)
    assert box.input_value() == "crème & 100% a/b"
    assert shown(tab).count() == 0
    tab.evaluate("location.hash = '#q=' + encodeURIComponent('brulee')")
    tab.wait_for_function("document.querySelector('input').value === 'brulee'")
    assert tab.locator(".talks [data-item]:visible").count() == 1
    tab.goto("about:blank")
    tab.goto(address["index.html"] + "#q=100%")
    assert box.input_value() == "100%"


@pytest.mark.browser
def test_a_link_to_what_the_search_hides_shows_it(tab: Tab, address: dict[str, str]) -> None:
    tab.goto(address["index.html"] + "#q=brulee")
    assert not tab.locator("#talk-2").is_visible()
    tab.evaluate("location.hash = '#talk-2'")
    tab.wait_for_selector("#talk-2", state="visible")
    assert tab.get_by_role("searchbox").input_value() == ""
    assert tab.url.endswith("#talk-2")


@pytest.mark.browser
def test_without_scripts_everything_is_listed_and_there_is_no_box(
    browser: Browser, address: dict[str, str]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address["index.html"] + "#q=brulee")
    assert shown(tab).count() == 7
    assert not tab.locator("form").is_visible()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "direction"), [(320, "ltr"), (320, "rtl"), (1280, "ltr")])
def test_nothing_is_wider_than_the_screen(tab: Tab, tmp_path: Path, width: int, direction: str) -> None:
    of = tuple(talk(n, "Unbreakable" * 9, "Unbreakable" * 9) for n in (1, 2))
    theme = common("Unbreakable" * 9, of, prose=True)
    theme = replace(theme, page="theme-a.html")
    others = (
        replace(common("Before", of), page="theme-0.html"),
        replace(common("After", of), page="theme-z.html"),
    )
    view = replace(cohort((others[0], theme, others[1]), of), direction=direction, title="Unbreakable" * 9)
    tab.set_viewport_size({"width": width, "height": 800})
    for link in written(tmp_path, view).values():
        tab.goto(link)
        tab.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, link


@pytest.mark.browser
def test_two_views_are_side_by_side_where_there_is_room(tab: Tab, address: dict[str, str]) -> None:
    for width, beside in ((1000, True), (360, False)):
        tab.set_viewport_size({"width": width, "height": 800})
        tab.goto(address["cohort.html"])
        one, other = (tab.locator(".views .quote").nth(n).bounding_box() for n in (0, 1))
        assert one is not None
        assert other is not None
        assert (one["y"] == pytest.approx(other["y"], abs=1)) is beside


@pytest.mark.browser
def test_a_browser_has_nothing_to_mend(tab: Tab, site: Path) -> None:
    for path in pages(site):
        tab.goto(path.as_uri())
        count = tab.evaluate("document.querySelectorAll('*').length")
        assert count == len(parsed(path).tags), path.name


@pytest.mark.browser
def test_a_thousand_talks_can_be_searched(tab: Tab, tmp_path: Path) -> None:
    of = tuple(talk(n, f"Talk number {n}", "A long line about nothing at all. " * 4) for n in range(1000))
    tab.goto(written(tmp_path, cohort((common("Size matters", of),), of))["index.html"])
    tab.keyboard.press("/")
    tab.keyboard.type("number 99")
    talks = tab.locator(".talks [data-item]:visible")
    assert talks.count() == sum("99" in str(n) for n in range(1000))
    tab.keyboard.type("9 nothing")
    assert talks.count() == 1
    assert tab.get_by_role("status").inner_text().startswith("Found: 1 ")
    tab.keyboard.press("Escape")
    assert talks.count() == 1000
