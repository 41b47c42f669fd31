"""Transcription on a server: `transcriber` asks.

`uploads` cuts what is sent, engines.audio.encoding packs it, `responses` puts what comes back where it was
said.
"""
