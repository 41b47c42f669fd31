"""What tests share: sounds, transcripts, servers, workspaces, and ways to run the program."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"  # recordings and transcripts; their licences are in its README
OPTECH = ROOT / "inputs" / "optech"  # real panels, as text
