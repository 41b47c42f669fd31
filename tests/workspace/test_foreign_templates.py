"""Templates of strangers: they reach nothing, they are stopped, and else they give what they always gave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest

from pipeline.errors import PromptError, TemplateError
from pipeline.workspace import prompt_sets, template_process
from pipeline.workspace.output_templates import Templates
from pipeline.workspace.talks import Workspace
from pipeline.workspace.template_language import JinjaError, Page, names_in, render_here
from pipeline.workspace.template_process import Limits, render_apart
from tests.support.stopped import PATIENCE, stoppable, until

TOO_LONG, TOO_MUCH, TOO_DEEP = (
    "takes more than 1 seconds",
    "takes more memory than a template may",
    "RecursionError",
)
LONG = "range(100000)"


@pytest.fixture(autouse=True)
def _little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_process, "LIMITS", Limits(memory_bytes=200 << 20))


@pytest.fixture
def little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_process, "LIMITS", Limits(seconds=1.0))


def write(root: Path, name: str, text: str) -> Path:
    path = root / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def rendered(root: Path, source: str, **context: object) -> str:
    write(root, "mine.txt.j2", source)
    return Templates.of(root).render("mine.txt", **context)


# Without an end


@pytest.mark.usefixtures("little_time")
@pytest.mark.parametrize(
    "source",
    [
        f"{{% for a in {LONG} %}}{{% for b in {LONG} %}}{{% endfor %}}{{% endfor %}}",
        f"{{% for a in {LONG} %}}{{% for b in {LONG} %}}{{{{ '' }}}}{{% endfor %}}{{% endfor %}}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{{ 10 ** (10 ** 8) }}",
        "{% set n = namespace(a=[], b=[]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}"
        "{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}",  # stuck in C, deaf to signals
        "{% autoescape 10 ** (10 ** 8) %}{% endautoescape %}",
        "{{ ('www.a.example ' * 2000000) | urlize | length }}",
        "{{ ('a ' * 20000000) | wordwrap(1) | length }}",
        f"{{{{ {LONG} | map('string') | map('center', 1000000) | map('length') | sum }}}}",
    ],
)
def test_what_never_ends_is_stopped_at_its_line(tmp_path: Path, source: str) -> None:
    with pytest.raises(TemplateError, match=rf"mine\.txt\.j2:3: {TOO_LONG}.* Have that line do less"):
        rendered(tmp_path, f"first\n\n{source}\nlast\n")


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 10 ** 10 }}",
        "{{ 'x' * 10 ** 8 ~ 'x' * 10 ** 8 ~ 'x' * 10 ** 8 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'x'.ljust(10 ** 10) }}",
        "{{ (1).to_bytes(10 ** 10, 'big') }}",
        "{{ 'x' | center(10 ** 10) }}",
        f"{{{{ {LONG} | batch(10 ** 10, 'x') | list }}}}",
        f"{{{{ {LONG} | map('string') | join('x' * 100000) }}}}",
        "{{ ('x' * 10 ** 7) | replace('x', 'y' * 100) }}",
        "{{ [1] * 10 ** 9 }}",
        "{% set x = 'x' * 1000 %}" + "{% set x = x ~ x %}" * 30,
        "{% set n = namespace(x='x' * 1000) %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        f"{{% filter upper %}}{{% for i in {LONG} %}}{{{{ 'x' * 100000 }}}}{{% endfor %}}{{% endfilter %}}",
        f"{{% set all %}}{{% for i in {LONG} %}}{{{{ 'x' * 100000 }}}}{{% endfor %}}{{% endset %}}",
    ],
)
def test_what_asks_for_everything_is_stopped_at_its_line(tmp_path: Path, source: str) -> None:
    with pytest.raises(TemplateError, match=rf"mine\.txt\.j2:3: {TOO_MUCH}"):
        rendered(tmp_path, f"first\n\n{source}\nlast\n")


@pytest.mark.parametrize(
    "source",
    [
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'mine.txt.j2' %}",
        "{% set again %}{% include 'mine.txt.j2' %}{% endset %}",
        "{% extends 'mine.txt.j2' %}",
        "{% import 'mine.txt.j2' as mine %}",
        "{% include '_other.j2' %}",
        "{% for a in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
    ],
)
def test_what_calls_itself_is_stopped(tmp_path: Path, source: str) -> None:
    write(tmp_path, "_other.j2", "{% include 'mine.txt.j2' %}")
    with pytest.raises(TemplateError, match=rf"(mine\.txt|_other)\.j2:\d: failed with {TOO_DEEP}"):
        rendered(tmp_path, source)


def test_a_text_without_measure_is_stopped_at_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_process, "LIMITS", Limits())
    with pytest.raises(TemplateError, match=r"mine\.txt\.j2:2: makes more than 50,000,000 characters"):
        rendered(tmp_path, f"first\n{{% for i in {LONG} %}}{{{{ 'x' * 10000 }}}}{{% endfor %}}")


@pytest.mark.usefixtures("little_time")
def test_a_partial_is_named_and_so_is_a_name_in_any_script(tmp_path: Path) -> None:
    write(tmp_path, '_шаблон "1".j2', "\n\n{{ 10 ** (10 ** 8) }}")
    with pytest.raises(TemplateError, match=r"_шаблон \"1\"\.j2:3: takes more"):
        rendered(tmp_path, "{% include '_шаблон \"1\".j2' %}")


@pytest.mark.parametrize("computed", ["'_part' ~ '.j2'", "name", "['_gone.j2', name]"])
def test_a_computed_name_may_be_that_of_a_stranger(tmp_path: Path, computed: str) -> None:
    write(tmp_path, "_part.j2", "{{ 'x' * 10 ** 10 }}")
    with pytest.raises(TemplateError, match=r"_part\.j2:1: takes more memory"):
        rendered(tmp_path, f"{{% include {computed} %}}", name="_part.j2")


@pytest.mark.usefixtures("little_time")
def test_replacing_a_partial_makes_a_built_in_template_a_strangers(tmp_path: Path) -> None:
    write(tmp_path, "_timeline.css.j2", "\n{{ 10 ** (10 ** 8) }}")
    with pytest.raises(TemplateError, match=r"_timeline\.css\.j2:2: takes more"):
        Templates.of(tmp_path).render("_post.css")


def test_a_template_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    for name in ("_a.j2", "_b.j2"):
        write(tmp_path, name, "é" * 300_000)
    write(tmp_path, "mine.txt.j2", "{% include '_a.j2' %}{% include '_b.j2' %}")
    templates = Templates.of(tmp_path)
    for use in (templates.digest, templates.render):
        with pytest.raises(TemplateError, match=r"_[ab]\.j2: is too large.*1,000,000 bytes"):
            use("mine.txt")
    with pytest.raises(TemplateError, match="which is nowhere"):
        rendered(tmp_path, f"{{% include '{'x' * 300}' %}}")


# Prompts are in the same language.

FRONT = "---\ndescription: mine\nvariables: [transcript]\n---\n"


@pytest.mark.usefixtures("little_time")
@pytest.mark.parametrize(("source", "what"), [("10 ** (10 ** 8)", TOO_LONG), ("'x' * 10 ** 10", TOO_MUCH)])
def test_a_prompt_is_stopped_at_its_line(tmp_path: Path, source: str, what: str) -> None:
    path = tmp_path / "prompts" / "mine" / "map.md"
    path.parent.mkdir(parents=True)
    path.write_text(f"{FRONT}{{{{ transcript }}}}\n{{{{ {source} }}}}\n", "utf-8")
    prompt = prompt_sets.load(Workspace(tmp_path), "mine")["map"]
    with pytest.raises(PromptError, match=rf"map\.md:6: {what}.*Have that line do less"):
        prompt.render(transcript="a")


@pytest.mark.parametrize(
    "tag", ["{{{{ {} }}}}", "{{% if {} %}}{{% endif %}}", "{{% autoescape {} %}}{{% endautoescape %}}"]
)
def test_nothing_is_computed_to_find_the_names_in_a_text(tag: str) -> None:
    for endless in ("10 ** (10 ** 8)", "'x' * 10 ** 12", "'x' | center(10 ** 12)", "'%1000000000000d' % 1"):
        assert names_in(tag.format(endless) + "{{ a }}{% set b = a %}{{ b }}") == {"a"}


# Within reach


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ '' | attr('__class__') }}",
        "{{ [''] | map(attribute='__class__') | map('string') | list }}",
        "{{ [''] | map('attr', '__class__') | map('string') | list }}",
        "{{ ([''] | groupby('__class__') | first).grouper.mro }}",
        "{{ '{0.__class__}'.format('') }}",
        "{{ ('{0.__class__}' | attr('format'))('') }}",
        "{{ '{a.__class__}'.format_map({'a': 1}) }}",
        "{% set f = '{0.__class__.__mro__}'.format %}{{ f('') }}",
        "{{ self._TemplateReference__context }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ joiner.__init__.__globals__ }}",
        "{{ namespace.__init__.__globals__ }}",
        "{{ range.__self__ }}",
        "{{ dict.__base__ }}",
        "{{ dict.mro() }}",
        "{{ lipsum.__globals__ }}",
        "{{ lipsum() }}",
        "{{ [1] | random }}",
        "{% for a in [1] %}{{ loop.__init__.__globals__ }}{% endfor %}",
        "{% macro m() %}{% endmacro %}{{ m._environment }}",
        "{% import '_part.j2' as part %}{{ part.__dict__ }}",
        "{{ [1].append(2) }}",
        "{{ {}.update(a=1) }}",
        "{{ value.append(2) }}",
        "{{ gone.__class__ }}",
        "{% include '/etc/hostname' %}",
        "{% include '../secret.j2' %}",
        "{% include 'builtin/../../secret.j2' %}",
        "{% debug %}",
        "{{ open('/etc/hostname') }}",
    ],
)
def test_a_template_reaches_nothing_but_what_it_is_given(tmp_path: Path, source: str) -> None:
    write(tmp_path, "_part.j2", "")
    (tmp_path / "secret.j2").write_text("secret", "utf-8")
    with pytest.raises(TemplateError, match=r"mine\.txt\.j2:2: "):
        rendered(tmp_path, f"first\n{source}", value=[1])


@pytest.mark.parametrize(
    "told", ["{{ post['\\x1b[2J'] }}", "{{ {'\\x1b[2J': 1}.a }}", "{% include '\\x1b[2J' %}"]
)
def test_an_error_is_short_and_shows_every_character(tmp_path: Path, told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        rendered(tmp_path, told, post={})
    assert "\x1b" not in str(caught.value)
    with pytest.raises(TemplateError) as caught:
        rendered(tmp_path, "{{ post['x' * 10000000] }}", post={"title": 1})
    assert len(str(caught.value)) < 5000


# What is well-behaved

FILTERS = """
{{ [3, 1, 2] | sort }} {{ 'a b' | title }} {{ '<b>&amp;</b>' | striptags }} {{ 'a' | e }}
{{ {'a': 1} | tojson }}
{{ {'a': [1]} | pprint }} {{ 'one two three' | wordwrap(5) }} {{ 1234567 | filesizeformat }}
{{ 'é' | urlencode }}
{{ 'see www.a.example' | urlize }} {{ {'class': 'a'} | xmlattr }}
{{ range(7) | batch(3, 0) | list }}
{{ range(7) | slice(3) | list }} {{ [1, 1] | unique | list }} {{ 'a' | indent }}
{{ 2.5 | round }} {{ 'a' | list }}
{{ [{'a': 1}] | groupby('a') | list }} {{ [1, 2] | sum }} {{ 'x' | center(5) }}
{{ 'a\\u00e9' | string | forceescape }}
{{ 'a_b' | markdown }} {{ 61 | clock }} {{ 'a' | quoted }} {{ 'a b' | markdown_url }}
{{ 1 | webvtt_time }}
{{ 'é'.encode('utf-16') }} {{ 'é'.encode('latin-1') }} {{ '%.2f' % 1.5 }} {{ '{:>5}'.format(1) }}
{{ 'a' is upper }}
{% set c = cycler(1, 2) %}{{ c.next() }}{{ c.next() }} {% set j = joiner() %}{{ j() }}{{ j() }}
{{ dict(a=1).items() }}
{% filter upper %}a{% endfilter %} {% call(x) m(1) %}{{ x }}{% endcall %} {{ caller is defined }}
{{ '\\u2028' }}
"""
MACRO = "{% macro m(a) %}{{ a }}{{ caller(a) }}{{ varargs }}{{ kwargs }}{% endmacro %}"


@pytest.mark.parametrize("name", ["mine.html.j2", "mine.txt.j2"])
def test_a_child_gives_the_very_same_text(name: str) -> None:
    sources = {name: MACRO + FILTERS + "{% include '_part.j2' ignore missing %}\n\n"}
    pages = [Page(name, {"post": {"title": "<T>"}}), Page(name, {})]
    assert render_apart(sources, pages) == render_here(sources, pages)


def test_every_filter_and_test_works_without_files() -> None:
    environment = jinja2.Environment()
    uses = [f"| {name}" for name in environment.filters] + [f"is {name}" for name in environment.tests]
    sources, pages, here = {}, [], []
    for use in uses:
        for value in ("'a b'", "1.5", "[1, 2]", "{'a': 1}"):
            name = f"{len(sources)}.txt.j2"
            page, source = Page(name, {}), f"{{{{ {value} {use} }}}}"
            try:
                (text,) = render_here({name: source}, [page])
            except JinjaError:
                continue
            if " at 0x" in text:  # an iterator, shown with its address
                continue
            here.append(text)
            sources[name] = source
            pages.append(page)
    assert len(pages) > 150
    assert render_apart(sources, pages) == here


def test_a_computed_name_is_looked_for_in_folders_and_among_the_built_in(tmp_path: Path) -> None:
    for folder in ("deep", "deep/er"):
        (tmp_path / "templates" / folder).mkdir(parents=True)
        write(tmp_path, f"{folder}/_part.j2", f"{folder} {{% include '_plain.txt' %}} ")
    write(tmp_path, "_plain.txt", "plain")
    include = "{% for name in names %}{% include name ~ '.j2' %}{% endfor %}"
    names = ["deep/_part", "./deep/er/_part", "builtin/_timeline.css"]
    built_in = Templates.of(tmp_path / "none").render("_timeline.css")
    assert rendered(tmp_path, include, names=names) == f"deep plain deep/er plain {built_in}"


# The child


CALLER = """
import sys
from pipeline.workspace.template_process import render_apart
from pipeline.workspace.template_language import Page
render_apart({"a.j2": "{{ 10 ** (10 ** 8) }}"}, [Page("a.j2", {})])
"""


def children(parent: int) -> list[int]:
    return list(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()))


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process that renders a template without an end, and the process that does it."""
    (tmp_path / "pipeline.py").write_text("raise SystemExit('a module of the workspace was imported')")
    (tmp_path / "json.py").write_text("raise SystemExit('a module of the workspace was imported')")
    secrets = os.environ | {"OPENAI_API_KEY": "sk-secret", "PYTHONPATH": ":".join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", CALLER], cwd=tmp_path, env=secrets, preexec_fn=stoppable,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        until(lambda: any(_is_confined(child) for child in children(process.pid)))
        yield process, children(process.pid)[0]
    finally:
        process.kill()
        process.communicate()


def _is_confined(process: int) -> bool:
    return "Max open files            0 " in Path(f"/proc/{process}/limits").read_text("ascii")


def test_the_child_knows_no_secret_and_can_open_nothing(caller: tuple[subprocess.Popen[bytes], int]) -> None:
    _, child = caller
    environment = Path(f"/proc/{child}/environ").read_bytes()
    assert b"secret" not in environment
    assert b"PYTHONPATH" not in environment
    limits = Path(f"/proc/{child}/limits").read_text("ascii")
    for name in ("core file size", "file size", "open files"):
        (line,) = [line for line in limits.splitlines() if line.startswith(f"Max {name}")]
        assert line.split()[-3:-1] == ["0", "0"] or line.split()[-2:] == ["0", "0"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("whole_group", [False, True])
def test_the_child_ends_with_its_parent(
    caller: tuple[subprocess.Popen[bytes], int], number: signal.Signals, whole_group: bool
) -> None:
    process, child = caller
    if whole_group:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    process.wait(PATIENCE)
    until(lambda: not is_running(child))
