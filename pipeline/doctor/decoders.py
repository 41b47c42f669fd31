"""Whether the usual kinds of recording can be read, by reading a short one of each."""

from __future__ import annotations

from pipeline.doctor.check import Check
from pipeline.errors import explained


def check() -> Check:
    """One for all: what can be read, and what cannot and why."""
    try:
        from pipeline.engines.audio import self_test

        found = dict(self_test.decoded())
    except ImportError as error:
        return Check("decoders", False, f"{error}. Install takeaways again.")
    except OSError as error:
        return Check("decoders", False, f"not tried: {explained(error)}")
    good = ", ".join(name for name, wrong in found.items() if wrong is None)
    bad = "; ".join(f"{name}: {wrong}" for name, wrong in found.items() if wrong)
    if not bad:
        return Check("decoders", True, good)
    remedy = "Run: pip install --force-reinstall av"
    return Check("decoders", False, f"{bad}. {remedy}{f' ({good} can be read)' if good else ''}")
