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
    """Have threads share two heaps, and large arrays pages of their own, which go back when they are freed.

    Only what is started later is bound by the first.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(_M_ARENA_MAX, 2)
        library.mallopt(_M_MMAP_THRESHOLD, 1 << 25)


_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # malloc.h


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
