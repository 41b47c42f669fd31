"""Transcription on a server: `transcriber` asks it.

`uploads` cuts what is sent, engines.audio.encoding packs it, and `responses` puts the words that come back
where they were said.
"""
