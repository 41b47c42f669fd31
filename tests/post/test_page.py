"""The page in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.posts import PANEL, PEOPLE, quoting, render, talk, turns, written

pytestmark = pytest.mark.browser


def made(root: Path, sidecar: str = "") -> Path:
    """A post on disk beside a recording of 30 s."""
    subject = talk(root, sidecar, media="a talk.wav")
    with wave.open(str(subject.source), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        tone = (int(900 * math.sin(n / 6)) for n in range(30 * 8000))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in tone))
    said = turns((("S1", "One. | Two."), ("S2", "Three. | Four."), ("S1", "Five.")))
    product = render(subject, said, quoting(said, "s2"))
    subject.folder.mkdir(parents=True)
    for name, data in product.files.items():
        (subject.folder / name).write_bytes(data)
    return subject.folder / "post.html"


def test_a_time_stamp_plays_from_that_moment_by_mouse_and_by_keyboard(page: Page, tmp_path: Path) -> None:
    page.goto(made(tmp_path).as_uri())
    page.wait_for_function("document.querySelector('audio').readyState >= 1")
    stamp = page.get_by_role("link", name="Play from 0:10")
    for act in (stamp.click, lambda: stamp.press("Enter")):
        page.evaluate("player => { player.pause(); player.currentTime = 0 }", page.query_selector("audio"))
        act()
        page.wait_for_function("document.querySelector('audio').currentTime >= 10")
        assert not page.evaluate("document.querySelector('audio').paused")
        page.wait_for_selector(".quote.now")
    assert page.url.endswith("post.html")


def test_a_click_on_a_bar_plays_from_there_and_the_keyboard_passes_by(page: Page, tmp_path: Path) -> None:
    page.goto(made(tmp_path).as_uri())
    page.wait_for_function("document.querySelector('audio').readyState >= 1")
    page.locator('.lane a[data-t="15.0"]').click()
    page.wait_for_function("document.querySelector('audio').currentTime >= 15")
    page.wait_for_selector(".when.playing")
    now = page.evaluate("getComputedStyle(document.querySelector('.when')).getPropertyValue('--now')")
    assert float(now) >= 15 / 24
    page.evaluate("document.activeElement.blur()")
    page.locator("h1").click()
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.closest('.lane') !== null"))
    assert stops == [False] * 4


@pytest.mark.parametrize(("width", "direction"), [(360, "ltr"), (1100, "ltr"), (1100, "rtl")])
def test_lanes_and_scale_are_in_line(page: Page, tmp_path: Path, width: int, direction: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(made(tmp_path).as_uri())
    page.evaluate("dir => { document.documentElement.dir = dir }", direction)
    place = "e => { const r = document.querySelector(e).getBoundingClientRect(); return [r.left, r.right] }"
    lane, scale = (page.evaluate(place, what) for what in (".lane", ".scale"))
    assert lane == pytest.approx(scale, abs=1.5)
    assert lane[1] - lane[0] > width * 0.3
    first, last = (page.locator(".lane a rect").nth(n).bounding_box() for n in (0, 2))
    assert first is not None
    assert last is not None
    assert first["x"] < last["x"], "time runs from left to right in any script"


def test_without_its_recording_the_page_goes_on_without_a_player(browser: Browser, tmp_path: Path) -> None:
    post = made(tmp_path, 'recording = "https://youtu.be/abc"')
    moved = tmp_path / "elsewhere" / "post.html"
    moved.parent.mkdir()
    moved.write_bytes(post.read_bytes())
    page = browser.new_page()  # not the fixture's: Chromium tells the console that the file is missing
    page.goto(moved.as_uri())
    page.wait_for_selector(".player", state="hidden")
    assert page.locator("a.time").first.get_attribute("href") == "https://youtu.be/abc?t=10s"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, tmp_path: Path, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(made(tmp_path, f'title = "{"Unbreakable" * 9}"').as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def prose(root: Path) -> Path:
    """A post with prose on disk, without its recording."""
    subject = talk(root, PEOPLE, media="panel.md")
    said = turns(PANEL)
    subject.folder.mkdir(parents=True)
    for name, data in render(subject, said, written(said)).files.items():
        (subject.folder / name).write_bytes(data)
    return subject.folder / "post.html"


OPEN = "document.querySelectorAll(':popover-open').length"
SIZE = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"


def test_sources_open_by_keyboard_and_show_the_words(page: Page, tmp_path: Path) -> None:
    page.goto(prose(tmp_path).as_uri())
    cited = page.get_by_text("We tell every team that.")
    assert not cited.is_visible()
    page.locator(".theme .claim + button").nth(4).focus()
    page.keyboard.press("Enter")
    assert cited.is_visible()
    assert page.evaluate(OPEN) == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.sources') !== null"), "its links come next"
    page.keyboard.press("Escape")
    assert not cited.is_visible()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_a_touch_of_a_sentence_shows_its_sources_without_a_script_or_a_jump(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 700}, has_touch=True, java_script_enabled=False
    )
    page.goto(prose(tmp_path).as_uri())
    before = page.evaluate(SIZE)
    sentences = page.locator(".claim")
    for at in range(sentences.count()):
        sentence = sentences.nth(at)
        sentence.scroll_into_view_if_needed()
        sentence.tap()
        assert page.evaluate(OPEN) == 1
        shown, text = page.locator(":popover-open").bounding_box(), sentence.bounding_box()
        assert shown
        assert text
        assert shown["x"] >= 0
        assert shown["x"] + shown["width"] <= width
        assert shown["y"] >= text["y"] + text["height"] or shown["y"] + shown["height"] <= text["y"]
        assert page.evaluate(SIZE) == before
    page.close()


def test_words_cited_at_length_scroll_inside_their_box(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 320, "height": 500})
    page.goto(prose(tmp_path).as_uri())
    page.evaluate(
        "document.querySelectorAll('.sources > span').forEach(e => { e.append('word '.repeat(999)) })"
    )
    page.locator(".claim").first.click()
    box = page.locator(":popover-open").bounding_box()
    assert box
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 500
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_authors_note_looks_unlike_a_quote(page: Page, tmp_path: Path) -> None:
    page.goto(prose(tmp_path).as_uri())
    style = """of => {
        const style = getComputedStyle(document.querySelector(of));
        return [style.fontFamily, style.borderInlineStartWidth];
    }"""
    note, quote = (page.evaluate(style, of) for of in (".reflection", ".quote"))
    assert note[0] != quote[0]
    assert (note[1], quote[1]) == ("0px", "3px")


def test_in_print_sources_are_left_out_and_times_stay(page: Page, tmp_path: Path) -> None:
    page.goto(prose(tmp_path).as_uri())
    page.locator(".claim").first.click()
    page.emulate_media(media="print")
    assert not page.locator(":popover-open").is_visible()
    assert not page.get_by_text("Touch a sentence").is_visible()
    assert page.locator(".cites").first.is_visible()
