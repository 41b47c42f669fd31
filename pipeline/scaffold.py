"""A new workspace for `takeaways init`."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import InputError

_SETTINGS = """\
# Settings of this workspace. Each talk may have its own in NAME.toml beside it, and each run with --set.
# Every line is optional; what is shown is the default.

[transcribe]
# model = "base"          # a Whisper size (tiny, base, small, medium, large-v3, turbo, …) or a folder
# beam_size = 5           # 1 is a little faster and a little less exact
# batch_size = 4          # windows decoded together; more take more memory

[segment]
# diarizer = "auto"       # "embedded" listens for voices, "labels" keeps those of the transcript

[extract]
# writer = "auto"         # "extractive": a post of well-chosen quotes, no language model
# themes = 5              # at most; default: by the talk's length, 3 to 7

[render]
# templates = ["post.html", "post.md"]   # default: every output there is a template for
"""


# Voices are personal data.
_PRIVATE = """\
.takeaways/
inputs/voices/
"""


def make_workspace(folder: Path) -> None:
    """inputs/, outputs/ and takeaways.toml in `folder`. Raises InputError if there is a takeaways.toml."""
    settings = folder / "takeaways.toml"
    if settings.exists():
        raise InputError(
            "is a workspace already", file=folder, remedy=f"Edit {settings}, or name another folder."
        )
    try:
        for name in ("inputs", "outputs", "templates"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        settings.write_text(_SETTINGS, "utf-8")
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text(_PRIVATE, "utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be made ({error.strerror})", file=folder, remedy="Name a folder that can be written."
        ) from error
