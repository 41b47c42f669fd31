"""Timed cues: files of them, and who says each."""
