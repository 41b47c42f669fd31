"""How a run is shown: the table on a terminal, lines elsewhere, and the time that is left."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.live import Live

from pipeline.cli.board import DONE, FAILED, NOTHING, STAGE_NAMES, Board, shortened
from pipeline.cli.console import Lines, Silent
from pipeline.cli.eta import Eta
from tests.support.helpers import panel


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Screen:
    """A board on a terminal of that size, and what it shows."""

    def __init__(self, width: int = 100, height: int = 24) -> None:
        self.clock, self.printed = Clock(), io.StringIO()
        self.size = {"width": width, "height": height}
        self.console = Console(file=self.printed, force_terminal=True, color_system=None, **self.size)
        self.board = Board(self.console, self.clock)

    def lines(self) -> list[str]:
        drawn = Console(file=io.StringIO(), force_terminal=True, color_system=None, **self.size)
        with drawn.capture() as shown:
            drawn.print(self.board)
        lines = shown.get().splitlines()
        assert all(cell_len(line) <= self.size["width"] for line in lines)
        return lines

    def line(self, start: str) -> list[str]:
        return next(line.split() for line in self.lines() if line.startswith(start))

    def last(self) -> list[str]:
        return [line.plain for line in self.board.final_lines()]

    def run(self, talk: str, cost: float | None = None) -> None:
        for stage in STAGE_NAMES:
            self.work(talk, stage, 10.0, cost if stage == "extract" else None)
        self.board.ended(talk)

    def work(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        self.board.started(talk, stage, ("new",))
        self.clock.now += seconds
        self.board.finished(talk, stage, seconds, cost)


def eta(*talks: str) -> tuple[Eta, Clock]:
    clock = Clock()
    found = Eta(("hear", "write"), clock)
    found.planned(talks)
    return found, clock


def do(left: Eta, clock: Clock, talk: str, stage: str, seconds: float) -> None:
    left.started(talk, stage)
    clock.now += seconds
    left.finished(talk, stage, seconds)


def test_nothing_is_known_before_anything_was_done() -> None:
    left, clock = eta("a", "b")
    assert left.seconds_left() is None
    left.started("a", "hear")
    clock.now = 5
    assert left.seconds_left() is None
    left.progress("a", 0.01)
    assert left.seconds_left() is None


def test_a_running_stage_is_told_from_its_fraction_and_runs_down_between_two_of_them() -> None:
    left, clock = eta("a")
    left.started("a", "hear")
    clock.now = 10
    left.progress("a", 0.25)
    assert left.seconds_left() == pytest.approx(30)
    clock.now = 20
    assert left.seconds_left() == pytest.approx(20)
    clock.now = 100
    assert left.seconds_left() is None


def test_other_talks_will_take_what_the_running_one_seems_to_take() -> None:
    left, clock = eta("a", "b", "c")
    left.started("a", "hear")
    clock.now = 10
    left.progress("a", 0.5)
    assert left.seconds_left() == pytest.approx(10 + 2 * 20)


def test_means_of_stages_that_are_done() -> None:
    left, clock = eta("a", "b", "c")
    for talk, seconds in (("a", 10), ("b", 30)):
        do(left, clock, talk, "hear", seconds)
        do(left, clock, talk, "write", 4)
        left.ended(talk)
    assert left.seconds_left() == pytest.approx(24)
    left.started("c", "hear")
    clock.now += 15
    assert left.seconds_left() == pytest.approx(9)
    clock.now += 100  # longer than usual: only the next stage is sure
    assert left.seconds_left() == pytest.approx(4)


def test_stages_without_work_are_learnt_by_share() -> None:
    left, clock = eta("a", "b", "c")
    do(left, clock, "a", "hear", 10)
    do(left, clock, "a", "write", 6)
    left.ended("a")
    do(left, clock, "b", "write", 6)
    left.ended("b")
    assert left.seconds_left() == pytest.approx(5 + 6)


def test_what_an_earlier_run_did_says_nothing_of_the_rest() -> None:
    left, clock = eta("a", "b", "c", "d")
    left.ended("a")
    left.ended("b")
    do(left, clock, "c", "hear", 10)
    assert left.seconds_left() == pytest.approx(10)


def test_a_failed_talk_has_nothing_left() -> None:
    left, clock = eta("a", "b")
    do(left, clock, "a", "hear", 10)
    left.ended("b", failed=True)
    left.ended("a")
    assert left.seconds_left() is None


def test_talks_that_overlap_end_sooner() -> None:
    left, clock = eta("a", "b", "c", "d")
    left.started("a", "hear")
    left.started("b", "hear")
    clock.now = 10
    left.finished("a", "hear", 10)
    left.finished("b", "hear", 10)
    left.ended("a")
    left.ended("b")
    assert left.seconds_left() == pytest.approx(10)  # 20 s of work, two at a time
    left.ended("c", failed=True)
    assert left.seconds_left() == pytest.approx(10)  # one talk cannot overlap with itself


def test_one_talk_shows_its_stage_with_a_bar_and_the_time_left() -> None:
    screen = Screen()
    screen.board.planned(["panel"])
    assert screen.lines() == []
    screen.work("panel", "segment", 12.34)
    screen.board.started("panel", "extract", ("new",))
    assert "extract" in screen.lines()[-1]
    assert "%" not in screen.lines()[-1]
    screen.clock.now += 40
    screen.board.progress("panel", "extract", 40, 100)
    head, row, foot = screen.lines()
    assert head.split() == list(STAGE_NAMES)
    assert row.split() == ["panel", NOTHING, DONE, "12.3", "s", "40", "%"]
    assert foot.startswith("extract ━")
    assert foot.endswith("─ 40 % · 1:00 left")
    screen.clock.now += 59.5
    assert screen.lines()[-1].endswith("─ 40 %")
    screen.board.finished("panel", "extract", 100.0, 0.42)
    screen.board.ended("panel")
    row, foot = screen.last()[1:]
    assert row.split() == ["panel", NOTHING, DONE, "12.3", "s", DONE, "1:40", NOTHING]
    assert foot == "took 1:51 · $0.42"
    assert not screen.printed.getvalue()


def test_one_talk_that_fails_is_marked_and_named_once_by_who_called() -> None:
    screen = Screen()
    screen.board.planned(["panel"])
    screen.work("panel", "transcribe", 1)
    screen.board.started("panel", "segment", ("new",))
    screen.board.ended("panel", "segment", "nobody spoke")
    assert screen.last()[1].split() == ["panel", DONE, "1.0", "s", FAILED]
    assert not screen.printed.getvalue()


def test_nothing_stays_where_nothing_had_to_run() -> None:
    screen = Screen()
    screen.board.planned(["a", "b"])
    screen.board.ended("a")
    assert screen.lines()[-1] == "1 of 2 done, 1 left"
    screen.board.ended("b")
    assert screen.last() == []


def test_three_talks() -> None:
    screen = Screen()
    screen.board.planned(["a", "b", "c"])
    screen.run("a", cost=0.002)
    screen.board.started("b", "transcribe", ("new",))
    screen.clock.now += 5
    screen.board.progress("b", "transcribe", 5, 10)
    assert [line.split() for line in screen.lines()[1:-1]] == [["a", *[DONE] * 4], ["b", "50", "%"], ["c"]]
    assert screen.lines()[-1] == "1 of 3 done, 2 left · 1:15 left · $0.0020"
    screen.board.finished("b", "transcribe", 10)
    screen.board.started("b", "segment", ("new",))
    screen.board.ended("b", "segment", "[nobody] :smile: spoke")
    assert screen.line("b ") == ["b", DONE, FAILED]
    assert screen.printed.getvalue() == "b: segment failed: [nobody] :smile: spoke\n"
    screen.board.ended("c", "start", "no such file")
    assert screen.line("c ") == ["c", FAILED]
    assert screen.lines()[-1] == "1 of 3 done, 2 failed · $0.0020"
    assert screen.last() == ["1 of 3 done, 2 failed · took 0:45 · $0.0020"]


@pytest.mark.parametrize(("width", "height"), [(100, 24), (40, 24), (40, 10), (12, 3)])
def test_a_hundred_talks_fit_the_screen(width: int, height: int) -> None:
    screen = Screen(width, height)
    screen.board.planned([f"2024/{n:03}-a talk with a long name 日本語" for n in range(100)])
    talks = list(screen.board._rows)
    for talk in talks[:38]:
        screen.run(talk, cost=0.01)
    for talk in talks[38:40]:
        screen.board.ended(talk, "start", "no")
    for talk in talks[41:43]:
        screen.board.started(talk, "transcribe", ("new",))
    lines = screen.lines()
    assert len(lines) < height or height == 3
    foot = " · ".join(lines)
    if height > 3:
        assert "38 of 100 done, 2 failed, 60 left" in foot
        assert " left · $0.38" in foot
        rows = [line[:10] for line in lines if line.startswith("2024/")]
        assert rows == sorted(rows)
        assert {"2024/041", "2024/042"} <= {row[:8] for row in rows} or width == 40
    if width == 100:
        assert len(lines) > height - 6
        assert rows[0] < "2024/038"
        assert rows[-1] > "2024/043"


@pytest.mark.parametrize("width", range(1, 14))
def test_a_name_loses_its_middle(width: int) -> None:
    for name in ("2024-panel", "日本語の番組名", "a\nb\x1b[31mc", "x"):
        assert cell_len(shortened(name, width)) <= width
    assert shortened("2024-03-01 panel", 9) == "2024…anel"


def test_messages_go_above_as_they_are() -> None:
    screen = Screen()
    screen.board.noted("a", "extract", "[b]3 quotes[/b] :smile:")
    screen.board.warned("a", "render", "edited")
    assert screen.printed.getvalue() == "a: extract: [b]3 quotes[/b] :smile:\na: render: edited\n"


def test_a_comparison_is_a_line_for_its_variant() -> None:
    screen = Screen()
    variant = "recap with default model"
    screen.board.started("panel", variant, ("being written",))
    assert screen.lines()[0].endswith(f" panel: {variant}")
    screen.board.progress("panel", variant, 2, 5)
    assert len(screen.lines()) == 1
    assert screen.lines()[0].endswith(f" panel: {variant} 40 %")
    screen.board.warned("panel", variant, "failed: out of memory")
    screen.board.started("panel", "another", ("being written",))
    assert [line[2:] for line in screen.lines()] == ["panel: another"]
    screen.board.finished("panel", "another", 2.0)
    assert screen.lines() == screen.last() == []
    assert screen.printed.getvalue().endswith("panel: another: done in 2.0 s\n")


def test_an_unplanned_talk_gets_a_row_and_late_news_of_an_ended_one_do_not_revive_it() -> None:
    screen = Screen()
    screen.board.started("panel", "segment", ("new",))
    assert screen.lines()[1].startswith("panel")
    screen.board.ended("panel")
    screen.board.started("panel", "segment", ("new",))
    screen.board.progress("panel", "segment", 1, 2)
    screen.board.finished("panel", "segment", 1.0)
    assert screen.line("panel")[2] == DONE


def test_many_threads_tell_while_it_is_drawn() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    board, wrong = Board(console), list[BaseException]()
    talks = [f"talk {n}" for n in range(80)]
    board.planned(talks)

    def tell(mine: list[str]) -> None:
        try:
            for talk in mine:
                for stage in STAGE_NAMES:
                    board.started(talk, stage, ("new",))
                    for reached in range(5):
                        board.progress(talk, stage, reached, 5)
                    board.noted(talk, stage, "on its way")
                    board.finished(talk, stage, 0.1, 0.01)
                failed = talk.endswith("7")
                board.ended(talk, *(("render", "no") if failed else ()))
        except BaseException as error:
            wrong.append(error)

    with Live(board, console=console, refresh_per_second=100, transient=True):
        threads = [threading.Thread(target=tell, args=(talks[n::8],)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
    assert board.final_lines()[0].plain.startswith("72 of 80 done, 8 failed · took ")
    assert board.final_lines()[0].plain.endswith(" · $3.20")


def test_lines_of_several_talks(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.planned(["fresh", "new", "bad"])
    lines.ended("fresh")
    lines.started("new", "render", ("a", "b"))
    lines.finished("new", "render", 1.0, 0.1)
    lines.ended("new")
    lines.ended("bad", "start", "no such file")
    out, err = capsys.readouterr()
    assert not out
    assert err.splitlines() == [
        "new: render: a and 1 more",
        "new: render: done in 1.0 s",
        "new: done (2 of 3)",
        "bad: start failed: no such file",
    ]


def test_lines_of_one_talk_leave_its_end_to_who_called(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.planned(["bad"])
    lines.ended("bad", "start", "no such file")
    assert capsys.readouterr() == ("", "")


def test_silent_says_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    silent = Silent()
    silent.planned(["a", "b"])
    silent.warned("a", "render", "edited")
    silent.finished("a", "render", 1.0)
    silent.ended("a")
    silent.ended("b", "start", "no such file")
    assert capsys.readouterr() == ("", "a: render: edited\n")


def on_a_terminal(folder: Path, *arguments: str, term: str = "xterm") -> tuple[int, str]:
    """Exit code and all that `takeaways ARGUMENTS` wrote to its terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from pipeline.cli.main import main; main()", *arguments]
    environment = {**os.environ, "TERM": term, "COLUMNS": "90", "LINES": "24", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:  # how a pty says that nobody holds its other end
            break
        if not block:
            break
        written += block
    os.close(ours)
    return process.wait(), written.decode()


def test_a_run_on_a_terminal_draws_the_table_and_leaves_a_summary(tmp_path: Path) -> None:
    panel(tmp_path, "one", lines=12)
    panel(tmp_path, "two", lines=16)
    code, written = on_a_terminal(tmp_path, "run", "inputs")
    assert code == 0, written
    assert "0 of 2 done, 2 left" in written
    assert "2 of 2 done · took 0:" in written
    assert "Traceback" not in written
    assert written.split()[-2:] == ["outputs/one/post.html", "outputs/two/post.html"]
    code, written = on_a_terminal(tmp_path, "run", "inputs", term="dumb")
    assert (code, written.split()) == (0, ["outputs/one/post.html", "outputs/two/post.html"])
