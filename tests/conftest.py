from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from pipeline.weights import models

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

from pipeline.workspace.talks import Workspace
from tests.support import DATA
from tests.support.helpers import Call, call_program

# How long an example takes says how busy the machine is: nothing is asserted of it.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def config_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's trusted.toml but the test's own."""
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    return folder


@pytest.fixture
def call(place: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The program, called in the test's own `place`; whatever it meets, it never shows a traceback."""

    def called(*arguments: str) -> tuple[int, str, str]:
        code, out, err = call_program(place, monkeypatch, capsys, *arguments)
        assert "Traceback" not in err
        assert "bug" not in err
        return code, out, err

    return called


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With TAKEAWAYS_NO_SKIPS a test that was left out is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("TAKEAWAYS_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def whisper_dir() -> Path:
    """The real model, verified; the same that a user gets."""
    return models.locate("whisper-base")


@pytest.fixture(scope="session")
def data() -> Path:
    """Recordings to test with; their licences are in its README."""
    return DATA


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.fail(
            "there is no Chromium: apt-get install chromium, or leave these out with -m 'not browser'"
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--mute-audio"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test for a console error or a request that leaves the disk."""
    context = browser.new_context()
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url[:5] == "file:" else wrong.append(request.url))
    yield page
    context.close()
    assert not wrong
