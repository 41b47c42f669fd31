"""What is remembered of a talk has one owner, and is forgotten with it; its neighbours' is not."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from pipeline.workspace.state import Forgotten, State

KEY, OTHER = (f"sha256:{digit * 64}" for digit in "ab")


def test_bytes_are_kept_under_a_digest_privately(tmp_path: Path) -> None:
    replies = State(tmp_path, "panel").replies
    assert replies.recall(KEY) is None
    replies.keep(KEY, b"one")
    replies.keep(OTHER, b"two")
    assert (replies.recall(KEY), replies.recall(OTHER)) == (b"one", b"two")
    assert replies.path(KEY).stat().st_mode & 0o077 == 0
    assert (tmp_path / ".takeaways" / ".gitignore").read_text() == "*\n"


def test_what_is_kept_alone_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    voices = State(tmp_path, "panel").voices
    voices.keep_only(KEY, b"one")
    voices.keep_only(OTHER, b"two")
    assert (voices.recall(KEY), voices.recall(OTHER)) == (None, b"two")


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / ".takeaways").write_bytes(b"in the way")
    State(tmp_path, "panel").voices.keep_only(KEY, b"one")


def test_forgetting_takes_all_of_a_talk_and_nothing_of_its_neighbours(tmp_path: Path) -> None:
    state = State(tmp_path, "panel")
    near = [State(tmp_path, name) for name in ("panel2", "panel.voices/talk", "panel.replies/talk")]
    for one in (state, *near):
        for cache in (one.replies, one.voices, one.excerpt, one.vectors, one.parses):
            cache.keep(KEY, b"x")
        one.memory.parent.mkdir(parents=True, exist_ok=True)
        one.memory.write_bytes(b"{}")
    former = state.memory.with_name("panel.voices.npz")
    former.write_bytes(b"x")
    half = former.with_name(f".{sha256(former.name.encode()).hexdigest()[:16]}-1.takeaways.tmp")
    half.write_bytes(b"half")
    (state.voices.folder / ".0123456789abcdef-1.takeaways.tmp").write_bytes(b"half")
    everything = {"voices": True, "excerpt": True, "vectors": True, "parses": True, "files": True}
    assert state.forget() == Forgotten(replies=1, **everything, leftovers=2)
    assert not state.exists
    assert state.forget() == Forgotten()
    left = {path for path in (tmp_path / ".takeaways").rglob("*") if path.is_file()}
    assert not former.exists()
    assert {path for path in left if ".takeaways.tmp" in path.name} == set()
    for one in near:
        assert all(
            cache.recall(KEY) for cache in (one.replies, one.voices, one.excerpt, one.vectors, one.parses)
        )
        assert one.memory in left
