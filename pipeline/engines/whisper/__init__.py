"""Whisper on this machine: faster-whisper, and openai-whisper as an extra."""
