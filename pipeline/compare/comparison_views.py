"""What the template of a comparison's page is given."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.post.template_views import PostView
from pipeline.workspace.plain_views import View


@dataclass(frozen=True)
class RowView(View):
    """A row of the table: what is measured, and one cell per variant."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class VariantView(View):
    """A prompt set and a model, None for the default one; `asked` is its name for people to read."""

    prompts: str
    model: str | None
    asked: str


@dataclass(frozen=True)
class RejectedView(View):
    """A text that was rejected, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class ColumnView(View):
    """The result of a variant: a post, or the error that it failed with."""

    variant: VariantView
    post: PostView | None
    rejected: tuple[RejectedView, ...]
    notes: tuple[str, ...]
    error: str | None


@dataclass(frozen=True)
class ComparisonView(View):
    """A talk's variants, side by side. `stale` is why segmentation would run again."""

    title: str
    columns: tuple[ColumnView, ...]
    stale: tuple[str, ...]
    rows: tuple[RowView, ...]
