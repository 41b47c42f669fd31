"""Audio: decoding, levelling, cutting at silences, and encoding; all through PyAV and NumPy."""
