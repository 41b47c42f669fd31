"""Every error that a user can meet: what is wrong, in which file, and what to do about it."""

from __future__ import annotations

import errno
from pathlib import Path


class TakeawaysError(Exception):
    """Base of all errors raised on purpose; only the command line turns them into output and exit codes."""

    def __init__(self, what: str, *, remedy: str, file: Path | str | None = None) -> None:
        self.what, self.remedy, self.file = what, remedy, file
        where = f"{file}: " if file is not None else ""
        super().__init__(f"{where}{what}. {remedy}")


class InputError(TakeawaysError):
    """A recording or transcript that cannot be used as it is."""


class ConfigError(TakeawaysError):
    """A settings, sidecar or review file (or a --set) that does not say something valid."""


class ArtifactError(TakeawaysError):
    """A file in outputs/ that is broken, or that a person edited and a rerun would replace."""


class ModelError(TakeawaysError):
    """Weights that are missing, incomplete or not the ones they should be."""


class TemplateError(TakeawaysError):
    """A template that does not parse or asks for something that is not there."""


class PromptError(TakeawaysError):
    """A prompt that does not parse, or asks for something that its step does not give."""


class EndpointError(TakeawaysError):
    """A language model's server that cannot be reached, refuses, or does not do what it says."""


class BudgetError(TakeawaysError):
    """The next call could cost more than is allowed."""


class ClusterError(TakeawaysError):
    """A Dask cluster that cannot be reached, goes away, or cannot do the work."""


class BusyError(TakeawaysError):
    """Another run holds the talk."""


def explained(error: BaseException) -> str | None:
    """A foreseen error in words that say what to do; None for one that nobody foresaw."""
    if isinstance(error, TakeawaysError):
        return str(error)
    if _wants_memory(error):
        return "not enough memory. Close other programs, or use a smaller model."
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        if isinstance(error, FileExistsError | NotADirectoryError):
            return f"{where}something else is where a folder has to be. Move it away, and run again."
        remedy = _REMEDIES.get(error.errno or 0, "Check the disk and its permissions.")
        return f"{where}{error.strerror or error}. {remedy}"
    return None


def unforeseen(error: BaseException) -> str:
    """Any other error, without a full stop."""
    return f"{type(error).__name__}: {error}. This is a bug in takeaways"


def _wants_memory(error: BaseException) -> bool:
    """Whether memory ran out. Libraries in C++ have errors of their own for that, told by their words."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return isinstance(error, Exception) and any(words in str(error) for words in _NO_MEMORY)


_NO_MEMORY = (
    "bad_alloc",
    "bad allocation",
    "allocate memory",
    "can't start new thread",
    "failed to map segment from shared object",  # a library that is loaded
)
_SPACE = "Free some space there, and run again: finished stages are kept."
_RIGHTS = "Give this user the right to read and write there."
_REMEDIES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "Mount it writable, or copy the workspace to where one can write.",
}
