"""The Whispers that run here: faster-whisper, and openai-whisper as an extra."""
