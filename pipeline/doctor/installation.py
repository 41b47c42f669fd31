"""Checks of the installed packages, and of which kinds of recording can be decoded."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from pipeline.doctor.check import Check
from pipeline.errors import explained
from pipeline.takeaways.writers import choose
from pipeline.workspace.config import Settings

ENGINE_PACKAGES = (
    "av", "faster-whisper", "ctranslate2", "onnxruntime", "kaldi-native-fbank", "scipy", "sentencex", "jinja2", "openai",
    "pydub", "tiktoken",
)  # fmt: skip


def checks(settings: Settings) -> Iterator[Check]:
    """Python, the engine packages with their versions, and the ffmpeg program, which is optional."""
    yield Check("python", True, f"{platform.python_version()} on {platform.machine()}")
    requirements = {package: package for package in ENGINE_PACKAGES}
    if choose(settings.extract).kind == "local":
        requirements["xllamacpp"] = "'takeaways[local]'"
    if settings.run.dask:
        requirements["distributed"] = "'takeaways[dask]'"
    for package, requirement in requirements.items():
        try:
            yield Check(package, True, version(package))
        except PackageNotFoundError:
            yield Check(package, False, f"not installed. Run: pip install {requirement}")
    ffmpeg = shutil.which("ffmpeg")
    yield Check("ffmpeg", True, ffmpeg or "not installed; not needed, PyAV brings its own codecs")


def decoder_check() -> Check:
    """One check for all the usual kinds of recording: a short file of each is written and decoded."""
    try:
        from pipeline.engines.audio import self_test

        error_by_kind = dict(self_test.faults_by_kind())
    except ImportError as error:
        return Check("decoders", False, f"{error}. Install takeaways again.")
    except OSError as error:
        return Check("decoders", False, f"not tried: {explained(error)}")
    readable = ", ".join(name for name, problem in error_by_kind.items() if problem is None)
    unreadable = "; ".join(f"{name}: {problem}" for name, problem in error_by_kind.items() if problem)
    if not unreadable:
        return Check("decoders", True, readable)
    remedy = "Run: pip install --force-reinstall av"
    return Check(
        "decoders", False, f"{unreadable}. {remedy}{f' ({readable} can be read)' if readable else ''}"
    )
