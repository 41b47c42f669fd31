"""Writing in a workspace, and never through a link in it.

A workspace may be somebody else's: it must not have us write or remove anything outside it. Links may be read
through: people link recordings into inputs/.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PlaceError
from pipeline.files import FileIdentity, leftovers, write_atomically
from pipeline.text import visible


@dataclass(frozen=True)
class Tree:
    """All that is written, made or removed below `root`. Nothing is, where a link is on the way.

    The root itself may be reached through links. `private`: only its owner may read what is made. Methods
    raise OSError, and PlaceError for a link, or for what is no folder where one has to be.
    """

    root: Path
    private: bool = False

    def check(self, folder: Path) -> None:
        """Raises PlaceError if there is anything but folders on the way from the root to this one."""
        for place in self._way_to(folder):
            try:
                mode = os.lstat(place).st_mode
            except FileNotFoundError:
                return
            if stat.S_ISLNK(mode):
                raise PlaceError(
                    f"is a link to {visible(os.readlink(place))}, and nothing is written through links",
                    file=visible(str(place)),
                    remedy="Put a folder in its place. To have it on another disk, mount that there, or "
                    "move the whole workspace and link to that.",
                )
            if not stat.S_ISDIR(mode):
                raise PlaceError(
                    "is not a folder", file=visible(str(place)), remedy="Move it away, and run again."
                )

    def check_writable(self, folder: Path) -> None:
        """`check`, and raise OSError if nothing can be written in the folder, before work is done in vain."""
        self.check(folder)
        nearest = next((place for place in (folder, *folder.parents) if place.is_dir()), folder)
        by_effective_rights = os.access in os.supports_effective_ids
        if not os.access(nearest, os.W_OK | os.X_OK, effective_ids=by_effective_rights):
            is_read_only = os.statvfs(nearest).f_flag & os.ST_RDONLY
            number = errno.EROFS if is_read_only else errno.EACCES
            raise OSError(number, os.strerror(number), str(folder))

    def check_file(self, path: Path) -> None:
        """Raises PlaceError if a file cannot be written there."""
        self.check(path.parent)
        if path.is_dir() and not path.is_symlink():
            raise PlaceError(
                "is a folder, and a file is to have that name",
                file=visible(str(path)),
                remedy="Move it away, and run again.",
            )

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, as far as they are not there."""
        self.check(folder)
        self.root.mkdir(parents=True, exist_ok=True)
        for place in self._way_to(folder):
            with suppress(FileExistsError):
                place.mkdir(0o700 if self.private else 0o777)
        self.check(folder)  # somebody else may have made one

    def write(self, path: Path, data: bytes, mode: int | None = None) -> FileIdentity | None:
        """`write_atomically` in a folder that is made if need be; a file takes the place of a link."""
        self.check_file(path)
        self.make_folder(path.parent)
        return write_atomically(path, data, 0o600 if self.private else mode)

    def remove(self, path: Path) -> None:
        """Remove a file if there is one; of a link itself, what it leads to stays."""
        self.check(path.parent)
        path.unlink(missing_ok=True)

    def remove_if_empty(self, folder: Path) -> None:
        """Remove a folder unless something is in it."""
        self.check(folder)
        with suppress(OSError):
            folder.rmdir()

    def remove_leftovers(self, folder: Path, names: Iterable[str] | None = None) -> int:
        """Remove temporary files of writers that were killed (that were to become `names`); how many.

        Call it only while nobody else writes there.
        """
        self.check(folder)
        found = leftovers(folder, names)
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _way_to(self, folder: Path) -> Iterator[Path]:
        """The folders from the root, which is not among them, to this one."""
        if not folder.is_relative_to(self.root) or ".." in (parts := folder.relative_to(self.root).parts):
            raise PlaceError(
                "is not in the workspace", file=visible(str(folder)), remedy="Give it another name."
            )
        place = self.root
        for part in parts:
            place /= part
            yield place
