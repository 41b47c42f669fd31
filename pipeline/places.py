"""Sentence ids across talks: "week1/talk#s104" is the sentence s104 of the talk week1/talk."""

from __future__ import annotations


def qualified(talk: str, id: str) -> str:
    return f"{talk}#{id}"


def talk_of(id: str) -> str:
    """The talk of an id, "" for one that is of the talk at hand."""
    return id.rpartition("#")[0]
