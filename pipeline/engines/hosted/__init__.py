"""Transcription on a server: `transcriber` asks.

`pieces` cuts what is sent, `encoding` packs it, `replies` reads what comes back, `words` puts it where it was
said.
"""
