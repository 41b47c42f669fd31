"""How a cohort's cost grows with its talks."""
