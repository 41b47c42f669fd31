"""Stages and what brings them up to date: receipts, staleness, hand edits, one talk or many."""
