"""The packages that do the work, and whether the usual kinds of recording can be read."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from pipeline.doctor.check import Check
from pipeline.errors import explained
from pipeline.takeaways.writers import choose
from pipeline.workspace.config import Settings

ENGINES = (
    "av", "faster-whisper", "ctranslate2", "onnxruntime", "scipy", "sentencex", "jinja2", "openai",
    "pydub", "tiktoken",
)  # fmt: skip


def checks(settings: Settings) -> Iterator[Check]:
    """Python, the engines with their versions, and FFmpeg's program, which is not needed."""
    yield Check("python", True, f"{platform.python_version()} on {platform.machine()}")
    wanted = {package: package for package in ENGINES}
    if choose(settings.extract).kind == "local":
        wanted["xllamacpp"] = "'takeaways[local]'"
    if settings.run.dask:
        wanted["distributed"] = "'takeaways[dask]'"
    for package, install in wanted.items():
        try:
            yield Check(package, True, version(package))
        except PackageNotFoundError:
            yield Check(package, False, f"not installed. Run: pip install {install}")
    ffmpeg = shutil.which("ffmpeg")
    yield Check("ffmpeg", True, ffmpeg or "not installed; not needed, PyAV brings its own codecs")


# Whether the usual kinds of recording can be read, by reading a short one of each.


def check() -> Check:
    """One for all: what can be read, and what cannot and why."""
    try:
        from pipeline.engines.audio import self_test

        found = dict(self_test.decoded())
    except ImportError as error:
        return Check("decoders", False, f"{error}. Install takeaways again.")
    except OSError as error:
        return Check("decoders", False, f"not tried: {explained(error)}")
    good = ", ".join(name for name, wrong in found.items() if wrong is None)
    bad = "; ".join(f"{name}: {wrong}" for name, wrong in found.items() if wrong)
    if not bad:
        return Check("decoders", True, good)
    remedy = "Run: pip install --force-reinstall av"
    return Check("decoders", False, f"{bad}. {remedy}{f' ({good} can be read)' if good else ''}")
