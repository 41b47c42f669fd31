"""What the C library keeps of freed memory."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any


def give_back() -> None:
    """Return freed memory to the system, where the C library can (glibc; elsewhere it does so by itself).

    Each thread has a heap of its own there, so what talks freed in other threads would only pile up.
    """
    if trim := _trim():
        trim(0)


def few_heaps() -> None:
    """Have threads share two heaps. Only what is started later is bound by it."""
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(_M_ARENA_MAX, 2)


_M_ARENA_MAX = -8  # malloc.h


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
