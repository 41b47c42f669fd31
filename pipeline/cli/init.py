"""The command that makes a new workspace."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pipeline.cli import options
from pipeline.cli.printing import echo
from pipeline.errors import InputError

_SETTINGS = """\
# Settings of this workspace. Each talk may have its own in NAME.toml beside it, and each run with --set.
# Every line is optional; what is shown is the default, or an example where there is none. A server on another
# machine is asked about once (takeaways trust), and gets no key unless you say so.
# Facts (title, date, who speaks, …) go into NAME.toml, too, and win over a transcript's front matter and a
# day in a file's name; takeaways show TALK facts says where each is from.

[transcribe]
# model = "base"          # a Whisper size (tiny, base, small, medium, large-v3, turbo, …) or a folder
# beam_size = 5           # 1 is a little faster and a little less exact
# batch_size = 4          # windows decoded together; more take more memory
# engine = "faster-whisper"   # here, and nothing is sent. "whisper": openai-whisper, slower, an extra; its
                          # model may be a .pt file. "openai": speech goes to the server below, whose
                          # model is "whisper-1" if none is named
# base_url = "http://localhost:8000/v1"   # any server with /audio/transcriptions; default: OpenAI's own
# timeout = 600           # seconds, for one call to it
# retries = 4             # of a call that meets 429, 5xx or silence

[segment]
# diarizer = "auto"       # "embedded" listens for voices, "labels" keeps those of the transcript

[extract]
# writer = "auto"         # "extractive": well-chosen quotes, no language model. "openai": the endpoint below.
                          # "local": llama.cpp on this machine. "auto": an endpoint if one is named here
# themes = 5              # at most; default: by the talk's length, 3 to 7
# base_url = "http://localhost:11434/v1"   # any OpenAI-compatible server; default: OpenAI's own
# model = "gpt-4.1-mini"  # as its server calls it; for "local" a GGUF file or a known name
# prompts = "recap"       # the talks' own prompt set, a folder in prompts/
# style = "old-post.md"   # a text of yours from which a model takes the manner
# context = 128000        # tokens that the model's window has, if the server does not say
# thinking = 0            # tokens that a model which thinks first may take before each reply
# judge = "auto"          # who decides whether a model's sentences say what their lines say: "model", the one
                          # that writes, or that of [judge]; "rules", over words; "auto": the model, or the
                          # rules where writer = "local"
# max_cost = 0.50         # US dollars for a talk; no call is made that could go past it
# input_price = 0.40      # US dollars for a million tokens, where the price is not known
# output_price = 1.60
# concurrency = 4         # calls at once
# timeout = 600           # seconds, for one call
# retries = 4             # of a call that meets 429, 5xx or silence

[judge]                   # another model than the writer's, to judge what that writes
# base_url = "http://localhost:11434/v1"   # default: the writer's server
# model = "NAME"          # the others are as in [extract]
# context = 8192
# thinking = 0
# input_price = 0.40
# output_price = 1.60

[render]
# templates = ["post.html", "post.md"]   # default: every output there is a template for

[cohort]                  # what the talks of a folder have in common; may stand in its cohort.toml, too
# themes = 7              # at most
# prompts = "cohort"      # the prompt set, a folder in prompts/

[run]
# jobs = 4                # talks in work at once: one computes, the others wait for a language model's server
# dask = "tcp://scheduler:8786"   # run on this Dask cluster; whoever runs it may run code here
# gpu = ["transcribe"]    # stages that ask its workers for the resource GPU = 1
"""

# Voices are personal data, and caches are as private as the recordings, so they are kept out of Git.
_GITIGNORE = """\
.takeaways/
inputs/voices/
"""


def make_workspace(folder: Path) -> None:
    """Create a workspace in `folder`.

    Raises InputError if it has a takeaways.toml or cannot be written, PlaceError if a link is in the way.
    """
    from pipeline.workspace.tree import Tree

    tree, settings, ignore = Tree(folder), folder / "takeaways.toml", folder / ".gitignore"
    if os.path.lexists(settings):
        raise InputError(
            "is a workspace already", file=folder, remedy=f"Edit {settings}, or name another folder."
        )
    try:
        for name in ("inputs", "outputs", "templates", "prompts"):
            if name == "outputs" or not (folder / name).is_dir():  # the others may be links: they are read
                tree.make_folder(folder / name)
        tree.remove_leftovers(folder, [settings.name, ignore.name])
        if not os.path.lexists(ignore):
            tree.write(ignore, _GITIGNORE.encode())
        tree.write(settings, _SETTINGS.encode())  # last, since it says that all the rest is there
    except OSError as error:
        raise InputError(
            f"cannot be made ({error.strerror})", file=folder, remedy="Name a folder that can be written."
        ) from error


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a new workspace: inputs/, outputs/ and a takeaways.toml with every setting explained."""
    make_workspace(folder)
    inputs = options.display_path(folder.absolute() / "inputs")
    echo(f"Put a recording into {inputs}/ and run: takeaways run inputs")
