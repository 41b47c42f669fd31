"""Replies kept on disk, so that no call is made twice and a failed run goes on where it stopped."""

from __future__ import annotations

import shutil
from pathlib import Path

from pydantic import ValidationError

from pipeline.engines.chat.endpoint import Answer
from pipeline.files import keep_private, write_atomically
from pipeline.workspace.talks import Talk


class Cache:
    """The replies of one talk's calls, in .takeaways/cache/NAME/: as private as the talk itself."""

    def __init__(self, talk: Talk) -> None:
        self._root, self._folder = talk.workspace.root, talk.workspace.replies(talk.name)

    def recall(self, key: str) -> Answer | None:
        """The reply to a call that was made before; one that cannot be read was not made."""
        try:
            return Answer.model_validate_json(self._path(key).read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, key: str, answer: Answer) -> None:
        """Raises OSError: a reply that was paid for must not be lost in silence."""
        keep_private(self._root)
        write_atomically(self._path(key), answer.model_dump_json().encode(), private=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key.removeprefix('sha256:')}.json"


def forget(talk: Talk) -> int:
    """Remove a talk's replies and say how many there were. Raises OSError."""
    folder = talk.workspace.replies(talk.name)
    count = len(list(folder.glob("*.json"))) if folder.is_dir() else 0
    if folder.is_dir():
        shutil.rmtree(folder)
    return count
