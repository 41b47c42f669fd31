"""What a comparison is: variants of one talk's post, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.compare.figures import Account, Figures, Row, rows
from pipeline.post.views import PostView
from pipeline.records import Rejected
from pipeline.workspace.talks import Talk


@dataclass(frozen=True)
class Variant:
    """A prompt set and a model, None for the talk's own or the default one."""

    prompts: str
    model: str | None

    @property
    def asked(self) -> str:
        """What the model is called."""
        return self.model or "default model"

    def __str__(self) -> str:
        return f"{self.prompts} with {self.asked}"


@dataclass(frozen=True)
class Column:
    """What became of a variant: a post and its figures, or the error that it failed with.

    `account` is what its calls took, also if it failed; None if there could be no calls.
    """

    variant: Variant
    post: PostView | None = None
    figures: Figures | None = None
    account: Account | None = None
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "prompts": self.variant.prompts,
            "model": self.variant.model,
            "error": self.error,
            "figures": self.figures.as_json() if self.figures else None,
            "calls": vars(self.account) if self.account else None,
            "rejected": [one.model_dump(mode="json") for one in self.rejected],
        }


@dataclass(frozen=True)
class Comparison:
    """A talk's variants. `stale` is why segmentation would run again.

    `page` is where they are to be read, relative to the workspace, None where no variant has a post; `copies`
    are of pages edited by hand that were there before.
    """

    talk: Talk
    title: str
    columns: tuple[Column, ...]
    stale: tuple[str, ...]
    page: str | None = None
    copies: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.error)

    def as_json(self) -> dict[str, Any]:
        """What table and page show, for machines; not the posts."""
        return {
            "talk": self.talk.name,
            "stale": list(self.stale),
            "page": self.page,
            "copies": list(self.copies),
            "variants": [column.as_json() for column in self.columns],
        }

    @property
    def rows(self) -> tuple[Row, ...]:
        return rows([(column.figures, column.account) for column in self.columns])
