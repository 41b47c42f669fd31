"""Sound: decoded, levelled, cut where nobody speaks, encoded; all through PyAV, NumPy and SciPy."""
